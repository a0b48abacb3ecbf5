/** One soak: honest traffic through a gateway, idsd started in the middle of it, attacks in between. */

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AlertDocument,
  type DecisionDocument,
  type GuardedServer,
  openGuardedServer,
} from '../guarded-server.js'
import { type Lab, LabError, type LabProcess, openLab } from '../namespaces.js'
import { icmpPacket } from '../packet.js'
import { type Attack, attackersPerRound, planAttacks, roundsIn } from './attacks.js'
import { addresses, argvOf, dress, mix, type Part, services } from './cast.js'
import { countLosses, type LossCount, type LossResult } from './losses.js'
import { type Usage, watchUsage } from './memory.js'
import { startPings } from './pings.js'

/** What became of one part of the mix. */
export interface PartResult {
  readonly who: string
  readonly what: string
  readonly attempts: number
  readonly failed: number
  /** Why the first one failed, and when, ms since 1970. */
  readonly firstFailure: string | undefined
}

/** What became of one attack. */
export interface AttackResult extends Attack {
  /** When it began, ms since 1970. */
  readonly beganMs: number
}

/** All that was seen; nothing of it is judged yet. */
export interface Observations {
  readonly seconds: number
  readonly parts: readonly PartResult[]
  readonly attacks: readonly AttackResult[]
  readonly decisions: readonly DecisionDocument[]
  readonly alerts: readonly AlertDocument[]
  readonly losses: LossResult
  readonly usage: Usage
  readonly warnings: readonly string[]
  /** Flows idsd heard of. */
  readonly flowRecords: number
  readonly exitCode: number
}

export interface SoakOptions {
  /** How long idsd guards, s, at least 55. */
  readonly seconds: number
  /** Takes a line about what happens. */
  readonly tell: (text: string) => void
}

/** What idsctl lists at most: decisions, and alerts, which come with their flows. */
const mostListed = '10000'
const mostAlerts = 500
/** Honest traffic runs alone for so long, s. */
const unguardedS = 4
/** A flood's last flows are counted out by then, s. */
const settleS = 3

/** Throws LabError when the lab or idsd does not come up. */
export async function runSoak({ seconds, tell }: SoakOptions): Promise<Observations> {
  const rounds = roundsIn(seconds)
  await using lab = await openLab({
    ...{ topology: 'gateway', tag: 'soak', extraAddresses: rounds * attackersPerRound },
  })
  await dress(lab)
  const longS = seconds + 120
  await Promise.all(
    services.map((part) =>
      lab
        .ns(part.side)
        .spawn(argvOf(part, longS))
        .untilOutput(/listening/, 20_000),
    ),
  )
  const running = mix.map((part) => ({ part, process: lab.ns(part.side).spawn(argvOf(part, longS)) }))
  const pings = await startPings(lab, pingFrame(lab))
  tell(`honest traffic runs: ${mix.length + 1} programs through the gateway`)
  await sleep(unguardedS * 1000)

  const warnings: string[] = []
  await using idsd = await openGuardedServer({
    ...{ server: lab.daemon, interfaces: ['eth0', 'eth1'], tag: 'soak', args: [] },
    config: 'on_exit = "detach"\n',
    onWarning: (text) => warnings.push(text),
  })
  const readyMs = Date.now()
  tell('idsd guards eth0 and eth1 of the gateway from here on')
  const usage = watchUsage(idsd.pid)
  const losses = countLosses(idsd)
  const sources = lab
    .ns('attacker')
    .addresses.all.filter((address) => !address.includes(':'))
    .slice(1)
  const attacks: AttackResult[] = []
  for (const attack of planAttacks(lab, rounds, sources)) {
    await sleep(Math.max(0, readyMs + attack.atS * 1000 - Date.now()))
    tell(`${attack.name} from ${attack.source ?? attack.forged.join(', ')}`)
    attacks.push(await play(lab, attack, losses))
  }
  await sleep(Math.max(0, readyMs + seconds * 1000 - Date.now()))

  const parts: PartResult[] = []
  for (const { part, process } of running) parts.push(await endOf(part, process))
  parts.push(await pings.stop())
  const { rss, cpu } = usage.stop()
  const documents = await read(idsd)
  return {
    ...{ seconds, parts, attacks, warnings, usage: { rss, cpu }, ...documents },
    losses: await losses.result(),
    exitCode: await idsd.close(),
  }
}

async function play(lab: Lab, attack: Attack, losses: LossCount): Promise<AttackResult> {
  if (attack.isFlood) await losses.floodBegins()
  const beganMs = Date.now()
  const programs = attack.argvs.map((argv) => lab.ns('attacker').spawn(argv))
  await Promise.all(programs.map(({ exited }) => exited))
  if (attack.isFlood) {
    await sleep(settleS * 1000)
    await losses.floodEnds()
  }
  const wrong = programs.find(({ exit }) => exit?.code !== 0)
  if (wrong !== undefined) throw new LabError(`${attack.name} failed: ${wrong.stderr.trim()}`)
  return { ...attack, beganMs }
}

async function read(idsd: GuardedServer) {
  const decisions = await idsd.askEach<DecisionDocument>('decisions', 'list', '--all', '--last', mostListed)
  const alerts = await readAlerts(idsd)
  const { flow_records_total } = await idsd.ask<{ flow_records_total: number }>('status')
  return { decisions, alerts, flowRecords: flow_records_total }
}

/** All of them, newest first, in pages that overlap in the millisecond between them. */
async function readAlerts(idsd: GuardedServer): Promise<AlertDocument[]> {
  const found = new Map<string, AlertDocument>()
  for (let until: readonly string[] = []; ; ) {
    const page = await idsd.askEach<AlertDocument>('alerts', '--last', String(mostAlerts), ...until)
    const before = found.size
    for (const alert of page) found.set(alert.id, alert)
    if (page.length < mostAlerts) return [...found.values()]
    if (found.size === before) throw new LabError(`more than ${mostAlerts} alerts at ${page.at(-1)!.at}`)
    until = ['--until', page.at(-1)!.at]
  }
}

interface Moment {
  readonly epochMs: number
  readonly reason?: string
}

/** Stops a program of the mix and reads its last line: of `http-client`, or of one that counts outcomes. */
async function endOf({ who, what }: Part, process: LabProcess): Promise<PartResult> {
  const early = process.exit
  await process.stop({ graceMs: 10_000 })
  const lines = process.stdout.split('\n').filter((line) => line.startsWith('{'))
  const last = JSON.parse(lines.at(-1) ?? '{}') as Record<string, number | Moment | null>
  const { answered, ok } = last as Record<string, number | undefined>
  const done = answered ?? ok ?? 0
  const lost = Number(last.failed ?? 0) + Number(last.refused ?? 0) + Number(last.timeout ?? 0)
  const first =
    lines.find((line) => line.includes('"first-failure"')) ?? JSON.stringify(last.firstFailure ?? null)
  const firstFailure = early !== undefined ? `it ended too early: ${process.stderr.trim()}` : first
  const failed = early === undefined ? lost : Math.max(1, lost)
  return { who, what, attempts: done + failed, failed, firstFailure: failed > 0 ? firstFailure : undefined }
}

function pingFrame(lab: Lab): Uint8Array {
  return icmpPacket({
    ...{ src: addresses.monitor, dst: addresses.server, echoId: 77 },
    srcMac: lab.ns('client').macs.eth0!,
    dstMac: lab.daemon.macs.eth0!,
  })
}
