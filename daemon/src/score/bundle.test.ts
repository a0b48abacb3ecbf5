import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { featureColumns } from '../features/columns.js'
import { loadBundle } from './bundle.js'
import { featureSemantics } from './manifest.js'
import { tinyBundle } from './tiny-model.js'

test('a bundle tells which columns its model wants, in the model’s order', (t) => {
  const bundle = loadBundle(tinyBundle(t, { manifest: { features: ['Total Fwd Packets', 'Flow Duration'] } }))
  assert.deepEqual(
    bundle.columns.map((column) => featureColumns[column]?.name),
    ['Total Fwd Packets', 'Flow Duration'],
  )
  assert.equal(bundle.threshold, 0.75)
})

test('a feature that idsd does not compute loads, has no column, and is told by its name', (t) => {
  const { columns, missingFeatures } = loadBundle(
    tinyBundle(t, { manifest: { features: ['Magic', 'Flow Duration'] } }),
  )
  assert.deepEqual([columns, missingFeatures], [[-1, 0], ['Magic']])
})

test('features may have the names of the corrected CICFlowMeter', (t) => {
  const manifest = { features: ['Total Fwd Packet', ' Packet Length Max'] }
  const { columns } = loadBundle(tinyBundle(t, { manifest }))
  assert.deepEqual(
    columns.map((column) => featureColumns[column]?.name),
    ['Total Fwd Packets', 'Max Packet Length'],
  )
})

test('what a manifest does not say has a default, and what is not known is ignored', (t) => {
  const bundle = loadBundle(
    tinyBundle(t, { manifest: { schema: undefined, input: undefined, output: undefined, colour: 'blue' } }),
  )
  assert.deepEqual([bundle.input, bundle.output, bundle.role], [undefined, undefined, ''])
  assert.deepEqual([bundle.semantics, bundle.trainedOnCuts], [featureSemantics, ['ready', 'end']])
  assert.deepEqual(bundle.severity, [{ severity: 'low', from: 0 }])
  assert.deepEqual([bundle.training, bundle.metrics], [{}, {}])
})

test('a manifest tells role, severity, cuts, training and metrics', (t) => {
  const given = { role: 'taster', training: { fingerprint: 'ab' }, metrics: { test: {} } }
  const manifest = { ...given, severity: { low: 0.5, critical: 0.9 }, trained_on_cuts: [4, 'end'] }
  const { role, training, metrics, severity, trainedOnCuts } = loadBundle(tinyBundle(t, { manifest }))
  assert.deepEqual({ role, training, metrics }, given)
  assert.deepEqual(trainedOnCuts, [4, 'end'])
  assert.deepEqual(
    severity.map((level) => level.from),
    [0.5, 0.9],
  )
})

const faults: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['another schema', { schema: 2 }, /schema: 1 is needed, got 2/],
  ['no features', { features: [] }, /features: a list of names is needed/],
  ['features that are no names', { features: [1] }, /features: a list of names is needed/],
  ['not one feature that idsd computes', { features: ['Magic', 'Luck'] }, /computes none of them, "Magic"/],
  [
    'other semantics',
    { semantics: 'cic-2017' },
    /computes cic-corrected-1, the model was trained on cic-2017/,
  ],
  ['a threshold outside [0, 1]', { threshold: 1.5 }, /threshold: a number in \[0, 1\] is needed, got 1\.5/],
  ['no threshold', { threshold: undefined }, /threshold: .* got undefined/],
  ['a severity that falls', { severity: { low: 0.9, high: 0.8 } }, /severity: high: 0\.8 is below low/],
  ['cuts that are no list', { trained_on_cuts: 'end' }, /trained_on_cuts: a list of/],
  ['a cut of no packets', { trained_on_cuts: [0] }, /trained_on_cuts: a list of/],
  ['training that is no object', { training: 'much' }, /training: an object is needed/],
  [
    'another hash',
    { sha256: '0'.repeat(64) },
    /model\.onnx has sha256 [0-9a-f]{64}, manifest\.json says 0{64}/,
  ],
  ['no name', { name: '' }, /name: a text is needed/],
  ['an output that is no name', { output: 3 }, /output: a text is needed/],
]

for (const [what, manifest, message] of faults) {
  test(`a bundle is refused with the reason: ${what}`, (t) => {
    const folder = tinyBundle(t, { manifest })
    assert.throws(() => loadBundle(folder), { code: 'ERR_MODEL', message })
  })
}

test('a bundle whose files are missing or no JSON is refused by the file’s name', (t) => {
  const folder = tinyBundle(t)
  writeFileSync(join(folder, 'manifest.json'), '{')
  assert.throws(() => loadBundle(folder), /manifest\.json is not JSON/)
  writeFileSync(join(folder, 'manifest.json'), '[]')
  assert.throws(() => loadBundle(folder), /manifest\.json: an object is needed/)
  rmSync(join(folder, 'manifest.json'))
  assert.throws(() => loadBundle(folder), /manifest\.json cannot be read \(ENOENT\)/)
})
