import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { sampleFlow } from './fake-view.js'
import { createFeed } from './feed.js'
import { createTopSources } from './top-sources.js'
import type { FlowRow } from './view.js'

function world(capacity = 100, maxSources = 100) {
  const feed = createFeed<FlowRow>()
  const time = { ms: 1_000 }
  const top = createTopSources({ feed, nowMs: () => time.ms, capacity, maxSources })
  const record = (change: Partial<FlowRecord>) =>
    feed.publish([
      {
        flow: sampleFlow({
          ...{ seq: 0, startUs: (Date.now() + 1_000) * 1_000, packetsFwd: 1, packetsBwd: 0 },
          ...{ bytesFwd: 0, bytesBwd: 0, kind: 'snapshot', ...change },
        }),
        score: Number.NaN,
      },
    ])
  return { feed, time, top, record }
}

test('nothing is counted, and no reader is held, until somebody asks', () => {
  const { feed, top, record } = world()
  record({ bytesFwd: 5 })
  assert.equal(feed.readers(), 0)
  assert.deepEqual(top.read(5, 'bytes'), { windowMs: 0, sources: [] })
  assert.equal(feed.readers(), 1)
  top.close()
  assert.equal(feed.readers(), 0)
})

test('a record counts what it has more than the one before, an older one nothing', () => {
  const { top, record } = world()
  top.read(5, 'bytes')
  record({ id: 1, seq: 0, packetsFwd: 2, bytesFwd: 100 })
  record({ id: 1, seq: 2, packetsFwd: 5, bytesFwd: 700, bytesBwd: 50 })
  record({ id: 1, seq: 1, packetsFwd: 4, bytesFwd: 600 })
  record({ id: 1, seq: 3, packetsFwd: 6, bytesFwd: 700, bytesBwd: 50, kind: 'ended' })
  const { sources } = top.read(5, 'bytes')
  assert.deepEqual(sources, [{ address: '192.0.2.7', packets: 6, bytesFwd: 700, bytesBwd: 50, flows: 1 }])
  top.close()
})

test('a flow that was there before counts only what it does from then on', () => {
  const { top, record } = world()
  top.read(5, 'bytes')
  const startUs = (Date.now() - 60_000) * 1_000
  record({ id: 1, seq: 4, startUs, packetsFwd: 1_000, bytesFwd: 1_000_000 })
  assert.deepEqual(top.read(5, 'bytes').sources, [])
  record({ id: 1, seq: 5, startUs, packetsFwd: 1_003, bytesFwd: 1_000_040 })
  assert.deepEqual(top.read(5, 'bytes').sources, [
    { address: '192.0.2.7', packets: 3, bytesFwd: 40, bytesBwd: 0, flows: 0 },
  ])
  top.close()
})

test('the order is by payload, packets or flows, and no more come than were asked for', () => {
  const { top, record } = world()
  top.read(5, 'bytes')
  record({ id: 1, src: '192.0.2.1', packetsFwd: 1, bytesFwd: 900 })
  record({ id: 2, src: '192.0.2.2', packetsFwd: 9, bytesFwd: 100 })
  for (const id of [3, 4, 5]) record({ id, src: '192.0.2.3' })
  const first = (order: 'bytes' | 'packets' | 'flows') =>
    top.read(1, order).sources.map((each) => each.address)
  assert.deepEqual(first('bytes'), ['192.0.2.1'])
  assert.deepEqual(first('packets'), ['192.0.2.2'])
  assert.deepEqual(first('flows'), ['192.0.2.3'])
  top.close()
})

test('what is older than ten seconds is not counted any more', () => {
  const { top, time, record } = world()
  top.read(5, 'bytes')
  record({ id: 1, src: '192.0.2.1' })
  time.ms += 6_000
  record({ id: 2, src: '192.0.2.2' })
  assert.equal(top.read(5, 'packets').sources.length, 2)
  time.ms += 5_000
  const { windowMs, sources } = top.read(5, 'packets')
  assert.deepEqual([windowMs, sources.map(({ address }) => address)], [10_000, ['192.0.2.2']])
  top.close()
})

test('the flows that are remembered have an end: the oldest leaves', () => {
  const { top, record } = world(2)
  top.read(5, 'bytes')
  for (const id of [1, 2, 3]) record({ id, packetsFwd: 2 })
  record({ id: 3, seq: 1, packetsFwd: 3 })
  assert.equal(top.read(5, 'packets').sources[0]?.packets, 7)
  top.close()
})

test('a flow that was forgotten is not counted in full again', () => {
  const { top, record } = world(2)
  top.read(5, 'bytes')
  for (const id of [1, 2, 3]) record({ id, packetsFwd: 1_000 })
  record({ id: 1, seq: 5, packetsFwd: 1_003 })
  assert.equal(top.read(5, 'packets').sources[0]?.packets, 3_000)
  record({ id: 1, seq: 6, packetsFwd: 1_005 })
  assert.equal(top.read(5, 'packets').sources[0]?.packets, 3_002)
  top.close()
})

test('a flow whose first record was lost is counted from its second', () => {
  const { top, record } = world()
  top.read(5, 'bytes')
  record({ id: 1, seq: 1, packetsFwd: 2 })
  assert.equal(top.read(5, 'packets').sources[0]?.packets, 2)
  top.close()
})

test('a second holds so many sources, and goes on counting those', () => {
  const { top, time, record } = world(100, 2)
  const packets = () => top.read(5, 'packets').sources.map((each) => [each.address, each.packets])
  top.read(5, 'bytes')
  for (const id of [1, 2, 3]) record({ id, src: `192.0.2.${id}`, packetsFwd: 10 - id })
  record({ id: 2, seq: 1, src: '192.0.2.2', packetsFwd: 12 })
  assert.deepEqual(packets(), [
    ['192.0.2.2', 12],
    ['192.0.2.1', 9],
  ])
  time.ms += 1_000
  record({ id: 4, src: '192.0.2.4' })
  assert.deepEqual(packets()[2], ['192.0.2.4', 1])
  top.close()
})

test('a second holds 8,192 sources unless it is told', () => {
  const feed = createFeed<FlowRow>()
  const top = createTopSources({ feed, nowMs: () => 0 })
  top.read(1, 'flows')
  const startUs = (Date.now() + 1_000) * 1_000
  const flows = Array.from({ length: 9_000 }, (_, id) =>
    sampleFlow({ id, seq: 0, startUs, src: `source ${id}` }),
  )
  feed.publish(flows.map((flow) => ({ flow, score: Number.NaN })))
  assert.equal(top.read(9_000, 'flows').sources.length, 8_192)
  top.close()
})
