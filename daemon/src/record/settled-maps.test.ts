import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostSettled } from './settled-maps.js'
import { testStore } from './test-store.js'

test('starts, and tables of lists that were swapped out, are remembered, the oldest not for ever', (t) => {
  const store = testStore(t)
  const tables = Array.from({ length: mostSettled + 5 }, (_unused, i) => i + 1)
  store.saveListHits([], [], tables.slice(0, mostSettled))
  assert.equal(store.listReadings(1), undefined)
  store.saveListHits([], [], tables.slice(mostSettled, -1))
  store.saveHits([], tables.slice(-1))
  assert.deepEqual([store.hitReadings(5)?.size, store.hitReadings(6)], [0, undefined])
  assert.deepEqual(
    [1, 5, 6, mostSettled + 5].map((table) => store.listReadings(table) === undefined),
    [false, false, true, true],
  )
})
