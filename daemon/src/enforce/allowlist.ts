/** The allow entries of operator and configuration, in the store and in the kernel's map. */

import type { BlockList } from '../kernel/block-list.js'
import { covers, type Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import type { AllowEntry } from './decision.js'

export interface Allowlist {
  /**
   * Loads what is stored and not over, then what is configured.
   * @param nowMs wall time, ms
   * @throws KernelError when the map is full
   */
  restore(configured: readonly AllowEntry[], nowMs: number): void
  /** Takes over the entries of a changed configuration. */
  setConfigured(configured: readonly AllowEntry[]): void
  add(target: Target, entry: AllowEntry): AllowEntry
  remove(target: Target): void
  entry(target: Target): AllowEntry | undefined
  /** Entries that cover the whole target, the longest first. */
  chain(target: Target): AllowEntry[]
  /** Takes out what is over and returns it. @param nowMs wall time, ms */
  expire(nowMs: number): AllowEntry[]
  entries(): AllowEntry[]
  /** Puts back what somebody else took out of the map. @returns how many */
  repair(): number
}

export interface AllowlistOptions {
  readonly blockList: Pick<BlockList, 'allow' | 'disallow' | 'isAllowLoaded'>
  readonly store: Pick<Store, 'addAllow' | 'removeAllow' | 'allowEntries'>
  readonly parseTarget: (text: string, field: string) => Target
}

interface Loaded {
  readonly target: Target
  readonly entry: AllowEntry
  /** What the kernel's entry carries. */
  readonly number: number
}

function isOver({ expiresAtMs }: AllowEntry, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs
}

export function createAllowlist({ blockList, store, parseTarget }: AllowlistOptions): Allowlist {
  const loaded = new Map<string, Loaded>()
  let configured: readonly AllowEntry[] = []
  let lastNumber = 0

  const load = (entry: AllowEntry) => {
    const target = parseTarget(entry.target, 'target')
    const known = loaded.get(target.text)
    const number = known?.number ?? ++lastNumber
    if (known === undefined) blockList.allow(target, number)
    loaded.set(target.text, { target, entry: { ...entry, target: target.text }, number })
  }

  /** After an entry left: another source may name the same target. */
  const reload = (target: Target) => {
    const rest = [...store.allowEntries(), ...configured].find(
      (entry) => parseTarget(entry.target, 'target').text === target.text,
    )
    if (rest !== undefined) {
      load(rest)
      return
    }
    loaded.delete(target.text)
    blockList.disallow(target)
  }

  const allowlist: Allowlist = {
    restore(entries, nowMs) {
      for (const entry of store.allowEntries()) {
        if (isOver(entry, nowMs)) store.removeAllow(entry.target)
        else load(entry)
      }
      allowlist.setConfigured(entries)
    },
    setConfigured(entries) {
      const before = configured
      configured = entries
      for (const entry of entries) {
        const { text } = parseTarget(entry.target, 'allow.entries')
        if (loaded.get(text)?.entry.source !== 'operator') load(entry)
      }
      for (const entry of before) {
        const target = parseTarget(entry.target, 'allow.entries')
        if (loaded.get(target.text)?.entry.source === 'config') reload(target)
      }
    },
    add(target, entry) {
      const stored = store.addAllow({ ...entry, target: target.text })
      try {
        load(stored)
      } catch (error) {
        // What was refused must not be tried again at the next start, which needs every entry.
        store.removeAllow(target.text)
        throw error
      }
      return stored
    },
    remove(target) {
      store.removeAllow(target.text)
      reload(target)
    },
    entry: (target) => loaded.get(target.text)?.entry,
    chain: (target) =>
      [...loaded.values()]
        .filter((candidate) => covers(candidate.target, target))
        .sort((a, b) => b.target.prefix - a.target.prefix)
        .map(({ entry }) => entry),
    expire(nowMs) {
      const over = [...loaded.values()].filter(({ entry }) => isOver(entry, nowMs))
      for (const { target } of over) allowlist.remove(target)
      return over.map(({ entry }) => entry)
    },
    entries: () => [...loaded.values()].map(({ entry }) => entry),
    repair() {
      let repaired = 0
      for (const { target, number } of loaded.values()) {
        if (blockList.isAllowLoaded(target)) continue
        blockList.allow(target, number)
        repaired++
      }
      return repaired
    },
  }
  return allowlist
}
