import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blockOf } from '../../test/csv-text.js'
import { createEvaluation } from './evaluation.js'
import { labelColumns } from './label-columns.js'
import { createScoreList } from './score-list.js'

/** Rows of label, family and score. */
async function measured(
  rows: readonly (readonly [label: string, family: string, score: number])[],
  { benign = ['BENIGN'], familyColumn = 1 } = {},
) {
  const block = await blockOf(rows.map(([label, family]) => `"${label}","${family}"\n`).join(''))
  const evaluation = createEvaluation(benign, 0.5)
  const scored = {
    block,
    rows: Int32Array.from(rows, (_, row) => row),
    scores: Float32Array.from(rows, ([, , score]) => score),
  }
  evaluation.add('a.csv', scored, { label: 0, family: familyColumn })
  return { ...evaluation.measure(), withoutLabel: evaluation.withoutLabel() }
}

describe('an evaluation', () => {
  it('counts what was flagged of each family, benign rows first and as one', async () => {
    const { confusion, families, rows } = await measured([
      ['DoS Hulk', 'DoS', 0.5],
      ['DoS slowloris', 'DoS', 0.25],
      [' benign ', '', 0.75],
      ['BENIGN', 'Odd', 0.25],
      ['PortScan', '', 1],
    ])
    assert.deepEqual([rows, confusion], [5, { tp: 2, fp: 1, tn: 1, fn: 1 }])
    assert.deepEqual(families, [
      { family: 'Benign', is_benign: true, rows: 2, flagged: 1, recall: null, fpr: 0.5, mean_score: 0.5 },
      { family: 'DoS', is_benign: false, rows: 2, flagged: 1, recall: 0.5, fpr: null, mean_score: 0.375 },
      { family: 'PortScan', is_benign: false, rows: 1, flagged: 1, recall: 1, fpr: null, mean_score: 1 },
    ])
  })

  it('takes the label for the family where there is no other column', async () => {
    const rows = [
      ['DoS Hulk', 'DoS', 0],
      ['DoS slowloris', 'DoS', 0],
    ] as const
    const { families } = await measured(rows, { familyColumn: -1 })
    assert.deepEqual(
      families.map(({ family }) => family),
      ['DoS Hulk', 'DoS slowloris'],
    )
  })

  it('takes for benign what it is told, in any case, and nothing else', async () => {
    const rows = [
      ['normal', '', 0],
      ['BENIGN', '', 0],
      ['0', '', 0],
      ['', '', 0],
    ] as const
    assert.equal((await measured(rows, { benign: ['Normal', '0'] })).benign, 2)
    assert.equal((await measured(rows, { benign: ['Normal', '0'] })).withoutLabel, 1)
  })

  it('leaves out rows without a score', async () => {
    const { rows, families } = await measured([
      ['BENIGN', '', 0],
      ['Bot', '', Number.NaN],
    ])
    assert.deepEqual([rows, families.length], [1, 1])
  })

  it('refuses a column that cannot be one of labels', async () => {
    const rows = Array.from({ length: 1_001 }, (_, i) => [`l${i}`, '', 0] as const)
    await assert.rejects(measured(rows), /^CliError: a\.csv: line 1001: over 1000 different labels$/)
  })
})

describe('the columns of labels', () => {
  const header = ['Flow Duration', 'label', 'Label', 'FAMILY']

  it('are found by name, in any case where nothing fits better', () => {
    assert.deepEqual(labelColumns('a.csv', header, 'Label', undefined), { label: 2, family: 3 })
    assert.deepEqual(labelColumns('a.csv', header, ' LABEL', undefined), { label: 1, family: 3 })
    assert.deepEqual(labelColumns('a.csv', ['class'], 'class', undefined), { label: 0, family: -1 })
  })

  it('are told when they are not there', () => {
    assert.throws(() => labelColumns('a.csv', ['x', 'y'], 'Label', undefined), {
      message: 'a.csv: no column Label',
    })
    assert.throws(() => labelColumns('a.csv', ['Label'], 'Label', 'Kind'), {
      message: 'a.csv: no column Kind',
    })
  })
})

describe('a list of scores', () => {
  it('holds any number of them, and gives them ascending', () => {
    const list = createScoreList()
    const scores = Array.from({ length: 10_000 }, (_, i) => (i * 7_919) % 10_000)
    for (const score of scores) list.add(score / 16_384)
    assert.deepEqual(
      [...list.sorted()],
      Array.from(scores, (_, i) => i / 16_384),
    )
  })
})
