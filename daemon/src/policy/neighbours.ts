/**
 * Makes one block of a /64 out of several of its addresses: whoever has a /64 has more addresses than any list. Not
 * where somebody else of the same /64 is in honest use. Pure and bounded.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from '../detect/evidence.js'
import { createRecentMap } from '../recent-map.js'
import { provenSide } from './path-proof.js'
import { siteKey, siteTarget } from './site-prefix.js'
import { strengthOf } from './strength.js'
import type { Verdict } from './verdict.js'

export interface NeighboursSettings {
  /** Blocked addresses of a /64 that make one entry. 0: never. */
  readonly addresses: number
  /** Within so long; proofs and evidence count as long, ms. */
  readonly windowMs: number
}

export interface NeighboursOptions extends NeighboursSettings {
  /** /64s held at most; the least recent leaves first. Default 16,384. */
  readonly maxSites?: number
}

export interface Neighbours {
  configure(settings: NeighboursSettings): void
  /** Takes note of who receives what is sent to it. @param nowMs wall time, ms since 1970 */
  observe(flows: readonly FlowRecord[], nowMs: number): void
  /** Takes note of who misbehaved: evidence that carries points. */
  accuse(evidence: readonly Evidence[], nowMs: number): void
  /**
   * @param verdict one of kind `block` on an address
   * @returns the verdict on its whole /64 when this is one address too many; undefined otherwise
   */
  widen(verdict: Verdict, nowMs: number): Verdict | undefined
  /** The /64 begins anew, e.g. when an operator lifts its block. @param target text of the /64 */
  forget(target: string): void
  /** /64s held. */
  readonly sites: number
  /** Verdicts held. */
  readonly verdicts: number
}

interface Neighbour {
  /** Wall times, ms; -Infinity = never. */
  provenMs: number
  accusedMs: number
  verdict: Verdict | undefined
  verdictMs: number
}

type Site = Map<string, Neighbour>

/** Addresses held of one /64. */
const MAX_ADDRESSES = 64
/** Evidence of a /64's decision, of each address. */
const MAX_EVIDENCE = 20
/** Verdicts held of all /64s: each holds evidence with its flows. Whose is let go makes no /64, and is blocked alone. */
const MAX_VERDICTS = 4_096

export function createNeighbours(options: NeighboursOptions): Neighbours {
  let settings: NeighboursSettings = options
  const sites = createRecentMap<string, Site>(options.maxSites ?? 16_384)
  const judged = createRecentMap<Neighbour, Neighbour>()

  const isRecent = (atMs: number, nowMs: number) => atMs > nowMs - settings.windowMs && atMs <= nowMs
  /** A proof of the future is one from before the clock was set back: it spares. */
  const isHonest = ({ provenMs, accusedMs }: Neighbour, nowMs: number) =>
    provenMs > nowMs - settings.windowMs && !isRecent(accusedMs, nowMs)

  function neighbour(address: string, nowMs: number): Neighbour | undefined {
    const key = siteKey(address)
    if (key === undefined) return undefined
    const known = sites.touch(key)
    const site = known ?? new Map<string, Neighbour>()
    if (known === undefined) sites.set(key, site)
    const found = site.get(address)
    if (found !== undefined) return found
    const never = Number.NEGATIVE_INFINITY
    const made: Neighbour = { provenMs: never, accusedMs: never, verdict: undefined, verdictMs: never }
    if (site.size >= MAX_ADDRESSES) makeRoom(site, nowMs)
    if (site.size < MAX_ADDRESSES) site.set(address, made)
    return made
  }

  function hold(found: Neighbour, verdict: Verdict, nowMs: number): void {
    found.verdict = { ...verdict, evidence: verdict.evidence.slice(-MAX_EVIDENCE) }
    found.verdictMs = nowMs
    judged.set(found, found)
    release(nowMs)
  }

  /** Verdicts that make no /64 any more leave. */
  function release(nowMs: number): void {
    for (let oldest = judged.oldest(); oldest !== undefined; oldest = judged.oldest()) {
      if (judged.size <= MAX_VERDICTS && isRecent(oldest.verdictMs, nowMs)) return
      oldest.verdict = undefined
      judged.dropOldest()
    }
  }

  /** Who is in honest use stays longest: it is what keeps the others from a block of all. */
  function makeRoom(site: Site, nowMs: number): void {
    let leaving: string | undefined
    for (const [address, held] of site) {
      if (isHonest(held, nowMs)) continue
      leaving ??= address
      if (isRecent(held.verdictMs, nowMs)) continue
      leaving = address
      break
    }
    if (leaving !== undefined) site.delete(leaving)
  }

  return {
    configure: (next) => {
      settings = next
    },
    observe: (flows, nowMs) => {
      for (const flow of flows) {
        if (!flow.pathProven || flow.isTransit || !flow.src.includes(':')) continue
        // Behind a gateway the far server is only ever the destination of its client's flow.
        const ends = flow.bytesFwd > 0 && flow.bytesBwd > 0 ? [flow.src, flow.dst] : [provenSide(flow)]
        for (const end of ends) {
          const found = neighbour(end, nowMs)
          if (found === undefined) continue
          const lastMs = Math.min(nowMs, flow.lastUs / 1_000)
          found.provenMs = found.provenMs > nowMs ? lastMs : Math.max(found.provenMs, lastMs)
        }
      }
    },
    accuse: (evidence, nowMs) => {
      release(nowMs)
      for (const { about, source, points } of evidence) {
        if (about !== 'source' || !(points > 0)) continue
        const found = neighbour(source, nowMs)
        if (found !== undefined) found.accusedMs = nowMs
      }
    },
    widen: (verdict, nowMs) => {
      const key = siteKey(verdict.source)
      const found = verdict.kind === 'block' ? neighbour(verdict.source, nowMs) : undefined
      if (key === undefined || found === undefined || settings.addresses === 0) return undefined
      hold(found, verdict, nowMs)
      found.accusedMs = nowMs
      const site = sites.get(key) as Site
      const all = [...site.values()]
      const verdicts = all.flatMap((one) =>
        isRecent(one.verdictMs, nowMs) && one.verdict ? [one.verdict] : [],
      )
      if (verdicts.length < settings.addresses || all.some((one) => isHonest(one, nowMs))) return undefined
      const target = siteTarget(key)
      return target === undefined ? undefined : joined(target.text, verdicts, settings)
    },
    forget: (target) => {
      const key = target.endsWith('/64') ? siteKey(target.slice(0, -3)) : undefined
      if (key !== undefined) sites.delete(key)
    },
    get sites() {
      return sites.size
    },
    get verdicts() {
      return judged.size
    },
  }
}

/** As long and as much as all of them allow: one that was not proven may be somebody else's. */
function joined(target: string, verdicts: readonly Verdict[], settings: NeighboursSettings): Verdict {
  const points = verdicts.reduce((sum, one) => sum + one.points, 0)
  const ofModel = verdicts.filter(({ origin }) => origin === 'model').length
  const names = verdicts.slice(0, 10).map(({ source }) => source)
  const more = verdicts.length > names.length ? ` and ${verdicts.length - names.length} more` : ''
  const weakest = verdicts.reduce((least, one) => (strengthOf(one) < strengthOf(least) ? one : least))
  const { action, limit } = weakest
  const unproven = verdicts.filter(({ ladder }) => ladder.name === 'unproven')
  const isSparing =
    weakest.sparesFlows || (unproven.length > 0 && (action === 'limit' || action === 'synDrop'))
  return {
    kind: 'block',
    action,
    ...(limit === undefined ? {} : { limit }),
    ...(isSparing ? { sparesFlows: true } : {}),
    ladder: (unproven[0] ?? weakest).ladder,
    source: target,
    origin: ofModel * 2 > verdicts.length ? 'model' : 'detector',
    reason:
      `${verdicts.length} addresses of ${target} within ${Math.round(settings.windowMs / 1_000)} s ` +
      `(threshold ${settings.addresses}): ${names.join(', ')}${more}; the last one: ${verdicts.at(-1)?.reason}`,
    points,
    blockMs: Math.min(...verdicts.map(({ blockMs }) => blockMs)),
    evidence: verdicts.flatMap(({ evidence }) => evidence),
  }
}
