import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { testFlow } from './test-flow.js'

const NOW_MS = 1_000_000

/** One flow of `perSecond` packets, told ten times a second; others to give it a past go before. */
function run(perSecond: number, given: Partial<FlowRecord>, pastPerSecond = 0, pastMs = 0): Evidence[] {
  const detectors = createDetectors()
  const found: Evidence[] = []
  const first = testFlow({ ...given, startUs: NOW_MS * 1_000 })
  let packets = 1
  for (let ms = 0, seq = 0; ms < pastMs + 3_400; ms += 100) {
    if (ms > 0) packets += (ms <= pastMs ? pastPerSecond : perSecond) / 10
    const lastUs = (NOW_MS + ms) * 1_000
    const flow = { ...first, kind: 'snapshot' as const, seq: ++seq, lastUs, packetsFwd: packets }
    found.push(...detectors.observe([flow], [], NOW_MS + ms + 20))
  }
  return found.filter(({ detector }) => detector === 'rate')
}

const udp = { protocol: 17, synCount: 0 }

test('1,500 packets a second without proof are evidence of 30 points, with numbers', () => {
  const [{ text, points, technique, source, isProven }] = run(1_500, udp) as [Evidence]
  assert.match(
    text,
    /^rate: 300[01] packets in 2 s, 150[01]\/s \(threshold 1000\/s\), of flows without two-way proof, (a source without|\d+ times)/,
  )
  assert.deepEqual([points, technique, source, isProven], [30, 'T1498', '10.77.0.2', false])
})

const fires: readonly (readonly [string, Partial<FlowRecord>, number, number])[] = [
  ['UDP below the rate', udp, 950, 0],
  ['UDP over it', udp, 1_200, 1],
  ['UDP with payload both ways', { ...udp, packetsBwd: 1, bytesFwd: 9, bytesBwd: 9 }, 5_000, 0],
  ['UDP that is answered without payload', { ...udp, packetsBwd: 1, bytesFwd: 9 }, 5_000, 1],
  ['ICMP that is answered', { protocol: 1, synCount: 0, packetsBwd: 9, bytesFwd: 9, bytesBwd: 9 }, 5_000, 1],
  ['TCP with proof', { pathProven: true, packetsBwd: 1, synCount: 2 }, 5_000, 0],
  ['TCP with nothing back', { bytesFwd: 9 }, 5_000, 1],
  ['TCP with a SYN-ACK back', { packetsBwd: 1, synCount: 2 }, 5_000, 1],
  ['TCP from the middle that the other end goes on with', { synCount: 0, packetsBwd: 40 }, 5_000, 0],
  [
    'TCP from the middle that is reset',
    { synCount: 0, packetsBwd: 1, rstCount: 1, tcpState: 'ready' },
    5_000,
    1,
  ],
  ['multicast', { ...udp, dst: 'ff02::1:3', src: 'fe80::2' }, 5_000, 0],
]

for (const [name, given, perSecond, firings] of fires) {
  test(`${name} at ${perSecond} a second: ${firings} firings in 3.4 s`, () => {
    assert.equal(run(perSecond, given).length, firings)
  })
}

test('a source that always sent so much is not five times its own past', () => {
  assert.equal(run(1_500, udp, 900, 300_000).length, 0)
  assert.equal(run(4_000, udp, 900, 300_000).length, 1)
})

test('questions count until their answer comes, and then no more', () => {
  const detectors = createDetectors()
  const found: Evidence[] = []
  for (let ms = 0; ms < 5_000; ms += 20) {
    const flows = Array.from({ length: 60 }, (_, i) => {
      const startUs = (NOW_MS + ms) * 1_000 + i
      return testFlow({ ...udp, startUs, srcPort: 1_024 + i })
    })
    const answers = flows.map((flow) => ({
      ...flow,
      kind: 'snapshot' as const,
      seq: 1,
      packetsBwd: 1,
      bytesFwd: 30,
      bytesBwd: 60,
      lastUs: flow.lastUs + 10_000,
    }))
    found.push(
      ...detectors.observe(flows, [], NOW_MS + ms + 20),
      ...detectors.observe(answers, [], NOW_MS + ms + 40),
    )
  }
  assert.deepEqual(found, [])
})
