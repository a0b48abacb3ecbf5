import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { featureColumns } from '../features/columns.js'
import { loadBundle } from './bundle.js'
import { tinyBundle } from './tiny-model.js'

test('a bundle tells which columns its model wants, in the model’s order', (t) => {
  const bundle = loadBundle(tinyBundle(t, { manifest: { features: ['Total Fwd Packets', 'Flow Duration'] } }))
  assert.deepEqual(
    bundle.columns.map((column) => featureColumns[column]?.name),
    ['Total Fwd Packets', 'Flow Duration'],
  )
  assert.equal(bundle.threshold, 0.75)
})

const faults: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ['another schema', { schema: 2 }, /schema: 1 is needed, got 2/],
  ['no features', { features: [] }, /features: a list of names is needed/],
  ['features that are no names', { features: [1] }, /features: a list of names is needed/],
  ['a feature that idsd does not compute', { features: ['Magic'] }, /idsd does not compute "Magic"/],
  ['a threshold outside [0, 1]', { threshold: 1.5 }, /threshold: a number in \[0, 1\] is needed, got 1\.5/],
  ['no threshold', { threshold: undefined }, /threshold: .* got undefined/],
  [
    'another hash',
    { sha256: '0'.repeat(64) },
    /model\.onnx has sha256 [0-9a-f]{64}, manifest\.json says 0{64}/,
  ],
  ['no name', { name: '' }, /name: a text is needed/],
  ['no output', { output: 3 }, /output: a text is needed/],
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
