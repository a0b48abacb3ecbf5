import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow } from '../detect/test-flow.js'
import type { FlowCursor } from './flow-search.js'
import { at, storeFlows, testStore } from './test-store.js'

test('a search in steps finds all that match, the newest first', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 45_000 }, (_, i) =>
    answeredFlow({
      src: i % 2 === 0 ? '10.0.0.1' : '11.0.0.1',
      dst: '192.0.2.1',
      dstPort: i % 100,
      startUs: 1_000_000 + Math.floor(i / 2),
    }),
  )
  storeFlows(store, flows)
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
  storeFlows(store, flows)
  const found = store.flows({ port: 80, last: 1 })
  assert.equal(found.isPartial, true)
  assert.equal(found.rows[0]!.flow.id, flows.at(-1)!.id)
  assert.equal(found.total, 20_000)
})

test('a page of a rare match takes 20 ms and tells where to go on, however long a search may take', (t) => {
  const store = testStore(t, { searchLimitMs: 10_000 })
  storeFlows(
    store,
    Array.from({ length: 45_000 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i })),
  )
  let ms = 0
  // Every look at the clock finds it 15 ms later.
  t.mock.method(performance, 'now', () => (ms += 15))
  const first = store.flowsPage({ port: 9 }, undefined, 100)
  assert.deepEqual([first.rows, first.next === undefined], [[], false])
  assert.equal(store.flowsPage({ port: 9 }, first.next, 100).next, undefined)
})

for (const [name, searchLimitMs, limit] of [
  ['as they come', 200, 10_000],
  ['one row at a time', 200, 1],
  ['with a time limit that is always met', 0, 700],
] as const) {
  test(`pages hold every flow that matches once, in order of time: ${name}`, (t) => {
    const store = testStore(t, { searchLimitMs })
    const count = limit === 1 ? 300 : 45_000
    // Many at the same time, so that pages end between them.
    const flows = Array.from({ length: count }, (_, i) =>
      answeredFlow({ startUs: 1_000_000 + Math.floor(i / 50), dstPort: i % 7 }),
    )
    storeFlows(store, flows.toReversed())
    const filter = { port: 3, sinceMs: 1_000, untilMs: 1_000 + Math.floor(count / 200_000), last: 1 }
    const found: number[] = []
    let pages = 0
    let cursor: FlowCursor | undefined
    do {
      const { rows, next } = store.flowsPage(filter, cursor, limit)
      assert.ok(rows.length <= limit)
      found.push(...rows.map(({ flow }) => flow.id))
      cursor = next
      pages++
    } while (cursor !== undefined)
    const expected = flows.filter(
      ({ dstPort, lastUs }) => dstPort === 3 && lastUs <= filter.untilMs * 1_000 + 999,
    )
    assert.deepEqual(
      found,
      expected.map(({ id }) => id),
    )
    assert.ok(pages >= Math.floor(expected.length / limit))
  })
}
