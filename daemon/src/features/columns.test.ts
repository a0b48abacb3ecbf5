import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { root } from '../../test/loaded-programs.js'
import { referenceMissing } from '../../test/reference.js'
import { flowRecord } from '../kernel/wire.js'
import { bwdSegMin } from './bwd-seg-min.js'
import { cicColumns, featureColumns, featureIndex, referenceColumns } from './columns.js'

const shared = join(root, '..', 'shared', 'features')

describe('the columns', () => {
  test('begin and end as the corrected CICFlowMeter has them, 86 with names of their own', () => {
    assert.equal(referenceColumns.length, 86)
    assert.equal(new Set(referenceColumns).size, 86)
    assert.equal(referenceColumns[0], 'Flow Duration')
    assert.equal(referenceColumns.at(-1), 'Total Connection Flow Time')
  })

  test('of CIC-IDS2017 begin with the protocol, and all others are features', () => {
    assert.equal(cicColumns[0], 'Protocol')
    assert.deepEqual(
      cicColumns.slice(1).filter((name) => featureIndex(name) === undefined),
      [],
    )
  })

  test('that no model holds are those that take more than a record, and one without use', () => {
    const features = new Set(featureColumns.map((column) => column.engelenName))
    assert.deepEqual(
      referenceColumns.filter((name) => !features.has(name)),
      ['Bwd Seg Size Min', 'Fwd TCP Retrans. Count', 'Bwd TCP Retrans. Count', 'Total TCP Retrans. Count'],
    )
  })
})

describe('held against the reference', { skip: referenceMissing() ?? false }, () => {
  const lines = () => readFileSync(join(shared, 'columns.tsv'), 'utf8').trimEnd().split('\n').slice(1)
  const names = (): [cic: string, engelen: string][] =>
    lines().map((line) => line.split('\t').slice(0, 2) as [string, string])

  test('the columns are those of the header of the corrected CICFlowMeter, in its order', () => {
    const text = readFileSync(join(shared, 'oracle', 'ndpi_ftp.engelen_core.csv'), 'utf8')
    const header = (text.split('\n')[0] as string).trim().split(',')
    assert.deepEqual(referenceColumns, header.slice(header.indexOf('Flow Duration'), header.indexOf('Label')))
  })

  test('the columns of CIC-IDS2017 are those of the list, in its order, without the port', () => {
    const listed = names().map(([cic]) => cic)
    assert.deepEqual(
      cicColumns,
      listed.filter((cic) => cic !== '' && cic !== 'Destination Port'),
    )
  })

  test('both spellings of a feature are those of the list', () => {
    const spelling = new Map(names().map(([cic, engelen]) => [cic || engelen, engelen]))
    for (const { name, engelenName } of featureColumns) assert.equal(spelling.get(name), engelenName, name)
  })
})

describe('the smallest backward header', () => {
  for (const [name, packets, segMin, expected] of [
    ['of packets is theirs', 3, 20, 20],
    ['without packets is 0, whatever is left there', 0, 20, 0],
  ] as const) {
    test(name, () => {
      const view = new DataView(new ArrayBuffer(8 + flowRecord.size))
      flowRecord.set.flowDir1Packets(view, 8, packets)
      flowRecord.set.flowDir1SegMin(view, 8, segMin)
      assert.equal(bwdSegMin(view, 8), expected)
    })
  }
})
