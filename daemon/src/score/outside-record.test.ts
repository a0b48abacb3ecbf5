import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outsideRow } from './outside-record.js'

const features = ['Flow Duration', 'Total Fwd Packets', 'Min Packet Length', 'Own Feature']

const cases: readonly (readonly [
  name: string,
  record: Record<string, unknown>,
  row: readonly number[],
  missing: readonly string[],
  extra: readonly string[],
])[] = [
  [
    'all names of the tables',
    { 'Own Feature': 4, 'Min Packet Length': 3, 'Total Fwd Packets': 2, 'Flow Duration': 1 },
    [1, 2, 3, 4],
    [],
    [],
  ],
  [
    'names of the corrected CICFlowMeter, with blanks',
    { ' Flow Duration': 1, 'Total Fwd Packet': 2, 'Packet Length Min': 3, 'Own Feature ': 4 },
    [1, 2, 3, 4],
    [],
    [],
  ],
  [
    'keys that the model does not take, of idsd and of nobody',
    {
      'Flow Duration': 1,
      'Total Fwd Packets': 2,
      'Min Packet Length': 3,
      'Own Feature': 4,
      Port: 80,
      'Idle Max': 9,
    },
    [1, 2, 3, 4],
    [],
    ['Port', 'Idle Max'],
  ],
  ['nothing at all', {}, [0, 0, 0, 0], features, []],
  [
    'values that are no finite number',
    { 'Flow Duration': 'long', 'Total Fwd Packets': Number.NaN, 'Min Packet Length': null, 'Own Feature': 4 },
    [0, 0, 0, 4],
    ['Flow Duration', 'Total Fwd Packets', 'Min Packet Length'],
    [],
  ],
]
for (const [name, record, row, missing, extra] of cases) {
  test(`of a record from outside, extra keys are dropped and missing ones are 0, and both are told: ${name}`, () => {
    const mapped = outsideRow(features, record)
    assert.deepEqual([...mapped.row], row)
    assert.deepEqual(mapped.missing, missing)
    assert.deepEqual(mapped.extra, extra)
  })
}
