/** Which entries of a list a guard objects to, which are too wide to be meant, and which an allow entry overlaps. Pure. */

import type { Target } from '../policy/address.js'
import type { Protection } from '../policy/guards.js'
import { countEntries, coveringEntries, entriesInside, type ListEntries } from './entries.js'

/** Prefixes shorter than these are no list's business: a /8 is the most that was ever given to one. */
export const SHORTEST4 = 8
export const SHORTEST6 = 16

export interface Objection {
  /** Of the entry. */
  readonly index: number
  readonly protection: Protection | undefined
}

/** Entries to refuse, each once, by index; without `protection` the prefix is too short. */
export function objections(entries: ListEntries, protections: readonly Protection[]): Objection[] {
  const found = new Map<number, Objection>()
  const add = (index: number, protection?: Protection) => {
    if (!found.has(index)) found.set(index, { index, protection })
  }
  for (const protection of protections) {
    for (const index of coveringEntries(entries, protection.target)) add(index, protection)
    if (!protection.isRange) continue
    const [from, to] = entriesInside(entries, protection.target)
    for (let index = from; index < to; index++) add(index, protection)
  }
  const { lengths4, lengths6 } = entries
  for (let i = 0; i < lengths4.length; i++) if ((lengths4[i] as number) < SHORTEST4) add(i)
  for (let i = 0; i < lengths6.length; i++) if ((lengths6[i] as number) < SHORTEST6) add(lengths4.length + i)
  return [...found.values()].sort((a, b) => a.index - b.index)
}

/** How many entries have an address that an allow entry covers. */
export function countAllowed(entries: ListEntries, allows: readonly Target[]): number {
  const isHit = new Uint8Array(countEntries(entries))
  for (const allow of allows) {
    const [from, to] = entriesInside(entries, allow)
    isHit.fill(1, from, to)
    for (const index of coveringEntries(entries, allow)) isHit[index] = 1
  }
  return isHit.reduce((sum, hit) => sum + hit, 0)
}

/** The same entries without some. @param indexes ascending */
export function withoutEntries(entries: ListEntries, indexes: readonly number[]): ListEntries {
  if (indexes.length === 0) return entries
  const { networks4, lengths4, networks6, lengths6 } = entries
  const n4 = lengths4.length
  const out = new Set(indexes)
  const kept4 = [...lengths4.keys()].filter((i) => !out.has(i))
  const kept6 = [...lengths6.keys()].filter((i) => !out.has(n4 + i))
  const result = {
    networks4: new Uint32Array(new SharedArrayBuffer(kept4.length * 4)),
    lengths4: new Uint8Array(new SharedArrayBuffer(kept4.length)),
    networks6: new Uint8Array(new SharedArrayBuffer(kept6.length * 16)),
    lengths6: new Uint8Array(new SharedArrayBuffer(kept6.length)),
  }
  for (const [to, from] of kept4.entries()) {
    result.networks4[to] = networks4[from] as number
    result.lengths4[to] = lengths4[from] as number
  }
  for (const [to, from] of kept6.entries()) {
    result.networks6.set(networks6.subarray(from * 16, from * 16 + 16), to * 16)
    result.lengths6[to] = lengths6[from] as number
  }
  return result
}
