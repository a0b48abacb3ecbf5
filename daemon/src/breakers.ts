/** What a tripped breaker does to the other rooms: entries, policy, store, log and alerts. */

import type { FlowRecord } from './decode/flow-record.js'
import type { DetectorName, Evidence } from './detect/evidence.js'
import type { Decision } from './enforce/decision.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { Logger } from './log.js'
import type { Breaker, BreakerState, Trip } from './policy/breaker.js'
import type { KnownGood } from './policy/known-good.js'
import { leadOf } from './policy/lead.js'
import type { PacketRate } from './policy/packet-rate.js'
import type { Policy } from './policy/policy.js'
import type { Store } from './record/store.js'

export interface Breakers {
  /** Takes note of what flows, ends trips that are over. @param uptimeMs time that does not go back */
  observe(flows: readonly FlowRecord[], nowMs: number, uptimeMs: number): void
  /** A decision that was just made on the behaviour of this address. @param uptimeMs time that does not go back */
  note(decision: Decision, address: string, nowMs: number, uptimeMs: number): void
  /** Alerts of trips since the last call: one for each. */
  takeAlerts(): Evidence[]
  /** Trips that go on. */
  states(): BreakerState[]
  /** Ends a trip. @returns what it was; undefined where nothing was tripped */
  reset(origin: DetectorName): BreakerState | undefined
}

export interface BreakersOptions {
  readonly breaker: Breaker
  readonly known: KnownGood
  readonly rate: PacketRate
  /** Packets that the programs saw so far, dropped ones too. */
  readonly packets: () => number
  readonly enforcer: Pick<Enforcer, 'mode' | 'applyTrips' | 'decision' | 'lift'>
  readonly policy: Pick<Policy, 'reconsider'>
  readonly store: Pick<Store, 'breakers' | 'saveBreakers'>
  /** SHA-256 of the model bundle in use; '' without one. */
  readonly bundle: string
  readonly log: Logger
}

/** Counters are read so often at most, ms. */
const LOOK_EVERY_MS = 100

export function createBreakers(options: BreakersOptions): Breakers {
  const { breaker, known, rate, packets, enforcer, policy, store, bundle, log } = options
  let alerts: Evidence[] = []
  let lookedMs = Number.NEGATIVE_INFINITY

  /** What the line does at this moment, for the one rule that asks. */
  function lookAtRate(uptimeMs: number): void {
    if (uptimeMs - lookedMs < LOOK_EVERY_MS) return
    lookedMs = uptimeMs
    rate.observe(packets(), uptimeMs)
  }

  /** Without a model a trip of the model stays that of the bundle it was of. */
  function bundleOf({ origin }: BreakerState): string {
    if (bundle !== '') return bundle
    return store.breakers().find((row) => row.origin === origin)?.bundle ?? ''
  }

  /** From here on decisions do something else. */
  function apply(): void {
    policy.reconsider()
    try {
      enforcer.applyTrips()
    } catch (error) {
      log.error(
        { problem: (error as Error).message },
        'not every entry followed a breaker; they are repaired',
      )
    }
    try {
      store.saveBreakers(breaker.past().map((state) => ({ ...state, bundle: bundleOf(state) })))
    } catch (error) {
      log.error({ problem: (error as Error).message }, 'the store does not know of a breaker')
    }
  }

  /** Whoever is known good and was hit is not to be blocked again when the trip is over. */
  function spare({ decisions, addresses, origin }: Trip): void {
    addresses.forEach(known.forgive)
    const hit = decisions.flatMap((number) => enforcer.decision(number) ?? [])
    for (const decision of hit.filter(({ state }) => state === 'active')) {
      try {
        enforcer.lift([decision], `the breaker of ${origin}`)
      } catch (error) {
        log.error({ problem: (error as Error).message }, 'a block did not end with the trip of its breaker')
      }
    }
  }

  // Another bundle is another origin; one that does not load is none.
  if (bundle !== '' && store.breakers().some((row) => row.origin === 'model' && row.bundle !== bundle)) {
    breaker.reset('model')
    apply()
  }

  return {
    observe: (flows, nowMs, uptimeMs) => {
      known.observe(flows, nowMs)
      if (rate.isDue(uptimeMs)) rate.observe(packets(), uptimeMs)
      const over = breaker.tick(nowMs)
      if (over.length === 0) return
      log.warn({ origins: over }, `${over.join(', ')} may block again: the trip is over`)
      apply()
    },
    note: (decision, address, nowMs, uptimeMs) => {
      const origin = leadOf(decision)
      if (origin === undefined || decision.kind !== 'block' || enforcer.mode === 'detect') return
      // What spares the flows of known good hits nobody who is known good.
      if (decision.action === 'count' || decision.sparesFlows) return
      if (origin === 'model') lookAtRate(uptimeMs)
      const trip = breaker.note({ origin, address, decision: decision.number }, nowMs)
      known.block(address, nowMs)
      if (trip === undefined) return
      const text =
        `breaker: ${origin} only counts until ${isoSeconds(trip.untilMs)}: ${trip.why}; ` +
        `idsctl resume ${origin} ends it`
      log.error({ origin, untilMs: trip.untilMs, why: trip.why }, text)
      alerts.push(alertOf(trip, text, nowMs))
      apply()
      spare(trip)
    },
    takeAlerts: () => {
      if (alerts.length === 0) return alerts
      const taken = alerts
      alerts = []
      return taken
    },
    states: breaker.states,
    reset: (origin) => {
      const state = breaker.reset(origin)
      apply()
      return state
    },
  }
}

function alertOf({ address }: Trip, text: string, nowMs: number): Evidence {
  return {
    ...{
      source: address,
      about: 'destination',
      detector: 'breaker',
      technique: '',
      severity: 'critical',
      text,
    },
    ...{
      points: 0,
      pointsLastMs: 0,
      isProven: false,
      atMs: nowMs,
      packetUs: nowMs * 1_000,
      flows: [],
      scores: [],
    },
  }
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
