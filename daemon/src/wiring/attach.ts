/** The moment from which idsd guards the interfaces. */

import type { Enforcer } from '../enforce/enforcer.js'
import type { Panic } from '../enforce/panic.js'
import { tryAll } from '../enforce/try-all.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Lists } from '../lists/lists.js'
import type { Logger } from '../log.js'
import type { OpenedTrial } from './open-trial.js'

export interface AttachOptions {
  readonly kernel: Pick<Kernel, 'interfaces' | 'openPinnedPanic'> & {
    readonly settings: Pick<Kernel['settings'], 'panicUntilBootUs'>
  }
  readonly panic: Pick<Panic, 'restore'>
  readonly trial: Pick<OpenedTrial, 'lookAgain'>
  readonly enforcer: Pick<Enforcer, 'settleHits'>
  readonly lists: Pick<Lists, 'settleHits'>
  /** Begins the lease of automatic entries. */
  readonly beat: () => void
  readonly log: Logger
}

/**
 * Takes over a panic, and puts the programs on the interfaces. As late as may be: until then an operator may write into
 * the maps of the daemon before, which is why they are read once more when theirs are no longer the pins. What entries and
 * lists met in them is added when no program counts there any more.
 * @throws KernelError
 */
export function attach(options: AttachOptions): void {
  const { kernel, panic, trial, enforcer, lists, beat, log } = options
  const { interfaces, settings } = kernel
  const pinned = kernel.openPinnedPanic()
  panic.restore(pinned.read(), pinned.replace)
  trial.lookAgain()
  const restoredUs = settings.panicUntilBootUs
  beat()
  interfaces.attachAll()
  const lastUs = pinned.read()
  // A word in these maps is later than any in those before; the look at the panic takes it over.
  const isUntouched = settings.panicUntilBootUs === restoredUs
  if (isUntouched && lastUs !== undefined && lastUs !== restoredUs) panic.restore(lastUs, pinned.replace)
  trial.lookAgain()
  try {
    tryAll(
      [
        // The second of each is for maps that could not even be opened: else nothing met from here on is ever stored.
        () => interfaces.readEarlierHits(enforcer.settleHits),
        () => enforcer.settleHits([]),
        () => lists.settleHits(interfaces.readEarlierTables()),
        () => lists.settleHits([]),
      ],
      (settle) => settle(),
    )
  } catch (error) {
    log.error({ problem: (error as Error).message }, 'hits of earlier maps were not all read')
  }
}
