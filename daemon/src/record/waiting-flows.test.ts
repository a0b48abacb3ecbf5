import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow } from '../detect/test-flow.js'
import { createWaitingFlows } from './waiting-flows.js'

const ids = (waiting: readonly { flow: { id: number } }[]) => waiting.map(({ flow }) => flow.id)

test('when too many wait, a sixteenth leaves, those that wait longest first, and is counted', () => {
  const waiting = createWaitingFlows(64)
  for (let id = 1; id <= 65; id++) waiting.put(answeredFlow({ id }), Number.NaN, id)
  assert.deepEqual([waiting.size, waiting.dropped], [61, 4])
  assert.deepEqual(ids(waiting.oldest(1_000, 2)), [5, 6])
  for (let id = 66; id <= 10_000; id++) waiting.put(answeredFlow({ id }), Number.NaN, id)
  assert.ok(waiting.size <= 64)
  assert.equal(waiting.dropped, 10_000 - waiting.size)
  assert.deepEqual(ids(waiting.newest(2)), [10_000, 9_999])
})

test('a flow that goes on keeps its place and the time since when it waits', () => {
  const waiting = createWaitingFlows(64)
  const flow = answeredFlow({ id: 1, seq: 1 })
  waiting.put(flow, Number.NaN, 100)
  waiting.put(answeredFlow({ id: 2 }), Number.NaN, 101)
  waiting.put({ ...flow, seq: 2 }, 0.4, 102)
  waiting.put({ ...flow, seq: 1 }, 0.3, 103)
  assert.deepEqual(ids(waiting.oldest(100, 9)), [1])
  const [first] = waiting.oldest(101, 9)
  assert.deepEqual([first!.flow.seq, first!.score], [2, 0.4])
})

test('what was taken out is not met again, and its flow can wait anew', () => {
  const waiting = createWaitingFlows(100_000)
  for (let id = 0; id < 50_000; id++) waiting.put(answeredFlow({ id }), Number.NaN, id)
  waiting.takeOut(waiting.newest(10))
  for (let i = 0; i < 166; i++) waiting.takeOut(waiting.oldest(Number.POSITIVE_INFINITY, 300))
  assert.equal(waiting.size, 190)
  assert.deepEqual(ids(waiting.oldest(Number.POSITIVE_INFINITY, 1)), [49_800])
  waiting.put(answeredFlow({ id: 7 }), Number.NaN, 50_000)
  assert.deepEqual(ids(waiting.newest(2)), [7, 49_989])
  assert.equal(waiting.get(7)?.sinceMs, 50_000)
  assert.equal(waiting.get(8), undefined)
})
