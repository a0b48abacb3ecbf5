/**
 * Who gives way in a full map: automatic decisions, the oldest first. What an operator decided never does. Where rate
 * limits ran out, only who holds one gives way: nobody else's end makes room.
 */

import { KernelError } from '../errors.js'
import { isOutOfLimits } from '../kernel/limiters.js'
import type { Target } from '../policy/address.js'
import type { Decision } from './decision.js'
import { isAutomatic } from './strongest.js'

/** What is held of one target. */
export interface Displaceable {
  readonly target: Target
  readonly decisions: ReadonlyMap<number, Decision>
}

export interface Displacement {
  /**
   * Runs a write; while the map has no room, ends an old automatic decision of the same map and runs it again.
   * @throws the fault of the write, when nobody is left to give way
   */
  withRoom(target: Target, write: () => void): void
  /** Decisions that gave way. */
  readonly count: number
}

export interface DisplacementOptions {
  /** All that is held, the oldest target first. */
  readonly held: () => Iterable<Displaceable>
  /** Ends a decision and takes its entry out. */
  readonly end: (decision: Decision) => void
}

/** An address that finds its bucket full goes elsewhere: so many give way for one before it is refused. */
const mostForOne = 4

export function createDisplacement({ held, end }: DisplacementOptions): Displacement {
  let count = 0
  let isMakingRoom = false

  const oldest = (wanted: Target, needsLimit: boolean): Displaceable | undefined => {
    for (const candidate of held()) {
      const { target, decisions } = candidate
      if (target.text === wanted.text || decisions.size === 0) continue
      if (needsLimit) {
        // All entries share the limits.
        if (![...decisions.values()].some(({ action }) => action === 'limit')) continue
      } else {
        // Addresses share one set; prefixes have a map for each family.
        if (target.isPrefix !== wanted.isPrefix) continue
        if (target.isPrefix && target.family !== wanted.family) continue
      }
      if ([...decisions.values()].every(({ origin }) => isAutomatic(origin))) return candidate
    }
    return undefined
  }

  return {
    withRoom(target, write) {
      for (let left = mostForOne; ; left--) {
        try {
          return write()
        } catch (fault) {
          if (isMakingRoom || left === 0 || !isFull(fault)) throw fault
          const gone = oldest(target, isOutOfLimits(fault))
          if (gone === undefined) throw fault
          isMakingRoom = true
          try {
            for (const decision of [...gone.decisions.values()]) {
              end(decision)
              count++
            }
          } finally {
            isMakingRoom = false
          }
        }
      }
    },
    get count() {
      return count
    },
  }
}

/** E2BIG is how a full hash map answers, ENOSPC a full trie. */
function isFull(fault: unknown): boolean {
  return fault instanceof KernelError && (fault.errnoName === 'ENOSPC' || fault.errnoName === 'E2BIG')
}
