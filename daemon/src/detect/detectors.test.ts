import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import type { SourceSummary } from './source-summary.js'
import { loginFlow, refusedFlow, testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const NOW_US = NOW_MS * 1_000

function see(detectors: Detectors, flows: readonly FlowRecord[], nowMs = NOW_MS): Evidence[] {
  return detectors.observe(
    flows,
    flows.map(() => Number.NaN),
    nowMs,
  )
}

function logins(count: number, given: Partial<FlowRecord> = {}): FlowRecord[] {
  return Array.from({ length: count }, (_, i) =>
    loginFlow({ ...given, startUs: NOW_US - 8_000_000 + i * 500_000 }),
  )
}

test('ten short connections to one login port fire once, with numbers', () => {
  const found = see(createDetectors(), logins(10))
  assert.equal(found.length, 1)
  assert.equal(
    found[0]!.text,
    'login: 10 connections to 10.77.0.1 port 22 in 4.5 s (threshold 10 in 60 s), the longest 1.2 s ' +
      '(each under 5 s), at most 2300 B back (each under 4096 B)',
  )
  assert.equal(found[0]!.technique, 'T1110')
  assert.equal(found[0]!.points, 60)
  assert.equal(found[0]!.packetUs, NOW_US - 8_000_000 + 4_500_000 + 1_200_000)
})

test('nine connections do not fire, and the later records of nine flows add nothing', () => {
  const detectors = createDetectors()
  const flows = logins(9)
  assert.deepEqual(see(detectors, flows), [])
  assert.deepEqual(
    see(
      detectors,
      flows.map((flow) => ({ ...flow, seq: 5, tcpState: 'ready' as const })),
    ),
    [],
  )
})

test('connections that were evidence do not count again when their later records come', () => {
  const detectors = createDetectors()
  const flows = logins(10)
  assert.equal(see(detectors, flows).length, 1)
  for (const seq of [5, 6])
    assert.deepEqual(
      see(
        detectors,
        flows.map((flow) => ({ ...flow, seq })),
      ),
      [],
    )
  assert.deepEqual(see(detectors, logins(9)), [])
  assert.equal(see(detectors, logins(1)).length, 1)
})

test('a configured login port counts too', () => {
  assert.equal(see(createDetectors({ login: { ports: [2222] } }), logins(10, { dstPort: 2222 })).length, 1)
  assert.equal(see(createDetectors(), logins(10, { dstPort: 2222 })).length, 0)
})

test('connections over more than 60 s do not fire', () => {
  const detectors = createDetectors()
  for (let i = 0; i < 20; i++) {
    const startUs = NOW_US + i * 6_700_000
    assert.deepEqual(see(detectors, [loginFlow({ startUs })], startUs / 1_000 + 1_300), [])
  }
})

const noLogin: readonly (readonly [string, Partial<FlowRecord>])[] = [
  ['connections still open', { tcpState: 'none', finCount: 0 }],
  ['connections with 4,096 B back', { bytesBwd: 4_096 }],
  ['connections never answered', { packetsBwd: 0, bytesBwd: 0, synCount: 1 }],
  ['a refused port', { bytesFwd: 0, bytesBwd: 0, finCount: 0, rstCount: 1, synCount: 1, tcpState: 'ready' }],
  [
    'checks reset after the SYN-ACK',
    { bytesFwd: 0, bytesBwd: 0, finCount: 0, rstCount: 1, tcpState: 'ready' },
  ],
  ['transit flows', { isTransit: true }],
  ['continuations', { isContinuation: true }],
  ['another port', { dstPort: 443 }],
  ['flows of the server itself', { srcPort: 22, dstPort: 50_000 }],
]

for (const [name, given] of noLogin) {
  test(`${name}: no login evidence`, () => {
    assert.deepEqual(see(createDetectors(), logins(20, given)), [])
  })
}

test('connections of 5 s are no guesses', () => {
  const flows = logins(20).map((flow) => ({ ...flow, lastUs: flow.startUs + 5_000_000 }))
  assert.deepEqual(see(createDetectors(), flows), [])
})

test('an attempt whose later record shows a real session no longer counts', () => {
  const detectors = createDetectors()
  const flows = logins(10)
  see(detectors, flows.slice(0, 9))
  see(detectors, [{ ...flows[0]!, seq: 9, bytesBwd: 9_000 }])
  assert.deepEqual(see(detectors, flows.slice(9)), [])
})

test('two targets do not add up', () => {
  assert.deepEqual(
    see(createDetectors(), [...logins(9), ...logins(9, { dst: '10.77.0.9' }), ...logins(9, { dstPort: 23 })]),
    [],
  )
})

test('a score at the threshold is evidence of 5 points, once a flow', () => {
  const detectors = createDetectors({ modelThreshold: 0.9 })
  const flow = testFlow({ kind: 'ended', packetsBwd: 1 })
  const [evidence, ...rest] = detectors.observe([flow, flow], [0.9, 0.99], NOW_MS)
  assert.deepEqual(rest, [])
  assert.equal(evidence!.points, 5)
  assert.equal(evidence!.detector, 'model')
  assert.match(evidence!.text, /score 0\.9000 \(threshold 0\.9000\)/)
  assert.deepEqual(evidence!.scores, [0.9])
  assert.deepEqual(detectors.observe([flow], Float32Array.of(1), NOW_MS), [])
})

test('neither a score below the threshold, nor none, nor one of a transit flow is evidence', () => {
  const detectors = createDetectors({ modelThreshold: 0.9 })
  const flows = [testFlow(), testFlow(), testFlow({ isTransit: true })]
  assert.deepEqual(detectors.observe(flows, [0.89, Number.NaN, 1], NOW_MS), [])
})

test('the threshold of a call wins over the option', () => {
  assert.equal(createDetectors().observe([testFlow()], [0.6], NOW_MS, 0.5).length, 1)
})

const summary: SourceSummary = {
  source: '10.77.0.2',
  destination: '10.77.0.1',
  isManyDestinations: false,
  packets: 131,
  syns: 130,
  distinctPorts: 61.4,
  firstUs: NOW_US - 3_200_000,
  lastUs: NOW_US,
}

test('a summary of many ports is a scan that says it is an estimate', () => {
  const [evidence] = createDetectors().observeSources([summary], NOW_MS)
  assert.equal(
    evidence!.text,
    'scan_vertical: an estimated 61 distinct ports of 10.77.0.1 in 3.2 s (threshold 25 for an estimate, in 15 s), ' +
      '130 of 131 packets were SYNs, over the new-flow budget',
  )
  assert.equal(evidence!.packetUs, NOW_US)
})

test('a summary that did not grow enough does not fire again', () => {
  const detectors = createDetectors()
  assert.equal(detectors.observeSources([summary], NOW_MS).length, 1)
  assert.equal(detectors.observeSources([{ ...summary, distinctPorts: 80 }], NOW_MS).length, 0)
  assert.equal(detectors.observeSources([{ ...summary, distinctPorts: 90 }], NOW_MS).length, 1)
  assert.equal(detectors.observeSources([{ ...summary, firstUs: NOW_US - 100 }], NOW_MS).length, 1)
})

const noScan: readonly (readonly [string, Partial<SourceSummary>])[] = [
  ['24 ports', { distinctPorts: 24 }],
  ['many destinations', { isManyDestinations: true }],
  ['more than 15 s', { firstUs: NOW_US - 15_000_001 }],
  ['answers of a resolver', { syns: 0 }],
]

for (const [name, given] of noScan) {
  test(`a summary of ${name} is no scan`, () => {
    assert.deepEqual(createDetectors().observeSources([{ ...summary, ...given }], NOW_MS), [])
  })
}

test('a source is suspect from half a scan or half a brute force on, for a minute', () => {
  const detectors = createDetectors()
  see(detectors, [testFlow({ src: '10.0.0.1' })])
  see(
    detectors,
    Array.from({ length: 10 }, (_, i) => refusedFlow({ src: '10.0.0.2', dstPort: i + 1 })),
  )
  see(detectors, logins(5, { src: '10.0.0.3' }), NOW_MS + 1_000)
  assert.deepEqual([...detectors.suspects(NOW_MS + 1_000)], ['10.0.0.2', '10.0.0.3'])
  assert.deepEqual([...detectors.suspects(NOW_MS + 60_500)], ['10.0.0.3'])
})

test('an option out of range is named', () => {
  assert.throws(
    () => createDetectors({ scanVertical: { unansweredShare: 1.2 } }),
    /detect\.scanVertical\.unansweredShare/,
  )
  assert.throws(() => createDetectors({ scanVertical: { count: 0 } }), /detect\.scanVertical\.count/)
  assert.throws(() => createDetectors({ login: { ports: [0] } }), /detect\.login\.ports/)
})
