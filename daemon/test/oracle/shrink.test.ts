import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { shrink } from './shrink.js'

type Numbers = readonly number[]

const rows: readonly (readonly [
  name: string,
  list: Numbers,
  fails: (l: Numbers) => boolean,
  left: Numbers,
])[] = [
  ['that fails whatever is in it becomes empty', [1, 2, 3], () => true, []],
  ['keeps the two elements that it needs', [5, 1, 4, 2, 3], (l) => l.includes(1) && l.includes(3), [1, 3]],
  ['keeps their order', [3, 9, 9, 1], (l) => l.includes(3) && l.indexOf(3) < l.indexOf(1), [3, 1]],
  ['that fails by its length keeps the length', [1, 2, 3, 4, 5, 6], (l) => l.length >= 3, [4, 5, 6]],
  ['of which nothing can go stays', [1, 2], (l) => l.length === 2, [1, 2]],
]

describe('a failing list', () => {
  for (const [name, list, fails, left] of rows) {
    test(name, () => {
      assert.deepEqual(shrink(list, fails), left)
    })
  }
})
