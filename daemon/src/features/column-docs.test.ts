import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { flowRecord } from '../kernel/wire.js'
import { bwdSegMin } from './bwd-seg-min.js'
import { columnDocs } from './column-docs.js'
import { definedColumns, featureColumns, featureCount } from './columns.js'
import { computeFeatures } from './compute.js'

const docs = Object.entries(columnDocs)

/** Name in the generated readers of a field of `struct flow`, or of its key: `dir[0].bytes` is `flowDir0Bytes`. */
function readerName(field: string): string {
  const words = (field.startsWith('key.') ? field : `flow.${field}`).split(/[[\]._]+/)
  return words.map((word, i) => (i === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`)).join('')
}

type Write = (view: DataView, at: number, value: number) => void

/** Fields of a record that hold one number. */
const writers = Object.entries(flowRecord.set).filter(([, set]) => set.length === 3) as [string, Write][]

/** Every column of one record by name. */
function valuesOf(view: DataView): Map<string, number> {
  const row = new Float64Array(featureCount)
  computeFeatures(view, 0, row)
  const values = new Map(featureColumns.map(({ name }, i) => [name, row[i] as number]))
  return values.set('Bwd Seg Size Min', bwdSegMin(view, 0))
}

/** Which fields change which columns, tried on random records. */
function observedFields(rounds: number): Map<string, Set<string>> {
  const random = createRandom(11)
  const observed = new Map<string, Set<string>>(docs.map(([name]) => [name, new Set()]))
  const draw = (name: string) => {
    // Squares far above sums: no variance of such a record is negative.
    if (name.endsWith('Sq')) return 1e6 + random.below(1e6)
    if (name === 'keyProtocol') return [1, 6, 17, 58][random.below(4)] as number
    return name === 'flowMarks' ? random.below(256) : random.below(5)
  }
  for (let round = 0; round < rounds; round++) {
    const view = new DataView(new ArrayBuffer(flowRecord.size))
    for (const [name, set] of writers) set(view, 0, draw(name))
    const before = valuesOf(view)
    for (const [name, set] of writers) {
      const other = new DataView(view.buffer.slice(0))
      set(other, 0, draw(name))
      for (const [column, value] of valuesOf(other))
        if (!Object.is(value, before.get(column))) observed.get(column)?.add(name)
    }
  }
  return observed
}

describe('the words about the columns', () => {
  test('are there for every column, and for no other', () => {
    assert.deepEqual(
      docs.map(([name]) => name).sort(),
      definedColumns.map(({ name }) => name as string).sort(),
    )
  })

  for (const [name, { from }] of docs) {
    test(`of ${name} name fields that records have`, () => {
      assert.deepEqual(
        from.filter((field) => !(readerName(field) in flowRecord.offset)),
        [],
      )
    })
  }

  test('name the fields that a column is computed from, all of them and no others', () => {
    const observed = observedFields(60)
    for (const [name, { from }] of docs)
      assert.deepEqual([...(observed.get(name) ?? [])].sort(), from.map(readerName).sort(), name)
  })

  test('leave out where retransmissions are computed from: no record holds it', () => {
    assert.deepEqual(
      docs.filter(([, { from }]) => from.length === 0).map(([name]) => name),
      ['Fwd TCP Retrans. Count', 'Bwd TCP Retrans. Count', 'Total TCP Retrans. Count'],
    )
  })
})
