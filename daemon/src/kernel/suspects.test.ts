import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget, type Target } from '../policy/address.js'
import { openDataPath } from './data-path.js'
import { createFakeBinding } from './fake-binding.js'
import { openSuspects } from './suspects.js'
import { settings } from './wire.js'

function world(room: number) {
  const binding = createFakeBinding()
  const path = openDataPath({
    binding,
    root: '',
    ifindex: 2,
    newFlowsPerSecond: 0,
    hashSeed: 7,
    sizes: {
      flows: 1,
      tombstones: 1,
      blocks: 128,
      prefixes: 1,
      allows: 1,
      suspects: room,
      sources: 1,
      urgentRingBytes: 4096,
      bulkRingBytes: 4096,
    },
  })
  const suspects = openSuspects(binding, path)
  const held = () => [...(binding.maps.get(path.fd('suspects'))?.values.values() ?? [])].length
  const told = () => settings.get.suspects(new DataView(binding.mapMemory(path.fd('settings'))), 0)
  const set = (...texts: string[]) =>
    suspects.set(new Map(texts.map((text): [string, Target] => [text, parseTarget(text, 'source')])))
  return { set, held, told }
}

test('the kernel holds those and only those that were named last, and their number', () => {
  const { set, held, told } = world(8)
  set('10.0.0.1', '2001:db8::1')
  assert.deepEqual([held(), told()], [2, 2])
  set('10.0.0.1', '10.0.0.2', '10.0.0.3')
  assert.deepEqual([held(), told()], [3, 3])
  set()
  assert.deepEqual([held(), told()], [0, 0])
})

test('what finds no room waits until another has left', () => {
  const { set, held } = world(2)
  set('10.0.0.1', '10.0.0.2', '10.0.0.3')
  assert.equal(held(), 2)
  set('10.0.0.3')
  assert.equal(held(), 1)
})
