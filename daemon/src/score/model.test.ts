import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openModel } from './model.js'
import { meanModel, tinyBundle } from './tiny-model.js'

test('a model scores a batch row by row, and no rows at all', async (t) => {
  const model = await openModel(tinyBundle(t))
  const scores = await model.score(Float32Array.from([0, 0, 1, 3, -40, 0]))
  const expected = [0.5, 1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(20))]
  assert.equal(scores.length, 3)
  expected.forEach((score, i) => {
    assert.ok(Math.abs((scores[i] as number) - score) < 1e-6, `${scores[i]} is not ${score}`)
  })
  assert.equal((await model.score(new Float32Array(0))).length, 0)
  await model.close()
})

const refusals: readonly (readonly [string, Parameters<typeof tinyBundle>[1], RegExp])[] = [
  ['bytes that are no model', { model: Uint8Array.from([1, 2, 3]) }, /model\.onnx does not load/],
  [
    'an input of another name',
    { manifest: { input: 'y' } },
    /has inputs x and outputs score, .* names y and score/,
  ],
  ['an output of another name', { manifest: { output: 'p' } }, /names x and p/],
  ['a model of another width', { model: meanModel(3) }, /a batch of 1 flows with 2 features does not run/],
]

for (const [what, bundle, message] of refusals) {
  test(`a model is refused with the reason: ${what}`, async (t) => {
    await assert.rejects(openModel(tinyBundle(t, bundle)), { code: 'ERR_MODEL', message })
  })
}
