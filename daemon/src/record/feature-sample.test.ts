import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantsFeatures } from './feature-sample.js'

const sample = { featuresMinScore: 0.5, samplePercent: 1 }
const ids = Array.from({ length: 200_000 }, (_, i) => (i % 4) * 2 ** 45 + 123_456_789 + (i >> 2))

test('a score from the bound on keeps its features, whatever the flow', () => {
  for (const id of ids.slice(0, 1_000)) {
    assert.equal(wantsFeatures(id, 0.5, sample), true)
    assert.equal(wantsFeatures(id, 0.5, { ...sample, samplePercent: 0 }), true)
    assert.equal(wantsFeatures(id, 0.4999, { ...sample, samplePercent: 0 }), false)
  }
})

for (const samplePercent of [0, 0.5, 1, 10, 100]) {
  test(`of flows with a low score or none ${samplePercent} % are taken`, () => {
    for (const score of [0.1, Number.NaN]) {
      const taken = ids.filter((id) => wantsFeatures(id, score, { ...sample, samplePercent })).length
      const expected = (ids.length * samplePercent) / 100
      // Five standard deviations of a fair draw.
      const slack = 5 * Math.sqrt(expected * (1 - samplePercent / 100))
      assert.ok(Math.abs(taken - expected) <= slack, `${taken} of ${ids.length}`)
    }
  })
}

test('a larger sample holds the smaller one', () => {
  const small = ids.filter((id) => wantsFeatures(id, 0, sample))
  assert.ok(small.every((id) => wantsFeatures(id, 0, { ...sample, samplePercent: 2 })))
})
