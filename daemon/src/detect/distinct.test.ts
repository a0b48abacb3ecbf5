import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDistinct } from './distinct.js'

for (const count of [0, 1, 100, 5_000, 50_000]) {
  test(`${count} distinct numbers, each twice, are counted to 3 %`, () => {
    const distinct = createDistinct()
    for (let i = 0; i < 2 * count; i++) distinct.add(1 + (i % Math.max(1, count)))
    assert.ok(Math.abs(distinct.count() - count) <= count * 0.03, `${distinct.count()}`)
  })
}
