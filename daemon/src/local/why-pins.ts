/** What the pinned maps say about an address, without a daemon: entries and what they do, not who made them or why. */

import { type KernelMatch, kernelMatch } from '../enforce/kernel-match.js'
import type { Fate } from '../kernel/address-trace.js'
import type { ListDoing } from '../kernel/list-action.js'
import { type PinnedTraceOptions, tracePins } from '../kernel/pinned-trace.js'
import { parseTarget } from '../policy/address.js'

export interface PinnedWhy {
  readonly interface: string
  /** Programs stand on the interface: what the maps say is enforced. */
  readonly isAttached: boolean
  readonly fate: Fate
  readonly fateWithoutAllow: Fate
  readonly entries: readonly KernelMatch[]
  /** Addresses and prefixes of the allow entries that cover it, the longest first. */
  readonly allows: readonly string[]
  /** Imported lists that hold all of it; their names are in the store. */
  readonly lists: readonly PinnedList[]
}

export interface PinnedList extends ListDoing {
  /** Of the list's decision. */
  readonly number: number
  /** Milliseconds since 1970; 0 = never. */
  readonly expiresAtMs: number
}

export interface PinnedAnswer {
  /** Canonical. */
  readonly target: string
  /** One for each interface with pins. */
  readonly interfaces: readonly PinnedWhy[]
}

/**
 * Reads only.
 * @throws ArgumentError for a text that is no address or CIDR; KernelError without the right to open the maps; IdsdError
 * `ERR_WIRE` when another version of idsd made them
 */
export function whyFromPins(options: PinnedTraceOptions, text: string): PinnedAnswer {
  const target = parseTarget(text, 'target')
  const { clocks, traces } = tracePins(options, target)
  const bootToWallMs = (clocks.wallUs - clocks.bootUs) / 1000
  return {
    target: target.text,
    interfaces: traces.map(({ interface: name, isAttached, trace, lists }) => ({
      interface: name,
      isAttached,
      fate: isAttached ? trace.fate : 'passes',
      fateWithoutAllow: isAttached ? trace.fateWithoutAllow : 'passes',
      entries: trace.entries.map((entry) => kernelMatch(entry, bootToWallMs)),
      allows: trace.allows.map((allow) => allow.target),
      lists: lists.map(({ expiresBootUs, ...list }) => ({
        ...list,
        expiresAtMs: expiresBootUs === 0 ? 0 : Math.round(expiresBootUs / 1000 + bootToWallMs),
      })),
    })),
  }
}
