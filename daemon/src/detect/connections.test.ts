import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const NOW_US = NOW_MS * 1_000

/** Connections that sent part of a request, and 20 s later a little more. */
function slow(count: number, given: Partial<FlowRecord> = {}, from = 0): FlowRecord[] {
  return Array.from({ length: count }, (_, i) =>
    testFlow({
      kind: 'snapshot',
      seq: 4,
      srcPort: 10_000 + from + i,
      startUs: NOW_US - 21_000_000,
      lastUs: NOW_US - 1_000_000 + i,
      packetsFwd: 5,
      packetsBwd: 3,
      bytesFwd: 240,
      synCount: 2,
      pathProven: true,
      ...given,
    }),
  )
}

function see(detectors: Detectors, flows: readonly FlowRecord[], nowMs = NOW_MS): Evidence[] {
  return detectors.observe(flows, [], nowMs)
}

test('100 connections that wait for the end of a request fire, with numbers, and prove their source', () => {
  const [evidence, ...rest] = see(createDetectors(), slow(100))
  assert.deepEqual(rest, [])
  assert.equal(
    evidence!.text,
    'connections: 100 open at once to 10.77.0.1 port 80 (threshold 100), 100 of 100 idle (100 %, threshold 80 %): ' +
      'no answer and less than 1024 B sent in 5 s or more',
  )
  const { technique, points, isProven, packetUs, flows } = evidence!
  assert.deepEqual([technique, points, isProven, flows.length], ['T1499', 60, true, 20])
  assert.equal(packetUs, NOW_US - 1_000_000 + 99)
})

const harmless: readonly (readonly [string, FlowRecord[]])[] = [
  ['99 connections', slow(99)],
  ['100 kept open after they were served', slow(100, { bytesBwd: 300 })],
  ['100 that sent 1,024 B', slow(100, { bytesFwd: 1_024 })],
  ['100 of which nothing is known after their first 5 s', slow(100, { lastUs: NOW_US - 16_100_000 })],
  ['100 of which 21 are at work', [...slow(79), ...slow(21, { bytesBwd: 5_000 }, 200)]],
  [
    '100 half-open ones',
    slow(100, { packetsFwd: 1, packetsBwd: 3, synCount: 4, bytesFwd: 0, pathProven: false }),
  ],
  ['100 closed ones', slow(100, { finCount: 1, tcpState: 'fin1' })],
  ['100 of two ports', [...slow(50), ...slow(50, { dstPort: 443 })]],
  ['100 of two sources', [...slow(50), ...slow(50, { src: '10.77.0.3' })]],
  ['100 picked up in the middle', slow(100, { synCount: 0 })],
]

for (const [name, flows] of harmless) {
  test(`${name}: no evidence`, () => assert.deepEqual(see(createDetectors(), flows), []))
}

test('80 idle of 100 are enough', () => {
  assert.equal(see(createDetectors(), [...slow(80), ...slow(20, { bytesBwd: 5_000 }, 200)]).length, 1)
})

test('the state fires once in 10 s while it lasts, and no more when connections close', () => {
  const detectors = createDetectors()
  const flows = slow(100)
  const firings: number[] = []
  see(detectors, flows)
  for (let ms = 0; ms <= 25_000; ms += 100) {
    if (detectors.tick(NOW_MS + ms).length > 0) firings.push(ms)
  }
  assert.deepEqual(firings, [10_000, 20_000])
  see(detectors, [{ ...flows[7]!, seq: 9, finCount: 1, tcpState: 'fin1' }], NOW_MS + 25_000)
  for (let ms = 25_000; ms <= 45_000; ms += 100) assert.deepEqual(detectors.tick(NOW_MS + ms), [])
})

test('a connection that goes on in another flow is the same one, with what it was given before', () => {
  for (const [bytesBwd, firings] of [
    [0, 1],
    [500, 0],
  ] as const) {
    const detectors = createDetectors()
    const split = slow(100, { bytesBwd, startUs: NOW_US - 119_000_000 })
    see(detectors, split, NOW_MS)
    const later = NOW_MS + 12_000
    const ended = split.map((flow) => ({
      ...flow,
      kind: 'ended' as const,
      seq: 7,
      endReason: 'timeout' as const,
    }))
    const parts = split.map((flow, i) => ({
      ...flow,
      ...{ kind: 'opened' as const, id: 5e6 + i, seq: 0, isContinuation: true, synCount: 0 },
      ...{ packetsFwd: 1, packetsBwd: 0, bytesFwd: 0, bytesBwd: 0 },
      ...{ startUs: later * 1_000, lastUs: later * 1_000 },
    }))
    assert.equal(see(detectors, [...ended, ...parts], later).length, firings)
  }
})

test('connections of which nothing was heard for 4 minutes are gone', () => {
  const detectors = createDetectors()
  see(detectors, slow(100))
  assert.deepEqual(detectors.tick(NOW_MS + 240_000), [])
})

test('one connection of an honest owner among 110 forged ones proves nothing', () => {
  const [evidence] = see(createDetectors(), [...slow(1), ...slow(110, { pathProven: false }, 1)])
  assert.equal(evidence!.isProven, false)
})
