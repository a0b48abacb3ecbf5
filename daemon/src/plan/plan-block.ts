/** What blocks would have met in the recorded flows. */

import type { AllowEntry } from '../enforce/decision.js'
import { overlaps, parseTarget, type Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import { isLive, judgedAddresses, trafficOf } from './flow-hit.js'
import {
  type BlockPlan,
  byWeight,
  MAX_ROWS,
  noTraffic,
  type PlannedAddress,
  type PlannedAllow,
  type PlannedTraffic,
  plus,
} from './plan.js'
import { readFlows } from './read-flows.js'
import { createTargetSet } from './target-set.js'

export interface BlockPlanOptions {
  readonly store: Pick<Store, 'flowsPage'>
  /** Entries of operator and configuration. */
  readonly allows: () => readonly AllowEntry[]
  /** More than one interface is guarded: what enters by one may leave by another. */
  readonly isForwarding: () => boolean
  /** Wall time, ms. */
  readonly nowMs: () => number
}

/** Addresses that are kept apart; those beyond are only in the sums. */
const MAX_ADDRESSES = 65_536

/**
 * Allow entries win, as in the kernel. A flow counts whole by its last packet.
 * @param sinceMs wall time, ms; 0 = all that is stored
 * @param isWanted the search ends when it says no
 */
export function planBlock(
  options: BlockPlanOptions,
  targets: readonly Target[],
  sinceMs: number,
  isWanted: () => boolean,
): Promise<BlockPlan> {
  const found = createTargetSet(targets)
  const wanted = {
    find: (address: string) => found.find(address)?.text,
    overlapping: (allow: Target) =>
      targets.filter((target) => overlaps(target, allow)).map(({ text }) => text),
  }
  return planHits(options, wanted, sinceMs, isWanted)
}

/** Many addresses and prefixes, however they are kept. */
export interface PlannedTargets {
  /** Canonical text of the longest that covers an address. */
  find(address: string): string | undefined
  /** Texts of those that share an address with an allow entry, at least the first 1,000. */
  overlapping(allow: Target): readonly string[]
}

/** As `planBlock`. */
export async function planHits(
  options: BlockPlanOptions,
  wanted: PlannedTargets,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<BlockPlan> {
  const untilMs = options.nowMs()
  const isForwarding = options.isForwarding()
  const allows = options.allows().map((entry) => ({ entry, target: parseTarget(entry.target, 'target') }))
  const allowed = createTargetSet(allows.map(({ target }) => target))
  const spared = new Map<string, PlannedTraffic>()
  const addresses = new Map<string, PlannedAddress>()
  let recorded = noTraffic
  let hit = noTraffic
  let oldestMs = untilMs

  for await (const rows of readFlows(options.store, { sinceMs, untilMs }, isWanted)) {
    for (const { flow } of rows) {
      const traffic = trafficOf(flow)
      recorded = plus(recorded, traffic)
      oldestMs = Math.min(oldestMs, Math.floor(flow.lastUs / 1_000))
      for (const address of judgedAddresses(flow, isForwarding)) {
        const target = wanted.find(address)
        if (target === undefined) continue
        const allow = allowed.find(address)?.text
        if (allow !== undefined) {
          const key = pairKey(target, allow)
          spared.set(key, plus(spared.get(key) ?? noTraffic, traffic))
          continue
        }
        hit = plus(hit, traffic)
        const known = addresses.get(address)
        const lastSeenMs = Math.floor(flow.lastUs / 1_000)
        if (known !== undefined || addresses.size < MAX_ADDRESSES) {
          addresses.set(address, {
            address,
            target,
            traffic: plus(known?.traffic ?? noTraffic, traffic),
            lastSeenMs: Math.max(known?.lastSeenMs ?? 0, lastSeenMs),
            isLive: known?.isLive === true || isLive(flow, untilMs),
          })
        }
        // A packet is dropped once.
        break
      }
    }
  }

  const who = [...addresses.values()]
  return {
    sinceMs: Math.max(sinceMs, oldestMs),
    untilMs,
    recorded,
    hit,
    addresses: who.sort(byWeight(({ traffic }) => traffic.packets)).slice(0, MAX_ROWS),
    addressesTotal: who.length,
    liveTotal: who.filter((one) => one.isLive).length,
    allowed: overlapping(wanted, allows, spared),
  }
}

/** Pairs that share an address, those that spared most first, at most 1,000. */
function overlapping(
  wanted: PlannedTargets,
  allows: readonly { readonly entry: AllowEntry; readonly target: Target }[],
  spared: ReadonlyMap<string, PlannedTraffic>,
): PlannedAllow[] {
  const found: PlannedAllow[] = []
  for (const { entry, target: allow } of allows) {
    for (const target of wanted.overlapping(allow)) {
      const traffic = spared.get(pairKey(target, allow.text)) ?? noTraffic
      found.push({ target, entry, spared: traffic })
    }
  }
  return found.sort((a, b) => b.spared.packets - a.spared.packets).slice(0, MAX_ROWS)
}

function pairKey(target: string, allow: string): string {
  return `${target} ${allow}`
}
