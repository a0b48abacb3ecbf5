import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import type { DataPath } from './data-path.js'
import { addressBytes } from './exact-hash.js'
import { createFakeBinding } from './fake-binding.js'
import { linearCount, openSources } from './sources.js'
import { sourceSlot } from './wire.js'

const slots = 4

interface Slot {
  readonly source: string
  readonly firstMs: number
  readonly lastMs: number
  readonly packets?: number
  readonly ports?: bigint
}

function world() {
  const binding = createFakeBinding()
  const memory = new ArrayBuffer(slots * sourceSlot.size)
  binding.mapMemory = () => memory
  const path = { fd: () => 1, maxEntries: () => slots } as unknown as DataPath
  const view = new DataView(memory)
  const put = (index: number, { source, firstMs, lastMs, packets = 30, ports = 0n }: Slot) => {
    const at = index * sourceSlot.size
    const bytes = (text: string) => addressBytes(parseTarget(text, 'source').bytes)
    new Uint8Array(memory, at, 16).set(bytes(source))
    new Uint8Array(memory, at + sourceSlot.offset.destination, 16).set(bytes('10.0.0.9'))
    view.setBigUint64(at + sourceSlot.offset.ports, ports, true)
    sourceSlot.set.firstMs(view, at, firstMs >>> 0)
    sourceSlot.set.lastMs(view, at, lastMs >>> 0)
    sourceSlot.set.packets(view, at, packets)
    sourceSlot.set.syns(view, at, packets - 1)
  }
  return { binding, put, read: openSources(binding, path) }
}

test('a source is told with its numbers and times, one with too few packets is not', () => {
  const { binding, put, read } = world()
  binding.time.monotonicUs = 5_000_000_000
  put(1, { source: '10.0.0.1', firstMs: 4_990_000, lastMs: 4_999_000, ports: 0b111n })
  put(2, { source: '2001:db8::1', firstMs: 1, lastMs: 1, packets: 19 })
  assert.deepEqual(read(20), [
    {
      source: '10.0.0.1',
      destination: '10.0.0.9',
      isManyDestinations: false,
      packets: 30,
      syns: 29,
      distinctPorts: 3,
      firstUs: binding.time.wallUs - 10_000_000,
      lastUs: binding.time.wallUs - 1_000_000,
    },
  ])
})

test('times are right after the kernel’s 32 bits of milliseconds went round', () => {
  const { binding, put, read } = world()
  const nowMs = 2 ** 32 + 500
  binding.time.monotonicUs = nowMs * 1000
  put(0, { source: '10.0.0.1', firstMs: nowMs - 2_000, lastMs: nowMs - 100 })
  const [found] = read(1)
  assert.equal(found?.firstUs, binding.time.wallUs - 2_000_000)
  assert.equal(found?.lastUs, binding.time.wallUs - 100_000)
})

test('a packet that came while the table was read is of now, not of seven weeks ago', () => {
  const { binding, put, read } = world()
  binding.time.monotonicUs = 5_000_000_000
  put(0, { source: '10.0.0.1', firstMs: 4_999_990, lastMs: 5_000_003 })
  assert.equal(read(1)[0]?.lastUs, binding.time.wallUs)
})

for (const [bits, expected] of [
  [0, 0],
  [1, 1],
  [20, 24],
  [63, 266],
  [64, 266],
] as const) {
  test(`${bits} bits of 64 stand for ${expected} ports`, () => assert.equal(linearCount(bits), expected))
}
