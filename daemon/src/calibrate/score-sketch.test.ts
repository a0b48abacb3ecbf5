import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRandom } from '../../test/random.js'
import { createScoreSketch, STEPS, stepOf } from './score-sketch.js'

describe('score sketch', () => {
  it('counts from each step what reaches it, as a sort of all scores does', () => {
    const { next: random } = createRandom(7)
    for (let round = 0; round < 20; round++) {
      const scores = Float32Array.from({ length: 500 }, () => random() ** (1 + round))
      const sketch = createScoreSketch()
      for (const score of scores) assert.ok(sketch.add(score))
      for (let step = 0; step <= STEPS; step += 1) {
        const threshold = step / STEPS
        assert.equal(sketch.countFrom(threshold), scores.filter((score) => score >= threshold).length)
      }
    }
  })

  it('is off by less than a step between two of them', () => {
    const sketch = createScoreSketch()
    sketch.add(0.1234)
    assert.equal(sketch.countFrom(0.1239), 1, 'a threshold is rounded down to its step')
    assert.equal(sketch.countFrom(0.124), 0)
  })

  it('puts a score on the step whose threshold it just reaches', () => {
    for (let step = 0; step <= STEPS; step++) assert.equal(stepOf(step / STEPS), step)
  })

  const hostile = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e-9, 1 + 1e-9, 2]
  for (const score of hostile) {
    it(`leaves ${score} out`, () => {
      const sketch = createScoreSketch()
      assert.equal(sketch.add(score), false)
      assert.equal(sketch.total, 0)
    })
  }

  it('holds after a merge and through its counts what one sketch of all would hold', () => {
    const { next: random } = createRandom(9)
    const [all, one, two] = [createScoreSketch(), createScoreSketch(), createScoreSketch()]
    for (let i = 0; i < 1_000; i++) {
      const score = random()
      all.add(score)
      ;(i % 3 === 0 ? one : two).add(score)
    }
    one.merge(two)
    assert.deepEqual(one.counts, all.counts)
    const again = createScoreSketch(JSON.parse(JSON.stringify(one.counts)))
    assert.deepEqual([again.total, again.countFrom(0.5)], [1_000, all.countFrom(0.5)])
  })

  it('takes counts that are none for 0', () => {
    const sketch = createScoreSketch([1, Number.NaN, -4, Number.POSITIVE_INFINITY, null as never, 2])
    assert.equal(sketch.total, 3)
  })
})
