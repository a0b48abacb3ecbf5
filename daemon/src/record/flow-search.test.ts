import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow } from '../detect/test-flow.js'
import { at, testStore } from './test-store.js'

test('a search in steps finds the same as one by the index of addresses, in the same order', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 45_000 }, (_, i) =>
    answeredFlow({
      src: i % 2 === 0 ? '10.0.0.1' : '11.0.0.1',
      dst: '192.0.2.1',
      dstPort: i % 100,
      startUs: 1_000_000 + Math.floor(i / 2),
    }),
  )
  store.append({ flows, scores: [], alerts: [] })
  const found = store.flows({ target: at('10.0.0.0/8'), port: 8, last: 10_000 })
  const expected = flows.filter(({ src, dstPort }) => src === '10.0.0.1' && dstPort === 8)
  assert.equal(found.total, expected.length)
  assert.deepEqual(
    found.rows.map(({ flow }) => flow.id),
    expected.map(({ id }) => id).reverse(),
  )
  const bounded = store.flows({ port: 7, sinceMs: 1_005, untilMs: 1_010 })
  assert.equal(
    bounded.total,
    flows.filter(({ dstPort, lastUs }) => dstPort === 7 && lastUs >= 1_005_000 && lastUs < 1_011_000).length,
  )
})

test('a search that meets its time limit shows the newest and says that it is partial', (t) => {
  const store = testStore(t, { searchLimitMs: 0 })
  const flows = Array.from({ length: 50_000 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i }))
  store.append({ flows, scores: [], alerts: [] })
  const found = store.flows({ port: 80, last: 1 })
  assert.equal(found.isPartial, true)
  assert.equal(found.rows[0]!.flow.id, flows.at(-1)!.id)
  assert.equal(found.total, 20_000)
})
