/** Compares what is wanted with the maps, a part at a time, and puts back what somebody else changed. */

import type { BlockList } from '../kernel/block-list.js'
import type { Allowlist } from './allowlist.js'
import type { Decision } from './decision.js'
import { type Held, type HeldEntries, isSame } from './held-entries.js'
import type { HitLedger } from './hit-ledger.js'
import { tryAll } from './try-all.js'

export interface Reconciler {
  /** All entries are seen within `parts` calls. @throws the first fault, after the whole part was tried */
  reconcile(parts: number): void
  /** Entries that were put right. */
  readonly repaired: number
}

export interface ReconcilerOptions {
  readonly held: HeldEntries
  readonly blockList: BlockList
  readonly allowlist: Pick<Allowlist, 'repair'>
  readonly hits: Pick<HitLedger, 'look' | 'save'>
  readonly onRepair: (decision: Decision) => void
  readonly onStrays: (strays: readonly string[]) => void
}

/**
 * Keys of each trie that are looked at in one call, at least and at most: a key costs some 2 us, so that with more than
 * so many times `parts` a round takes longer.
 */
const [leastStrayKeys, mostStrayKeys] = [1_000, 20_000] as const

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { held, blockList, allowlist, hits, onRepair, onStrays } = options
  let repaired = 0
  let pending: string[] = []
  let roundSize = 0

  const reconcileTarget = (entry: Held) => {
    const wanted = held.wanted(entry)
    if (wanted === undefined) {
      // Its last decision ended, but the map did not let it go.
      held.write(entry)
      held.forget(entry)
      return
    }
    const found = hits.look(entry)
    if (found !== undefined && isSame(found, wanted)) return
    held.write(entry)
    repaired++
    const decision = entry.decisions.get(wanted.decision)
    if (decision !== undefined) onRepair(decision)
  }

  return {
    reconcile(parts) {
      if (pending.length === 0) {
        pending = [...held.all.keys()]
        roundSize = pending.length
        repaired += allowlist.repair()
        repaired += blockList.refresh()
      }
      const share = Math.ceil(roundSize / parts)
      const inTries = blockList.prefixCount + blockList.allowCount
      const keys = Math.min(mostStrayKeys, Math.max(leastStrayKeys, Math.ceil(inTries / parts)))
      const removeStrays = () => {
        const strays = blockList.removeStrays(keys)
        repaired += strays.length
        if (strays.length > 0) onStrays(strays)
      }
      const slice = pending.splice(0, Math.max(100, share))
      try {
        const repair = (text: string) => () => {
          const entry = held.all.get(text)
          if (entry !== undefined) reconcileTarget(entry)
        }
        tryAll([...slice.map(repair), removeStrays], (work) => work())
      } finally {
        hits.save()
      }
    },
    get repaired() {
      return repaired
    },
  }
}
