/** A flood in the client's name: its frames carry the address of a client that is being served, and must not harm it. */

import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AlertDocument, DecisionDocument } from '../guarded-server.js'
import { tcpPacket } from '../packet.js'
import { trafficProgram } from '../traffic-program.js'
import { until } from '../until.js'
import type { Stage } from './act.js'

/** Another address of the client, whose name is forged: what comes anew from there competes with the flood. */
const borrowed = '10.77.0.20'
/** An address of the lab that nobody has: what it seems to send proves nothing and harms nobody. */
const nobody = '10.77.0.77'
/** SYNs a second in each name; detect.syn_flood asks for 1,000. */
const floodRate = 2_500
const alertWithinMs = 8_000
/** From the alert to the decisions, ms at most. */
const decideWithinMs = 4_000
/** How long the flood goes on after it was decided about, ms: the client must be served all the while. */
const persistMs = 1_000
/** A source that proved nothing is dropped for so long at most, ms. */
const longestUnprovenMs = 60_000
const visitRate = 20
/** The client's connection is open by then, ms. */
const connectMs = 500
const floodDetectors: readonly string[] = ['syn_flood', 'rate']

const sender = fileURLToPath(new URL('../send', import.meta.url))

/** Plays the act. Whatever did not happen as it should goes to `fault`. */
export async function playFlood(stage: Stage): Promise<void> {
  const { lab, idsd, story, fault } = stage
  const server = lab.daemon.addresses.v4
  const client = borrowed
  const added = await lab.ns('client').exec(['ip', 'addr', 'add', `${client}/24`, 'dev', 'eth0'])
  if (added.code !== 0) fault(`the client has no second address: ${added.stderr}`)
  const sinceMs = Date.now()
  story.tell(
    'attacker',
    `sends ${floodRate} SYNs a second to port 80 that say they come from ${client}, the client, and as many from ` +
      `${nobody}, which nobody has`,
  )
  const visit = [
    '--target',
    server,
    '--port',
    '80',
    '--rate',
    String(visitRate),
    '--concurrency',
    '1',
    '--bind',
    client,
  ]
  const visitor = lab.ns('client').spawn([...trafficProgram('http-client'), ...visit])
  // Open before the first forged packet: what comes later competes with the flood for the limit.
  await sleep(connectMs)
  const floods = [client, nobody].map((source) => lab.ns('attacker').spawn(floodArgv(stage, source, server)))
  try {
    await until(async () => (await floodAlerts(stage, sinceMs)).length > 0, {
      ...{ what: 'idsd raises an alert about the flood', timeoutMs: alertWithinMs, intervalMs: 200 },
    })
    // Whether anything is decided is the policy's business; it is judged below.
    const isDecided = () =>
      [client, nobody].every((name) => idsd.decisions.some(({ target }) => target === name))
    await until(isDecided, { what: 'idsd decides', timeoutMs: decideWithinMs }).catch(() => {})
  } catch (error) {
    fault((error as Error).message)
  }
  await sleep(persistMs)
  await Promise.all(floods.map((flood) => flood.stop({ signal: 'SIGINT' })))
  await visitor.stop()
  const alerts = await floodAlerts(stage, sinceMs)
  const alert = alerts.find(({ detector }) => detector === 'syn_flood') ?? alerts[0]
  if (alert !== undefined) story.tell('alert', `${alert.id}: ${alert.text}`, Date.parse(alert.at))
  await judgeDecisions(stage, client, sinceMs)
  tellFlood(
    stage,
    floods.map(({ stdout }) => stdout),
  )
  tellVisit(stage, visitor.stdout)
}

function floodArgv({ lab }: Stage, source: string, server: string): string[] {
  const frame = tcpPacket({
    ...{ src: source, dst: server, srcPort: 40_000, dstPort: 80, flags: 'S' as const, seq: 1 },
    // The attacker's own: with the client's, the switch itself would send the client's packets elsewhere.
    srcMac: lab.ns('attacker').macs.eth0!,
    dstMac: lab.daemon.macs.eth0!,
  })
  const hex = Buffer.from(frame).toString('hex')
  const pace = ['--rate', String(floodRate), '--duration', '60', '--random-sport']
  return [sender, 'flood', '--iface', 'eth0', '--frame', hex, ...pace]
}

async function floodAlerts({ idsd }: Stage, sinceMs: number): Promise<AlertDocument[]> {
  const since = new Date(sinceMs).toISOString()
  const { alerts } = await idsd.ask<{ alerts: AlertDocument[] }>('alerts', '--last', '500', '--since', since)
  return alerts.filter(({ detector }) => floodDetectors.includes(detector))
}

function tellFlood({ story, fault }: Stage, outputs: readonly string[]): void {
  const sent = outputs.map((text) => (JSON.parse(text || '{"sent":0}') as { sent: number }).sent)
  story.tell('attacker', `sent ${sent[0]} SYNs in the client's name and ${sent[1]} in that of ${nobody}`)
  if (sent.some((count) => count === 0)) fault('the flood never left its sender')
}

function tellVisit({ story, fault }: Stage, stdout: string): void {
  const line = stdout.split('\n').find((text) => text.startsWith('{"ok"')) ?? '{"ok":0,"failed":0}'
  const { ok, failed } = JSON.parse(line) as { ok: number; failed: number }
  story.tell(
    'client',
    `${ok + failed} requests of its own during the flood, over its open connection: ${failed} failed`,
  )
  if (ok === 0 || failed > 0) fault(`the client lost ${failed} of ${ok + failed} requests during the flood`)
}

/** The client is never dropped; the address without any proof for a minute at most. */
async function judgeDecisions({ idsd, story, fault }: Stage, client: string, sinceMs: number): Promise<void> {
  const words = ['decisions', 'list', '--all', '--last', '1000', '--since', new Date(sinceMs).toISOString()]
  const { decisions } = await idsd.ask<{ decisions: DecisionDocument[] }>(...words)
  for (const { id, target, kind, action, reason, ...times } of decisions.toReversed()) {
    const createdMs = Date.parse(times.created_at)
    if (target === client) {
      story.tell('decision', `${id}: ${client} is ${kind}: ${reason}`, createdMs)
      if (action === 'drop') fault(`the client was dropped for what others sent in its name: ${reason}`)
    }
    if (target === nobody) {
      const lengthMs = Date.parse(times.expires_at ?? '') - createdMs
      story.tell(
        'decision',
        `${id}: ${action} ${nobody} for ${Math.round(lengthMs / 1000)} s: ${reason}`,
        createdMs,
      )
      if (!(lengthMs <= longestUnprovenMs))
        fault(`${nobody} proved nothing and is dropped for ${lengthMs} ms`)
    }
  }
}
