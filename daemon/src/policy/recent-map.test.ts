import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { createRecentMap } from './recent-map.js'

const seed = Number(process.env.IDSD_SEED ?? 5)

test('after any sequence of calls it holds what a list of the last keys holds', () => {
  const random = createRandom(seed)
  for (let round = 0; round < 200; round++) {
    const capacity = 1 + random.below(8)
    const map = createRecentMap<number>(capacity)
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

test('entries may be deleted while they are listed', () => {
  const map = createRecentMap<number>(4)
  for (const key of ['a', 'b', 'c']) map.set(key, 1)
  for (const [key] of map.entries()) if (key !== 'b') map.delete(key)
  assert.deepEqual([...map.entries()], [['b', 1]])
})
