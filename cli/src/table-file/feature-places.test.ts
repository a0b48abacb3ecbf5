import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { featureColumns } from '../../../daemon/src/features/columns.js'
import { outsideRow } from '../../../daemon/src/score/outside-record.js'
import { featurePlaces } from './feature-places.js'

const features = ['Flow Duration', 'Total Fwd Packets', 'Fwd Header Length', 'ICMP Type', 'Own Feature']

const cases: readonly (readonly [
  name: string,
  header: readonly string[],
  columns: readonly number[],
  missing: readonly string[],
  unused: readonly string[],
])[] = [
  [
    'names of CIC-IDS2017, with blanks',
    [' Own Feature', ' Flow Duration ', 'Total Fwd Packets', 'Fwd Header Length', 'ICMP Type'],
    [1, 2, 3, 4, 0],
    [],
    [],
  ],
  [
    'names of the corrected CICFlowMeter, among others',
    ['Src IP', 'Flow Duration', 'Total Fwd Packet', 'Fwd Header Length', 'ICMP Type', 'Own Feature', 'Label'],
    [1, 2, 3, 4, 5],
    [],
    ['Src IP', 'Label'],
  ],
  [
    'a column that stands twice: the last counts',
    ['Fwd Header Length', 'Fwd Header Length.1', 'Total Fwd Packets', 'Total Fwd Packet', 'Flow Duration'],
    [4, 3, 1, -1, -1],
    ['ICMP Type', 'Own Feature'],
    [],
  ],
  [
    'nothing that the model takes',
    ['x', 'own feature'],
    [-1, -1, -1, -1, -1],
    features,
    ['x', 'own feature'],
  ],
]

describe('features in a table', () => {
  for (const [name, header, columns, missing, unused] of cases) {
    it(`are found by name: ${name}`, () => {
      const places = featurePlaces(features, header)
      assert.deepEqual([...places.columns], columns)
      assert.deepEqual([places.missing, places.unused], [missing, unused])
    })

    it(`are found where a record from outside has them: ${name}`, () => {
      const record = Object.fromEntries(header.map((key, i) => [key, i + 1]))
      const { row, extra } = outsideRow(features, record)
      assert.deepEqual(
        [...row],
        [...featurePlaces(features, header).columns].map((column) => column + 1),
      )
      assert.deepEqual(extra, unused)
    })
  }

  it('are all found under either of their names', () => {
    const names = featureColumns.map(({ name }) => name)
    const order = Array.from(names, (_, i) => i)
    assert.deepEqual([...featurePlaces(names, names).columns], order)
    const engelen = featureColumns.map(({ engelenName }) => engelenName)
    assert.deepEqual([...featurePlaces(names, engelen).columns], order)
  })

  it('may be below 0 only where idsd has codes, or does not know them', () => {
    assert.deepEqual([...featurePlaces(features, ['x']).isNeverNegative], [1, 1, 1, 0, 0])
  })
})
