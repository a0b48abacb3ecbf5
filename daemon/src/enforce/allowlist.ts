/**
 * The allow entries of operator and configuration, in the store and in the kernel's map. While there is a trial, an entry
 * is in the confirmed generation, in the one on trial, or in both.
 */

import type { BlockList } from '../kernel/block-list.js'
import { covers, type Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import type { AllowEntry } from './decision.js'
import { tryAll } from './try-all.js'
import type { World, Worlds } from './worlds.js'

/** What a trial changes in the entries of operators. */
export interface AllowChange {
  readonly added: readonly AllowEntry[]
  /** Targets whose entry is gone. */
  readonly removed: readonly string[]
}

export interface Allowlist {
  /**
   * Loads what is stored and not over, then what is configured.
   * @param nowMs wall time, ms
   * @param trial what an earlier run changed in the trial that goes on
   * @throws KernelError when the map is full
   */
  restore(
    configured: readonly AllowEntry[],
    nowMs: number,
    trial?: { readonly change: AllowChange; readonly configured: readonly AllowEntry[] },
  ): void
  /**
   * Takes over the entries of a changed configuration.
   * @param onTrial those of the generation on trial. Default: the same
   * @throws KernelError when the map is full; then all is as before
   */
  setConfigured(configured: readonly AllowEntry[], onTrial?: readonly AllowEntry[]): void
  add(target: Target, entry: AllowEntry): AllowEntry
  remove(target: Target): void
  /** What counts now, as do the next two. */
  entry(target: Target): AllowEntry | undefined
  /** Entries that cover the whole target, the longest first. */
  chain(target: Target): AllowEntry[]
  entries(): AllowEntry[]
  /** Takes out what is over and returns it. @param nowMs wall time, ms */
  expire(nowMs: number): AllowEntry[]
  /**
   * Puts back operators' entries that a wall clock which was wrong took out: by the one that is given they are made and
   * not over. @param nowMs wall time, ms @returns them @throws the first fault, after all were tried
   */
  comeBack(nowMs: number): AllowEntry[]
  /** Whether the two generations differ about exactly this target. */
  isOnTrial(target: Target): boolean
  /** What the trial changed in the entries of operators. */
  change(): AllowChange
  /** After the worlds were closed: what the trial changed holds, or never was. @throws as `refresh` */
  close(isAdopted: boolean): void
  /** Puts back what somebody else took out of the map. @returns how many */
  repair(): number
  /** Writes what the map did not take before. @throws KernelError */
  refresh(): void
}

export interface AllowlistOptions {
  readonly blockList: Pick<BlockList, 'allow' | 'disallow' | 'isAllowLoaded'>
  readonly store: Pick<Store, 'addAllow' | 'removeAllow' | 'allowEntries'>
  readonly parseTarget: (text: string, field: string) => Target
  readonly worlds: Worlds
}

interface Loaded {
  readonly target: Target
  readonly entries: Readonly<Record<World, AllowEntry | undefined>>
  /** What the kernel's entry carries: another one whenever its generations change. */
  readonly number: number
}

type Entries = ReadonlyMap<string, AllowEntry>

/** Entries that are over and may come back; the oldest leaves for a new one. */
const mostEnded = 1_000

function isOver({ expiresAtMs }: AllowEntry, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs
}

export function createAllowlist({ blockList, store, parseTarget, worlds }: AllowlistOptions): Allowlist {
  const loaded = new Map<string, Loaded>()
  const operators = new Map<string, AllowEntry>()
  /** Over by the wall clock, which may be wrong: out of force, and in the store still. */
  const ended = new Map<string, AllowEntry>()
  let configured: Readonly<Record<World, Entries>> = { confirmed: new Map(), trial: new Map() }
  const added = new Map<string, AllowEntry>()
  const removed = new Set<string>()
  /** The map did not take what is wanted of them. */
  const unwritten = new Map<string, Target>()
  let lastNumber = 0

  const byText = (entries: readonly AllowEntry[]): Entries =>
    new Map(
      entries.map((entry) => {
        const { text } = parseTarget(entry.target, 'allow.entries')
        return [text, { ...entry, target: text }] as const
      }),
    )

  const entryIn = (world: World, text: string): AllowEntry | undefined => {
    const operator = removed.has(text) && world === 'trial' ? undefined : operators.get(text)
    const drafted = world === 'trial' ? added.get(text) : undefined
    return drafted ?? operator ?? configured[world].get(text)
  }

  /** Makes the map as it is to be for a target. */
  const sync = (target: Target) => {
    const { text } = target
    const entries = { confirmed: entryIn('confirmed', text), trial: entryIn('trial', text) }
    const known = loaded.get(text)
    const isIn = { confirmed: entries.confirmed !== undefined, trial: entries.trial !== undefined }
    unwritten.set(text, target)
    if (!isIn.confirmed && !isIn.trial) {
      loaded.delete(text)
      if (known !== undefined) blockList.disallow(target)
    } else {
      const isSame =
        known !== undefined &&
        (known.entries.confirmed !== undefined) === isIn.confirmed &&
        (known.entries.trial !== undefined) === isIn.trial
      const number = isSame ? known.number : ++lastNumber
      if (!isSame) write(target, number, isIn)
      loaded.set(text, { target, entries, number })
    }
    unwritten.delete(text)
  }

  const write = (target: Target, number: number, isIn: Record<World, boolean>) => {
    if (isIn.confirmed && isIn.trial) blockList.allow(target, number)
    else blockList.allow(target, number, isIn)
  }

  const syncTexts = (texts: Iterable<string>) =>
    tryAll(new Set(texts), (text) => sync(parseTarget(text, 'target')))

  /** Stops at the first fault: a start needs every entry. */
  const load = (texts: Iterable<string>) => {
    for (const text of new Set(texts)) sync(parseTarget(text, 'target'))
  }

  const keepEnded = (text: string, entry: AllowEntry) => {
    ended.set(text, entry)
    for (const [oldest] of ended) {
      if (ended.size <= mostEnded) break
      store.removeAllow(oldest)
      ended.delete(oldest)
    }
  }

  const allowlist: Allowlist = {
    restore(entries, nowMs, trial) {
      for (const entry of store.allowEntries()) {
        if (isOver(entry, nowMs)) keepEnded(parseTarget(entry.target, 'target').text, entry)
        else operators.set(parseTarget(entry.target, 'target').text, entry)
      }
      for (const entry of trial?.change.added ?? []) if (!isOver(entry, nowMs)) added.set(entry.target, entry)
      for (const text of trial?.change.removed ?? []) removed.add(text)
      load([...operators.keys(), ...added.keys()])
      allowlist.setConfigured(entries, trial?.configured)
    },
    setConfigured(entries, onTrial = entries) {
      const before = configured
      const next = { confirmed: byText(entries), trial: byText(onTrial) }
      configured = next
      try {
        load([...next.confirmed.keys(), ...next.trial.keys()])
        load([...before.confirmed.keys(), ...before.trial.keys()])
      } catch (error) {
        configured = before
        const touched = [next, before].flatMap(({ confirmed, trial }) => [
          ...confirmed.keys(),
          ...trial.keys(),
        ])
        try {
          syncTexts(touched)
        } catch {
          // `refresh` tries again; the first fault is the one to tell.
        }
        throw error
      }
    },
    add(target, entry) {
      const { text } = target
      if (worlds.isDrafting) {
        const drafted = { ...entry, target: text }
        added.set(text, drafted)
        try {
          sync(target)
        } catch (error) {
          added.delete(text)
          unwritten.delete(text)
          throw error
        }
        return drafted
      }
      const stored = store.addAllow({ ...entry, target: text })
      ended.delete(text)
      operators.set(text, stored)
      try {
        sync(target)
      } catch (error) {
        // What was refused must not be tried again at the next start, which needs every entry.
        operators.delete(text)
        unwritten.delete(text)
        store.removeAllow(text)
        throw error
      }
      return stored
    },
    remove(target) {
      const { text } = target
      if (worlds.isDrafting) {
        removed.add(text)
      } else {
        store.removeAllow(text)
        operators.delete(text)
      }
      sync(target)
    },
    entry: (target) => loaded.get(target.text)?.entries[worlds.now],
    chain: (target) =>
      [...loaded.values()]
        .filter((candidate) => covers(candidate.target, target))
        .sort((a, b) => b.target.prefix - a.target.prefix)
        .flatMap(({ entries }) => entries[worlds.now] ?? []),
    entries: () => [...loaded.values()].flatMap(({ entries }) => entries[worlds.now] ?? []),
    expire(nowMs) {
      const over = [...operators, ...added].filter(([, entry]) => isOver(entry, nowMs))
      for (const [text, entry] of over) {
        if (added.get(text) === entry) added.delete(text)
        else {
          keepEnded(text, entry)
          operators.delete(text)
        }
        sync(parseTarget(text, 'target'))
      }
      return over.map(([, entry]) => entry)
    },
    comeBack(nowMs) {
      const back = [...ended].filter(([, entry]) => entry.createdAtMs <= nowMs && !isOver(entry, nowMs))
      for (const [text, entry] of back) {
        ended.delete(text)
        operators.set(text, entry)
      }
      syncTexts(back.map(([text]) => text))
      return back.map(([, entry]) => entry)
    },
    isOnTrial: ({ text }) => added.has(text) || removed.has(text),
    change: () => ({ added: [...added.values()], removed: [...removed] }),
    close(isAdopted) {
      const touched = [
        ...added.keys(),
        ...removed,
        ...configured.confirmed.keys(),
        ...configured.trial.keys(),
      ]
      if (isAdopted) {
        for (const text of removed) operators.delete(text)
        for (const [text, entry] of added) operators.set(text, entry)
        for (const text of [...removed, ...added.keys()]) ended.delete(text)
      }
      const one = isAdopted ? configured.trial : configured.confirmed
      configured = { confirmed: one, trial: one }
      added.clear()
      removed.clear()
      syncTexts(touched)
    },
    repair() {
      let repaired = 0
      for (const { target, number, entries } of loaded.values()) {
        if (blockList.isAllowLoaded(target)) continue
        write(target, number, {
          confirmed: entries.confirmed !== undefined,
          trial: entries.trial !== undefined,
        })
        repaired++
      }
      return repaired
    },
    refresh: () => tryAll([...unwritten.values()], sync),
  }
  return allowlist
}
