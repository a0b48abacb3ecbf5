/** The files beside this one: captures, and their flows in columns. */

import { join } from 'node:path'
import { addressText } from '../../src/decode/address-text.js'
import { featureColumns } from '../../src/features/columns.js'
import { root } from '../loaded-programs.js'
import { digits, type Row } from '../oracle/measure.js'

export function goldenPath(name: string, kind: 'pcap' | 'csv'): string {
  return join(root, 'daemon/test/golden', `${name}.${kind}`)
}

/** What names a flow, in the order of `Row.key`; times are those of the first and last packet, us. */
const keyFields = ['source', 'source port', 'destination', 'destination port', 'protocol', 'first', 'last']
const addressFields = [0, 2]

/** One line a column, and a field for each flow, so that a change is read line by line. */
export function formatRows(rows: readonly Row[]): string {
  const keys = rows.map(({ key }) => mapAddresses(key.split(' '), textOf))
  return [
    ...keyFields.map((name, i) => [name, ...keys.map((key) => key[i])]),
    ...featureColumns.map(({ name }) => [name, ...rows.map(({ columns }) => columns.get(name))]),
  ]
    .map((fields) => `${fields.join(',')}\n`)
    .join('')
}

export function parseRows(text: string): Row[] {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  const names = lines.slice(keyFields.length).map(([name]) => name as string)
  return (lines[0] as string[]).slice(1).map((_, flow) => {
    const values = lines.map((line) => line[flow + 1] as string)
    return {
      key: mapAddresses(values.slice(0, keyFields.length), digits).join(' '),
      columns: new Map(names.map((name, i) => [name, Number(values[keyFields.length + i])])),
    }
  })
}

function mapAddresses(key: readonly string[], change: (address: string) => string): string[] {
  return key.map((field, i) => (addressFields.includes(i) ? change(field) : field))
}

function textOf(hex: string): string {
  const bytes = Buffer.from(hex.length === 8 ? `${'00'.repeat(10)}ffff${hex}` : hex, 'hex')
  return addressText(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0)
}
