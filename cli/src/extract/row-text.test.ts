import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extractColumns } from './extract-columns.js'
import { places } from './flow-row.js'
import { csvRows, jsonRows, type RowText } from './row-text.js'

const numbers = new Float64Array(places.zero + 1)
numbers[0] = 1.5
numbers[places.srcPort] = 53_497
numbers[places.dstPort] = 80
numbers[places.protocol] = 6
numbers[places.startUs] = 1_432_820_948_562_939
numbers[places.lastUs] = 1_432_820_948_767_743
numbers[places.retransmissions] = Number.NaN
const view = new DataView(new ArrayBuffer(32))
view.setUint32(0, 0x20010db8)
view.setUint8(15, 1)
view.setUint32(16 + 8, 0xffff)
view.setUint32(16 + 12, 0xc0000207)
const row = { numbers, view, srcAt: 0, dstAt: 16 }

const columns = extractColumns('all', false).columns.filter(({ name }) =>
  ['Src IP', 'Src Port', 'Dst IP', 'start_us', 'Flow Duration', 'Total TCP Retrans. Count'].includes(name),
)

function written(text: RowText, times: number): string {
  const out = Buffer.alloc(times * text.maxRowBytes)
  let at = 0
  for (let i = 0; i < times; i++) at = text.write(out, at, row)
  return out.toString('latin1', 0, at)
}

test('a line of CSV has a cell for each name of the header, empty where nothing is known', () => {
  const text = csvRows(columns)
  assert.equal(text.header, 'Src IP,Src Port,Dst IP,start_us,Flow Duration,Total TCP Retrans. Count\n')
  const line = '2001:db8::1,53497,192.0.2.7,1432820948562939,1.5,\n'
  assert.equal(written(text, 2), line + line)
})

test('a line of JSON is an object, with null where nothing is known', () => {
  const text = jsonRows(columns)
  assert.equal(text.header, '')
  const lines = written(text, 2).trimEnd().split('\n')
  assert.equal(lines.length, 2)
  assert.deepEqual(JSON.parse(lines[1] as string), {
    'Src IP': '2001:db8::1',
    'Src Port': 53_497,
    'Dst IP': '192.0.2.7',
    start_us: 1_432_820_948_562_939,
    'Flow Duration': 1.5,
    'Total TCP Retrans. Count': null,
  })
})

test('names that hold commas and quotes are quoted in either', () => {
  const odd = [{ name: 'a,"b"', kind: 'feature', place: 0 }] as const
  assert.equal(csvRows(odd).header, '"a,""b"""\n')
  assert.equal(written(jsonRows(odd), 1), '{"a,\\"b\\"":1.5}\n')
})

test('no row is longer than it says', () => {
  const longest = -1 / 3e300
  const { columns } = extractColumns('all', false)
  const wide = {
    numbers: new Float64Array(places.zero + 1).fill(longest),
    view: new DataView(new Uint8Array(32).fill(0xff).buffer),
    srcAt: 0,
    dstAt: 16,
  }
  for (const text of [csvRows(columns), jsonRows(columns)]) {
    const out = Buffer.alloc(2 * text.maxRowBytes)
    assert.ok(text.write(out, 0, wide) <= text.maxRowBytes)
  }
})
