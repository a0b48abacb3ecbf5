import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { blockLengthMs } from './block-length.js'

const seed = Number(process.env.IDSD_SEED ?? 7)

test('each repeat lasts the factor longer, never beyond the longest and never shorter than before', () => {
  const random = createRandom(seed)
  for (let round = 0; round < 2_000; round++) {
    const blockMs = 1 + random.below(1_000_000)
    const options = {
      blockMs,
      repeatFactor: 1 + random.next() * 10,
      maxBlockMs: blockMs + random.below(100_000_000),
    }
    let before = blockLengthMs(options, 0)
    assert.equal(before, blockMs)
    for (let repeats = 1; repeats < 40; repeats++) {
      const length = blockLengthMs(options, repeats)
      const what = `seed ${seed}: ${JSON.stringify(options)}, ${repeats} repeats`
      assert.ok(Number.isSafeInteger(length) && length >= before && length <= options.maxBlockMs, what)
      const grown = before * options.repeatFactor
      if (length < options.maxBlockMs) assert.ok(Math.abs(length - grown) <= options.repeatFactor, what)
      before = length
    }
  }
})

test('any number of repeats has a length', () => {
  const day = { blockMs: 600_000, repeatFactor: 4, maxBlockMs: 86_400_000 }
  assert.equal(blockLengthMs(day, Number.MAX_SAFE_INTEGER), 86_400_000)
})
