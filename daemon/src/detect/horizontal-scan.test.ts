import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { answeredFlow, refusedFlow, testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const NOW_US = NOW_MS * 1_000

type Make = (given: Partial<FlowRecord>) => FlowRecord

function hosts(count: number, make: Make, given: Partial<FlowRecord> = {}, from = 1): FlowRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const startUs = (given.startUs ?? NOW_US) + i * 1_000
    return make({
      dstPort: 445,
      ...given,
      dst: `10.1.${(from + i) >> 8}.${(from + i) & 255}`,
      startUs,
      lastUs: startUs,
    })
  })
}

function see(detectors: Detectors, flows: readonly FlowRecord[], nowMs = NOW_MS): Evidence[] {
  return [...detectors.observe(flows, [], nowMs), ...detectors.tick(nowMs + 1_200)]
}

test('one port of 20 silent hosts is a scan, with numbers', () => {
  const [evidence, ...rest] = see(createDetectors(), hosts(20, testFlow))
  assert.deepEqual(rest, [])
  assert.equal(
    evidence!.text,
    'scan_horizontal: 20 distinct hosts on TCP port 445 in 0.019 s (threshold 20 in 60 s), ' +
      '20 of 20 unanswered or reset (100 %, threshold 80 %)',
  )
  const { technique, points, pointsLastMs, isProven, packetUs } = evidence!
  assert.deepEqual([technique, points, pointsLastMs, isProven], ['T1046', 60, 120_000, false])
  assert.equal(packetUs, NOW_US + 19_000 + 1_000_000)
})

test('40 hosts that reset fire twice, and a bare connection to one more host is no proof of the scan', () => {
  // It may be the check of an honest owner whose address is forged; the policy knows of it by itself.
  const closed = { finCount: 1, tcpState: 'fin1', pathProven: true } as const
  const through = answeredFlow({ dstPort: 445, dst: '10.1.9.9', startUs: NOW_US - 1, ...closed })
  const found = see(createDetectors(), [through, ...hosts(40, refusedFlow)])
  assert.deepEqual(
    found.map(({ detector, isProven }) => [detector, isProven]),
    [
      ['scan_horizontal', false],
      ['scan_horizontal', false],
    ],
  )
})

const harmless: readonly (readonly [string, FlowRecord[]])[] = [
  ['19 hosts', hosts(19, testFlow)],
  ['a browser to 60 hosts', hosts(60, answeredFlow, { dstPort: 443 })],
  ['25 dead peers of 100, all in a row', [...hosts(75, answeredFlow), ...hosts(25, testFlow, {}, 500)]],
  ['a resolver that asks 60 servers', hosts(60, answeredFlow, { protocol: 17, dstPort: 53, synCount: 0 })],
  [
    'answers of a server to 60 clients',
    hosts(60, testFlow, { protocol: 17, srcPort: 53, dstPort: 40_000, synCount: 0 }),
  ],
  [
    'multicast groups',
    Array.from({ length: 60 }, (_, i) => testFlow({ protocol: 17, synCount: 0, dst: `239.0.0.${i}` })),
  ],
  ['pings', hosts(60, testFlow, { protocol: 1, synCount: 0 })],
]

for (const [name, flows] of harmless) {
  test(`${name}: no evidence`, () => assert.deepEqual(see(createDetectors(), flows), []))
}

test('hosts tried over more than 60 s are not one scan', () => {
  const detectors = createDetectors()
  for (let i = 0; i < 60; i++) {
    const nowMs = NOW_MS + i * 3_300
    assert.deepEqual(see(detectors, hosts(1, refusedFlow, { startUs: nowMs * 1_000 }, i), nowMs), [])
  }
})

test('half of the peers dead, 300 in a minute on one port, is no scan', () => {
  const detectors = createDetectors()
  let seed = 3
  for (let i = 0; i < 900; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    const make: Make = seed > 2 ** 31 ? answeredFlow : testFlow
    const nowMs = NOW_MS + i * 200
    const flows = hosts(1, make, { startUs: nowMs * 1_000, dstPort: 6881 }, i)
    assert.deepEqual([...detectors.observe(flows, [], nowMs), ...detectors.tick(nowMs + 100)], [])
  }
})

test('silence counts from where the records have come to, not from the clock of a reader that is late', () => {
  const detectors = createDetectors()
  const lateMs = NOW_MS + 1_500
  const found = detectors.observe(hosts(20, testFlow), [], lateMs, 1, () => 'low', NOW_MS + 20)
  found.push(...detectors.tick(lateMs, NOW_MS + 20))
  assert.deepEqual(found, [])
  assert.equal(detectors.tick(lateMs).length, 1)
})
