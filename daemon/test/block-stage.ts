/** The block stage of loaded programs with the daemon's own block list, emptied after each test. */

import assert from 'node:assert/strict'
import { after, afterEach, before } from 'node:test'
import { tcpPacket } from '../../lab/packet.js'
import { type BlockList, type KernelEntry, openBlockList } from '../src/kernel/block-list.js'
import { xdpDrop } from '../src/kernel/replay.js'
import { BlockAction, BlockOrigin, BlockReason } from '../src/kernel/wire.js'
import { parseTarget, type Target } from '../src/policy/address.js'
import { type LoadedPrograms, openPrograms, smallSizes, tcDrop } from './loaded-programs.js'

export const hashSeed = 1
export const target = (text: string) => parseTarget(text, 'address')
export const drop: KernelEntry = {
  decision: 1,
  action: BlockAction.drop,
  origin: BlockOrigin.operator,
  reason: BlockReason.manual,
  expiresBootUs: 0,
}
export const count: KernelEntry = { ...drop, action: BlockAction.count }
export const expired: KernelEntry = { ...drop, expiresBootUs: 1 }

export const us4 = '203.0.113.1'
export const us6 = '2001:db8:ffff::1'
export const ours = (address: string) => (address.includes(':') ? us6 : us4)
export const ports = { srcPort: 40_001, dstPort: 443 }
export const from = (address: string) => tcpPacket({ src: address, dst: ours(address), ...ports })
export const to = (address: string) => tcpPacket({ src: ours(address), dst: address, ...ports })
export const words = (bytes: number) => new Uint8Array(bytes)

/** The address as a number. */
export function toNumber(address: string): bigint {
  return target(address).bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

/** The address of a number. */
export function toAddress(value: bigint, family: 4 | 6): string {
  const bytes = Array.from({ length: family === 4 ? 4 : 16 }, (_, i, size = family === 4 ? 4 : 16) =>
    Number((value >> BigInt((size - 1 - i) * 8)) & 0xffn),
  )
  if (family === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16))
  return target(groups.join(':')).text
}

/** To be called in a `describe`: loads before its tests, and takes out after each what it has put in. */
export function useBlockStage() {
  let programs: LoadedPrograms
  let list: BlockList
  /** What this test has put in, to take it out again. */
  const blocked = new Map<string, Target>()
  const allowed = new Map<string, Target>()

  before(() => {
    programs = openPrograms({ replay: false, hashSeed })
    list = openBlockList({ ...programs, blocks: smallSizes.blocks, hashSeed })
  })
  after(() => programs.close())
  afterEach(() => {
    for (const one of blocked.values()) list.remove(one)
    for (const one of allowed.values()) list.disallow(one)
    blocked.clear()
    allowed.clear()
    const { exactCount, prefixCount, allowCount, overflowCount } = list
    assert.deepEqual([exactCount, prefixCount, allowCount, overflowCount], [0, 0, 0, 0])
    assert.equal(bitsSet(), 0)
    programs.sweep(0, { flush: true })
    programs.records()
  })

  const block = (text: string, entry: KernelEntry = drop) => {
    list.set(target(text), entry)
    blocked.set(target(text).text, target(text))
  }
  const unblock = (text: string) => {
    blocked.delete(target(text).text)
    return list.remove(target(text))
  }
  const allow = (text: string) => {
    list.allow(target(text), 1)
    allowed.set(target(text).text, target(text))
  }
  const disallow = (text: string) => {
    allowed.delete(target(text).text)
    return list.disallow(target(text))
  }
  /** /24s that the bitmap sends to set and trie. */
  const bitsSet = () => {
    let bits = 0
    for (const word of new Uint32Array(programs.binding.mapMemory(programs.path.fd('block_bits')))) {
      for (let rest = word; rest !== 0; rest &= rest - 1) bits++
    }
    return bits
  }
  const isDropped = (address: string) => {
    const ingress = programs.ingress(from(address), 0)
    const egress = programs.egress(to(address), 0)
    assert.equal(ingress === xdpDrop, egress === tcDrop, `${address}: in and out disagree`)
    return ingress === xdpDrop
  }
  const mustDrop = (...addresses: string[]) => {
    for (const address of addresses) assert.ok(isDropped(address), `${address} passed`)
  }
  const mustPass = (...addresses: string[]) => {
    for (const address of addresses) assert.ok(!isDropped(address), `${address} was dropped`)
  }

  return {
    get programs() {
      return programs
    },
    /** What the test has put in. */
    blocked,
    get list() {
      return list
    },
    block,
    unblock,
    allow,
    disallow,
    bitsSet,
    isDropped,
    mustDrop,
    mustPass,
  }
}
