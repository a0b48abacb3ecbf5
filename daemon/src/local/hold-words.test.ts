import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdWords } from './hold-words.js'

test('it is over when nothing was to be written twice in a row', async () => {
  const written = [0, 1, 0, 0, 1]
  let looks = 0
  await holdWords(() => written[looks++] as number)
  assert.equal(looks, 4)
})

test('who is written over without end is told', async () => {
  await assert.rejects(
    holdWords(() => 1),
    { code: 'ERR_OVERWRITTEN' },
  )
})
