import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../test/random.js'
import { createRecentMap } from './recent-map.js'

const seed = Number(process.env.IDSD_SEED ?? 5)

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
  for (const [key] of map.entries()) if (key === 5) map.delete(key)
  assert.deepEqual([...map.values()], [1, 3, 7, 9])
})

test('after any sequence of calls it holds what a list of the last keys holds', () => {
  const random = createRandom(seed)
  for (let round = 0; round < 200; round++) {
    const capacity = 1 + random.below(8)
    const map = createRecentMap<string, number>(capacity)
    let model: (readonly [string, number])[] = []
    let evicted = 0
    for (let step = 0; step < 200; step++) {
      const key = `k${random.below(12)}`
      const call = random.below(50)
      const isHeld = model.some(([held]) => held === key)
      if (call === 0) {
        map.clear()
        model = []
      } else if (call < 10) {
        map.delete(key)
        model = model.filter(([held]) => held !== key)
      } else if (call < 15) {
        map.replace(key, step)
        model = model.map((entry) => (entry[0] === key ? [key, step] : entry))
      } else {
        map.set(key, step)
        if (!isHeld && model.length === capacity) {
          model.shift()
          evicted++
        }
        model = [...model.filter(([held]) => held !== key), [key, step]]
      }
      const what = `seed ${seed}, round ${round}, step ${step}`
      assert.deepEqual([...map.entries()], model, what)
      assert.deepEqual([map.size, map.evicted], [model.length, evicted], what)
      assert.equal(map.get(key), model.find(([held]) => held === key)?.[1], what)
    }
  }
})
