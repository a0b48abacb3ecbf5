/** What is read from the maps about an address, against what the loaded programs do with its packets. */

import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { type AddressTrace, type Fate, openAddressTrace } from '../src/kernel/address-trace.js'
import type { KernelEntry } from '../src/kernel/block-list.js'
import { openSettings, type Settings } from '../src/kernel/settings.js'
import { BlockAction } from '../src/kernel/wire.js'
import { covers, type Target } from '../src/policy/address.js'
import { count, drop, expired, target, toAddress, toNumber, useBlockStage } from './block-stage.js'
import { loadUnavailable } from './loaded-programs.js'
import { createRandom } from './random.js'

describe('the trace of an address', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()
  const { block, isDropped } = stage
  let traceOf: (target: Target) => AddressTrace
  let lease: Settings
  before(() => {
    const { binding, path } = stage.programs
    traceOf = openAddressTrace(binding, path)
    lease = openSettings(binding.mapMemory(path.fd('settings')))
  })
  const trace = (text: string) => traceOf(target(text))
  let allowNumber = 0
  /** Each with a number of its own, as the allowlist gives them. */
  const allow = (text: string) => {
    stage.allow(text)
    stage.list.allow(target(text), ++allowNumber)
  }

  test('names every entry that covers it in the order of the kernel, and the one that decides', () => {
    block('10.1.2.3', count)
    block('10.1.2.0/24', expired)
    block('10.1.0.0/16', { ...drop, decision: 7 })
    block('0.0.0.0/0', drop)
    const { entries, fate } = trace('10.1.2.3')
    assert.deepEqual(
      entries.map((entry) => [entry.target, entry.state, entry.isInSet, entry.isDeciding]),
      [
        ['10.1.2.3', 'in_force', true, false],
        ['10.1.2.0/24', 'expired', false, false],
        ['10.1.0.0/16', 'in_force', false, true],
        ['0.0.0.0/0', 'in_force', false, false],
      ],
    )
    assert.equal(entries[2]?.decision, 7)
    assert.equal(fate, 'dropped')
    assert.ok(isDropped('10.1.2.3'))
  })

  test('names the allow entries with their lengths, and what would be without them', () => {
    block('2001:db8::/32')
    for (const text of ['2001:db8::/48', '2001:db8::5', '2000::/3']) allow(text)
    const { allows, fate, fateWithoutAllow } = trace('2001:db8::5')
    assert.deepEqual(
      allows.map((entry) => entry.target),
      ['2001:db8::5', '2001:db8::/48', '2000::/3'],
    )
    assert.deepEqual([fate, fateWithoutAllow], ['allowed', 'dropped'])
    assert.ok(!isDropped('2001:db8::5'))
  })

  test('an entry that the stage before it does not know of is held, not reached and does nothing', () => {
    block('192.0.2.1')
    new Uint32Array(stage.programs.binding.mapMemory(stage.programs.path.fd('block_bits'))).fill(0)
    const hidden = trace('192.0.2.1')
    assert.deepEqual([hidden.entries[0]?.isReachable, hidden.fate], [false, 'passes'])
    assert.ok(!isDropped('192.0.2.1'))
    assert.equal(stage.list.refresh(), 1, 'and it is one divergence')
    assert.equal(stage.list.refresh(), 0)
    assert.equal(trace('192.0.2.1').fate, 'dropped')
    assert.ok(isDropped('192.0.2.1'))
  })

  test('a panic spares what would be dropped, and leaves the rest', () => {
    block('192.0.2.1')
    lease.panicUntilBootUs = Number.POSITIVE_INFINITY
    try {
      assert.deepEqual([trace('192.0.2.1').fate, trace('192.0.2.2').fate], ['spared', 'passes'])
      assert.ok(!isDropped('192.0.2.1'))
    } finally {
      lease.panicUntilBootUs = 0
    }
    assert.equal(trace('192.0.2.1').fate, 'dropped')
  })

  const limit = { unit: 'packets', perSecond: 7 } as const
  const doings: readonly (readonly [string, Partial<KernelEntry>, Fate])[] = [
    ['a limit', { action: BlockAction.limit, limit, sparesFlows: true }, 'limited'],
    ['a SYN drop', { action: BlockAction.synDrop }, 'syn_dropped'],
    ['a reject', { action: BlockAction.reject }, 'rejected'],
    ['a count', { action: BlockAction.count }, 'counted'],
    [
      'nothing, as it is only on trial,',
      { action: BlockAction.none, trialAction: BlockAction.drop },
      'passes',
    ],
  ]
  for (const [name, entry, fate] of doings) {
    test(`${name} is told, with its rate, and a prefix that drops is not hidden by it`, () => {
      block('192.0.2.1', { ...drop, ...entry })
      const found = trace('192.0.2.1')
      assert.equal(found.fate, fate)
      assert.deepEqual(found.entries[0]?.limit, entry.limit)
      assert.equal(found.entries[0]?.sparesFlows === true, entry.sparesFlows === true)
      block('192.0.2.0/24', drop)
      assert.equal(trace('192.0.2.1').fate, fate === 'rejected' ? 'rejected' : 'dropped')
    })
  }

  test('a leased entry without a beat is lapsed, and in force again after one', () => {
    block('192.0.2.1', { ...drop, leasedFromBootUs: 0 })
    const { bootUs } = stage.programs.binding.clocks()
    lease.leaseUs = 1_000_000
    try {
      lease.beat(bootUs - 10_000_000)
      assert.deepEqual([trace('192.0.2.1').entries[0]?.state, trace('192.0.2.1').fate], ['lapsed', 'passes'])
      assert.ok(!isDropped('192.0.2.1'))
      lease.beat(bootUs + 3_600_000_000)
      assert.equal(trace('192.0.2.1').fate, 'dropped')
      assert.ok(isDropped('192.0.2.1'))
    } finally {
      lease.leaseUs = 0
    }
  })

  for (const seed of [1, 2]) {
    test(`says of random entries (seed ${seed}) what the programs do`, () => {
      const random = createRandom(seed)
      const randomAddress = () =>
        random.next() < 0.5
          ? `10.${random.below(2)}.${random.below(3)}.${random.below(8)}`
          : target(`2001:db8:${random.below(2)}::${random.below(2)}:${random.below(8)}`).text
      const randomTarget = (least: number) => {
        const address = randomAddress()
        if (random.next() < 0.5) return address
        const bits = address.includes(':') ? 128 : 32
        const length = bits - random.below(bits - least)
        const size = 1n << BigInt(bits - length)
        return `${toAddress((toNumber(address) / size) * size, bits === 32 ? 4 : 6)}/${length}`
      }
      const fates = new Map<string, number>()
      for (let round = 0; round < 150; round++) {
        if (random.next() < 0.8) block(randomTarget(8), random.pick([drop, drop, count, expired]))
        else allow(randomTarget(28))
        if (random.next() < 0.3) stage.unblock(random.pick([...stage.blocked.keys()]))
        for (let probe = 0; probe < 12; probe++) {
          const address = randomAddress()
          const { fate, entries } = trace(address)
          fates.set(fate, (fates.get(fate) ?? 0) + 1)
          assert.equal(isDropped(address), fate === 'dropped', `round ${round}: ${address} is ${fate}`)
          const covering = [...stage.blocked.values()].filter((one) => covers(one, target(address)))
          assert.deepEqual(
            entries.map((entry) => entry.target),
            covering.sort((a, b) => b.prefix - a.prefix).map(({ text }) => text),
            `round ${round}: ${address}`,
          )
        }
      }
      assert.deepEqual([...fates.keys()].sort(), ['allowed', 'counted', 'dropped', 'passes'])
    })
  }

  test('entries that somebody else put in are taken out, and no other', () => {
    const { binding, path } = stage.programs
    const known = ['192.0.2.1', '2001:db8::1', '192.0.2.0/24', '2001:db8::/48', '0.0.0.0/0', '::/0']
    for (const text of known) block(text)
    allow('192.0.2.0/28')
    allow('2001:db8::/64')
    const key = (text: string) => {
      const { bytes, prefix } = target(text)
      const made = new Uint8Array(4 + bytes.length)
      new DataView(made.buffer).setUint32(0, prefix, true)
      made.set(bytes, 4)
      return made
    }
    // With bits behind its length, as nobody here writes one.
    binding.mapUpdate(
      path.fd('prefixes4'),
      Uint8Array.of(24, 0, 0, 0, 198, 51, 100, 5),
      new Uint8Array(64),
      0,
    )
    binding.mapUpdate(path.fd('prefixes6'), key('2001:db8:9::/48'), new Uint8Array(64), 0)
    binding.mapUpdate(path.fd('allows4'), key('203.0.113.0/24'), new Uint8Array(8), 0)
    const tags = new Uint32Array(binding.mapMemory(path.fd('block_tags')))
    const free = tags.findIndex((tag, slot) => tag === 0 && slot % 16 !== 15)
    tags[free] = 0x01020304
    assert.deepEqual(
      stage.list.removeStrays(1_000).sort(),
      ['198.51.100.5/24', '2001:db8:9::/48', 'allow 203.0.113.0/24', tagged(binding, path, free)].sort(),
    )
    assert.deepEqual(stage.list.removeStrays(1_000), [])
    assert.equal(tags[free], 0)
    for (const text of known) assert.ok(stage.list.get(target(text)), text)
    assert.equal(trace('203.0.113.9').allows.length, 0)
  })

  test('an entry that says nonsense of itself is shown, and ends the search', () => {
    const { binding, path } = stage.programs
    const value = new Uint8Array(64)
    value.set([1, 1, 1, 77], 52)
    binding.mapUpdate(path.fd('prefixes4'), Uint8Array.of(24, 0, 0, 0, 198, 51, 100, 0), value, 0)
    assert.equal(trace('198.51.100.9').entries.length, 1)
    assert.equal(stage.list.removeStrays(1_000).length, 1)
    assert.equal(trace('198.51.100.9').entries.length, 0)
  })

  test('a trie of many keys is looked through a piece at a time', () => {
    for (let i = 0; i < 50; i++) block(`10.0.${i}.0/24`)
    const { binding, path } = stage.programs
    const key = Uint8Array.of(24, 0, 0, 0, 10, 1, 0, 0)
    binding.mapUpdate(path.fd('prefixes4'), key, new Uint8Array(64), 0)
    const found = Array.from({ length: 12 }, () => stage.list.removeStrays(5)).flat()
    assert.deepEqual(found, ['10.1.0.0/24'])
  })
})

/** The address that stands in the entry of a slot, as nobody wrote one there. */
function tagged(
  binding: { mapMemory(fd: number): ArrayBuffer },
  path: { fd(map: string): number },
  slot: number,
): string {
  const entries = new DataView(binding.mapMemory(path.fd('block_entries')))
  const buckets = entries.byteLength / 64 / 15
  const at = ((slot % 16) * buckets + Math.floor(slot / 16)) * 64
  const words = Array.from({ length: 8 }, (_, i) => entries.getUint16(at + i * 2, false).toString(16))
  return target(words.join(':')).text
}
