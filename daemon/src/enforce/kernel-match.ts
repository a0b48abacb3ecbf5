/** What the kernel's maps hold for an address, in the words of decisions and in wall time. */

import type { TracedEntry } from '../kernel/address-trace.js'
import { actionOf, originOf, reasonOf } from './codes.js'
import type { Action, EntryHits, Limit, Origin } from './decision.js'

/** An entry of the kernel's maps. What this idsd has no word for is undefined. */
export interface KernelMatch extends EntryHits {
  /** The address, or the prefix that covers what was asked for. */
  readonly target: string
  readonly isExact: boolean
  readonly action: Action | undefined
  readonly origin: Origin | undefined
  readonly reason: string
  /** Number of the decision. */
  readonly decision: number
  readonly state: TracedEntry['state']
  /** What becomes of a packet is its doing, or would be without an allow entry. */
  readonly isDeciding: boolean
  /** Wall time, ms; 0 = never. */
  readonly expiresAtMs: number
  /** What it lets through; undefined where it limits nothing. */
  readonly limit?: Limit | undefined
  readonly limitCounts?: { readonly passed: number; readonly limited: number } | undefined
  /** Packets of proven flows, and of those that our side opened, pass. */
  readonly sparesFlows?: boolean | undefined
}

/** @param bootToWallMs wall time minus CLOCK_BOOTTIME, ms */
export function kernelMatch(entry: TracedEntry, bootToWallMs: number): KernelMatch {
  const wallMs = (bootUs: number) => (bootUs === 0 ? 0 : Math.round(bootUs / 1000 + bootToWallMs))
  return {
    target: entry.target,
    isExact: !entry.target.includes('/'),
    action: actionOf(entry.actionNow),
    origin: originOf(entry.origin),
    reason: reasonOf(entry.reason) ?? '',
    decision: entry.decision,
    state: entry.state,
    isDeciding: entry.isDeciding,
    packets: entry.packets,
    bytes: entry.bytes,
    lastSeenMs: wallMs(entry.lastSeenBootUs),
    expiresAtMs: wallMs(entry.expiresBootUs),
    limit: entry.limit,
    limitCounts: entry.limitCounts,
    sparesFlows: entry.sparesFlows,
  }
}
