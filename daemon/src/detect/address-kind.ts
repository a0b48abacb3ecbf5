/** What kind of address a canonical text is; cheap enough for every new flow. */

import { BlockList, isIP } from 'node:net'
import { ArgumentError } from '../errors.js'

/** Multicast and the limited broadcast. Source: RFC 5771 (224.0.0.0/4), RFC 4291 section 2.7 (ff00::/8), RFC 919. */
export function isMulticast(address: string): boolean {
  const first = address.charCodeAt(0)
  if (first === 0x66) return address.charCodeAt(1) === 0x66 && address.charCodeAt(4) === 0x3a
  if (first !== 0x32 || address.charCodeAt(3) !== 0x2e) return false
  const octet = Number(address.slice(0, 3))
  return (octet >= 224 && octet <= 239) || address === '255.255.255.255'
}

/** Private addresses. Source: RFC 1918; RFC 4193 (fc00::/7). */
function isPrivate(address: string): boolean {
  const first = address.charCodeAt(0)
  if (first === 0x66) {
    const second = address.charCodeAt(1)
    return (second === 0x63 || second === 0x64) && address.charCodeAt(4) === 0x3a
  }
  if (first !== 0x31) return false
  if (address.startsWith('10.') || address.startsWith('192.168.')) return true
  if (!address.startsWith('172.')) return false
  const octet = Number(address.slice(4, address.indexOf('.', 4)))
  return octet >= 16 && octet <= 31
}

/** Answers kept, because a look into a list costs more than one into a map. */
const MAX_KNOWN = 16_384

/**
 * Whether an address belongs to an internal host.
 * @param targets addresses and prefixes; empty: the private ones
 * @throws ArgumentError naming a target that is neither
 */
export function createInternal(targets: readonly string[]): (address: string) => boolean {
  if (targets.length === 0) return isPrivate
  const list = new BlockList()
  for (const target of targets) add(list, target)
  const known = new Map<string, boolean>()
  return (address) => {
    let isInternal = known.get(address)
    if (isInternal === undefined) {
      isInternal = list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
      if (known.size >= MAX_KNOWN) known.clear()
      known.set(address, isInternal)
    }
    return isInternal
  }
}

function add(list: BlockList, target: string): void {
  const [address, length, rest] = target.split('/') as [string, string?, string?]
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  const prefix = length === undefined ? bits : Number(length)
  if (family === 0 || rest !== undefined || !(Number.isInteger(prefix) && prefix >= 0 && prefix <= bits)) {
    throw new ArgumentError('detect.exfiltration.internal', 'addresses and prefixes', target)
  }
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
}
