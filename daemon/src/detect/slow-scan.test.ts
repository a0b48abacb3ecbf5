import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { answeredFlow, refusedFlow, testFlow } from './test-flow.js'

const NOW_MS = 1_000_000

/** One try after the other, so far apart. */
function run(
  tries: number,
  everyMs: number,
  make: (i: number, given: Partial<FlowRecord>) => FlowRecord,
): Evidence[] {
  const detectors = createDetectors()
  const found: Evidence[] = []
  for (let i = 0; i < tries; i++) {
    const nowMs = NOW_MS + i * everyMs
    const flow = make(i, { dstPort: 1 + i, startUs: nowMs * 1_000, lastUs: nowMs * 1_000 + 100 })
    found.push(...detectors.observe([flow], [], nowMs + 1), ...detectors.tick(nowMs + 1_300))
  }
  return found
}

test('40 closed ports in 9.75 minutes are a slow scan, with numbers', () => {
  const [evidence, ...rest] = run(40, 15_000, (_, given) => refusedFlow(given))
  assert.deepEqual(rest, [])
  assert.equal(
    evidence!.text,
    'slow_scan: 40 distinct closed TCP ports of 10.77.0.1 in 585 s (threshold 40 in 600 s), ' +
      '40 of 40 unanswered or reset (100 %, threshold 80 %)',
  )
  assert.deepEqual([evidence!.technique, evidence!.points, evidence!.pointsLastMs], ['T1046', 60, 1_200_000])
})

test('silent ports of many hosts count as well, and 80 of them fire twice', () => {
  const found = run(80, 5_000, (i, given) => testFlow({ ...given, dst: `10.1.0.${i}` }))
  assert.deepEqual(
    found.map(({ detector }) => detector),
    ['slow_scan', 'slow_scan'],
  )
  assert.match(found[0]!.text, /ports of 40 hosts/)
})

const harmless: readonly (readonly [
  string,
  number,
  number,
  (i: number, given: Partial<FlowRecord>) => FlowRecord,
])[] = [
  ['39 closed ports', 39, 10_000, (_, given) => refusedFlow(given)],
  ['one closed port in 16 s', 120, 16_000, (_, given) => refusedFlow(given)],
  [
    '39 closed ports again and again',
    300,
    1_600,
    (i, given) => refusedFlow({ ...given, dstPort: 1 + (i % 39), dst: `10.1.${i % 7}.1` }),
  ],
  [
    'a peer-to-peer client whose peers are half dead',
    600,
    2_000,
    (i, given) => {
      const peer = {
        ...given,
        protocol: 17,
        synCount: 0,
        dst: `198.51.100.${i % 250}`,
        dstPort: 10_000 + ((i * 7919) % 50_000),
      }
      return i % 2 === 0 ? testFlow(peer) : answeredFlow({ ...peer, synCount: 0 })
    },
  ],
  [
    'a monitor of 30 hosts, a few of whose ports are closed',
    600,
    1_600,
    (i, given) => {
      const check = { ...given, dst: `10.1.0.${i % 30}`, dstPort: [22, 80, 443, 5432][i % 4]! }
      return i % 5 === 0 ? refusedFlow(check) : answeredFlow(check)
    },
  ],
]

for (const [name, tries, everyMs, make] of harmless) {
  test(`${name}: no evidence`, () => assert.deepEqual(run(tries, everyMs, make), []))
}
