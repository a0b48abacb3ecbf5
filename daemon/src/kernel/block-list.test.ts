import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { openBlockList } from './block-list.js'
import { openDataPath } from './data-path.js'
import { createFakeBinding } from './fake-binding.js'
import { BlockAction, BlockOrigin, BlockReason, blockEntry, settings } from './wire.js'

const at = (text: string) => parseTarget(text, 'target')

function world({ blocks = 128, prefixes = 16 } = {}) {
  const binding = createFakeBinding()
  const path = openDataPath({
    binding,
    root: '',
    ifindex: 2,
    newFlowsPerSecond: 0,
    hashSeed: 7,
    sizes: {
      flows: 16,
      tombstones: 16,
      blocks,
      prefixes,
      allows: 4,
      suspects: 4,
      sources: 4,
      urgentRingBytes: 4096,
      bulkRingBytes: 4096,
    },
  })
  const list = openBlockList({ binding, path, blocks, hashSeed: 7 })
  const counts = () => {
    const view = new DataView(binding.mapMemory(path.fd('settings')))
    const { exact4, exact6, prefixes4, prefixes6, allows } = settings.get
    return [exact4(view, 0) + exact6(view, 0), prefixes4(view, 0), prefixes6(view, 0), allows(view, 0)]
  }
  /** Packets as the kernel would count them on a prefix. */
  const hitPrefix = (text: string, packets: number) => {
    const map = binding.maps.get(path.fd(at(text).family === 4 ? 'prefixes4' : 'prefixes6'))
    for (const { value } of map?.values.values() ?? []) {
      const view = new DataView(value.buffer)
      if (blockEntry.get.prefix(view, 0) === at(text).prefix) blockEntry.set.packets(view, 0, packets)
    }
  }
  return { binding, path, list, counts, hitPrefix }
}

const entry = (decision: number, expiresBootUs = 0) => ({
  decision,
  action: BlockAction.drop,
  origin: BlockOrigin.operator,
  reason: BlockReason.manual,
  expiresBootUs,
})

test('what is set is there, changes in place, and is gone when removed; the kernel’s counts follow', () => {
  const { list, counts } = world()
  const all = ['10.0.0.1', '2001:db8::1', '10.0.0.0/8', '2001:db8::/32', '192.0.2.0/24', '0.0.0.0/0']
  for (const [i, text] of all.entries()) list.set(at(text), entry(i + 1))
  assert.deepEqual(counts(), [2, 3, 1, 0])
  for (const [i, text] of all.entries()) assert.equal(list.get(at(text))?.decision, i + 1, text)
  list.set(at('10.0.0.1'), entry(77, 5_000))
  assert.equal(list.get(at('10.0.0.1'))?.decision, 77)
  assert.equal(list.get(at('10.0.0.1'))?.expiresBootUs, 5_000)
  assert.deepEqual(counts(), [2, 3, 1, 0])
  for (const text of all) assert.equal(list.remove(at(text)), true, text)
  for (const text of all) assert.equal(list.remove(at(text)), false, text)
  assert.deepEqual(counts(), [0, 0, 0, 0])
})

test('a prefix begins at 0 hits though a wider one was hit, and goes on counting when it is changed', () => {
  const { list, hitPrefix } = world()
  list.set(at('10.0.0.0/8'), entry(1))
  hitPrefix('10.0.0.0/8', 500)
  list.set(at('10.1.0.0/16'), entry(2))
  assert.equal(list.get(at('10.1.0.0/16'))?.packets, 0)
  hitPrefix('10.1.0.0/16', 7)
  list.set(at('10.1.0.0/16'), entry(3))
  assert.equal(list.get(at('10.1.0.0/16'))?.packets, 7)
  assert.equal(list.get(at('10.0.0.0/8'))?.packets, 500)
})

test('a wider prefix does not stand for one that is not there', () => {
  const { list } = world()
  list.set(at('10.0.0.0/8'), entry(1))
  assert.equal(list.get(at('10.1.0.0/16')), undefined)
  assert.equal(list.get(at('10.1.2.3')), undefined)
})

test('an entry of a full trie changes in place, a new one is refused and leaves nothing behind', () => {
  const { list, counts } = world({ prefixes: 2 })
  list.set(at('10.0.0.0/8'), entry(1))
  list.set(at('10.1.0.0/16'), entry(2))
  list.set(at('10.1.0.0/16'), entry(3, 9_000))
  assert.equal(list.get(at('10.1.0.0/16'))?.decision, 3)
  assert.throws(() => list.set(at('10.2.0.0/16'), entry(4)), { code: 'ERR_KERNEL', errnoName: 'ENOSPC' })
  assert.equal(list.get(at('10.2.0.0/16')), undefined)
  assert.deepEqual(counts(), [0, 2, 0, 0])
})

test('addresses beyond the size live in the trie; beyond that they are refused and not counted', () => {
  const { list, counts } = world({ blocks: 128, prefixes: 3 })
  const texts = Array.from({ length: 132 }, (_, i) => `10.0.${i >> 6}.${i & 63}`)
  for (const text of texts.slice(0, 131)) list.set(at(text), entry(1))
  assert.equal(list.exactCount + list.overflowCount, 131)
  assert.throws(() => list.set(at(texts[131] as string), entry(1)), { errnoName: 'ENOSPC' })
  assert.equal(list.exactCount + list.overflowCount, 131)
  assert.equal(list.remove(at(texts[130] as string)), true)
  assert.equal(list.get(at(texts[130] as string)), undefined)
  list.set(at(texts[131] as string), entry(9))
  assert.equal(list.get(at(texts[131] as string))?.decision, 9)
  assert.equal(counts()[0], list.exactCount)
  assert.equal(counts()[1], list.prefixCount)
})

test('an address that somebody took out of a full set returns to the set', () => {
  const { list, binding, path } = world({ blocks: 128 })
  const texts = Array.from({ length: 128 }, (_, i) => `10.0.0.${i}`)
  for (const text of texts) list.set(at(text), entry(1))
  const overflow = list.overflowCount
  new Uint32Array(binding.mapMemory(path.fd('block_tags'))).fill(0)

  for (const text of texts) list.set(at(text), entry(2))
  assert.equal(list.overflowCount, overflow)
  for (const text of texts) assert.equal(list.get(at(text))?.decision, 2)
})

test('an allow entry that is gone is not covered up by a wider one', () => {
  const { list, binding, path, counts } = world()
  list.allow(at('10.0.0.0/8'), 1)
  list.allow(at('10.0.0.1'), 2)
  assert.equal(list.isAllowLoaded(at('10.0.0.1')), true)
  const map = binding.maps.get(path.fd('allows4'))
  for (const [name, { key }] of map?.values ?? []) if (key[0] === 32) map?.values.delete(name)
  assert.equal(list.isAllowLoaded(at('10.0.0.1')), false)
  assert.equal(list.isAllowLoaded(at('10.0.0.0/8')), true)
  assert.deepEqual(counts(), [0, 0, 0, 2])
  assert.equal(list.disallow(at('10.0.0.0/8')), true)
  assert.equal(list.disallow(at('10.0.0.0/8')), false)
})
