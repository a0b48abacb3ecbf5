import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featureColumns } from '../features/columns.js'
import { createTestLog } from '../publish/fake-daemon.js'
import { occludedRows, occlusion, storedRow } from './occlusion.js'
import { createScorer } from './scorer.js'
import { tinyBundle } from './tiny-model.js'

const names = ['Flow Duration', 'Total Fwd Packets']
const medians = { 'Flow Duration': 0, 'Total Fwd Packets': 2 }

test('each row but the first has one median in place of a value', () => {
  const rows = occludedRows(Float32Array.of(10, 20, 30), [1, 2, 3])
  assert.deepEqual([...rows], [10, 20, 30, 1, 20, 30, 10, 2, 30, 10, 20, 3])
})

test('the feature whose median costs most of the score comes first, and one that moves nothing is left out', () => {
  const found = occlusion(
    ['a', 'b', 'c', 'd'],
    Float32Array.of(10, 20, 30, 40),
    [1, 2, 3, 4],
    Float32Array.of(0.5, 0.25, 0.5, 0.75, 0),
  )
  assert.equal(found.score, 0.5)
  assert.deepEqual(found.weights, [
    { name: 'd', value: 40, median: 4, score: 0 },
    { name: 'a', value: 10, median: 1, score: 0.25 },
    { name: 'c', value: 30, median: 3, score: 0.75 },
  ])
})

test('a stored row comes in the order of the model; what idsd does not compute or did not store is 0', () => {
  const stored = { names: ['Total Fwd Packets', 'Flow Duration'], values: [7, 9] }
  const columns = [featureColumns.findIndex(({ name }) => name === 'Flow Duration'), -1]
  columns.push(featureColumns.findIndex(({ name }) => name === 'Total Fwd Packets'))
  columns.push(featureColumns.findIndex(({ name }) => name === 'Flow IAT Max'))
  assert.deepEqual([...storedRow(stored, columns)], [9, 0, 7, 0])
})

test('a loaded model explains a row by its own scores', async (t) => {
  const dir = tinyBundle(t, { manifest: { medians } })
  await using scorer = closing(await createScorer({ model: { dir, threshold: null }, log: createTestLog() }))
  const found = await scorer.explain({ names, values: [4, 2] })
  // The tiny model is a sigmoid of the mean.
  const sigmoid = (mean: number) => Math.fround(1 / (1 + Math.exp(-mean)))
  assert.ok(Math.abs((found?.score ?? 0) - sigmoid(3)) < 1e-6)
  assert.deepEqual(
    found?.weights.map(({ name, value, median }) => [name, value, median]),
    [['Flow Duration', 4, 0]],
  )
  assert.ok(Math.abs((found?.weights[0]?.score ?? 0) - sigmoid(1)) < 1e-6)
})

test('without a model, or without medians, nothing is explained', async (t) => {
  for (const dir of [null, tinyBundle(t)]) {
    await using scorer = closing(
      await createScorer({ model: { dir, threshold: null }, log: createTestLog() }),
    )
    assert.equal(await scorer.explain({ names, values: [4, 2] }), undefined)
  }
})

for (const [medians, message] of [
  [{ 'Flow Duration': 1 }, /medians: a number for "Total Fwd Packets" is needed/],
  [[1, 2], /medians: an object is needed/],
] as const) {
  test(`a manifest with medians ${JSON.stringify(medians)} does not load`, async (t) => {
    const log = createTestLog()
    const dir = tinyBundle(t, { manifest: { medians } })
    await using scorer = closing(await createScorer({ model: { dir, threshold: null }, log }))
    assert.equal(scorer.state().isLoaded, false)
    assert.match(scorer.state().problem, message)
  })
}

function closing<T extends { close(): Promise<void> }>(one: T): T & AsyncDisposable {
  return { ...one, [Symbol.asyncDispose]: () => one.close() }
}
