/** Where an address lives in the exact set: the same arithmetic as `bpf/block.h`, modulo 2^32. */

/** 16 bytes in network order; IPv4 as ::ffff:0:0/96. @param bytes 4 or 16 */
export function addressBytes(bytes: Uint8Array): Uint8Array {
  const address = new Uint8Array(16)
  address.set(bytes, 16 - bytes.length)
  if (bytes.length === 4) address.fill(0xff, 10, 12)
  return address
}

function mix(hash: number): number {
  const product = Math.imul(hash, 0x85ebca6b)
  return product ^ (product >>> 15)
}

/** @param address 16 bytes @returns unsigned 32 bits; 0 for 0.0.0.0 only, which the set does not hold */
export function exactTag(address: DataView, family: 4 | 6, seed: number): number {
  const last = address.getUint32(12, true)
  if (family === 4) return last
  const first = mix(seed ^ address.getUint32(0, true))
  const second = mix(first ^ address.getUint32(4, true))
  const tag = (last ^ mix(second ^ address.getUint32(8, true))) >>> 0
  return tag === 0 ? 1 : tag
}

export function hashBucket(tag: number, seed: number, mask: number): number {
  let hash = Math.imul(tag ^ seed, 0x9e3779b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 13
  return (hash & mask) >>> 0
}
