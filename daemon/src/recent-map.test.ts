import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecentMap } from './recent-map.js'

test('the entry that was used least recently leaves first', () => {
  const map = createRecentMap<string, number>()
  for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) map.set(key, i)
  assert.equal(map.touch('a'), 0)
  assert.equal(map.get('b'), 1)
  map.set('c', 22)
  assert.ok(map.delete('d'))
  assert.ok(!map.delete('d'))
  assert.deepEqual([...map.values()], [1, 0, 22])
  assert.deepEqual([map.dropOldest(), map.dropOldest(), map.oldest(), map.size], [1, 0, 22, 1])
  assert.equal(map.touch('b'), undefined)
  map.clear()
  assert.deepEqual([map.dropOldest(), map.size], [undefined, 0])
})

test('an entry may be taken out while it is its turn', () => {
  const map = createRecentMap<number, number>()
  for (let i = 0; i < 10; i++) map.set(i, i)
  for (const value of map.values()) if (value % 2 === 0) map.delete(value)
  assert.deepEqual([...map.values()], [1, 3, 5, 7, 9])
})
