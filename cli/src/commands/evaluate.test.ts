import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { tinyBundle } from '../../../daemon/src/score/tiny-model.js'
import { skipOrFail } from '../../../lab/available.js'
import { runIdsctl } from '../../test/run-idsctl.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const published = join(root, '..', 'shared', 'datasets')
const publishedMissing = existsSync(published) ? undefined : 'no labelled tables at ../shared/datasets'

interface Figures {
  readonly benign: number
  readonly attack: number
  readonly f1: number
  readonly precision: number
  readonly recall: number
  readonly fpr: number
  readonly pr_auc: number
}
interface LabFile {
  readonly name: string
  readonly group: string
  readonly labels: Record<string, { readonly rows: number; readonly flagged: number }>
}
const heldOut = 'lab, held-out capture'
const { metrics } = JSON.parse(readFileSync(join(root, 'models/flow-gbt/manifest.json'), 'utf8')) as {
  metrics: { test: Record<string, Figures>; lab: LabFile[] }
}

let folder: string
function tableOf(text: string | Buffer, name = 'flows.csv'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Scores of the model of `tinyBundle` are above its threshold from a mean of 1.1. */
const rows = ['2,2,DoS', '0,0,BENIGN', '0,0,PortScan', '2,2,DoS', '2,2,benign', '0,0,BENIGN']
const table = `Flow Duration,Total Fwd Packet, Label\n${rows.join('\n')}\n`

describe('idsctl evaluate', { timeout: 120_000 }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-evaluate-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('measures a model as a document', async (t) => {
    const dir = tinyBundle(t)
    const { code, stdout, stderr } = await runIdsctl([
      'evaluate',
      tableOf(table),
      '--model',
      dir,
      '-o',
      'json',
    ])
    assert.equal(code, 0)
    assert.match(stderr, /6 rows read, [\d,]+ rows\/s\n$/)
    const { schema, confusion, metrics, families, recall_at_fpr, model, files, ...rest } = JSON.parse(stdout)
    assert.equal(schema, 'idsd.evaluation.v1')
    assert.deepEqual([model.name, model.dir, rest.threshold], ['tiny', dir, 0.75])
    assert.deepEqual([rest.rows, rest.attack, rest.benign], [6, 3, 3])
    assert.deepEqual(confusion, { tp: 2, fp: 1, tn: 2, fn: 1 })
    // 9 pairs: two attacks tie with one benign row and beat two, one ties with two. Steps of recall: 2/3 and 1/3.
    const expected = {
      ...{ accuracy: 4 / 6, precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, cohens_kappa: 1 / 3, fpr: 1 / 3 },
      ...{ roc_auc: 6 / 9, pr_auc: (2 / 3) * (2 / 3) + (1 / 3) * (3 / 6) },
    }
    assert.deepEqual(Object.keys(metrics).sort(), Object.keys(expected).sort())
    for (const [key, value] of Object.entries(expected))
      assert.ok(Math.abs(metrics[key] - value) < 1e-9, `${key} ${metrics[key]}`)
    assert.deepEqual(
      recall_at_fpr.map((each: Record<string, unknown>) => [each.max_fpr, each.threshold, each.recall]),
      [
        [0.001, null, 0],
        [0.01, null, 0],
      ],
    )
    assert.deepEqual(
      families.map((each: Record<string, unknown>) => [
        each.family,
        each.rows,
        each.flagged,
        each.recall,
        each.fpr,
      ]),
      [
        ['Benign', 3, 1, null, 1 / 3],
        ['DoS', 2, 2, 1, null],
        ['PortScan', 1, 0, 0, null],
      ],
    )
    assert.deepEqual([files.length, files[0].rows, files[0].unused_columns], [1, 6, 1])
    assert.deepEqual(files[0].missing_features, [])
  })

  it('measures a model as a page', async (t) => {
    const { code, stdout } = await runIdsctl(['evaluate', tableOf(table), '--model', tinyBundle(t)])
    assert.equal(code, 0)
    assert.match(stdout, /^tiny 1, 6 rows, a score from 0\.75 is flagged\n/)
    assert.match(stdout, /Cohen's kappa +0\.3333\n/)
    assert.match(stdout, /PR-AUC +0\.6111 {2}average precision\n/)
    assert.match(stdout, /attack +2 +1\n {2}benign +1 +2\n/)
    assert.match(stdout, /DoS +2 +2 +1\.0000 +- +0\.8808\n/)
  })

  it('takes several tables as one, with their own columns in their own order, and gzip', async (t) => {
    const other = 'class,Total Fwd Packets,Flow Duration,LABEL\n1,2,2,DoS\n'
    const paths = [tableOf(table), tableOf(gzipSync(other), 'other.csv.gz')]
    const { code, stdout } = await runIdsctl(['evaluate', ...paths, '--model', tinyBundle(t), '-o', 'jsonl'])
    const { confusion, files } = JSON.parse(stdout)
    assert.deepEqual([code, confusion], [0, { tp: 3, fp: 1, tn: 2, fn: 1 }])
    assert.deepEqual(
      files.map(({ rows: read, unused_columns }: Record<string, number>) => [read, unused_columns]),
      [
        [6, 1],
        [1, 2],
      ],
    )
  })

  it('takes other columns, words and thresholds', async (t) => {
    const path = tableOf('Flow Duration,class,kind,Total Fwd Packets\n2,normal.,-,2\n0,smurf.,dos,0\n')
    const line = `--label CLASS --family kind --benign background,normal. --threshold 0.5 -o json`
    const { stdout } = await runIdsctl(['evaluate', path, '--model', tinyBundle(t), ...line.split(' ')])
    const { confusion, families, benign_labels, family_column } = JSON.parse(stdout)
    assert.deepEqual(confusion, { tp: 1, fp: 1, tn: 0, fn: 0 })
    assert.deepEqual([benign_labels, family_column], [['background', 'normal.'], 'kind'])
    assert.deepEqual(
      families.map(({ family }: Record<string, unknown>) => family),
      ['Benign', 'dos'],
    )
  })

  it('shows no figure that has no rows to stand on, and says why there are none', async (t) => {
    const path = tableOf('Flow Duration,Total Fwd Packets,Label\n2,2,normal.\n')
    const { code, stdout, stderr } = await runIdsctl(['evaluate', path, '--model', tinyBundle(t)])
    assert.equal(code, 0)
    assert.match(stderr, /no row is benign: none is labelled BENIGN, Normal, 0 \(--benign names others\)/)
    for (const figure of ["Cohen's kappa", 'FPR', 'ROC-AUC', 'recall at 1 % FPR'])
      assert.match(stdout, new RegExp(`${figure} +-\n`))
  })

  it('says which features of the model the daemon would not have', async (t) => {
    const dir = tinyBundle(t, { manifest: { features: ['Flow Duration', 'Magic'] } })
    const path = tableOf('Flow Duration,Magic,Label\n2,2,DoS\n')
    const { stderr } = await runIdsctl(['evaluate', path, '--model', dir])
    assert.match(stderr, /idsd does not compute Magic: 0 in the daemon/)
  })

  it('leaves out rows without label, feature or the right number of cells; the last exit 1', async (t) => {
    const path = tableOf('Flow Duration,Total Fwd Packets,Label\n2,2, \n,,DoS\n2,2\n2,2,DoS\n')
    const { code, stdout, stderr } = await runIdsctl([
      'evaluate',
      path,
      '--model',
      tinyBundle(t),
      '-o',
      'json',
    ])
    const { rows: counted, rows_without_label, files } = JSON.parse(stdout)
    assert.deepEqual([code, counted, rows_without_label], [1, 1, 1])
    assert.deepEqual([files[0].rows_without_features, files[0].wrong_rows], [1, 1])
    assert.match(stderr, /line 4: 2 cells where the header has 3: left out\n/)
    assert.match(stderr, /rows without a label, which do not count: 1\n/)
  })

  const refusals: readonly (readonly [name: string, args: string[], code: number, says: RegExp])[] = [
    ['no column of that name', ['--label', 'class'], 1, /flows\.csv: no column class\n.*Label\n.*--label/],
    ['a table that is not there', ['/nonexistent.csv'], 1, /cannot read \/nonexistent\.csv: ENOENT/],
    ['standard input twice', ['-', '-'], 2, /standard input can be read once/],
    ['a format that is none', ['-o', 'out.json'], 2, /argument 'out\.json' is invalid/],
  ]
  for (const [name, args, exit, says] of refusals) {
    it(`refuses: ${name}`, async (t) => {
      const line = ['evaluate', tableOf(table), '--model', tinyBundle(t), ...args]
      const { code, stdout, stderr } = await runIdsctl(line)
      assert.deepEqual([code, stdout], [exit, ''])
      assert.match(stderr, says)
    })
  }

  it('finds on the held-out recordings what training found', async () => {
    const of = metrics.lab.filter(({ group }) => group === heldOut)
    assert.ok(of.length > 0)
    const paths = of.map(({ name }) => join(root, 'training/lab', name))
    const { code, stdout } = await runIdsctl(['evaluate', ...paths, '--family', 'Label', '-o', 'json'])
    const found = JSON.parse(stdout)
    const expected = metrics.test[heldOut] as Figures
    assert.deepEqual([code, found.benign, found.attack], [0, expected.benign, expected.attack])
    // The manifest has five digits, and four of the area.
    for (const key of ['f1', 'precision', 'recall', 'fpr'] as const)
      assert.ok(Math.abs(found.metrics[key] - expected[key]) <= 0.5e-5, `${key} ${found.metrics[key]}`)
    assert.ok(Math.abs(found.metrics.pr_auc - expected.pr_auc) <= 0.5e-4, `${found.metrics.pr_auc}`)
    const labels = new Map<string, [rows: number, flagged: number]>()
    for (const { labels: counts } of of) {
      for (const [label, { rows: own, flagged }] of Object.entries(counts)) {
        const [rowsBefore, flaggedBefore] = labels.get(label) ?? [0, 0]
        labels.set(label, [rowsBefore + own, flaggedBefore + flagged])
      }
    }
    assert.deepEqual(
      new Map(
        found.families.map(({ family, is_benign, rows: own, flagged }: Record<string, unknown>) => [
          is_benign === true ? 'BENIGN' : family,
          [own, flagged],
        ]),
      ),
      labels,
    )
  })

  it('reads the published tables whole', { skip: skipOrFail(publishedMissing) }, async () => {
    const paths = readdirSync(published)
      .filter((name) => /_adapt\.csv\.gz$/.test(name))
      .map((name) => join(published, name))
    const { code, stdout } = await runIdsctl(['evaluate', ...paths, '-o', 'json'])
    const { attack, benign, files, metrics: found } = JSON.parse(stdout)
    // Rows as their README has them: MSCAD and CIC-DDoS2019.
    assert.deepEqual([code, attack, benign], [0, 1_167 + 365, 502 + 129])
    assert.deepEqual(
      files.map(({ missing_features, wrong_rows }: Record<string, unknown>) => [
        missing_features,
        wrong_rows,
      ]),
      paths.map(() => [[], 0]),
    )
    // Most of these rows were trained on.
    assert.ok(found.f1 > 0.9, `F1 ${found.f1}`)
  })

  it('has help with examples', async () => {
    const { code, stdout } = await runIdsctl(['evaluate', '--help'])
    assert.equal(code, 0)
    assert.match(stdout, /Examples:\n {2}idsctl evaluate/)
    assert.match(stdout, /default: BENIGN,Normal,0/)
  })
})
