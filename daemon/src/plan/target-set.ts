/** Many addresses and prefixes, asked for the one that covers an address. Pure. */

import { parseTarget, type Target } from '../policy/address.js'

export interface TargetSet {
  /** The longest that covers the address. @param address canonical text */
  find(address: string): Target | undefined
}

/** Answers are remembered for so many addresses: flows name the same ones again and again. */
const MAX_REMEMBERED = 65_536

export function createTargetSet(targets: readonly Target[]): TargetSet {
  const exact = new Map<string, Target>()
  const byLength = new Map<string, Map<string, Target>>()
  for (const target of targets) {
    if (!target.isPrefix) {
      exact.set(target.text, target)
      continue
    }
    const length = lengthKey(target.family, target.prefix)
    const group = byLength.get(length) ?? new Map<string, Target>()
    byLength.set(length, group.set(networkKey(target.bytes, target.prefix), target))
  }
  const lengths = [...new Set(targets.filter(({ isPrefix }) => isPrefix).map(({ prefix }) => prefix))]
  lengths.sort((a, b) => b - a)
  const remembered = new Map<string, Target | undefined>()

  const search = (address: string): Target | undefined => {
    const { family, bytes } = parseTarget(address, 'address')
    for (const length of lengths) {
      const found = byLength.get(lengthKey(family, length))?.get(networkKey(bytes, length))
      if (found !== undefined) return found
    }
    return undefined
  }

  return {
    find(address) {
      const found = exact.get(address)
      if (found !== undefined || lengths.length === 0) return found
      if (remembered.has(address)) return remembered.get(address)
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      const searched = search(address)
      remembered.set(address, searched)
      return searched
    },
  }
}

function lengthKey(family: number, length: number): string {
  return `${family}/${length}`
}

/** The first `length` bits, the rest cleared. */
function networkKey(bytes: Uint8Array, length: number): string {
  return bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - i * 8)))).join('.')
}
