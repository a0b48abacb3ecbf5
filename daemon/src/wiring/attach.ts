/** The moment from which idsd guards the interfaces. */

import type { Enforcer } from '../enforce/enforcer.js'
import type { Panic } from '../enforce/panic.js'
import { tryAll } from '../enforce/try-all.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Lists } from '../lists/lists.js'
import type { Logger } from '../log.js'

export interface AttachOptions {
  readonly kernel: Pick<Kernel, 'interfaces' | 'openPinnedPanic'>
  readonly panic: Pick<Panic, 'restore'>
  readonly enforcer: Pick<Enforcer, 'settleHits'>
  readonly lists: Pick<Lists, 'settleHits'>
  /** Begins the lease of automatic entries. */
  readonly beat: () => void
  readonly log: Logger
}

/**
 * Takes over a panic, and puts the programs on the interfaces. As late as may be: until then an operator may write into
 * the maps of the daemon before. What entries and lists met in those is added when no program counts there any more.
 * @throws KernelError
 */
export function attach({ kernel, panic, enforcer, lists, beat, log }: AttachOptions): void {
  const { interfaces } = kernel
  const pinnedPanic = kernel.openPinnedPanic()
  panic.restore(pinnedPanic())
  const restoredUs = pinnedPanic()
  beat()
  interfaces.attachAll()
  const lastUs = pinnedPanic()
  if (lastUs !== restoredUs) panic.restore(lastUs)
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
