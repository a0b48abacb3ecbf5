import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors } from './detectors.js'
import type { DetectorName, Evidence } from './evidence.js'
import type { GivenOptions } from './options.js'
import type { SourceSummary } from './source-summary.js'
import { testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const VICTIM = '10.77.0.1'
const floods: readonly DetectorName[] = ['syn_flood', 'udp_flood', 'icmp_flood']

interface Run {
  /** Packets per second. */
  readonly rate: number
  readonly forMs: number
  /** Record of packet `i` at a time, us. */
  readonly make: (i: number, atUs: number) => FlowRecord | readonly FlowRecord[]
  readonly options?: GivenOptions
  readonly fromMs?: number
}

/** Feeds batches of 20 ms as the daemon does, and waits 3 s more. */
function run(
  { rate, forMs, make, options, fromMs = NOW_MS }: Run,
  detectors = createDetectors(options),
): Evidence[] {
  const found: Evidence[] = []
  let next = 0
  for (let ms = 0; ms <= forMs + 3_000; ms += 20) {
    const flows: FlowRecord[] = []
    for (; next < (rate * Math.min(ms, forMs)) / 1_000; next++) {
      flows.push(...[make(next, Math.round(fromMs * 1_000 + (next * 1e6) / rate))].flat())
    }
    const nowMs = fromMs + ms
    found.push(...detectors.observe(flows, [], nowMs), ...detectors.tick(nowMs))
  }
  return found.filter(({ detector }) => floods.includes(detector))
}

const at = (atUs: number) => ({ startUs: atUs, lastUs: atUs })
const syn = (i: number, atUs: number) => testFlow({ ...at(atUs), srcPort: 1_024 + (i % 60_000) })
const udp = (i: number, atUs: number) => ({ ...syn(i, atUs), protocol: 17, synCount: 0 })
const spoofed = (i: number, atUs: number) => ({ ...syn(i, atUs), src: `192.0.${i >> 8}.${i & 255}` })
/** Another record of the same flow. */
const then = (flow: FlowRecord, given: Partial<FlowRecord>): FlowRecord => ({
  ...flow,
  kind: 'snapshot',
  seq: flow.seq + 1,
  ...given,
})
const synAck = (flow: FlowRecord) => then(flow, { packetsBwd: 1, synCount: 2, lastUs: flow.lastUs + 200 })

test('1,000 SYNs a second for 2 s are a flood, with numbers against thresholds, 1 s after the last of them', () => {
  const [evidence, ...rest] = run({ rate: 1_000, forMs: 2_000, make: syn })
  assert.deepEqual(rest, [])
  assert.equal(
    evidence!.text,
    'syn_flood: 2000 SYNs to 10.77.0.1 in 2 s, 1000/s (threshold 1000/s for 2 s), ' +
      'without an answer, reset, or with the answer not acknowledged for 1 s',
  )
  const { source, about, technique, points, pointsLastMs, isProven, packetUs, atMs, flows } = evidence!
  assert.deepEqual(
    { source, about, technique, points, pointsLastMs, isProven },
    {
      source: '10.77.0.2',
      about: 'source',
      technique: 'T1498',
      points: 60,
      pointsLastMs: 4_000,
      isProven: false,
    },
  )
  assert.equal(packetUs, (NOW_MS + 3_000) * 1_000)
  assert.ok(atMs <= NOW_MS + 3_200)
  assert.equal(flows.length, 20)
})

const tooLittle: readonly (readonly [string, Omit<Run, 'options'>])[] = [
  ['990 SYNs a second', { rate: 990, forMs: 6_000, make: syn }],
  ['1.8 s', { rate: 1_000, forMs: 1_800, make: syn }],
  ['a burst of 5,000 in 0.1 s', { rate: 50_000, forMs: 100, make: syn }],
  [
    'SYNs to two hosts, half to each',
    { rate: 1_800, forMs: 6_000, make: (i, atUs) => ({ ...syn(i, atUs), dst: `10.77.0.${1 + (i % 2)}` }) },
  ],
  [
    'connections that are completed',
    {
      rate: 2_000,
      forMs: 4_000,
      make: (i, atUs) => {
        const flow = syn(i, atUs)
        const answered = synAck(flow)
        return [flow, answered, then(answered, { packetsFwd: 3, bytesFwd: 80, lastUs: atUs + 400 })]
      },
    },
  ],
  [
    'what came from the other side first',
    { rate: 2_000, forMs: 4_000, make: (i, atUs) => ({ ...syn(i, atUs), firstBackward: true }) },
  ],
  ['transit flows', { rate: 2_000, forMs: 4_000, make: (i, atUs) => ({ ...syn(i, atUs), isTransit: true }) }],
  [
    'UDP questions that are answered',
    {
      rate: 3_000,
      forMs: 4_000,
      make: (i, atUs) => {
        const flow = udp(i, atUs)
        return [flow, then(flow, { packetsBwd: 1, bytesFwd: 40, bytesBwd: 90, lastUs: atUs + 300 })]
      },
    },
  ],
  [
    'a stream to a multicast group',
    { rate: 3_000, forMs: 4_000, make: (i, atUs) => ({ ...udp(i, atUs), dst: '239.1.2.3' }) },
  ],
]

for (const [name, given] of tooLittle) {
  test(`${name}: no flood`, () => assert.deepEqual(run(given), []))
}

const enough: readonly (readonly [string, DetectorName, Run['make']])[] = [
  ['half-open connections', 'syn_flood', (i, atUs) => [syn(i, atUs)].flatMap((flow) => [flow, synAck(flow)])],
  [
    'SYNs to a closed port',
    'syn_flood',
    (i, atUs) =>
      [syn(i, atUs)].flatMap((flow) => [flow, then(flow, { packetsBwd: 1, rstCount: 1, tcpState: 'ready' })]),
  ],
  [
    'SYN-ACKs that the owner of a forged address resets',
    'syn_flood',
    (i, atUs) =>
      [synAck(syn(i, atUs))].flatMap((flow) => [
        flow,
        then(flow, { packetsFwd: 2, rstCount: 1, tcpState: 'ready' }),
      ]),
  ],
  ['UDP from changing ports', 'udp_flood', udp],
  ['echo requests', 'icmp_flood', (i, atUs) => ({ ...udp(i, atUs), protocol: 1 })],
  [
    'ICMPv6',
    'icmp_flood',
    (i, atUs) => ({ ...udp(i, atUs), protocol: 58, src: '2001:db8::2', dst: '2001:db8::1' }),
  ],
]

for (const [name, detector, make] of enough) {
  test(`${name} at 1,500 a second are a ${detector}, again every 2 s`, () => {
    const found = run({ rate: 1_500, forMs: 5_000, make })
    assert.deepEqual(
      found.map((one) => [one.detector, one.about]),
      [
        [detector, 'source'],
        [detector, 'source'],
      ],
    )
  })
}

/** One flow of which a record tells every 256 packets. */
function growing(given: Partial<FlowRecord>, perSecond: number, backEvery = 0): Run {
  const first = testFlow({ ...given, ...at(NOW_MS * 1_000) })
  return {
    rate: perSecond / 256,
    forMs: 5_000,
    make: (i, atUs) =>
      then(first, {
        seq: i,
        lastUs: atUs,
        packetsFwd: 1 + i * 256,
        synCount: first.protocol === 6 ? 1 + i * 256 : 0,
        packetsBwd: backEvery === 0 ? 0 : Math.floor((i * 256) / backEvery),
      }),
  }
}

const one: readonly (readonly [string, Run, number])[] = [
  ['one UDP flow of 2,000 packets a second', growing({ protocol: 17, synCount: 0 }, 2_000), 2],
  ['one UDP flow of 900 packets a second', growing({ protocol: 17, synCount: 0 }, 900), 0],
  ['a UDP stream that is answered every 400 packets', growing({ protocol: 17, synCount: 0 }, 2_000, 400), 0],
  ['SYNs of one port, again and again', growing({}, 2_000), 2],
  ['a ping flood', growing({ protocol: 1, synCount: 0 }, 5_000), 2],
]

for (const [name, given, firings] of one) {
  test(`${name}: ${firings} firings in 5 s`, () => assert.equal(run(given).length, firings))
}

test('a flood from 3,000 forged sources is told about the destination, once in 10 s and without points', () => {
  const found = run({ rate: 3_000, forMs: 6_000, make: (i, atUs) => spoofed(i % 3_000, atUs) })
  assert.equal(found.length, 1)
  const [{ source, about, points, severity, text }] = found as [Evidence]
  assert.deepEqual(
    { source, about, points, severity },
    { source: VICTIM, about: 'destination', points: 0, severity: 'critical' },
  )
  const sources = Number(/from about (\d+) sources, none of which alone sent so many/.exec(text)?.[1])
  assert.ok(sources > 2_700 && sources < 3_300, text)
})

test('one flooder among many quiet senders is told about, and the destination is not', () => {
  const found = run({
    rate: 2_000,
    forMs: 4_500,
    make: (i, atUs) => (i % 4 === 0 ? spoofed(i % 400, atUs) : syn(i, atUs)),
  })
  assert.deepEqual([...new Set(found.map(({ about }) => about))], ['source'])
})

test('suspects are the senders, never the flooded host', () => {
  const detectors = createDetectors()
  run({ rate: 3_000, forMs: 3_000, make: (i, atUs) => spoofed(i % 3_000, atUs) }, detectors)
  assert.ok(![...detectors.suspects(NOW_MS + 6_000)].includes(VICTIM))
})

test('with a duration of 0.3 s two floods are seen in 0.65 s', () => {
  const found = run({ rate: 5_000, forMs: 650, make: syn, options: { synFlood: { windowMs: 300 } } })
  assert.equal(found.length, 2)
  assert.match(found[0]!.text, /threshold 1000\/s for 0\.3 s/)
})

test('records in any order inside a batch never fire more often nor sooner', () => {
  let seed = 7
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 2 ** 32
  }
  const feed = (isShuffled: boolean) => {
    const detectors = createDetectors()
    const found: Evidence[] = []
    let i = 0
    for (let ms = 0; ms < 8_000; ms += 20) {
      const flows: FlowRecord[] = []
      for (let n = 0; ms < 4_500 && n < 24; n++, i++) {
        const flow = { ...syn(i, (NOW_MS + ms) * 1_000 + n * 800), id: 1e6 + i }
        flows.push(flow)
        // Some are completed at once; their end may come before their beginning.
        if (i % 10 === 0)
          flows.push(then(flow, { seq: 3, packetsFwd: 3, packetsBwd: 2, synCount: 2, bytesFwd: 9 }))
      }
      if (isShuffled) flows.sort(() => random() - 0.5)
      found.push(...detectors.observe(flows, [], NOW_MS + ms + 20))
    }
    return found.filter(({ detector }) => detector === 'syn_flood').map(({ atMs }) => atMs)
  }
  const inOrder = feed(false)
  assert.equal(inOrder.length, 2)
  for (let turn = 0; turn < 10; turn++) {
    const shuffled = feed(true)
    assert.ok(shuffled.length <= inOrder.length)
    shuffled.forEach((atMs, n) => void assert.ok(atMs >= inOrder[n]!))
  }
})

const summary: SourceSummary = {
  source: '10.77.0.2',
  destination: VICTIM,
  isManyDestinations: false,
  packets: 0,
  syns: 0,
  distinctPorts: 1,
  firstUs: NOW_MS * 1_000,
  lastUs: 0,
}

function summaries(perSecond: number, given: Partial<SourceSummary> = {}): Evidence[] {
  const detectors: Detectors = createDetectors()
  const found: Evidence[] = []
  for (let ms = 500; ms <= 6_000; ms += 500) {
    const syns = (perSecond * Math.min(ms, 4_000)) / 1_000
    const lastUs = (NOW_MS + Math.min(ms, 4_000)) * 1_000
    // The clocks do not tick together: the first time comes out a little different each time.
    const firstUs = NOW_MS * 1_000 + (ms % 1_000)
    const told = { ...summary, ...given, packets: syns, syns, firstUs, lastUs }
    found.push(...detectors.observeSources([told], NOW_MS + ms), ...detectors.tick(NOW_MS + ms))
  }
  return found
}

test('SYNs over the new-flow budget are a flood by the growth of their count', () => {
  assert.deepEqual(
    summaries(2_000).map(({ detector, about }) => [detector, about]),
    [
      ['syn_flood', 'source'],
      ['syn_flood', 'source'],
    ],
  )
})

test('a summary of fewer SYNs, or of many destinations, is no flood', () => {
  assert.deepEqual(summaries(900), [])
  assert.deepEqual(summaries(2_000, { isManyDestinations: true }), [])
})

test('when the clock is set back, windows begin anew and fire as before', () => {
  const detectors = createDetectors()
  assert.equal(run({ rate: 1_500, forMs: 2_400, make: syn }, detectors).length, 1)
  const earlier = { rate: 1_500, forMs: 2_400, make: syn, fromMs: NOW_MS - 300_000 }
  assert.equal(run(earlier, detectors).length, 1)
  assert.deepEqual(run({ ...earlier, forMs: 1_000, fromMs: NOW_MS - 600_000 }, detectors), [])
})

test('packets that a flow tells of only at its end, two minutes later, are no flood any more', () => {
  const tell = (laterMs: number): number => {
    const detectors = createDetectors()
    const endMs = NOW_MS + 2_000
    const flows = Array.from({ length: 20 }, (_, i) => ({ ...udp(i, NOW_MS * 1_000), srcPort: 2_000 + i }))
    const ended = flows.map((flow) =>
      then(flow, { kind: 'ended', endReason: 'timeout', packetsFwd: 200, lastUs: endMs * 1_000 }),
    )
    detectors.observe(flows, [], NOW_MS)
    const found = detectors.observe(ended, [], endMs + laterMs)
    for (let ms = 0; ms <= 3_000; ms += 100) found.push(...detectors.tick(endMs + laterMs + ms))
    return found.filter(({ detector }) => floods.includes(detector)).length
  }
  assert.equal(tell(500), 1)
  assert.equal(tell(118_000), 0)
})

test('what the kernel still keeps of a source from yesterday is no evidence of today', () => {
  const summary: SourceSummary = {
    ...{ source: '192.0.2.9', destination: VICTIM, isManyDestinations: false, packets: 9_000, syns: 9_000 },
    ...{ distinctPorts: 60, firstUs: (NOW_MS - 86_402_000) * 1_000, lastUs: (NOW_MS - 86_400_000) * 1_000 },
  }
  const detectors = createDetectors()
  const found = detectors.observeSources([summary], NOW_MS)
  for (let ms = 0; ms <= 3_000; ms += 100) found.push(...detectors.tick(NOW_MS + ms))
  assert.deepEqual(found, [])
})

test('a flood of few flows, after a shorter one of the same source, names flows that were counted', () => {
  const detectors = createDetectors()
  const few = (first: number) => (i: number, atUs: number) =>
    then(udp(first + i, atUs - 240_000), { lastUs: atUs, packetsFwd: 400 })
  assert.deepEqual(run({ rate: 4, forMs: 1_250, make: few(0) }, detectors), [])
  const found = run({ rate: 4, forMs: 4_000, make: few(100), fromMs: NOW_MS + 30_000 }, detectors)
  assert.ok(found.length > 0)
  for (const { flows } of found) {
    assert.ok(flows.length > 0)
    assert.deepEqual(
      [...flows].filter((flow) => flow === undefined),
      [],
    )
  }
})
