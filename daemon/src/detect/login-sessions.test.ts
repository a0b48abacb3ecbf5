import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { loginFlow, testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const NOW_US = NOW_MS * 1_000

const shortOnes = (given: Partial<FlowRecord> = {}) =>
  Array.from({ length: 20 }, (_, i) =>
    loginFlow({ ...given, srcPort: 50_000 + i, startUs: NOW_US - 15_000_000 + i * 500_000 }),
  )

/** A session of the source of the short ones. */
const session = (given: Partial<FlowRecord> = {}) =>
  testFlow({
    kind: 'snapshot',
    seq: 9,
    srcPort: 40_022,
    dstPort: 22,
    startUs: NOW_US - 30_000_000,
    lastUs: NOW_US - 16_000_000,
    packetsFwd: 40,
    packetsBwd: 40,
    bytesFwd: 3_000,
    bytesBwd: 9_000,
    synCount: 2,
    ...given,
  })

/** Firings about 20 short connections beside this. */
function firings(...before: FlowRecord[]): number {
  const found: Evidence[] = createDetectors().observe([...before, ...shortOnes()], [], NOW_MS)
  return found.filter(({ detector }) => detector === 'login').length
}

const cases: readonly (readonly [string, FlowRecord[], number])[] = [
  ['nothing', [], 2],
  ['a session with 9,000 B back', [session()], 0],
  ['an open attempt with 2,000 B back', [session({ bytesBwd: 2_000 })], 2],
  [
    'a poor session that was split at 120 s',
    [session({ bytesBwd: 2_000, kind: 'ended', endReason: 'timeout' })],
    0,
  ],
  [
    'a half-open connection that was given up after 120 s',
    [session({ bytesFwd: 0, bytesBwd: 0, packetsFwd: 1, kind: 'ended', endReason: 'timeout' })],
    2,
  ],
  ['a session seen from its middle', [session({ synCount: 0, bytesBwd: 100 })], 0],
  [
    'a session seen from its middle whose server spoke first',
    [
      session({
        synCount: 0,
        src: '10.77.0.1',
        dst: '10.77.0.2',
        srcPort: 22,
        dstPort: 40_022,
        bytesFwd: 90,
        bytesBwd: 30,
      }),
    ],
    0,
  ],
  ['a session that is over', [session(), session({ seq: 10, finCount: 1, tcpState: 'fin1' })], 2],
  ['a session that was reset', [session({ rstCount: 1, tcpState: 'ready' })], 2],
  ['a session of another client', [session({ src: '10.77.0.9' })], 2],
  ['a session at another host', [session({ dst: '10.77.0.9' })], 2],
  ['a session at another port', [session({ dstPort: 23 })], 2],
]

for (const [name, before, expected] of cases) {
  test(`beside ${name}, 20 short connections fire ${expected} times`, () => {
    const flows = before.map((flow, i) => (i > 0 ? { ...flow, id: before[0]!.id } : flow))
    assert.equal(firings(...flows), expected)
  })
}

test('attempts prove their source when their path is proven', () => {
  for (const pathProven of [true, false]) {
    const [evidence] = createDetectors().observe(shortOnes({ pathProven }), [], NOW_MS)
    assert.equal(evidence!.isProven, pathProven)
  }
})

test('two attempts on a proven path and nine forged ones make no evidence together', () => {
  const own = shortOnes({ pathProven: true }).slice(0, 2)
  const forged = shortOnes({ pathProven: false }).slice(0, 9)
  assert.deepEqual(createDetectors().observe([...own, ...forged], [], NOW_MS), [])
})
