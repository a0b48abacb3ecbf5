import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readExtractFacts } from '../../../daemon/src/local/extract-facts.js'
import { extractFault, extractNotes, type Told } from './extract-told.js'

const told = (lines: readonly string[], given: Partial<Told> = {}): Told => ({
  facts: readExtractFacts(lines.join('\n'), ['a.pcap', '-']),
  flows: 3,
  path: 'x.csv',
  otherProtocols: false,
  ...given,
})

const whole = ['packets 1200', 'first_us 1000000', 'last_us 3500000']

test('a whole capture is one line and no fault', () => {
  const all = told(whole)
  assert.deepEqual(extractNotes(all), ['1,200 packets over 2.5 s, 3 flows written to x.csv'])
  assert.equal(extractFault(all), undefined)
  assert.deepEqual(extractNotes(told(whole, { path: undefined })), ['1,200 packets over 2.5 s, 3 flows'])
})

test('no flows are told as such', () => {
  const [, second] = extractNotes(told(['packets 0'], { flows: 0 }))
  assert.match(second as string, /no flows: .*names of the columns/)
})

const notes: readonly (readonly [string, Partial<Told>, RegExp])[] = [
  ['unparsed_arp 7', {}, /^7 packets without a flow: ARP 7$/],
  [
    'unparsed_protocol 1',
    {},
    /^1 packet without a flow: other protocols 1 \(--other-protocols reads those\)$/,
  ],
  ['unparsed_protocol 1', { otherProtocols: true }, /other protocols 1$/],
  ['unparsed_something 1', {}, /something 1$/],
  [
    'cut 1\nsnap_length 96',
    {},
    /^1 packet captured shorter than sent \(snap length 96\): .*exact unless headers/,
  ],
  ['cut 2', {}, /^2 packets captured shorter than sent: /],
  ['backward 4', {}, /^4 packets earlier than the one before/],
  ['retransmissions_unsure 5', {}, /^5 packets not remembered .*may be too low/],
]

for (const [line, given, expected] of notes) {
  test(`a reader is told of ${line.replace('\n', ', ')}${given.otherProtocols ? ' with all protocols' : ''}`, () => {
    const all = told([...whole, ...line.split('\n')], given)
    assert.match(extractNotes(all)[1] as string, expected)
    assert.equal(extractFault(all), undefined)
  })
}

const faults: readonly (readonly [string, RegExp])[] = [
  [
    'fault 0 880 the file ends inside a record',
    /^a\.pcap: not read beyond byte 880: the file ends inside a record; /,
  ],
  ['fault 1 24 a record of 9999999 bytes', /^standard input: not read beyond byte 24: a record of/],
  ['table_full 12\nflows_dropped 3', /^12 packets of at least 3 flows found no room .*--max-flows/],
  ['tombstones_lost 1', /^1 ended flow forgotten .*--max-flows/],
]

for (const [line, expected] of faults) {
  test(`exit code 1 for ${line.replace('\n', ', ')}`, () => {
    const fault = extractFault(told([...whole, ...line.split('\n')]))
    assert.equal(fault?.exitCode, 1)
    assert.match(fault?.message ?? '', expected)
  })
}

test('several faults are told one a line', () => {
  const fault = extractFault(told([...whole, ...faults.flatMap(([line]) => line.split('\n'))]))
  assert.match(fault?.message ?? '', /not all of what was captured/)
  assert.deepEqual(
    fault?.hints.map((hint, i) => faults[i]?.[1].test(hint)),
    [true, true, true, true],
  )
})
