import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { elementType, meanModel, tinyBundle } from './tiny-model.js'
import { verifyBundle } from './verify-bundle.js'

const half = { features: [0, 0], score: 0.5 }
const ok = 'ok ok ok ok'

const cases: readonly (readonly [
  what: string,
  bundle: Parameters<typeof tinyBundle>[1],
  check: unknown,
  results: string,
  text: RegExp,
])[] = [
  ['rows in the model’s order', {}, { rows: [half] }, ok, /1 rows of check\.json get their scores/],
  [
    'rows by name, with a key too many',
    {},
    { rows: [{ features: { 'Flow Duration': 0, 'Total Fwd Packet': 0, Port: 80 }, score: 0.5 }] },
    ok,
    /1 rows/,
  ],
  ['no rows to check', {}, undefined, 'ok ok ok skipped', /there is no check\.json/],
  [
    'a hash of another model',
    { manifest: { sha256: 'ab' } },
    { rows: [half] },
    'failed skipped skipped skipped',
    /manifest\.json says ab/,
  ],
  [
    'a feature that idsd does not compute',
    { manifest: { features: ['Flow Duration', 'Magic'] } },
    { rows: [half] },
    'ok failed ok ok',
    /does not compute Magic/,
  ],
  [
    'a graph of another width',
    { model: meanModel(3) },
    { rows: [half] },
    'ok ok failed skipped',
    /takes 3 features, manifest\.json names 2/,
  ],
  [
    'scores in float64',
    { model: meanModel(2, { type: elementType.float64 }) },
    { rows: [half] },
    'ok ok failed skipped',
    /export the model in float32/,
  ],
  [
    'a row with another score',
    {},
    { rows: [half, { features: [0, 0], score: 0.501 }] },
    'ok ok ok failed',
    /row 1 of check\.json has score 0\.501, the model gives 0\.5/,
  ],
  [
    'rows of another model',
    {},
    { sha256: 'cd', rows: [half] },
    'ok ok ok failed',
    /of another model, sha256 cd/,
  ],
  [
    'a row that is too short',
    {},
    { rows: [{ features: [0], score: 0.5 }] },
    'ok ok ok failed',
    /rows\[0\]: 2 features/,
  ],
  ['no list of rows', {}, {}, 'ok ok ok failed', /rows: a list is needed/],
]
for (const [what, bundle, check, results, text] of cases) {
  test(`a bundle is verified with ${what}: ${results}`, async (t) => {
    const dir = tinyBundle(t, bundle)
    if (check !== undefined) writeFileSync(join(dir, 'check.json'), JSON.stringify(check))
    const checks = await verifyBundle(dir)
    assert.deepEqual(
      checks.map(({ name }) => name),
      ['files', 'features', 'graph', 'scores'],
    )
    assert.equal(checks.map(({ result }) => result).join(' '), results)
    assert.match(checks.map((one) => one.text).join('\n'), text)
  })
}

test('a check.json that is no JSON fails the scores', async (t) => {
  const dir = tinyBundle(t)
  writeFileSync(join(dir, 'check.json'), '{')
  assert.match((await verifyBundle(dir)).at(-1)?.text ?? '', /check\.json cannot be read/)
})
