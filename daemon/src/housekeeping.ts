/** What is done by the clock, not by packets: expiry, repair, sweeps, interfaces, peers, retention. */

import type { Enforcer } from './enforce/enforcer.js'
import type { PeerWatch } from './host/peers.js'
import type { Binding } from './kernel/binding.js'
import { readFlowCount } from './kernel/counters.js'
import type { InterfaceSet } from './kernel/interface-set.js'
import { sweepFlows, sweepTombstones } from './kernel/sweep.js'
import type { Logger } from './log.js'
import type { Retention } from './record/retention.js'
import type { Store } from './record/store.js'

export interface Housekeeping {
  start(): void
  stop(): void
  /** Tombstones left after the last sweep. */
  readonly tombstones: number
}

export interface HousekeepingOptions {
  readonly binding: Binding
  readonly interfaces: InterfaceSet
  readonly enforcer: Enforcer
  readonly peers: PeerWatch
  readonly store: Pick<Store, 'prune'>
  readonly log: Logger
  readonly sweepMs: number
  /** Flows that one interface's table holds. */
  readonly flowCapacity: number
  readonly retention: () => Retention
}

/** Share of the table from which quiet flows are ended early. */
const pressureShare = 0.8
/** All entries are compared with the maps within so many seconds. */
const reconcileSeconds = 15
const peersEveryMs = 5_000
const pruneEveryMs = 60_000

export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { binding, interfaces, enforcer, peers, store, log, flowCapacity } = options
  const timers: NodeJS.Timeout[] = []
  let tombstones = 0

  const every = (ms: number, what: string, work: () => void) => {
    const timer = setInterval(() => {
      try {
        work()
      } catch (error) {
        log.error({ problem: (error as Error).message }, `${what} failed; it is tried again`)
      }
    }, ms)
    timers.push(timer)
  }

  const sweep = () => {
    tombstones = 0
    for (const path of interfaces.paths()) {
      const pressure = readFlowCount(binding, path) > flowCapacity * pressureShare
      sweepFlows(binding, path, { pressure })
      tombstones += sweepTombstones(binding, path, tombstones > flowCapacity * pressureShare)
    }
  }

  const prune = () => {
    const { isDone } = store.prune(Date.now(), options.retention())
    if (!isDone) setImmediate(prune)
  }

  return {
    start() {
      every(1_000, 'expiry of decisions', () => enforcer.expire())
      every(1_000, 'comparison with the kernel', () => enforcer.reconcile(reconcileSeconds))
      every(1_000, 'the look at interfaces', () => interfaces.watch())
      every(options.sweepMs, 'the sweep', sweep)
      every(peersEveryMs, 'the look at peers', () => peers.refresh())
      every(pruneEveryMs, 'retention', prune)
    },
    stop() {
      for (const timer of timers.splice(0)) clearInterval(timer)
    },
    get tombstones() {
      return tombstones
    },
  }
}
