/**
 * Takes the power to block from an origin that blocks the wrong ones: a detector, or the model. Kept per origin, so
 * that nobody switches all of them off by making one fire. Pure: time and what is known of addresses are handed in.
 */

import type { DetectorName } from '../detect/evidence.js'
import { createRecentMap } from '../recent-map.js'
import type { KnownGood } from './known-good.js'

export interface BreakerSettings {
  /** Blocks count together within this time, ms. */
  readonly windowMs: number
  /** Blocks of so many known-good addresses trip. */
  readonly goodAddresses: number
  /** Known good is who was in proven two-way traffic for so long, ms. */
  readonly knownGoodMs: number
  /** Blocks of addresses with more than this share of the proven two-way bytes trip, in (0, 1]. */
  readonly share: number
  /** Only addresses that were in such traffic for so long count for the share, ms: an attack is younger. */
  readonly shareAfterMs: number
  /** Blocks by the model of more addresses than this trip, while the line is quiet. */
  readonly modelAddresses: number
  /** Length of the first trip, ms; each one twice the one before. */
  readonly tripMs: number
  /** No trip is longer; after so long without one the next has the first length again, ms. */
  readonly maxTripMs: number
}

export interface BreakerOptions extends BreakerSettings {
  readonly known: Pick<KnownGood, 'of' | 'totalBytes'>
  /** Whether packets stayed near their mean for the last so many ms: see PacketRate. */
  readonly isQuiet: (spanMs: number) => boolean
}

/** An automatic block that drops from here on. */
export interface MadeBlock {
  readonly origin: DetectorName
  /** Address whose behaviour led to it. */
  readonly address: string
  readonly decision: number
}

/** Wall times in ms. */
export interface BreakerState {
  readonly origin: DetectorName
  readonly trippedAtMs: number
  readonly untilMs: number
  /** Length of this trip. */
  readonly lengthMs: number
  /** In words, with numbers against thresholds. */
  readonly why: string
}

export interface Trip extends BreakerState {
  /** The address whose block was one too many. */
  readonly address: string
  /** The blocks of known-good addresses that led to it. */
  readonly decisions: readonly number[]
  /** Whom these hit; a decision may be about the /64 of one. */
  readonly addresses: readonly string[]
}

export interface Breaker {
  configure(settings: BreakerSettings): void
  /** @returns the trip that this block caused */
  note(block: MadeBlock, nowMs: number): Trip | undefined
  /** Origins whose verdicts only count. */
  readonly open: ReadonlySet<DetectorName>
  /** Ends trips that are over. @returns their origins */
  tick(nowMs: number): DetectorName[]
  /** Ends a trip by hand; the next one has the first length. @returns what it was; undefined where nothing was tripped */
  reset(origin: DetectorName): BreakerState | undefined
  /** Trips that go on. */
  states(): BreakerState[]
  /** Trips that go on, and those that are over but still make the next one longer. */
  past(): BreakerState[]
  /** Takes over what an earlier run left. */
  restore(states: readonly BreakerState[], nowMs: number): void
}

interface Hit {
  readonly atMs: number
  readonly decision: number
  readonly bytes: number
}

interface Hits {
  readonly good: ReturnType<typeof createRecentMap<string, Hit>>
  readonly shares: ReturnType<typeof createRecentMap<string, Hit>>
  readonly all: ReturnType<typeof createRecentMap<string, Hit>>
}

/** Addresses held for one rule of one origin. */
const MAX_HELD = 4_096

export function createBreaker(options: BreakerOptions): Breaker {
  const { known, isQuiet } = options
  let settings: BreakerSettings = options
  const hits = new Map<DetectorName, Hits>()
  const states = new Map<DetectorName, BreakerState>()
  const open = new Set<DetectorName>()

  function hitsOf(origin: DetectorName): Hits {
    const found = hits.get(origin) ?? {
      good: createRecentMap<string, Hit>(MAX_HELD),
      shares: createRecentMap<string, Hit>(MAX_HELD),
      all: createRecentMap<string, Hit>(Math.max(MAX_HELD, settings.modelAddresses + 1)),
    }
    hits.set(origin, found)
    return found
  }

  function recent(held: Hits['all'], nowMs: number): Hits['all'] {
    for (let oldest = held.oldest(); oldest !== undefined; oldest = held.oldest()) {
      const isWithin = oldest.atMs > nowMs - settings.windowMs && oldest.atMs <= nowMs
      if (isWithin) break
      held.dropOldest()
    }
    return held
  }

  /** Which rule the block breaks, in words. */
  function fault({ origin, address, decision }: MadeBlock, nowMs: number): string | undefined {
    const { goodAddresses, share, modelAddresses, knownGoodMs, shareAfterMs, windowMs } = settings
    const { good, shares, all } = hitsOf(origin)
    const { knownMs, bytes } = known.of(address, nowMs)
    const hit: Hit = { atMs: nowMs, decision, bytes }
    const within = `within ${seconds(windowMs)}`
    if (knownMs >= knownGoodMs) {
      const { size } = added(recent(good, nowMs), address, hit)
      if (size >= goodAddresses) {
        return (
          `${size} blocks ${within} hit addresses in proven two-way traffic for ${seconds(knownGoodMs)} or more ` +
          `(threshold ${goodAddresses})`
        )
      }
    }
    if (bytes > 0 && knownMs >= shareAfterMs) {
      let sum = 0
      for (const one of added(recent(shares, nowMs), address, hit).values()) sum += one.bytes
      const total = known.totalBytes(nowMs)
      if (sum > total * share) {
        return (
          `blocks ${within} hit addresses with ${percent(Math.min(1, sum / total))} of the proven two-way bytes ` +
          `(threshold ${percent(share)})`
        )
      }
    }
    if (origin === 'model') {
      const { size } = added(recent(all, nowMs), address, hit)
      if (size <= modelAddresses) return undefined
      // A window's mean hides the first seconds of a flood.
      const spanMs = nowMs - (all.oldest()?.atMs ?? nowMs)
      if (isQuiet(spanMs)) {
        return `${size} addresses blocked ${within} while there are no more packets than usual (threshold ${modelAddresses})`
      }
      // The flood explains them: they must not count once it is over.
      all.clear()
    }
    return undefined
  }

  function trip(block: MadeBlock, why: string, nowMs: number): Trip {
    const { origin, address } = block
    const { good, shares } = hitsOf(origin)
    const told = new Map([...good.entries(), ...shares.entries()])
    const decisions = [...told.values()].map((hit) => hit.decision)
    const past = states.get(origin)
    const isRepeat = past !== undefined && nowMs - past.untilMs < settings.maxTripMs
    const lengthMs = Math.min(isRepeat ? past.lengthMs * 2 : settings.tripMs, settings.maxTripMs)
    const state = { origin, trippedAtMs: nowMs, untilMs: nowMs + lengthMs, lengthMs, why }
    states.set(origin, state)
    open.add(origin)
    hits.delete(origin)
    return { ...state, address, decisions: [...new Set(decisions)], addresses: [...told.keys()] }
  }

  return {
    configure: (next) => {
      // Room is made for the threshold.
      if (next.modelAddresses !== settings.modelAddresses) hits.clear()
      settings = next
    },
    note: (block, nowMs) => {
      if (open.has(block.origin)) return undefined
      const why = fault(block, nowMs)
      return why === undefined ? undefined : trip(block, why, nowMs)
    },
    open,
    tick: (nowMs) => {
      const over: DetectorName[] = []
      for (const [origin, state] of states) {
        // A clock that was set back must not make it longer.
        if (state.untilMs > nowMs + state.lengthMs)
          states.set(origin, { ...state, untilMs: nowMs + state.lengthMs })
        else if (state.untilMs <= nowMs && open.delete(origin)) over.push(origin)
      }
      return over
    },
    reset: (origin) => {
      const state = states.get(origin)
      const wasOpen = open.delete(origin)
      states.delete(origin)
      return wasOpen ? state : undefined
    },
    states: () => [...states.values()].filter(({ origin }) => open.has(origin)),
    past: () => [...states.values()],
    restore: (earlier, nowMs) => {
      for (const state of earlier) {
        states.set(state.origin, state)
        if (state.untilMs > nowMs) open.add(state.origin)
      }
    },
  }
}

function added(held: Hits['all'], address: string, hit: Hit): Hits['all'] {
  held.set(address, hit)
  return held
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`
}
