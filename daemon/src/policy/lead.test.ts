import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import { leadOf } from './lead.js'

type Row = readonly [
  name: string,
  origin: string,
  evidence: [DetectorName, number][],
  lead: string | undefined,
]

const rows: readonly Row[] = [
  [
    'the model leads what is mostly its own',
    'model',
    [
      ['model', 60],
      ['login', 50],
    ],
    'model',
  ],
  ['a detector leads alone', 'detector', [['login', 120]], 'login'],
  [
    'the one with most points leads',
    'detector',
    [
      ['rate', 30],
      ['rate', 30],
      ['login', 50],
    ],
    'rate',
  ],
  [
    'of equals the one that fired first leads',
    'detector',
    [
      ['login', 60],
      ['rate', 60],
    ],
    'login',
  ],
  [
    'the model does not lead what is mostly others',
    'detector',
    [
      ['model', 40],
      ['login', 30],
      ['rate', 35],
    ],
    'rate',
  ],
  ['nobody leads what an operator decided', 'operator', [], undefined],
  ['nobody leads what a list says', 'list', [], undefined],
]

for (const [name, origin, evidence, lead] of rows) {
  test(name, () => {
    assert.equal(
      leadOf({ origin, evidence: evidence.map(([detector, points]) => ({ detector, points })) }),
      lead,
    )
  })
}
