/** What decides over entries: the enforcer, the guards before it, and the breakers that take an origin's power to block. */

import { isLearning } from '../calibrate/run-state.js'
import type { Config } from '../config/config.js'
import type { Mode } from '../enforce/decision.js'
import { createEnforcer, type Enforcer } from '../enforce/enforcer.js'
import type { HostAddresses } from '../host/addresses.js'
import type { PeerWatch } from '../host/peers.js'
import type { Kernel } from '../kernel/kernel.js'
import { parseTarget } from '../policy/address.js'
import { automaticAllow } from '../policy/automatic-allow.js'
import { type Breaker, createBreaker } from '../policy/breaker.js'
import { createGuards, type Guards } from '../policy/guards.js'
import { createKnownGood, type KnownGood } from '../policy/known-good.js'
import { createNeighbours, type Neighbours } from '../policy/neighbours.js'
import { createPacketRate, type PacketRate } from '../policy/packet-rate.js'
import type { Policy } from '../policy/policy.js'
import type { EventWriter } from '../publish/event-writer.js'
import type { Feeds } from '../publish/handlers.js'
import type { Meters } from '../publish/meters.js'
import type { Store } from '../record/store.js'
import type { TrialRow } from '../record/trial-table.js'
import { breakerOptions, neighboursOptions } from '../room-options.js'
import { configuredAllow } from './configured-allow.js'
import type { Ground } from './ground.js'
import type { Settings } from './settings.js'

export interface Enforcement {
  readonly enforcer: Enforcer
  readonly guards: Guards
  readonly breaker: Breaker
  readonly known: KnownGood
  readonly rate: PacketRate
  readonly neighbours: Neighbours
  /**
   * Writes the stored entries into the maps. Links come last: a packet never meets programs without their lists, and a
   * start that fails leaves nothing on an interface.
   * @param goesOn trial of an earlier run
   * @throws as `Enforcer.restore`
   */
  restore(settings: Pick<Settings, 'confirmed' | 'now'>, goesOn: TrialRow | undefined): void
  configure(config: Config): void
  /** As the configuration says, not an operator. @throws KernelError, after all entries were tried */
  setConfiguredMode(mode: Mode): void
}

export interface EnforcementOptions {
  readonly kernel: Pick<Kernel, 'blockList' | 'incarnation'>
  readonly store: Store
  readonly sturdyStore: Store
  readonly host: HostAddresses
  readonly peers: Pick<PeerWatch, 'peers'>
  readonly feeds: Pick<Feeds, 'decisions'>
  readonly meters: Pick<Meters, 'countDecision'>
  /** Asked when a decision changes. */
  readonly policy: () => Policy
  readonly events: () => EventWriter | undefined
}

export function openEnforcement(ground: Ground, options: EnforcementOptions): Enforcement {
  const { inForce, clock, startedAtMs, log } = ground
  const { kernel, store, sturdyStore, host, peers, feeds, meters, policy, events } = options
  const { config } = inForce

  const known = createKnownGood(breakerOptions(config).known)
  const rate = createPacketRate(breakerOptions(config).rate)
  const breaker = createBreaker({ ...breakerOptions(config).trip, known, isQuiet: rate.isQuiet })
  const neighbours = createNeighbours(neighboursOptions(config))
  // Before the entries are written: what a tripped origin decided only counts.
  breaker.restore(store.breakers(), clock.nowMs())

  let modeBy = 'operator'
  const enforcer = createEnforcer({
    blockList: kernel.blockList,
    maps: kernel.incarnation,
    store: sturdyStore,
    parseTarget,
    clock,
    // What learns goes on to learn where nothing drops.
    mode: isLearning(store.calibration('run')) ? 'detect' : config.mode,
    automaticAllow: () => automaticAllow(host, startedAtMs),
    tripped: breaker.open,
    onChange: (change) => {
      const { number, target, reason } = change.decision
      log.info({ decision: `d${number}`, target, reason }, `decision ${change.kind}`)
      if (change.kind === 'lifted') {
        policy().forget(target)
        neighbours.forget(target)
      }
      if (change.kind === 'added') meters.countDecision(change.decision)
      try {
        feeds.decisions.publish([change])
      } catch (error) {
        // The decision stands, whoever listens.
        log.error({ err: error }, 'a change of a decision was not published')
      }
    },
    onAllowEnd: (ended) => {
      for (const { target, reason } of ended) log.info({ target, reason }, 'an allow entry is over')
    },
    onAllowBack: (back) => {
      for (const { target, reason } of back)
        log.warn(
          { target, reason },
          'an allow entry that was over is in force again: the wall clock was set back',
        )
    },
    onStrays: (strays) =>
      log.warn(
        { entries: strays.slice(0, 10), count: strays.length },
        'entries of another hand left the maps',
      ),
    onMode: (mode, before) => {
      policy().reconsider()
      log.warn({ mode, before }, `the mode is ${mode} from here on`)
      events()?.modeChanged({ before, mode, by: modeBy })
    },
  })
  const guards = createGuards({
    ownAddresses: host.own,
    gateways: host.gateways,
    resolvers: host.resolvers,
    peers: peers.peers,
    allow: () => chosenAllow(enforcer),
  })

  return {
    ...{ enforcer, guards, breaker, known, rate, neighbours },
    restore(settings, goesOn) {
      const unloaded = enforcer.restore(
        configuredAllow(settings.confirmed, startedAtMs),
        goesOn && { change: goesOn.change, configured: configuredAllow(settings.now, startedAtMs) },
      )
      if (unloaded.length === 0) return
      const decisions = unloaded.slice(0, 10).map(({ number }) => `d${number}`)
      log.error(
        { count: unloaded.length, decisions },
        'stored blocks find no room in the maps and are not enforced: raise kernel.blocks and kernel.prefixes',
      )
    },
    configure(next) {
      neighbours.configure(neighboursOptions(next))
      known.configure(breakerOptions(next).known)
      rate.configure(breakerOptions(next).rate)
      breaker.configure(breakerOptions(next).trip)
    },
    setConfiguredMode(mode) {
      modeBy = 'configuration'
      try {
        enforcer.setMode(mode)
      } finally {
        modeBy = 'operator'
      }
    },
  }
}

/** Targets that operator or configuration allow, not those that guards protect anyway. */
export function chosenAllow(enforcer: Pick<Enforcer, 'allowEntries'>): string[] {
  return enforcer
    .allowEntries()
    .filter(({ source }) => source !== 'automatic')
    .map(({ target }) => target)
}
