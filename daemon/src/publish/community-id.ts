/** Community ID, the name of a flow that Suricata, Zeek and others give it too. */

import { createHash } from 'node:crypto'
import { parseTarget } from '../policy/address.js'

/** What names a flow, in either direction. */
export interface FiveTuple {
  /** Canonical text. */
  readonly src: string
  readonly dst: string
  readonly srcPort: number
  readonly dstPort: number
  /** IP protocol number. */
  readonly protocol: number
}

/**
 * Version 1, seed 0: `1:` and 28 characters of base64; '' for protocols other than TCP, UDP and SCTP. For ICMP the
 * specification hashes type and code, which are not part of a flow here.
 */
export type CommunityId = (flow: FiveTuple) => string

const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132])

/**
 * Source: Community ID Flow Hashing, github.com/corelight/community-id-spec.
 * @param capacity addresses whose bytes are remembered; all are forgotten when it is reached
 */
export function createCommunityId(capacity = 16_384): CommunityId {
  const known = new Map<string, Uint8Array>()

  function bytesOf(address: string): Uint8Array {
    let bytes = known.get(address)
    if (bytes === undefined) {
      if (known.size >= capacity) known.clear()
      bytes = parseTarget(address, 'address').bytes
      known.set(address, bytes)
    }
    return bytes
  }

  return ({ src, dst, srcPort, dstPort, protocol }) => {
    if (!WITH_PORTS.has(protocol)) return ''
    const [a, b] = [bytesOf(src), bytesOf(dst)]
    const order = Buffer.compare(a, b) || srcPort - dstPort
    const input = Buffer.alloc(8 + a.length + b.length)
    // Two bytes of seed, both 0, then the smaller end, the greater end, protocol, padding, ports.
    input.set(order <= 0 ? a : b, 2)
    input.set(order <= 0 ? b : a, 2 + a.length)
    const at = 2 + a.length + b.length
    input[at] = protocol
    input.writeUInt16BE(order <= 0 ? srcPort : dstPort, at + 2)
    input.writeUInt16BE(order <= 0 ? dstPort : srcPort, at + 4)
    return `1:${createHash('sha1').update(input).digest('base64')}`
  }
}
