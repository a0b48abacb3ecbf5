import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { testAllow } from '../enforce/test-enforcer.js'
import { parseTarget } from '../policy/address.js'
import { storeFlows, testStore } from '../record/test-store.js'
import type { PlannedAction } from './plan.js'
import { planBlock } from './plan-block.js'
import type { HitsOptions } from './plan-hits.js'

const NOW_MS = 1_010_000
const target = (text: string) => parseTarget(text, 'target')

/** 10 packets out and back, 100 B each way, 6 s ago. */
const udp = (src: string, given: Partial<FlowRecord> = {}) =>
  testFlow({
    ...{ kind: 'ended', src, protocol: 17, startUs: 1_004_000_000, lastUs: 1_004_000_000 },
    ...{ packetsFwd: 6, packetsBwd: 4, bytesFwd: 100, bytesBwd: 100 },
    ...given,
  })

function world(t: TestContext, flows: readonly FlowRecord[], change: Partial<HitsOptions> = {}) {
  const store = testStore(t)
  storeFlows(store, flows)
  const options = { store, allows: () => [], isForwarding: () => false, nowMs: () => NOW_MS, ...change }
  return (
    targets: readonly string[],
    sinceMs = 0,
    isWanted = () => true,
    does: PlannedAction = { action: 'drop' },
  ) => planBlock(options, targets.map(target), does, sinceMs, isWanted)
}

test('counts who is covered, and all that was recorded', async (t) => {
  const plan = world(t, [udp('203.0.113.7'), udp('203.0.113.7'), udp('203.0.113.9'), udp('198.51.100.1')])
  const { hit, recorded, addresses, addressesTotal, liveTotal, sinceMs } = await plan(['203.0.113.0/24'])
  assert.deepEqual(hit, { flows: 3, packets: 30, bytes: 600, wireBytesLeast: 600 + 30 * 42 })
  assert.equal(recorded.packets, 40)
  assert.deepEqual(
    addresses.map(({ address, target: by, traffic }) => [address, by, traffic.packets]),
    [
      ['203.0.113.7', '203.0.113.0/24', 20],
      ['203.0.113.9', '203.0.113.0/24', 10],
    ],
  )
  assert.deepEqual([addressesTotal, liveTotal, sinceMs], [2, 0, 1_004_000])
})

test('looks only at the time it was asked for', async (t) => {
  const plan = world(t, [
    udp('203.0.113.7'),
    udp('203.0.113.7', { startUs: 1_000_000_000, lastUs: 1_001_000_000 }),
    udp('203.0.113.7', { startUs: 1_020_000_000, lastUs: 1_020_000_000 }),
  ])
  assert.equal((await plan(['203.0.113.7'], 1_003_000)).hit.packets, 10)
  assert.equal((await plan(['203.0.113.7'])).hit.packets, 20)
})

test('what an allow entry covers is spared and told apart, also where it has met nothing', async (t) => {
  const allows = () => [testAllow('203.0.113.8/29', 'operator'), testAllow('203.0.113.200', 'config')]
  const plan = world(t, [udp('203.0.113.7'), udp('203.0.113.9')], { allows })
  const { hit, allowed } = await plan(['203.0.113.0/24', '198.51.100.1'])
  assert.equal(hit.packets, 10)
  assert.deepEqual(
    allowed.map((row) => [row.target, row.entry.target, row.spared.packets]),
    [
      ['203.0.113.0/24', '203.0.113.8/29', 10],
      ['203.0.113.0/24', '203.0.113.200', 0],
    ],
  )
})

test('a block of the near end hits nothing on one interface, and what leaves by another on two', async (t) => {
  const flows = [udp('203.0.113.7', { dst: '192.0.2.80' })]
  assert.equal((await world(t, flows)(['192.0.2.80'])).hit.packets, 0)
  const forwarding = world(t, flows, { isForwarding: () => true })
  assert.equal((await forwarding(['192.0.2.80'])).hit.packets, 10)
  assert.equal((await forwarding(['192.0.2.80', '203.0.113.7'])).hit.packets, 10, 'dropped once')
})

test('live peers come first, however little they send', async (t) => {
  const live = udp('203.0.113.9', { kind: 'snapshot', pathProven: true, packetsFwd: 1, packetsBwd: 1 })
  const { addresses, liveTotal } = await world(t, [udp('203.0.113.7'), live])(['203.0.113.0/24'])
  assert.deepEqual(
    addresses.map(({ address, isLive }) => [address, isLive]),
    [
      ['203.0.113.9', true],
      ['203.0.113.7', false],
    ],
  )
  assert.equal(liveTotal, 1)
})

test('more than a page is read whole, and no more once nobody waits', async (t) => {
  const flows = Array.from({ length: 6_500 }, (_, i) =>
    udp('203.0.113.7', { startUs: 1_000_000_000 + i, lastUs: 1_000_000_000 + i }),
  )
  const plan = world(t, flows)
  assert.equal((await plan(['203.0.113.7'])).hit.flows, 6_500)
  let pages = 0
  const { recorded } = await plan(['203.0.113.7'], 0, () => pages++ < 1)
  assert.equal(recorded.flows, 2_000)
})

test('a limit and a SYN drop are upper bounds of what arrives, and observe is exact', async (t) => {
  const tcp = { protocol: 6, synCount: 1 }
  const plan = world(t, [udp('203.0.113.7'), udp('203.0.113.9', tcp)])
  const of = async (does: PlannedAction) => {
    const { hit, isAtMost, addressesTotal } = await plan(['203.0.113.0/24'], 0, undefined, does)
    return [hit.packets, hit.bytes, addressesTotal, isAtMost]
  }
  assert.deepEqual(await of({ action: 'limit', limit: { unit: 'packets', perSecond: 1 } }), [
    12,
    200,
    2,
    true,
  ])
  assert.deepEqual(await of({ action: 'synDrop' }), [1, 0, 1, true])
  assert.deepEqual(await of({ action: 'count' }), [20, 400, 2, false])
})

test('what entered by another interface is counted once', async (t) => {
  const transit = udp('203.0.113.7', { ifindex: 3, isTransit: true, firstIngress: false })
  const plan = world(t, [udp('203.0.113.7'), transit], { isForwarding: () => true })
  const { hit, recorded } = await plan(['203.0.113.7'])
  assert.deepEqual([hit.packets, recorded.packets], [10, 10])
})
