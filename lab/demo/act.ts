/** One attack from its first packet to its end: told as it happens, and judged. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { DecisionDocument, GuardedServer } from '../guarded-server.js'
import type { Lab } from '../namespaces.js'
import { trafficProgram } from '../traffic-program.js'
import type { Story } from './story.js'

export interface Act {
  /** What the attacker does, after "ADDRESS ". */
  readonly deed: string
  /** Address of the attacker. */
  readonly source: string
  /** Words of the attacking program; target, own address and timeout are added. */
  readonly attack: readonly [program: string, ...words: string[]]
  /** Detectors that must stand behind the decision. */
  readonly expected: readonly string[]
  /** Detectors that must not. */
  readonly unexpected?: readonly string[]
}

export interface Stage {
  readonly lab: Lab
  readonly idsd: GuardedServer
  readonly story: Story
  /** Takes what went wrong. */
  readonly fault: (text: string) => void
}

interface Stamps {
  readonly epochMs: number
  readonly monotonicMs: number
}
/** The lines of the attacking programs: see `lab/programs/outcomes.ts`. */
interface AttackLine extends Stamps {
  readonly event: string
  readonly answered: number
  readonly refused: number
  readonly timeout: number
  readonly lastSuccess: Stamps | null
}

const attemptTimeoutMs = 400
const decideWithinMs = 15_000
/** How long the attacker goes on against the closed door, ms. */
const persistMs = 1_200

/** Plays one act. Whatever did not happen as it should goes to `fault`. @returns the decision's id, if any */
export async function playAct(stage: Stage, act: Act): Promise<string | undefined> {
  const { lab, idsd, story, fault } = stage
  const { source, attack } = act
  const [program, ...words] = attack
  const target = lab.daemon.addresses.v4
  story.tell('attacker', `${source} ${act.deed}`)
  const lines: AttackLine[] = []
  const common = ['--target', target, '--bind', source, '--timeout', String(attemptTimeoutMs)]
  const attacker = lab.ns('attacker').spawn([...trafficProgram(program), ...words, ...common], {
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(JSON.parse(line) as AttackLine)
    },
  })
  try {
    const { id, writtenMs } = await idsd.untilDecided(source, decideWithinMs)
    await sleep(persistMs)
    await attacker.stop()
    const decision = await idsd.ask<DecisionDocument>('decisions', 'get', id)
    tellEvidence(story, decision)
    story.tell('decision', `${id}: drop ${decision.target}, because ${decision.reason}`, writtenMs)
    judgeEvidence(decision, act, fault)
    judgeDrops(stage, decision, lines, writtenMs)
    return id
  } catch (error) {
    fault(`${source} was not dropped: ${(error as Error).message}`)
    return undefined
  } finally {
    await attacker.stop()
  }
}

/** Detectors in full; of the model the first one, and how many more. */
function tellEvidence(story: Story, { evidence }: DecisionDocument): void {
  const hits = evidence.filter(({ detector }) => detector === 'model')
  const [first, ...more] = hits
  const told = evidence.filter((one) => one.detector !== 'model' || one === first)
  for (const one of told) {
    story.tell('evidence', `${one.text} [${one.points} points]`, lastPacketUs([one]) / 1000)
  }
  if (more.length === 0) return
  const points = more.reduce((sum, one) => sum + one.points, 0)
  const flows = more.length === 1 ? 'one more flow' : `${more.length} more flows`
  story.tell('evidence', `model: ${flows} like this [${points} points]`, lastPacketUs(more) / 1000)
}

function judgeEvidence(
  decision: DecisionDocument,
  { expected, unexpected = [] }: Act,
  fault: Stage['fault'],
): void {
  const detectors = new Set(decision.evidence.map(({ detector }) => detector))
  for (const name of expected) {
    if (!detectors.has(name))
      fault(`${decision.id} has no evidence of ${name}, only of ${[...detectors].join(', ')}`)
  }
  for (const name of unexpected) {
    if (detectors.has(name))
      fault(`${decision.id} has evidence of ${name}, which should not have been needed`)
  }
}

function judgeDrops(
  { story, fault }: Stage,
  decision: DecisionDocument,
  lines: readonly AttackLine[],
  writtenMs: number,
): void {
  const end = lines.find(({ event }) => event === 'end')
  const cut = lines.find(({ event }) => event === 'first-failure')
  if (end === undefined || cut === undefined) {
    fault(`${decision.target} never went without an answer`)
    return
  }
  // An attempt counts as lost a timeout after it began.
  const firstLostMs = wallMs(cut) - attemptTimeoutMs
  const evidenceMs = lastPacketUs(decision.evidence) / 1000
  const after = (ms: number) => `${(ms - evidenceMs).toFixed(1)} ms later`
  const lost =
    firstLostMs < evidenceMs
      ? 'a conversation under way was cut'
      : `the first attempt without an answer began ${after(firstLostMs)}`
  // The daemon's log counts whole milliseconds.
  story.tell(
    'timing',
    `last packet of the evidence ${clock(evidenceMs)}; in the kernel's map at most ${after(writtenMs + 1)}; ${lost}`,
    Math.max(firstLostMs, writtenMs),
  )
  const before = end.answered + end.refused
  story.tell(
    'dropped',
    `${decision.packets} packets in the kernel; of ${before + end.timeout} attempts the first ${before} were ` +
      `answered, the other ${end.timeout} met silence`,
  )
  if (decision.packets === 0 || !decision.in_kernel) fault(`${decision.id} dropped nothing in the kernel`)
  if (end.lastSuccess !== null && wallMs(end.lastSuccess) > firstLostMs + attemptTimeoutMs) {
    fault(`${decision.target} was still answered after ${decision.id}`)
  }
}

/** Time of the newest packet in the flows behind some evidence, us since 1970. */
function lastPacketUs(evidence: DecisionDocument['evidence']): number {
  return Math.max(...evidence.flatMap(({ flows }) => flows.map(({ last }) => microseconds(last))))
}

/** Microseconds since 1970 of an RFC 3339 time; `Date.parse` keeps milliseconds only. */
function microseconds(text: string): number {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? []
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** Wall time of a stamp with the resolution of the monotonic clock, ms since 1970. */
function wallMs({ monotonicMs }: Stamps): number {
  return monotonicMs + performance.timeOrigin + performance.now() - Number(process.hrtime.bigint()) / 1e6
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23)
}
