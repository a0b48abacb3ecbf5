import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Description, haveSameRecords, readDescription, writeDescription } from './description.js'

const layout = { size: 8, fields: [['a', 0, 8]] } as const
const description: Description = {
  version: 3,
  structs: { flow: layout, flow_record: layout, flow_opened: layout },
  maps: { flows: 'abc' },
}

function written(value: unknown): ArrayBuffer {
  const memory = new ArrayBuffer(65_536)
  writeDescription(memory, value as Description)
  return memory
}

test('what was written is read', () => {
  assert.deepEqual(readDescription(written(description)), description)
})

test('a description that does not fit is refused', () => {
  assert.throws(() => writeDescription(new ArrayBuffer(64), description), RangeError)
})

const unreadable: readonly (readonly [string, ArrayBuffer])[] = [
  ['an empty map', new ArrayBuffer(65_536)],
  ['a map too small for a length', new ArrayBuffer(2)],
  ['a length beyond the map', Uint32Array.of(100, 0).buffer],
  ['no JSON', Uint8Array.of(3, 0, 0, 0, 0x7b, 0x7b, 0x7b, 0).buffer],
  ['a list', written([])],
  ['no version', written({ ...description, version: 'x' })],
  ['no structs', written({ ...description, structs: null })],
  ['a field without a place', written({ ...description, structs: { flow: { size: 8, fields: [['a']] } } })],
  [
    'a field past the end',
    written({ ...description, structs: { flow: { size: 8, fields: [['a', 4, 8]] } } }),
  ],
  ['a negative place', written({ ...description, structs: { flow: { size: 8, fields: [['a', -8, 8]] } } })],
  ['a fingerprint that is no text', written({ ...description, maps: { flows: 1 } })],
]
for (const [what, memory] of unreadable) {
  test(`${what} is no description`, () => assert.equal(readDescription(memory), undefined))
}

const other = { size: 16, fields: [['a', 8, 8]] } as const
const records: readonly (readonly [string, Description, boolean])[] = [
  ['are the same with the same types', { ...description, maps: {} }, true],
  ['differ with the version', { ...description, version: 4 }, false],
  ['differ with a type', { ...description, structs: { ...description.structs, flow_opened: other } }, false],
  [
    'do not differ with a type that is no record',
    { ...description, structs: { ...description.structs, flow: other } },
    true,
  ],
]
for (const [what, one, expected] of records) {
  test(`records ${what}`, () => assert.equal(haveSameRecords(description, one), expected))
}
