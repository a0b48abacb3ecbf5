import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import { answeredFlow, refusedFlow, testFlow } from './test-flow.js'

const NOW_MS = 1_000_000
const NOW_US = NOW_MS * 1_000

/** What scan_vertical alone says: the other detectors see the same flows. */
function see(detectors: Detectors, flows: readonly FlowRecord[], nowMs = NOW_MS): Evidence[] {
  const scores = flows.map(() => Number.NaN)
  return vertical(detectors.observe(flows, scores, nowMs))
}

function vertical(found: readonly Evidence[]): Evidence[] {
  return found.filter(({ detector }) => detector === 'scan_vertical')
}

function ports(
  count: number,
  make: (given: Partial<FlowRecord>) => FlowRecord,
  given: Partial<FlowRecord> = {},
  from = 1,
) {
  return Array.from({ length: count }, (_, i) => {
    const startUs = (given.startUs ?? NOW_US) + i * 1_000
    return make({ ...given, dstPort: from + i, startUs, lastUs: startUs + 100 })
  })
}

test('twenty refused ports of one host fire at once, with numbers, flows and technique', () => {
  const found = see(createDetectors(), ports(20, refusedFlow))
  assert.equal(found.length, 1)
  const [evidence] = found
  assert.equal(
    evidence!.text,
    'scan_vertical: 20 distinct TCP ports of 10.77.0.1 in 0.019 s (threshold 20 in 15 s), ' +
      '20 of 20 unanswered or reset (100 %, threshold 80 %)',
  )
  assert.equal(evidence!.source, '10.77.0.2')
  assert.equal(evidence!.technique, 'T1046')
  assert.equal(evidence!.points, 60)
  assert.equal(evidence!.packetUs, NOW_US + 19_100)
  assert.equal(evidence!.flows.length, 20)
  assert.equal(evidence!.scores.length, 20)
})

test('nineteen ports do not fire', () => {
  assert.deepEqual(see(createDetectors(), ports(19, refusedFlow)), [])
})

test('silent ports fire by waiting 1 s, without another packet', () => {
  const detectors = createDetectors()
  assert.deepEqual(see(detectors, ports(20, testFlow)), [])
  assert.deepEqual(detectors.tick(NOW_MS + 1_018), [])
  const [evidence] = detectors.tick(NOW_MS + 1_050)
  assert.match(evidence!.text, /20 of 20 unanswered/)
  assert.equal(evidence!.packetUs, NOW_US + 1_019_000)
  assert.deepEqual(detectors.tick(NOW_MS + 1_100), [])
})

test('the share of 80 % is met by 16 of 20 and missed by 15 of 20', () => {
  const mixed = (answered: number) => [
    ...ports(answered, answeredFlow),
    ...ports(20 - answered, refusedFlow, {}, 500),
  ]
  assert.equal(see(createDetectors(), mixed(4)).length, 1)
  assert.equal(see(createDetectors(), mixed(5)).length, 0)
})

test('ports further apart than 15 s are not one scan', () => {
  const detectors = createDetectors()
  for (let i = 0; i < 40; i++) {
    const startUs = NOW_US + i * 800_000
    assert.deepEqual(see(detectors, [refusedFlow({ dstPort: i + 1, startUs })], startUs / 1_000), [])
  }
})

test('ports tried over just under 15 s are one scan', () => {
  const detectors = createDetectors()
  let found: Evidence[] = []
  for (let i = 0; i < 20; i++) {
    const startUs = NOW_US + i * 780_000
    found = found.concat(see(detectors, [refusedFlow({ dstPort: i + 1, startUs })], startUs / 1_000))
  }
  assert.equal(found.length, 1)
})

test('ports that were evidence do not count again, new ones do', () => {
  const detectors = createDetectors()
  assert.equal(see(detectors, ports(20, refusedFlow)).length, 1)
  assert.equal(see(detectors, ports(20, refusedFlow), NOW_MS + 500).length, 0)
  assert.equal(see(detectors, ports(19, refusedFlow, {}, 100), NOW_MS + 600).length, 0)
  assert.equal(see(detectors, ports(1, refusedFlow, {}, 200), NOW_MS + 700).length, 1)
})

test('the same ports count again once the window has passed', () => {
  const detectors = createDetectors()
  const later = NOW_MS + 20_000
  assert.equal(see(detectors, ports(20, refusedFlow)).length, 1)
  assert.equal(see(detectors, ports(20, refusedFlow, { startUs: later * 1_000 }), later).length, 1)
})

test('a burst in one batch fires twice: the shortest run, then all the rest', () => {
  const found = see(createDetectors(), ports(57, refusedFlow))
  assert.deepEqual(
    found.map(({ text }) => /\d+ distinct/.exec(text)?.[0]),
    ['20 distinct', '37 distinct'],
  )
})

test('batches of any size give the first firing on the same ports', () => {
  const flows = ports(45, refusedFlow)
  const whole = see(createDetectors(), flows)
  const detectors = createDetectors()
  const single = flows.flatMap((flow) => see(detectors, [flow]))
  assert.equal(single.length, 2)
  assert.equal(single[0]!.text, whole[0]!.text)
  assert.equal(single[0]!.packetUs, whole[0]!.packetUs)
})

test('records out of order give the same outcome', () => {
  const opened = ports(20, testFlow)
  const replies = opened.map((flow) =>
    answeredFlow({ ...flow, kind: 'snapshot', seq: 1, packetsBwd: 1, synCount: 2 }),
  )
  const detectors = createDetectors()
  see(detectors, [...replies, ...opened])
  assert.deepEqual(detectors.tick(NOW_MS + 2_000), [])
})

test('a reply within the second takes the port out of the count', () => {
  const detectors = createDetectors()
  const opened = ports(20, testFlow)
  see(detectors, opened)
  see(
    detectors,
    opened
      .slice(0, 5)
      .map((flow) => ({ ...flow, kind: 'snapshot' as const, seq: 1, packetsBwd: 1, synCount: 2 })),
    NOW_MS + 800,
  )
  assert.deepEqual(detectors.tick(NOW_MS + 2_000), [])
})

const harmless: readonly (readonly [string, FlowRecord[]])[] = [
  [
    'a page of 60 hosts on port 443',
    Array.from({ length: 60 }, (_, i) => answeredFlow({ dst: `10.1.0.${i}`, dstPort: 443 })),
  ],
  ['transit flows', ports(40, refusedFlow, { isTransit: true })],
  ['backscatter that began with a SYN-ACK', ports(40, refusedFlow, { firstBackward: true })],
  ['continuations of split flows', ports(40, testFlow, { isContinuation: true })],
  ['TCP picked up in the middle', ports(40, testFlow, { synCount: 0 })],
  ['late answers of a resolver', ports(40, testFlow, { protocol: 17, synCount: 0, srcPort: 53 }, 40_000)],
  ['a traceroute', ports(60, testFlow, { protocol: 17, synCount: 0 }, 33_434)],
  ['forty retries of one dead port', Array.from({ length: 40 }, () => refusedFlow())],
  [
    'a load balancer that resets each check after the SYN-ACK',
    ports(40, answeredFlow).flatMap((flow) => [
      flow,
      { ...flow, seq: 2, packetsFwd: 2, rstCount: 1, tcpState: 'ready' as const },
    ]),
  ],
  ['echo requests', ports(40, testFlow, { protocol: 1, synCount: 0 })],
]

for (const [name, flows] of harmless) {
  test(`${name}: no evidence`, () => {
    const detectors = createDetectors()
    const scores = flows.map(() => Number.NaN)
    assert.deepEqual(detectors.observe(flows, scores, NOW_MS), [])
    assert.deepEqual(detectors.tick(NOW_MS + 2_000), [])
  })
}

test('a fast scan of silent ports is seen while it runs', () => {
  const detectors = createDetectors()
  let found: Evidence[] = []
  for (let i = 0; i < 24; i++) {
    const nowMs = NOW_MS + i * 50
    found = found.concat(see(detectors, ports(50, testFlow, { startUs: nowMs * 1_000 }, 1 + i * 50), nowMs))
  }
  assert.ok(found.length >= 2, `${found.length} firings in 1.2 s of 1,000 ports/s`)
})

test('a scan of filtered ports at 100 a second has fired twice in less than 2 s', () => {
  const detectors = createDetectors()
  const firedMs: number[] = []
  for (let ms = 0; ms < 2_000; ms += 20) {
    const flows = ports(2, testFlow, { startUs: (NOW_MS + ms) * 1_000 }, 1 + ms / 10)
    const found = [...see(detectors, flows, NOW_MS + ms + 20), ...vertical(detectors.tick(NOW_MS + ms + 20))]
    for (const { atMs } of found) firedMs.push(atMs - NOW_MS)
  }
  assert.ok(firedMs.length >= 2 && firedMs[0]! <= 1_240 && firedMs[1]! <= 1_440, `${firedMs}`)
})

test('the order of records inside a batch changes neither how often nor when a scan is seen', () => {
  const flows = ports(20, testFlow).flatMap((flow, i) =>
    i < 4 ? [flow, { ...flow, kind: 'snapshot' as const, seq: 1, packetsBwd: 1, synCount: 2 }] : [flow],
  )
  for (let turn = 0; turn < flows.length; turn++) {
    const turned = [...flows.slice(turn), ...flows.slice(0, turn)]
    for (const order of [turned, turned.toReversed()]) {
      const detectors = createDetectors()
      assert.deepEqual(see(detectors, order, NOW_MS + 20), [])
      const [evidence, ...rest] = vertical(detectors.tick(NOW_MS + 1_100))
      assert.match(evidence!.text, /16 of 20 unanswered/)
      assert.deepEqual(rest, [])
    }
  }
})

test('silent UDP ports are a scan of UDP ports', () => {
  const detectors = createDetectors()
  see(detectors, ports(20, testFlow, { protocol: 17, synCount: 0 }))
  assert.match(detectors.tick(NOW_MS + 2_000)[0]!.text, /20 distinct UDP ports/)
})

test('a scan of 40 hosts at a time is still seen on each of them', () => {
  const detectors = createDetectors()
  const flows = Array.from({ length: 20 }, (_, port) =>
    Array.from({ length: 40 }, (_, host) =>
      refusedFlow({ dst: `10.1.0.${host}`, dstPort: port + 1, startUs: NOW_US + port }),
    ),
  ).flat()
  assert.equal(see(detectors, flows).length, 40)
})

test('sources are bounded, the least recent leaves and is counted', () => {
  const detectors = createDetectors({ maxSources: 2 })
  see(detectors, ports(19, refusedFlow, { src: '10.0.0.1' }))
  see(detectors, [refusedFlow({ src: '10.0.0.2' }), refusedFlow({ src: '10.0.0.3' })])
  assert.equal(detectors.sources, 2)
  assert.equal(detectors.evicted, 1)
  assert.deepEqual(see(detectors, ports(1, refusedFlow, { src: '10.0.0.1' }, 900)), [])
})

test('ports under watch are bounded over all sources', () => {
  const detectors = createDetectors({ maxProbes: 30 })
  see(detectors, ports(19, refusedFlow, { src: '10.0.0.1' }))
  see(detectors, ports(19, refusedFlow, { src: '10.0.0.2' }))
  assert.equal(detectors.sources, 1)
  assert.equal(detectors.evicted, 1)
  assert.equal(see(detectors, ports(1, refusedFlow, { src: '10.0.0.2' }, 900)).length, 1)
})

test('a source that fell silent is forgotten without counting as evicted', () => {
  const detectors = createDetectors()
  see(detectors, [testFlow()])
  detectors.tick(NOW_MS + 700_000)
  assert.equal(detectors.sources, 0)
  assert.equal(detectors.evicted, 0)
})
