import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { averagePrecision, type Metrics, metricsOf, recallAtFpr, rocAuc } from './metrics.js'

const ascending = (...scores: readonly number[]) => Float32Array.from(scores).sort()

function near(got: number | null, expected: number | null): void {
  if (got === null || expected === null) assert.equal(got, expected)
  else assert.ok(Math.abs(got - expected) < 1e-12, `${got} is not ${expected}`)
}

const confusions: readonly (readonly [name: string, counts: readonly number[], expected: Metrics])[] = [
  [
    'some of everything',
    [20, 5, 60, 15],
    // Agreed by chance: 0.25 * 0.35 + 0.75 * 0.65 = 0.575.
    { accuracy: 0.8, precision: 0.8, recall: 20 / 35, f1: 40 / 60, cohens_kappa: 0.225 / 0.425, fpr: 5 / 65 },
  ],
  ['no fault', [3, 0, 7, 0], { accuracy: 1, precision: 1, recall: 1, f1: 1, cohens_kappa: 1, fpr: 0 }],
  ['all wrong', [0, 5, 0, 5], { accuracy: 0, precision: 0, recall: 0, f1: 0, cohens_kappa: -1, fpr: 1 }],
  [
    'nothing flagged',
    [0, 0, 8, 2],
    { accuracy: 0.8, precision: null, recall: 0, f1: 0, cohens_kappa: 0, fpr: 0 },
  ],
  [
    'no attacks, one flagged',
    [0, 1, 3, 0],
    { accuracy: 0.75, precision: 0, recall: null, f1: 0, cohens_kappa: 0, fpr: 0.25 },
  ],
  [
    'no attacks, none flagged',
    [0, 0, 4, 0],
    { accuracy: 1, precision: null, recall: null, f1: null, cohens_kappa: null, fpr: 0 },
  ],
  [
    'attacks alone, all flagged',
    [4, 0, 0, 0],
    { accuracy: 1, precision: 1, recall: 1, f1: 1, cohens_kappa: null, fpr: null },
  ],
  [
    'no rows',
    [0, 0, 0, 0],
    { accuracy: null, precision: null, recall: null, f1: null, cohens_kappa: null, fpr: null },
  ],
]

const curves: readonly (readonly [
  name: string,
  attack: readonly number[],
  benign: readonly number[],
  roc: number | null,
  precision: number | null,
])[] = [
  // Of 4 pairs 3 are won; steps at ranks 1 and 3: 1/2 * 1 + 1/2 * 2/3.
  ['the example of scikit-learn', [0.35, 0.8], [0.1, 0.4], 0.75, 5 / 6],
  ['all above', [0.6, 0.7], [0.1, 0.2], 1, 1],
  // Steps at ranks 3 and 4: 1/2 * 1/3 + 1/2 * 2/4.
  ['all below', [0.1, 0.2], [0.6, 0.7], 0, 5 / 12],
  // Every pair is a half; one step, precision 2/5.
  ['all equal', [0.5, 0.5], [0.5, 0.5, 0.5], 0.5, 0.4],
  // Pairs: 0.9 wins 3; 0.5 wins 1, ties 1, loses 1; 0.1 ties 1, loses 2. Steps: 1/3 * 1, 1/3 * 2/4, 1/3 * 3/6.
  ['some equal', [0.9, 0.5, 0.1], [0.7, 0.5, 0.1], 5 / 9, 2 / 3],
  ['no benign rows', [0.1, 0.2], [], null, 1],
  ['no attacks', [], [0.1], null, null],
  ['no rows', [], [], null, null],
]

const recalls: readonly (readonly [
  name: string,
  attack: readonly number[],
  benign: readonly number[],
  oneIn: number,
  recall: number | null,
  threshold: number | null,
])[] = [
  ['one of four may be flagged', [0.75, 0.5, 0.25], [1, 0.5, 0.125, 0], 4, 1 / 3, 0.75],
  ['two of four may be', [0.75, 0.5, 0.25], [1, 0.5, 0.125, 0], 2, 1, 0.25],
  ['none may be', [0.75, 0.5, 0.25], [0.5, 0.25, 0], 100, 1 / 3, 0.75],
  ['equal scores are flagged together or not at all', [0.5], [0.5, 0.5, 0, 0], 4, 0, null],
  ['no attack is above', [0.25], [1, 0.5, 0, 0], 4, 0, 1],
  ['no attacks', [], [0.5, 0.25], 2, null, 0.5],
  ['no benign rows', [0.5], [], 100, null, null],
]

describe('figures', () => {
  for (const [name, [tp = 0, fp = 0, tn = 0, fn = 0], expected] of confusions) {
    it(`at a threshold are those of their definition, null without rows: ${name}`, () => {
      const metrics = metricsOf({ tp, fp, tn, fn })
      for (const [key, value] of Object.entries(expected)) near(metrics[key as keyof Metrics], value)
    })
  }

  for (const [name, attack, benign, roc, precision] of curves) {
    it(`over all thresholds are those of their definition: ${name}`, () => {
      near(rocAuc(ascending(...attack), ascending(...benign)), roc)
      near(averagePrecision(ascending(...attack), ascending(...benign)), precision)
    })
  }

  it('over all thresholds are what counting every pair and every rank gives', () => {
    // Few different scores, so many are equal. Source of the generator: Numerical Recipes, 7.1, quick and dirty.
    let state = 7
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    }
    for (let round = 0; round < 50; round++) {
      const attack = Array.from({ length: 1 + Math.floor(next() * 20) }, () => Math.floor(next() * 8) / 8)
      const benign = Array.from({ length: 1 + Math.floor(next() * 20) }, () => Math.floor(next() * 6) / 8)
      const wins = attack.flatMap((a) => benign.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)))
      near(
        rocAuc(ascending(...attack), ascending(...benign)),
        wins.reduce((sum, win) => sum + win) / wins.length,
      )
      const precisionOf = (from: number) => {
        const hits = attack.filter((score) => score >= from).length
        return hits / (hits + benign.filter((score) => score >= from).length)
      }
      near(
        averagePrecision(ascending(...attack), ascending(...benign)),
        attack.reduce((sum, score) => sum + precisionOf(score), 0) / attack.length,
      )
    }
  })

  for (const [name, attack, benign, oneIn, recall, threshold] of recalls) {
    it(`at a rate of false alarms never flag more benign rows: ${name}`, () => {
      const found = recallAtFpr(ascending(...attack), ascending(...benign), oneIn)
      near(found.recall, recall)
      assert.deepEqual([found.threshold, found.max_fpr], [threshold, 1 / oneIn])
      const flagged = benign.filter((score) => score >= (found.threshold ?? 2)).length
      assert.ok(flagged <= benign.length / oneIn)
    })
  }
})
