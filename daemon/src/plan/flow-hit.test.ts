import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { isLive, judgedAddresses, keptBack, MAX_OPEN_MS, trafficOf } from './flow-hit.js'
import type { PlannedAction } from './plan.js'

const ends = { src: '203.0.113.7', dst: '192.0.2.1' }

const directions: readonly (readonly [firstIngress: boolean, firstBackward: boolean, far: string])[] = [
  [true, false, '203.0.113.7'],
  [true, true, '192.0.2.1'],
  [false, false, '192.0.2.1'],
  [false, true, '203.0.113.7'],
]
for (const [firstIngress, firstBackward, far] of directions) {
  const came = `${firstIngress ? 'in' : 'out'}, ${firstBackward ? 'from dst' : 'from src'}`
  test(`a flow whose first packet went ${came} is judged by ${far}`, () => {
    const flow = testFlow({ ...ends, firstIngress, firstBackward })
    assert.deepEqual(judgedAddresses(flow, false), [far])
    const both = judgedAddresses(flow, true)
    assert.equal(both[0], far)
    assert.deepEqual([...both].sort(), ['192.0.2.1', '203.0.113.7'])
  })
}

const sizes: readonly (readonly [name: string, src: string, protocol: number, headers: number])[] = [
  ['TCP over IPv4', '192.0.2.1', 6, 54],
  ['UDP over IPv4', '192.0.2.1', 17, 42],
  ['ICMP over IPv4', '192.0.2.1', 1, 42],
  ['TCP over IPv6', '2001:db8::1', 6, 74],
  ['ICMPv6', '2001:db8::1', 58, 62],
]
for (const [name, src, protocol, headers] of sizes) {
  test(`a packet of ${name} is ${headers} bytes longer than its payload`, () => {
    const flow = testFlow({ src, protocol, packetsFwd: 3, packetsBwd: 1, bytesFwd: 100, bytesBwd: 10 })
    assert.deepEqual(trafficOf(flow), {
      ...{ flows: 1, packets: 4, bytes: 110 },
      wireBytesLeast: 110 + 4 * headers,
    })
  })
}

test('live is an open flow that proved its path with packets both ways', () => {
  const startUs = 1_000_000_000
  const nowMs = startUs / 1_000 + 10_000
  const live = testFlow({ kind: 'snapshot', startUs, pathProven: true, packetsBwd: 1 })
  assert.equal(isLive(live, nowMs), true)
  assert.equal(isLive({ ...live, kind: 'ended' }, nowMs), false)
  assert.equal(isLive({ ...live, pathProven: false }, nowMs), false)
  assert.equal(isLive({ ...live, packetsBwd: 0 }, nowMs), false)
  assert.equal(isLive(live, startUs / 1_000 + MAX_OPEN_MS), false)
})

const far = ends.src
const limit: PlannedAction = { action: 'limit', limit: { unit: 'packets', perSecond: 100 } }
const spare = { sparesFlows: true } as const
/** 5 packets from the far end, 3 to it. */
const talk = {
  ...ends,
  packetsFwd: 5,
  packetsBwd: 3,
  bytesFwd: 50,
  bytesBwd: 30,
  synCount: 2,
  pathProven: true,
}
const ours = { ...talk, firstIngress: false, firstBackward: true }
const kept: readonly (readonly [
  string,
  Partial<FlowRecord>,
  PlannedAction,
  packets: number,
  isAtMost: boolean,
])[] = [
  ['a drop takes both directions', talk, { action: 'drop' }, 8, false],
  ['so does a reject', talk, { action: 'reject' }, 8, false],
  ['observe counts both directions', talk, { action: 'count' }, 8, false],
  ['a limit is about what arrives', talk, limit, 5, true],
  ['a limit of the other end too', { ...talk, src: '192.0.2.9', dst: far }, limit, 3, true],
  ['what only leaves meets no limit', { ...talk, packetsFwd: 0 }, limit, 0, false],
  ['a SYN drop is about SYNs, without the answer to them', talk, { action: 'synDrop' }, 1, true],
  ['an unanswered SYN is one', { ...talk, pathProven: false, synCount: 1 }, { action: 'synDrop' }, 1, true],
  ['a SYN drop does not meet a connection of ours', ours, { action: 'synDrop' }, 0, false],
  ['nor UDP', { ...talk, protocol: 17, synCount: 0 }, { action: 'synDrop' }, 0, false],
  ['a drop that spares flows takes what is not proven yet', talk, { action: 'drop', ...spare }, 8, true],
  ['and nothing of a connection of ours', ours, { action: 'drop', ...spare }, 0, false],
  [
    'nor of one that was proven before',
    { ...talk, isContinuation: true },
    { action: 'drop', ...spare },
    0,
    false,
  ],
  [
    'one that goes on without proof is taken',
    { ...talk, isContinuation: true, pathProven: false },
    { ...limit, ...spare },
    5,
    true,
  ],
]
for (const [name, flow, does, packets, isAtMost] of kept) {
  test(`${name}: ${packets} packets`, () => {
    const found = keptBack(testFlow(flow), far, does)
    assert.deepEqual([found.traffic.packets, found.isAtMost], [packets, isAtMost])
  })
}
