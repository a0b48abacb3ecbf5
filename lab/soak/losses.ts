/** What idsd lost, and what of it a flood explains. */

import type { GuardedServer } from '../guarded-server.js'

/** What was lost. */
export interface LossResult {
  /** Packets that the programs saw. */
  readonly packets: number
  readonly causes: ReadonlyMap<string, Loss>
}

/** Records or packets lost by one cause. */
export interface Loss {
  readonly total: number
  /** Of these, during floods. */
  readonly inFloods: number
  /** Of these, without a reason. */
  readonly unexplained: number
}

/** Losses by cause, as `idsctl status -o json` names them. */
export type Losses = Readonly<Record<string, number>>

/** Causes that a flood explains: more new flows than the budget, and no more room to remember the sources of the excess. */
export const explainedByFlood: ReadonlySet<string> = new Set([
  'over_budget',
  'source_slot_taken',
  'tombstone_dropped',
])

/**
 * Updates of one flow by two CPUs at once: the second gives up after some tries (LOCK_TRIES, bpf/table.h) and its packet is
 * not counted. Nothing but their share can be promised: of all packets at most this much. Of 1.5 million
 * 4 to 164 were seen: a CPU that is taken away while it holds a flow makes the other miss all that comes meanwhile.
 */
export const mostLockMissed = 3e-4

/** Counts losses during floods apart from the others. */
export interface LossCount {
  floodBegins(): Promise<void>
  floodEnds(): Promise<void>
  result(): Promise<LossResult>
}

export function countLosses(idsd: GuardedServer): LossCount {
  const read = async () => (await idsd.ask<{ lost: Losses }>('status')).lost
  const inFloods = new Map<string, number>()
  let before: Losses | undefined
  return {
    async floodBegins() {
      before = await read()
    },
    async floodEnds() {
      const after = await read()
      for (const [cause, count] of Object.entries(after)) {
        inFloods.set(cause, (inFloods.get(cause) ?? 0) + count - (before?.[cause] ?? 0))
      }
      before = undefined
    },
    async result() {
      const { traffic, lost } = await idsd.ask<{ traffic: Losses; lost: Losses }>('status')
      const packets = Object.entries(traffic).reduce(
        (sum, [name, n]) => sum + (name.includes('packets') ? n : 0),
        0,
      )
      const causes = Object.entries(lost).map(([cause, total]) => {
        const during = inFloods.get(cause) ?? 0
        const isFew = cause === 'lock_missed' && total <= packets * mostLockMissed
        const explained = isFew ? total : explainedByFlood.has(cause) ? during : 0
        return [cause, { total, inFloods: during, unexplained: total - explained }] as const
      })
      return { packets, causes: new Map(causes) }
    },
  }
}
