/** What targets would have met in the recorded flows, and who is freed of those that are there now. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { AllowEntry } from '../enforce/decision.js'
import { parseTarget, type Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import { isLive, judgedAddresses, type KeptBack, keptBack, trafficOf } from './flow-hit.js'
import {
  byWeight,
  type ChangePlan,
  MAX_ROWS,
  noTraffic,
  type PlannedAction,
  type PlannedAddress,
  type PlannedAllow,
  type PlannedTraffic,
  plus,
} from './plan.js'
import { readFlows } from './read-flows.js'
import { createTargetSet } from './target-set.js'

export interface HitsOptions {
  readonly store: Pick<Store, 'flowsPage'>
  /** Entries of operator and configuration, as they would be. */
  readonly allows: () => readonly AllowEntry[]
  /** More than one interface is guarded: what enters by one may leave by another. */
  readonly isForwarding: () => boolean
  /** Wall time, ms. */
  readonly nowMs: () => number
  /** What is there now: only what differs from it counts. Absent: nothing is. */
  readonly before?: { readonly targets: PlannedTargets; readonly allows: readonly AllowEntry[] }
}

/** What covers an address, and what it does. */
export interface PlannedHit {
  /** Canonical text of the longest that covers it. */
  readonly target: string
  readonly by: string
  readonly does: PlannedAction
  /** Others that cover it besides, where each lets something pass: a packet has to get by them all. */
  readonly besides?: readonly PlannedHit[]
}

/** Many addresses and prefixes, however they are kept. */
export interface PlannedTargets {
  /** @param address canonical text */
  find(address: string): PlannedHit | undefined
  /** Texts of those that share an address with an allow entry, at least the first 1,000; those that met nothing too. */
  overlapping(allow: Target): readonly string[]
}

/** Addresses that are kept apart; those beyond are only in the sums. */
const MAX_ADDRESSES = 65_536

/**
 * Allow entries win, as in the kernel. A flow counts whole by its last packet.
 * @param sinceMs wall time, ms; 0 = all that is stored
 * @param isWanted the search ends when it says no
 */
export async function planHits(
  options: HitsOptions,
  wanted: PlannedTargets,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<ChangePlan> {
  const { before } = options
  const untilMs = options.nowMs()
  const isForwarding = options.isForwarding()
  const allows = options.allows().map((entry) => ({ entry, target: parseTarget(entry.target, 'target') }))
  const allowed = createTargetSet(allows.map(({ target }) => target))
  const allowedNow = createTargetSet(
    (before?.allows ?? []).map(({ target }) => parseTarget(target, 'target')),
  )
  const spared = new Map<string, PlannedTraffic>()
  const hit = createSum(untilMs)
  const freed = createSum(untilMs)
  let recorded = noTraffic
  let oldestMs = untilMs
  let isAtMost = false

  /** What keeps the address back now. */
  const nowBy = (address: string) =>
    before === undefined || allowedNow.find(address) !== undefined ? undefined : before.targets.find(address)

  for await (const rows of readFlows(options.store, { sinceMs, untilMs }, isWanted)) {
    for (const { flow } of rows) {
      // What entered by another interface is in the record of that one.
      if (flow.isTransit) continue
      const traffic = trafficOf(flow)
      recorded = plus(recorded, traffic)
      oldestMs = Math.min(oldestMs, Math.floor(flow.lastUs / 1_000))
      let isKeptNow = false
      let isHit = false
      let release: (PlannedHit & { readonly address: string }) | undefined
      for (const address of judgedAddresses(flow, isForwarding)) {
        const now = nowBy(address)
        if (now !== undefined) release ??= { ...now, address }
        if (now !== undefined && isWhole(now.does)) isKeptNow = true
        const found = wanted.find(address)
        if (found === undefined) continue
        const allow = allowed.find(address)?.text
        if (allow !== undefined) {
          const key = pairKey(found.target, allow)
          spared.set(key, plus(spared.get(key) ?? noTraffic, traffic))
          continue
        }
        const kept = mostKept(flow, address, partsOf(found))
        if (kept === undefined) continue
        // What is left of a block passes in part: the rest is freed.
        if (isKeptNow && !isWhole(found.does)) continue
        isHit = true
        // A packet is kept back once.
        if (isKeptNow) break
        const partsNow = now === undefined ? [] : partsOf(now)
        const added = partsOf(found).filter((part) => !partsNow.some((one) => isSame(one, part)))
        const more = mostKept(flow, address, added)
        if (more === undefined) break
        // What is limited now passes in part: how much of it is left to this is not known.
        isAtMost ||= more.isAtMost || now !== undefined
        hit.add(address, more.part, more.traffic, flow)
        break
      }
      if (release !== undefined && !isHit) {
        const letGo = mostKept(flow, release.address, partsOf(release))
        if (letGo !== undefined) freed.add(release.address, letGo.part, letGo.traffic, flow)
      }
    }
  }

  return {
    sinceMs: Math.max(sinceMs, oldestMs),
    untilMs,
    recorded,
    hit: hit.traffic,
    isAtMost,
    addresses: hit.rows(),
    addressesTotal: hit.total,
    liveTotal: hit.liveTotal,
    allowed: overlapping(wanted, allows, spared),
    freed: freed.rows(),
    freedTotal: freed.total,
    freedTraffic: freed.traffic,
  }
}

function partsOf(hit: PlannedHit): readonly PlannedHit[] {
  return [hit, ...(hit.besides ?? [])]
}

/** What keeps back most of a flow: at most so much do all together. Undefined where none keeps back anything. */
function mostKept(
  flow: FlowRecord,
  address: string,
  parts: readonly PlannedHit[],
): (KeptBack & { readonly part: PlannedHit }) | undefined {
  let most: (KeptBack & { readonly part: PlannedHit }) | undefined
  for (const part of parts) {
    const kept = keptBack(flow, address, part.does)
    if (kept.traffic.packets > (most?.traffic.packets ?? 0)) most = { ...kept, part }
  }
  return most
}

/** Of the same name, and it does the same: a list may stay and do something else. */
function isSame(a: PlannedHit, b: PlannedHit): boolean {
  return (
    a.by === b.by &&
    a.does.action === b.does.action &&
    a.does.sparesFlows === b.does.sparesFlows &&
    a.does.limit?.unit === b.does.limit?.unit &&
    a.does.limit?.perSecond === b.does.limit?.perSecond
  )
}

/** Nothing passes it. */
export function isWhole({ action, sparesFlows }: PlannedAction): boolean {
  return (action === 'drop' || action === 'reject') && !sparesFlows
}

/** Traffic by address. */
function createSum(untilMs: number) {
  const addresses = new Map<string, PlannedAddress>()
  let sum = noTraffic
  return {
    add(address: string, { target, by }: PlannedHit, traffic: PlannedTraffic, flow: FlowRecord): void {
      sum = plus(sum, traffic)
      const known = addresses.get(address)
      if (known === undefined && addresses.size >= MAX_ADDRESSES) return
      addresses.set(address, {
        ...{ address, target, by, traffic: plus(known?.traffic ?? noTraffic, traffic) },
        lastSeenMs: Math.max(known?.lastSeenMs ?? 0, Math.floor(flow.lastUs / 1_000)),
        isLive: known?.isLive === true || isLive(flow, untilMs),
      })
    },
    rows: () => [...addresses.values()].sort(byWeight(({ traffic }) => traffic.packets)).slice(0, MAX_ROWS),
    get traffic() {
      return sum
    },
    get total() {
      return addresses.size
    },
    get liveTotal() {
      return [...addresses.values()].filter((one) => one.isLive).length
    },
  }
}

/** Pairs that share an address, those that spared most first, at most 1,000. */
function overlapping(
  wanted: PlannedTargets,
  allows: readonly { readonly entry: AllowEntry; readonly target: Target }[],
  spared: ReadonlyMap<string, PlannedTraffic>,
): PlannedAllow[] {
  const found = new Map<string, PlannedAllow>()
  const entries = new Map(allows.map(({ entry, target }) => [target.text, entry]))
  for (const [key, traffic] of spared) {
    const [target = '', allow = ''] = key.split(' ')
    const entry = entries.get(allow)
    if (entry !== undefined) found.set(key, { target, entry, spared: traffic })
  }
  for (const { entry, target: allow } of allows) {
    for (const target of wanted.overlapping(allow)) {
      const key = pairKey(target, allow.text)
      if (!found.has(key)) found.set(key, { target, entry, spared: noTraffic })
    }
  }
  return [...found.values()].sort((a, b) => b.spared.packets - a.spared.packets).slice(0, MAX_ROWS)
}

function pairKey(target: string, allow: string): string {
  return `${target} ${allow}`
}
