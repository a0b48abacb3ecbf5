/** Which action a source gets: one step up with each repetition, one down with each time of quiet. Pure. */

import type { Evidence } from '../detect/evidence.js'
import type { Action, LadderName, Limit } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'

/** A step as the configuration names it. */
export type Rung = 'observe' | 'limit' | 'syn_drop' | 'drop' | 'reject'

export interface LadderSettings {
  /** Of sources that are proven to receive what is sent to them. Default: drop at once. */
  readonly ladder?: readonly Rung[]
  /** Of sources without any proven flow. What is no drop spares flows. Default: drop at once. */
  readonly unprovenLadder?: readonly Rung[]
  /** Of sources in honest use whose evidence may be forged; flows are spared. Default: limit, SYN drop. */
  readonly spoofableLadder?: readonly Exclude<Rung, 'drop' | 'reject'>[]
  /** What a limit lets through, packets per second. Default 100. */
  readonly limitPps?: number
  /** How long a step lasts that is neither drop nor reject, ms. Default 60,000. */
  readonly stepMs?: number
  /** A source comes down one step for each such time without a decision, ms. Default 3,600,000. */
  readonly decayMs?: number
}

/** What was last enforced against a source on one of its ladders. */
export interface LastStep {
  readonly step: number
  /** When it was over, or will be; wall time, ms. */
  readonly endMs: number
}

/** What a step does. */
export interface Step {
  readonly action: Action
  readonly limit?: Limit
  readonly sparesFlows?: true
}

export interface Ladder {
  /** Steps of one ladder, at least 1. */
  count(name: LadderName): number
  /** @param step 0 for the first; past the end it is the last */
  at(name: LadderName, step: number, evidence: readonly Evidence[]): Step
  /** What a guarded address gets in place of every step: the least that holds a flood back. */
  readonly guarded: Step
  readonly stepMs: number
  /** @returns the step that is due, given the last one */
  next(name: LadderName, last: LastStep | undefined, nowMs: number): number
}

const TCP = 6

/** @throws ArgumentError naming what is wrong */
export function createLadder(settings: LadderSettings): Ladder {
  const rungs: Readonly<Record<LadderName, readonly Rung[]>> = {
    proven: steps('ladder', settings.ladder ?? ['drop']),
    unproven: steps('unprovenLadder', settings.unprovenLadder ?? ['drop']),
    spoofable: harmless(steps('spoofableLadder', settings.spoofableLadder ?? ['limit', 'syn_drop'])),
  }
  const perSecond = positive('limitPps', settings.limitPps ?? 100)
  const stepMs = positive('stepMs', settings.stepMs ?? 60_000)
  const decayMs = positive('decayMs', settings.decayMs ?? 3_600_000)
  const limit: Step = { action: 'limit', limit: { unit: 'packets', perSecond } }
  const sparing = { sparesFlows: true } as const

  return {
    count: (name) => rungs[name].length,
    at: (name, step, evidence) => {
      const rung = rungs[name][Math.min(step, rungs[name].length - 1)] as Rung
      if (rung === 'observe') return { action: 'count' }
      if (rung === 'drop' || rung === 'reject') return { action: rung }
      // A flood of other packets would pass a SYN drop.
      const made: Step = rung === 'syn_drop' && isAllTcp(evidence) ? { action: 'synDrop' } : limit
      return name === 'proven' ? made : { ...made, ...sparing }
    },
    guarded: { ...limit, ...sparing },
    stepMs,
    next: (name, last, nowMs) =>
      last === undefined ? 0 : nextStep(last, rungs[name].length, decayMs, nowMs),
  }
}

/**
 * One more than the last step, less one for each full `decayMs` since its end; what still runs is no repetition.
 * @param count steps of the ladder
 */
export function nextStep({ step, endMs }: LastStep, count: number, decayMs: number, nowMs: number): number {
  const due = endMs > nowMs ? step : step + 1 - Math.floor((nowMs - endMs) / decayMs)
  return Math.min(Math.max(0, due), count - 1)
}

/** In words: `limit to 100 packets/s, sparing flows`. */
export function stepInWords({ action, limit, sparesFlows }: Step): string {
  const words = { count: 'count', limit: 'limit', synDrop: 'SYN drop', drop: 'drop', reject: 'reject' }
  const rate = limit === undefined ? '' : ` to ${limit.perSecond} ${limit.unit}/s`
  return `${words[action]}${rate}${sparesFlows ? ', sparing flows' : ''}`
}

/** What is known of the packets is TCP, and something is; not all evidence holds flows. */
function isAllTcp(evidence: readonly Evidence[]): boolean {
  let isTcp = false
  for (const { detector, flows } of evidence) {
    if (detector === 'udp_flood' || detector === 'icmp_flood') return false
    if (flows.some(({ protocol }) => protocol !== TCP)) return false
    if (detector === 'syn_flood' || flows.length > 0) isTcp = true
  }
  return isTcp
}

function steps<R extends Rung>(name: string, rungs: readonly R[]): readonly R[] {
  if (rungs.length > 0) return rungs
  throw new ArgumentError(`policy.${name}`, 'at least one step', 'none')
}

/** Whoever reads a configuration has said so before; a drop of an honest user must not depend on it. */
function harmless(rungs: readonly Rung[]): readonly Rung[] {
  const harmful = rungs.find((rung) => rung === 'drop' || rung === 'reject')
  if (harmful === undefined) return rungs
  throw new ArgumentError('policy.spoofableLadder', 'observe, limit or syn_drop', harmful)
}

/** @throws ArgumentError `policy.NAME` */
export function positive(name: string, value: number): number {
  if (value > 0 && !Number.isNaN(value)) return value
  throw new ArgumentError(`policy.${name}`, 'a number above 0', String(value))
}
