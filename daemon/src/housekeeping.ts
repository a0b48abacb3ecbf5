/** What is done by the clock, not by packets: expiry, repair, sweeps, interfaces, peers, retention. */

import type { Enforcer } from './enforce/enforcer.js'
import type { Panic } from './enforce/panic.js'
import type { Trial } from './enforce/trial.js'
import type { PeerWatch } from './host/peers.js'
import type { Kernel } from './kernel/kernel.js'
import type { Lists } from './lists/lists.js'
import type { Schedule } from './lists/schedule.js'
import type { Logger } from './log.js'
import type { Retention } from './record/retention.js'
import type { Store } from './record/store.js'
import type { PastActs } from './wiring/past-acts.js'

export interface Housekeeping {
  start(): void
  stop(): void
}

export interface HousekeepingOptions {
  readonly kernel: Pick<Kernel, 'interfaces' | 'sweep'>
  readonly enforcer: Enforcer
  readonly panic: Pick<Panic, 'watch'>
  /** Absent: nothing is ever on trial. */
  readonly trial?: Pick<Trial, 'watch'>
  /** Absent: nobody acts past the daemon. */
  readonly pastActs?: Pick<PastActs, 'tick'>
  readonly peers: PeerWatch
  /** Default: there are none. */
  readonly lists?: Pick<Lists, 'tick' | 'saveHits'>
  readonly schedule?: Pick<Schedule, 'tick'>
  readonly store: Pick<Store, 'prune' | 'checkpoint'>
  /** Writes what the store refused before. */
  readonly retry?: () => void
  readonly log: Logger
  readonly sweepMs: number
  /** All entries are compared with the maps within so many seconds. */
  readonly reconcileS: number
  readonly retention: () => Retention
}

const peersEveryMs = 5_000
const pruneEveryMs = 60_000
/** What was written goes into the main file so often: little at a time, before the next write has to. */
const checkpointEveryMs = 1_000
const complainEveryMs = 60_000
const hitsEveryMs = 15_000

export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { kernel, enforcer, peers, store, log } = options
  const timers: NodeJS.Timeout[] = []
  let pruning: NodeJS.Immediate | undefined

  /** What goes on failing is told once a minute. */
  const attempt = (what: string, everyMs: number, work: () => void) => {
    const quietTurns = Math.ceil(complainEveryMs / everyMs)
    let failures = 0
    return () => {
      try {
        work()
        failures = 0
      } catch (error) {
        if (failures++ % quietTurns > 0) return
        log.error({ problem: (error as Error).message, failures }, `${what} failed; it is tried again`)
      }
    }
  }

  const every = (ms: number, what: string, work: () => void) => {
    timers.push(setInterval(attempt(what, ms, work), ms))
  }

  /** A short piece at a time; other work has its turn in between. */
  const prune = () => {
    pruning = undefined
    const { isDone } = store.prune(Date.now(), options.retention())
    if (!isDone) pruning = setImmediate(pruneOn)
  }
  const pruneOn = attempt('retention', pruneEveryMs, prune)

  return {
    start() {
      every(1_000, 'expiry of decisions', () => enforcer.expire())
      every(1_000, 'comparison with the kernel', () => enforcer.reconcile(options.reconcileS))
      every(1_000, 'the look at the panic', () => options.panic.watch())
      every(1_000, 'the look at lists', () => options.lists?.tick())
      every(1_000, 'the schedule of lists', () => options.schedule?.tick())
      every(hitsEveryMs, 'keeping what lists met', () => options.lists?.saveHits())
      every(1_000, 'the look at the trial', () => options.trial?.watch())
      every(1_000, 'the look at notes of acts past the daemon', () => options.pastActs?.tick())
      every(1_000, 'the look at interfaces', () => kernel.interfaces.watch())
      every(options.sweepMs, 'the sweep', () => kernel.sweep())
      every(peersEveryMs, 'the look at peers', () => peers.refresh())
      every(checkpointEveryMs, 'the checkpoint of the store', () => store.checkpoint())
      every(pruneEveryMs, 'writing what the store refused', () => options.retry?.())
      timers.push(
        setInterval(() => {
          if (pruning === undefined) pruneOn()
        }, pruneEveryMs),
      )
    },
    stop() {
      for (const timer of timers.splice(0)) clearInterval(timer)
      clearImmediate(pruning)
      pruning = undefined
    },
  }
}
