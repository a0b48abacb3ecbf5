import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cicColumns, featureIndex, referenceColumns } from '../../../daemon/src/features/columns.js'
import { tinyBundle } from '../../../daemon/src/score/tiny-model.js'
import { extractColumns } from './extract-columns.js'
import { places } from './flow-row.js'

const keys = ['Src IP', 'Src Port', 'Dst IP', 'Dst Port', 'Protocol', 'start_us', 'last_us']
const names = (features: string, hasKeys: boolean) =>
  extractColumns(features, hasKeys).columns.map(({ name }) => name)

test('all is the five-tuple, the times and every column of the reference, each once', () => {
  const all = names('all', false)
  assert.deepEqual(all, [...keys, ...referenceColumns])
  assert.equal(new Set(all).size, all.length)
  assert.deepEqual(names('all', true), all)
})

test('cic is the published columns alone; with keys the protocol stands among those', () => {
  assert.deepEqual(names('cic', false), cicColumns)
  assert.deepEqual(names('cic', true), [...keys, ...cicColumns.slice(1)])
  assert.equal(cicColumns[0], 'Protocol')
})

test('columns of the published tables are read from where their features are', () => {
  const { columns } = extractColumns('cic', false)
  const place = (name: string) => columns.find((column) => column.name === name)?.place
  assert.equal(place('Fwd Header Length.1'), featureIndex('Fwd Header Length'))
  assert.equal(place('Init_Win_bytes_forward'), featureIndex('Init_Win_bytes_forward'))
  assert.equal(place('Protocol'), places.protocol)
})

test('a model has its features in its order, and 0 for what the daemon gives it 0', (t) => {
  const features = ['Flow IAT Mean', 'Magic', ' Packet Length Max', 'Protocol', 'Bwd Seg Size Min']
  const dir = tinyBundle(t, { manifest: { features } })
  const { columns, missing } = extractColumns(dir, false)
  assert.deepEqual(
    columns.map(({ name }) => name),
    features,
  )
  assert.deepEqual(missing, ['Magic', 'Protocol', 'Bwd Seg Size Min'])
  assert.deepEqual(
    columns.map(({ place }) => place),
    [featureIndex('Flow IAT Mean'), places.zero, featureIndex('Max Packet Length'), places.zero, places.zero],
  )
  // No name twice: pandas does not read such Parquet.
  assert.deepEqual(names(dir, true), [...keys, ...features.filter((name) => name !== 'Protocol')])
})

test('what is neither a set nor a folder is wrong use; a folder without a manifest is an error', (t) => {
  assert.throws(() => extractColumns('cic2', false), {
    exitCode: 2,
    message: /expected all, cic or the folder/,
  })
  const folder = mkdtempSync(join(tmpdir(), 'idsctl-columns-'))
  t.after(() => rmSync(folder, { recursive: true }))
  assert.throws(() => extractColumns(folder, false), {
    code: 'ERR_MODEL',
    message: /manifest\.json cannot be read/,
  })
})
