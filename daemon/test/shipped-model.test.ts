/** The bundle that ships in `models/`, and what becomes of one that is not as it should be. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Model, openModel } from '../src/score/model.js'
import { outsideRow } from '../src/score/outside-record.js'
import { createScorer } from '../src/score/scorer.js'
import { verifyBundle } from '../src/score/verify-bundle.js'

/** Written by `training/train.py`: rows of held-out recordings with the scores that the trees gave them. */
interface Check {
  readonly sha256: string
  readonly rows: readonly {
    readonly table: string
    readonly label: string
    readonly features: readonly number[]
    readonly score: number
  }[]
}
type Manifest = Record<string, unknown> & { features: string[]; sha256: string }

const bundle = fileURLToPath(new URL('../../../models/flow-gbt', import.meta.url))
const readJson = <T>(file: string) => JSON.parse(readFileSync(join(bundle, file), 'utf8')) as T
const check = readJson<Check>('check.json')
/** Largest difference to the Python library's scores. */
const tolerance = 1e-5

let model: Model
before(async () => {
  model = await openModel(bundle)
})
after(() => model.close())

/** A copy of the bundle, changed, for the length of a test. */
function changedBundle(change: (manifest: Manifest, model: Buffer) => Buffer | undefined): {
  dir: string
  remove: () => void
} {
  const dir = mkdtempSync(join(tmpdir(), 'idsd-model-'))
  cpSync(bundle, dir, { recursive: true })
  const manifest = readJson<Manifest>('manifest.json')
  const changed = change(manifest, readFileSync(join(bundle, 'model.onnx')))
  if (changed !== undefined) writeFileSync(join(dir, 'model.onnx'), changed)
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest))
  return { dir, remove: () => rmSync(dir, { recursive: true }) }
}

test('the shipped model has the hash that its manifest and its check rows name', () => {
  const sha256 = createHash('sha256')
    .update(readFileSync(join(bundle, 'model.onnx')))
    .digest('hex')
  assert.equal(model.bundle.sha256, sha256)
  assert.equal(check.sha256, sha256)
})

test('the shipped model scores held-out flows as the library that trained it does', async () => {
  const width = model.bundle.columns.length
  assert.ok(check.rows.length >= 10)
  const matrix = Float32Array.from(check.rows.flatMap(({ features }) => features))
  assert.equal(matrix.length, check.rows.length * width)
  const scores = await model.score(matrix)
  check.rows.forEach(({ score, table, label }, i) => {
    assert.ok(Math.abs(scores[i]! - score) <= tolerance, `${table} ${label}: ${scores[i]} is not ${score}`)
  })
})

test('the shipped bundle passes every check of idsctl model verify', async () => {
  assert.deepEqual(
    (await verifyBundle(bundle)).map(({ result }) => result),
    ['ok', 'ok', 'ok', 'ok'],
  )
})

test('the shipped manifest says what the model is, when it scores and what it was trained on', () => {
  const { role, trainedOnCuts, severity, threshold, training, metrics } = model.bundle
  assert.equal(role, 'flow classifier')
  assert.deepEqual(trainedOnCuts, ['ready', 'end'])
  assert.deepEqual(
    severity.map((level) => level.severity),
    ['low', 'medium', 'high', 'critical'],
  )
  assert.equal(severity[0]?.from, threshold)
  assert.match(String(training.fingerprint), /^[0-9a-f]{64}$/)
  assert.ok(Object.keys(training.citations as object).length >= 4)
  assert.ok(Object.keys(metrics.test as object).length >= 6)
})

test('the shipped model scores a held-out flow from outside by its feature names', async () => {
  const { features, score } = check.rows[0]!
  const named = Object.fromEntries(features.map((value, i) => [model.bundle.features[i]!, value]))
  const { row, missing, extra } = outsideRow(model.bundle.features, { ...named, 'Destination Port': 22 })
  assert.deepEqual([missing, extra], [[], ['Destination Port']])
  assert.ok(Math.abs((await model.score(row))[0]! - score) <= tolerance)
})

const flagged: readonly (readonly [table: string, label: string])[] = [
  ['login-test.csv.gz', 'SSH-BruteForce'],
  ['login-test.csv.gz', 'FTP-BruteForce'],
  ['web-test.csv.gz', 'Slow HTTP'],
  ['web-unseen-test.csv.gz', 'Web Attack - Brute Force'],
]
for (const [table, label] of flagged) {
  test(`of the held-out flows, some of ${label} reach the threshold`, () => {
    const rows = check.rows.filter((row) => row.table === table && row.label === label)
    assert.ok(rows.some(({ score }) => score >= model.bundle.threshold))
  })
}

test('no benign held-out flow of the lab reaches the threshold', () => {
  const benign = check.rows.filter(({ label, table }) => label === 'BENIGN' && !table.startsWith('captures'))
  assert.ok(benign.length >= 6)
  for (const { score } of benign) assert.ok(score < model.bundle.threshold)
})

const refused: readonly (readonly [
  name: string,
  change: (manifest: Manifest, model: Buffer) => Buffer | undefined,
  reason: RegExp,
])[] = [
  [
    'a model with another hash',
    (_, onnx) => Buffer.concat([onnx, Buffer.of(0)]),
    /model\.onnx has sha256 [0-9a-f]{64}, manifest\.json says [0-9a-f]{64}/,
  ],
  [
    'other semantics',
    (manifest) => {
      manifest.semantics = 'phase-of-the-moon'
      return undefined
    },
    /semantics: idsd computes cic-corrected-1, the model was trained on phase-of-the-moon/,
  ],
  [
    'fewer features than the graph takes',
    (manifest) => {
      manifest.features.pop()
      return undefined
    },
    /takes 31 features, manifest\.json names 30/,
  ],
  [
    'an output that the graph has not',
    (manifest) => {
      manifest.output = 'verdict'
      return undefined
    },
    /has outputs score, manifest\.json names verdict/,
  ],
  [
    'no threshold',
    (manifest) => {
      delete manifest.threshold
      return undefined
    },
    /threshold: a number in \[0, 1\] is needed/,
  ],
  [
    'bytes that are no graph',
    (manifest) => {
      const onnx = Buffer.from('not a graph')
      manifest.sha256 = createHash('sha256').update(onnx).digest('hex')
      return onnx
    },
    /model\.onnx does not load/,
  ],
]
test('the shipped bundle with a feature that idsd does not compute loads, and says so', async () => {
  const { dir, remove } = changedBundle((manifest) => {
    manifest.features[3] = 'Phase of the Moon'
    return undefined
  })
  try {
    const warnings: object[] = []
    const scorer = await createScorer({
      model: { dir, threshold: null },
      log: { info: () => {}, warn: (fields) => warnings.push(fields) },
    })
    assert.equal(scorer.state().isLoaded, true)
    assert.deepEqual(scorer.state().missingFeatures, ['Phase of the Moon'])
    assert.deepEqual(warnings, [{ missingFeatures: ['Phase of the Moon'] }])
    await scorer.close()
  } finally {
    remove()
  }
})

for (const [name, change, reason] of refused) {
  test(`a bundle with ${name} is refused with the reason, and the scorer goes on without it`, async () => {
    const { dir, remove } = changedBundle(change)
    try {
      await assert.rejects(openModel(dir), { code: 'ERR_MODEL', message: reason })
      const scorer = await createScorer({
        model: { dir, threshold: null },
        log: { info: () => {}, warn: () => {} },
      })
      assert.equal(scorer.state().isLoaded, false)
      assert.match(scorer.state().problem, reason)
      await scorer.close()
    } finally {
      remove()
    }
  })
}
