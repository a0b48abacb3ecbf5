import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openModel } from './model.js'
import { classModel, doubleModel, elementType, meanModel, tinyBundle } from './tiny-model.js'

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

/** Rows of mean 0, 2 and -1. */
const rows = Float32Array.from([0, 0, 1, 3, -2, 0])
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const anyName = { input: undefined, output: undefined }

const able: readonly (readonly [
  what: string,
  bundle: Parameters<typeof tinyBundle>[1],
  output: string,
  scores: readonly number[],
])[] = [
  ['a column of scores', { model: meanModel(2, { isColumn: true }) }, 'score', [0, 2, -1].map(sigmoid)],
  ['names that the manifest leaves out', { manifest: anyName }, 'score', [0, 2, -1].map(sigmoid)],
  [
    'labels beside the probabilities of two classes, of which the second is the score',
    { manifest: anyName, model: classModel(2) },
    'probabilities',
    [0, 4, -2].map(sigmoid),
  ],
  [
    'two outputs, of which the manifest names one',
    { manifest: { output: 'two' }, model: doubleModel(2, { inputs: 1 }) },
    'two',
    [0, 2, -1].map(sigmoid),
  ],
  [
    'a feature that idsd does not compute',
    { manifest: { features: ['Magic', 'Flow Duration'] } },
    'score',
    [0, 2, -1].map(sigmoid),
  ],
]
for (const [what, bundle, output, scores] of able) {
  test(`a model loads and scores with ${what}`, async (t) => {
    const model = await openModel(tinyBundle(t, bundle))
    assert.equal(model.output, output)
    const got = await model.score(rows)
    assert.equal(got.length, scores.length)
    scores.forEach((score, i) => {
      assert.ok(Math.abs((got[i] as number) - score) < 1e-6, `${got[i]} is not ${score}`)
    })
    await model.close()
  })
}

const refusals: readonly (readonly [string, Parameters<typeof tinyBundle>[1], RegExp])[] = [
  ['bytes that are no model', { model: Uint8Array.from([1, 2, 3]) }, /model\.onnx does not load/],
  ['an input of another name', { manifest: { input: 'y' } }, /has inputs x, .* names y/],
  [
    'two inputs',
    { model: doubleModel(2), manifest: anyName },
    /has inputs x, y: one is needed, float32 \[N, 2\]/,
  ],
  ['a model of another width', { model: meanModel(3) }, /takes 3 features, manifest\.json names 2/],
  ['one row at a time', { model: meanModel(2, { rows: 1 }) }, /takes 1 rows at a time/],
  ['an output of another name', { manifest: { output: 'p' } }, /has outputs score, .* names p/],
  [
    'two outputs without a word which',
    { model: doubleModel(2, { inputs: 1 }), manifest: anyName },
    /outputs one, two may be the score: manifest\.json must name one/,
  ],
  [
    'labels',
    { model: classModel(2), manifest: { output: 'label' } },
    /output label is int64: labels are not scores/,
  ],
  [
    'probabilities that ZipMap made maps of',
    { model: classModel(2, { isZipped: true }), manifest: anyName },
    /output label is int64.*; output probabilities is a sequence or a map.*'zipmap': False/,
  ],
  [
    'three classes',
    { model: classModel(2, { classes: 3 }), manifest: { output: 'probabilities' } },
    /output probabilities is \[N, 3\]: a score/,
  ],
  [
    'scores in float64',
    { model: meanModel(2, { type: elementType.float64 }) },
    /output score is float64: export the model in float32/,
  ],
]

for (const [what, bundle, message] of refusals) {
  test(`a model is refused with the reason: ${what}`, async (t) => {
    await assert.rejects(openModel(tinyBundle(t, bundle)), { code: 'ERR_MODEL', message })
  })
}
