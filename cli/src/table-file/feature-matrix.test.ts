import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blockOf } from '../../test/csv-text.js'
import { createTally, featureMatrix } from './feature-matrix.js'
import { featurePlaces } from './feature-places.js'

const features = ['Flow Duration', 'Flow Bytes/s', 'Bwd Packets/s', 'Flow IAT Min', 'ICMP Type']
const header = [...features, 'Label']

async function matrixOf(...rows: readonly string[]) {
  const tally = createTally(features.length)
  const block = await blockOf([header.join(','), ...rows].join('\n'))
  const made = featureMatrix(block, 1, header.length, featurePlaces(features, header), tally)
  return { ...made, tally }
}

const cases: readonly (readonly [
  name: string,
  row: string,
  values: readonly number[],
  notFinite: readonly number[],
  belowZero: readonly number[],
])[] = [
  ['numbers', '10,2.5,3,4,8,BENIGN', [10, 2.5, 3, 4, 8], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
  ['no finite numbers', '10,Infinity,NaN,,high,x', [10, 0, 0, 0, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]],
  ['more than a float32 holds', '10,1e39,3,4,8,x', [10, 0, 3, 4, 8], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]],
  ['numbers below 0', '10,-2,3,-4,-1,x', [10, 0, 3, 0, -1], [0, 0, 0, 0, 0], [0, 1, 0, 1, 0]],
  ['rates of no time', '0,Infinity,NaN,0,-1,x', [0, -1, 0, 0, -1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
  ['rates of a time below 0', '-1,-2e6,-1e6,0,-1,x', [0, -1, 0, 0, -1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0]],
  ['rates of an unknown time', ',Infinity,7,0,8,x', [0, -1, 0, 0, 8], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
  ['rates of no time, as 0', '0,0,7,0,8,x', [0, -1, 0, 0, 8], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
]

describe('rows of a table', () => {
  for (const [name, row, values, notFinite, belowZero] of cases) {
    it(`become rows of the model as idsd would have them: ${name}`, async () => {
      const { matrix, tally } = await matrixOf(row)
      assert.deepEqual([...matrix], values)
      assert.deepEqual([...tally.notFinite], notFinite)
      assert.deepEqual([...tally.belowZero], belowZero)
    })
  }

  it('keep the rates that idsd gives at zero duration where no column tells the duration', async () => {
    const names = ['Flow Packets/s', 'Fwd Packets/s']
    const tally = createTally(names.length)
    const block = await blockOf('Flow Packets/s,Fwd Packets/s\n-1,0\n-2,-1\n')
    const { matrix } = featureMatrix(block, 1, 2, featurePlaces(names, names), tally)
    assert.deepEqual([...matrix], [-1, 0, 0, 0])
    assert.deepEqual([...tally.belowZero], [1, 1])
  })

  it('with another number of cells are left out, and the first of them told by line', async () => {
    const { rows, matrix, tally } = await matrixOf(
      '1,2,3,4,5,x',
      '1,2',
      '6,7,8,9,10,x',
      ...Array(9).fill('1,2,3'),
    )
    assert.deepEqual([...rows], [1, 3])
    assert.deepEqual([...matrix], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert.deepEqual([tally.rows, tally.wrongRows], [2, 10])
    assert.deepEqual(
      tally.firstWrong.map(({ line, cells }) => [line, cells]),
      [
        [3, 2],
        [5, 3],
        [6, 3],
        [7, 3],
        [8, 3],
      ],
    )
  })

  it('without any feature stay, unscored and without counting cells', async () => {
    const { rows, matrix, at, tally } = await matrixOf(',,,,,x', '1,2,3,4,5,x', 'a,b,c,d,e,x')
    assert.deepEqual([...rows], [1, 2, 3])
    assert.deepEqual([...at], [1])
    assert.deepEqual([...matrix], [1, 2, 3, 4, 5])
    assert.deepEqual([tally.rows, tally.withoutFeatures], [3, 2])
    assert.deepEqual([...tally.notFinite], [0, 0, 0, 0, 0])
  })
})
