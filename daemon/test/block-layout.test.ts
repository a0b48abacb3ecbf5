/** Where the block list lays its entries: buckets that are full, and the bitmap in front of set and trie. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { openBlockList } from '../src/kernel/block-list.js'
import { bucketsFor } from '../src/kernel/data-path.js'
import { addressBytes, exactTag, hashBucket } from '../src/kernel/exact-hash.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { BlockAction } from '../src/kernel/wire.js'
import { count, drop, from, hashSeed, target, toAddress, useBlockStage } from './block-stage.js'
import { loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'

function bucketOf(address: string, seed: number, blocks: number): number {
  const { bytes, family } = target(address)
  const view = new DataView(addressBytes(bytes).buffer)
  return hashBucket(exactTag(view, family, seed), seed, bucketsFor(blocks) - 1)
}

/** Addresses that all want to live in one bucket. */
function colliding(wanted: number, name: (i: number) => string): string[] {
  const found: string[] = []
  const bucket = bucketOf(name(0), hashSeed, smallSizes.blocks)
  for (let i = 0; found.length < wanted; i++) {
    if (bucketOf(name(i), hashSeed, smallSizes.blocks) === bucket) found.push(name(i))
  }
  return found
}

describe('the layout of the block list', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()
  const { bitsSet, block, blocked, mustDrop, mustPass, unblock } = stage

  describe('a full bucket', () => {
    for (const [family, name] of [
      ['IPv4', (i: number) => `10.1.${i >> 8}.${i & 255}`],
      ['IPv6', (i: number) => target(`2001:db8::${i.toString(16)}`).text],
    ] as const) {
      test(`20 ${family} addresses that want the 15 ways of one bucket are all dropped and can all be removed`, () => {
        const addresses = colliding(20, name)
        for (const address of addresses) block(address)
        assert.equal(stage.list.exactCount, 15)
        assert.equal(stage.list.overflowCount, 5)
        mustDrop(...addresses)
        for (const address of addresses) assert.equal(stage.list.get(target(address))?.packets, 2)
        for (const [i, address] of addresses.entries()) {
          assert.equal(unblock(address), true)
          mustPass(address)
          mustDrop(...addresses.slice(i + 1))
        }
        assert.equal(stage.list.overflowCount, 0)
      })
    }

    for (const [family, prefix, name] of [
      ['IPv4', '10.1.0.0/16', (i: number) => `10.1.${i >> 8}.${i & 255}`],
      ['IPv6', '2001:db8::/64', (i: number) => target(`2001:db8::${i.toString(16)}`).text],
    ] as const) {
      test(`${family} addresses that only count and found no way hide no prefix that drops`, () => {
        const addresses = colliding(17, name)
        for (const address of addresses) block(address, count)
        assert.equal(stage.list.overflowCount, 2)
        mustPass(...addresses)
        block(prefix)
        mustDrop(...addresses)
        for (const address of addresses) assert.equal(stage.list.get(target(address))?.packets, 4)
      })
    }

    test('two IPv6 addresses with one tag are both dropped, in either order of removal', () => {
      const first = target('2001:db8:1::77')
      const view = (bytes: Uint8Array) => new DataView(addressBytes(bytes).buffer)
      const tag = exactTag(view(first.bytes), 6, hashSeed)
      // The last word of an address in another prefix, so that its tag is the same.
      const other = target('2001:db8:2::').bytes.slice()
      const bare = exactTag(view(other), 6, hashSeed)
      new DataView(other.buffer).setUint32(12, tag ^ bare, true)
      const second = toAddress(
        other.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
        6,
      )
      assert.equal(exactTag(view(target(second).bytes), 6, hashSeed), tag)
      for (const [one, two] of [
        [first.text, second],
        [second, first.text],
      ] as const) {
        block(one)
        mustPass(two)
        block(two)
        mustDrop(one, two)
        unblock(one)
        mustPass(one)
        mustDrop(two)
        block(one)
        mustDrop(one, two)
        unblock(two)
        mustDrop(one)
        unblock(one)
      }
    })

    test('an IPv4 address that reads like the tag of a blocked IPv6 address passes', () => {
      const six = '2001:db8:1::77'
      const tag = exactTag(new DataView(addressBytes(target(six).bytes).buffer), 6, hashSeed)
      const four = [0, 8, 16, 24].map((shift) => (tag >>> shift) & 255).join('.')
      block(six)
      // Its /24 is looked at, so that the set is asked.
      block(`${four.replace(/\.\d+$/, '')}.0/24`, count)
      mustPass(four)
      mustDrop(six)
      block(four)
      mustDrop(six, four)
      unblock(six)
      mustPass(six)
      mustDrop(four)
    })

    test('0.0.0.0 and 1.0.0.0 are told apart', () => {
      block('0.0.0.0')
      mustDrop('0.0.0.0')
      mustPass('1.0.0.0')
      block('1.0.0.0')
      unblock('0.0.0.0')
      mustPass('0.0.0.0')
      mustDrop('1.0.0.0')
    })

    test('many at once are dropped like one by one, and a second time changes them in place', () => {
      const texts = [
        '10.3.0.1',
        '10.4.0.0/16',
        '10.5.5.0/25',
        '2001:db8:7::/48',
        '2001:db8:8::1',
        '10.4.4.0/24',
      ]
      const items = texts.map((text) => [target(text), drop] as const)
      const probes = ['10.3.0.1', '10.4.9.9', '10.5.5.1', '2001:db8:7::9', '2001:db8:8::1', '10.4.4.4']
      mustPass(...probes)
      stage.list.setMany(items)
      for (const text of texts) blocked.set(target(text).text, target(text))
      mustDrop(...probes)
      mustPass('10.3.0.2', '10.5.5.128', '2001:db8:9::1')
      assert.deepEqual([stage.list.exactCount, stage.list.prefixCount], [2, 4])
      stage.list.setMany(items.map(([one, entry]) => [one, { ...entry, action: BlockAction.count }] as const))
      mustPass(...probes)
      assert.equal(stage.list.get(target('10.4.0.0/16'))?.packets, 4)
      assert.deepEqual([stage.list.exactCount, stage.list.prefixCount], [2, 4])
    })

    test('a list without room says so, and stays as it was', () => {
      const small = { ...smallSizes, blocks: 16, prefixes: 4 }
      const full = openPrograms({ replay: false, hashSeed, sizes: small })
      try {
        const tight = openBlockList({ ...full, blocks: small.blocks, hashSeed })
        for (let i = 0; i < 20; i++) tight.set(target(`10.1.0.${i}`), drop)
        assert.deepEqual([tight.exactCount, tight.overflowCount], [16, 4])
        assert.throws(() => tight.set(target('10.1.0.99'), drop), { code: 'ERR_KERNEL', errnoName: 'ENOSPC' })
        assert.throws(() => tight.set(target('10.2.0.0/16'), drop), {
          code: 'ERR_KERNEL',
          errnoName: 'ENOSPC',
        })
        assert.deepEqual([tight.exactCount, tight.overflowCount, tight.prefixCount], [16, 4, 4])
        for (let i = 0; i < 20; i++) assert.equal(full.ingress(from(`10.1.0.${i}`), 0), xdpDrop)
        assert.equal(full.ingress(from('10.1.0.99'), 0), xdpPass)
        assert.equal(tight.get(target('10.1.0.99')), undefined)
        assert.equal(tight.remove(target('10.1.0.99')), false)
        assert.equal(tight.remove(target('10.1.0.19')), true)
        tight.set(target('10.1.0.99'), drop)
        assert.equal(full.ingress(from('10.1.0.99'), 0), xdpDrop)
      } finally {
        full.close()
      }
    })
  })

  describe('the bitmap in front of set and trie', () => {
    test('a removed prefix clears only the /24s that nothing else needs, addresses included', () => {
      for (const text of ['10.0.0.0/20', '10.0.4.0/22', '10.0.7.128/25', '10.0.15.0/24', '10.0.16.0/32'])
        block(text)
      block('10.0.7.64/26')
      assert.equal(bitsSet(), 17)
      unblock('10.0.0.0/20')
      assert.equal(bitsSet(), 6)
      mustPass('10.0.0.1', '10.0.8.1')
      mustDrop('10.0.4.1', '10.0.7.255', '10.0.15.1', '10.0.16.0')
      unblock('10.0.4.0/22')
      assert.equal(bitsSet(), 3)
      mustPass('10.0.4.1', '10.0.7.1')
      mustDrop('10.0.7.64', '10.0.7.128')
      unblock('10.0.7.64/26')
      assert.equal(bitsSet(), 3)
      unblock('10.0.7.128/25')
      assert.equal(bitsSet(), 2)
    })

    test('bits that somebody else cleared are set again by refresh', () => {
      block('10.0.0.0/20')
      block('192.0.2.1')
      new Uint8Array(stage.programs.binding.mapMemory(stage.programs.path.fd('block_bits'))).fill(0)
      mustPass('10.0.1.1', '192.0.2.1')
      stage.list.refresh()
      mustDrop('10.0.1.1', '192.0.2.1')
      assert.equal(bitsSet(), 17)
    })

    test('everything blocked sets every bit, and its removal leaves one prefix', () => {
      block('255.255.255.128/25')
      block('0.0.0.0/0')
      assert.equal(bitsSet(), 2 ** 24)
      unblock('0.0.0.0/0')
      assert.equal(bitsSet(), 1)
      mustDrop('255.255.255.255')
      mustPass('255.255.255.127', '255.255.254.255')
    })

    test('a prefix that was never there is not removed', () => {
      block('10.0.0.0/8')
      assert.equal(stage.list.remove(target('10.9.0.0/16')), false)
      assert.equal(stage.list.remove(target('10.9.8.7')), false)
      mustDrop('10.9.8.7')
    })
  })
})
