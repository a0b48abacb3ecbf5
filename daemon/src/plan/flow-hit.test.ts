import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import { isLive, judgedAddresses, MAX_OPEN_MS, trafficOf } from './flow-hit.js'

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
