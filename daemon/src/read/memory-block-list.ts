/** A blocklist without a kernel: what a capture is judged with. No packet of a capture meets it. */

import type { BlockList, KernelEntry, KernelHits } from '../kernel/block-list.js'

/** Holds what it is given; there is always room, and nothing is ever hit. */
export function createMemoryBlockList(): BlockList {
  const addresses = new Map<string, KernelEntry & KernelHits>()
  const prefixes = new Map<string, KernelEntry & KernelHits>()
  const allowed = new Set<string>()
  const entriesOf = (isPrefix: boolean) => (isPrefix ? prefixes : addresses)
  const list: BlockList = {
    set({ isPrefix, text }, entry) {
      entriesOf(isPrefix).set(text, { ...entry, packets: 0, bytes: 0, lastSeenBootUs: 0 })
    },
    setMany(items) {
      for (const [target, entry] of items) list.set(target, entry)
    },
    remove: ({ isPrefix, text }) => entriesOf(isPrefix).delete(text),
    get: ({ isPrefix, text }) => entriesOf(isPrefix).get(text),
    allow({ text }) {
      allowed.add(text)
    },
    disallow: ({ text }) => allowed.delete(text),
    isAllowLoaded: ({ text }) => allowed.has(text),
    refresh: () => 0,
    removeStrays: () => [],
    get exactCount() {
      return addresses.size
    },
    get prefixCount() {
      return prefixes.size
    },
    get allowCount() {
      return allowed.size
    },
    overflowCount: 0,
    limiterCount: 0,
  }
  return list
}
