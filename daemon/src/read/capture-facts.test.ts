import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFacts } from './capture-facts.js'

test('every line finds its place, counts of nothing are left out', () => {
  const text = [
    'first_us 1700000000000001',
    'last_us 1700000002500001',
    'packets 12',
    'bytes 900',
    'flows 3',
    'table_full 1',
    'tombstones_lost 2',
    'unparsed_arp 4',
    'unparsed_not_ip 0',
    'fault 880 the file ends inside a record',
    '',
  ].join('\n')
  assert.deepEqual(readFacts(text), {
    packets: 12,
    bytes: 900,
    flows: 3,
    firstUs: 1_700_000_000_000_001,
    lastUs: 1_700_000_002_500_001,
    unparsed: new Map([['arp', 4]]),
    tableFull: 1,
    tombstonesLost: 2,
    fault: { atByte: 880, why: 'the file ends inside a record' },
  })
})

test('a capture without packets has no time, a whole one no fault', () => {
  const { firstUs, lastUs, fault, packets } = readFacts('packets 0\n')
  assert.deepEqual([firstUs, lastUs, fault, packets], [undefined, undefined, undefined, 0])
})
