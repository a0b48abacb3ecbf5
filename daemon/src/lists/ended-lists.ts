/**
 * Lists whose end has passed. They are out of force, and stay in the store for a while: a wall clock that was wrong, as at
 * a boot before it is set, must not cost a list for good.
 */

import type { Held } from './list-trial.js'

export interface EndedLists {
  add(list: Held): void
  /** Another one of that name is there, or it is in force again. */
  drop(name: string): void
  all(): Held[]
  /** Those whose end lies ahead by the clock as it is. */
  early(): Held[]
  /** Those that have been over for long enough. */
  due(): Held[]
}

export interface EndedListsOptions {
  readonly clock: { nowMs(): number; bootUs(): number }
  /** How long a list is kept, ms of time that no clock setting moves. */
  readonly keepMs: () => number
}

export function createEndedLists({ clock, keepMs }: EndedListsOptions): EndedLists {
  const ended = new Map<string, { readonly list: Held; readonly sinceUs: number }>()
  const those = (isMeant: (list: Held, sinceUs: number) => boolean) =>
    [...ended.values()].filter(({ list, sinceUs }) => isMeant(list, sinceUs)).map(({ list }) => list)
  /** A clock that is before the list was made says nothing of its end. */
  const isEarly = ({ row }: Held) => row.createdAtMs <= clock.nowMs() && row.expiresAtMs > clock.nowMs()
  return {
    add: (list) => void ended.set(list.row.name, { list, sinceUs: clock.bootUs() }),
    drop: (name) => void ended.delete(name),
    all: () => those(() => true),
    early: () => those(isEarly),
    due: () => those((list, sinceUs) => !isEarly(list) && clock.bootUs() - sinceUs >= keepMs() * 1_000),
  }
}
