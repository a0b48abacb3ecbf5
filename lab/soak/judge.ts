/** What was promised and not kept, each in a sentence. Pure. */

import type { DecisionDocument } from '../guarded-server.js'
import { nobody } from './attacks.js'
import { honest } from './cast.js'
import { quarters } from './memory.js'
import type { AttackResult, Observations } from './run.js'

/**
 * Memory may grow by a share or by an amount, whichever is more, and both the median and the lowest sample must have grown.
 * The amount is a garbage collector's tooth: between two of its full rounds the heap goes from 30 to 150 MiB and back, and
 * other memory grows by some 40 MiB in the first three minutes and then no more (measured over 420 s).
 */
const mostGrowth = { share: 0.1, bytes: 64 * 1024 * 1024 } as const
/** The same where the only floods lie between the two quarters: what they need at work is in it. */
const mostGrowthInOneRound = { share: 0.1, bytes: 128 * 1024 * 1024 } as const
/** A drop is due by the end of an attack; this is for the way to it, ms. */
const dropLateMs = 2_000
/** A source that proved nothing is dropped for so long at most, ms. */
const longestUnprovenMs = 60_000

/** @returns nothing when all was kept */
export function breachesOf(seen: Observations): string[] {
  return [
    ...seen.parts.flatMap(({ who, what, attempts, failed, firstFailure }) => {
      if (attempts === 0) return [`${who} ${what}: nothing was tried`]
      return failed === 0 ? [] : [`${who} ${what}: ${failed} of ${attempts} failed; first: ${firstFailure}`]
    }),
    ...seen.decisions.flatMap((decision) => against(decision, seen.attacks)),
    ...seen.attacks.flatMap((attack) => unanswered(attack, seen)),
    ...memoryBreaches(seen),
    ...[...seen.losses.causes].flatMap(([cause, { unexplained }]) =>
      unexplained === 0 ? [] : [`idsd lost ${unexplained} by ${cause}, which nothing explains`],
    ),
    ...(seen.exitCode === 0 ? [] : [`idsd ended with code ${seen.exitCode}`]),
  ]
}

/** The decision that drops an attacker, made since its attack began. */
export function blockOf(
  { source, beganMs }: AttackResult,
  { decisions }: Observations,
): DecisionDocument | undefined {
  return decisions.find(
    (one) => one.target === source && one.action === 'drop' && Date.parse(one.created_at) >= beganMs,
  )
}

/** Detectors that found an attack, by its alerts; of a forged one those about any forged source or about the victim. */
export function findersOf(attack: AttackResult, { alerts }: Observations): string[] {
  const endMs = attack.beganMs + (attack.seconds + 10) * 1000
  const found = alerts.filter(({ source, at }) => {
    const atMs = Date.parse(at)
    const isAbout = attack.source === undefined ? !isOther(source, attack) : source === attack.source
    return isAbout && atMs >= attack.beganMs && atMs < endMs
  })
  return [...new Set(found.map(({ detector }) => detector))]
}

function isOther(source: string, { forged }: AttackResult): boolean {
  return !forged.includes(source) && !honest.includes(source)
}

/** Nobody honest is dropped, and what is only recorded about them is what somebody forged in their name. */
function against(decision: DecisionDocument, attacks: readonly AttackResult[]): string[] {
  const { id, target, action, kind, reason } = decision
  const createdMs = Date.parse(decision.created_at)
  if (target === nobody) {
    const lengthMs = Date.parse(decision.expires_at ?? '') - createdMs
    if (action === 'drop' && !(lengthMs <= longestUnprovenMs))
      return [`${id} drops ${nobody}, which proved nothing, for ${lengthMs} ms`]
    return []
  }
  if (!honest.includes(target)) return []
  if (action === 'drop') return [`${id} drops ${target}, who is honest: ${reason}`]
  const isForged = attacks.some(({ forged, beganMs }) => forged.includes(target) && createdMs >= beganMs)
  return isForged ? [] : [`${id} is ${kind} against ${target}, whose name nobody forged: ${reason}`]
}

function unanswered(attack: AttackResult, seen: Observations): string[] {
  const who = attack.source ?? attack.forged.join(', ')
  const found = findersOf(attack, seen)
  const faults: string[] = []
  if (!attack.detectors.some((name) => found.includes(name))) {
    const others = found.length === 0 ? 'nobody' : found.join(', ')
    faults.push(`${attack.name} of ${who}: found by ${others}, expected ${attack.detectors.join(' or ')}`)
  }
  if (attack.source === undefined) return faults
  const block = blockOf(attack, seen)
  const afterMs = Date.parse(block?.created_at ?? '') - attack.beganMs
  if (block === undefined) faults.push(`${attack.name} of ${who}: not dropped`)
  else if (afterMs > attack.seconds * 1000 + dropLateMs) {
    faults.push(`${attack.name} of ${who}: dropped after ${afterMs} ms only, when it was over`)
  }
  return faults
}

function memoryBreaches({ usage, attacks }: Observations): string[] {
  const { second, last } = quarters(usage.rss)
  if (second.median === 0) return ['the memory of idsd was never read']
  const hasRounds = attacks.filter(({ source }) => source === undefined).length > 1
  const { share, bytes } = hasRounds ? mostGrowth : mostGrowthInOneRound
  const hasGrown = (before: number, after: number) => after > Math.max(before * (1 + share), before + bytes)
  if (!hasGrown(second.median, last.median) || !hasGrown(second.lowest, last.lowest)) return []
  return [`memory grew from ${mebibytes(second.median)} to ${mebibytes(last.median)}`]
}

/** Bytes as text. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
