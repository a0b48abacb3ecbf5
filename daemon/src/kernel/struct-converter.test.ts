import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StructLayout } from './binding.js'
import { createStructConverter } from './struct-converter.js'

const old: StructLayout = {
  size: 16,
  fields: [
    ['a', 0, 4],
    ['b[0]', 4, 1],
    ['b[1]', 5, 1],
    ['gone', 6, 2],
    ['wide', 8, 8],
  ],
}

const oldBytes = (wide: readonly number[]) => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, ...wide)

const cases: readonly (readonly [string, StructLayout, readonly number[], readonly number[]])[] = [
  [
    'the same layout gives the same bytes',
    old,
    [9, 0, 0, 0, 0, 0, 0, 1],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 1],
  ],
  [
    'fields that moved are found by name, a field that is only here is 0',
    {
      size: 12,
      fields: [
        ['fresh', 0, 4],
        ['b[0]', 4, 1],
        ['b[1]', 5, 1],
        ['a', 8, 4],
      ],
    },
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 5, 6, 0, 0, 1, 2, 3, 4],
  ],
  [
    'a wider field keeps the value',
    { size: 8, fields: [['a', 0, 8]] },
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 2, 3, 4, 0, 0, 0, 0],
  ],
  [
    'a narrower field keeps a value that fits',
    { size: 2, fields: [['wide', 0, 2]] },
    [7, 1, 0, 0, 0, 0, 0, 0],
    [7, 1],
  ],
  [
    'a narrower field takes the largest number for one that does not fit',
    { size: 2, fields: [['wide', 0, 2]] },
    [7, 1, 0, 1, 0, 0, 0, 0],
    [255, 255],
  ],
]

for (const [name, to, wide, expected] of cases) {
  test(name, () => {
    assert.deepEqual([...createStructConverter(old, to)(oldBytes(wide))], [...expected])
  })
}

test('a struct inside a longer buffer is read from its place', () => {
  const bytes = Uint8Array.of(0, 0, ...oldBytes([9, 9, 9, 9, 9, 9, 9, 9]))
  const convert = createStructConverter(old, { size: 4, fields: [['a', 0, 4]] })
  assert.deepEqual([...convert(bytes, 2)], [1, 2, 3, 4])
})

test('a struct that does not lie whole in the buffer is refused', () => {
  const convert = createStructConverter(old, old)
  assert.throws(() => convert(new Uint8Array(15)), RangeError)
  assert.throws(() => convert(new Uint8Array(16), 1), RangeError)
})
