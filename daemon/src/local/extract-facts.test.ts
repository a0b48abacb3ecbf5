import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readExtractFacts } from './extract-facts.js'

test('every line finds its place, and a fault its file', () => {
  const lines = [
    'packets 12',
    'bytes 900',
    'flows 3',
    'first_us 1700000000000001',
    'last_us 1700000002500001',
    'unparsed_arp 4',
    'unparsed_not_ip 0',
    'table_full 9',
    'flows_dropped 2',
    'tombstones_lost 1',
    'retransmissions_unsure 5',
    'cut 6',
    'snap_length 96',
    'backward 7',
    'fault 1 880 the file ends inside a record',
    'fault 0 24 a record of 300000 bytes',
    '',
  ]
  assert.deepEqual(readExtractFacts(lines.join('\n'), ['a', 'b']), {
    packets: 12,
    bytes: 900,
    flows: 3,
    firstUs: 1_700_000_000_000_001,
    lastUs: 1_700_000_002_500_001,
    unparsed: new Map([['arp', 4]]),
    tableFull: 9,
    flowsDropped: 2,
    tombstonesLost: 1,
    retransmissionsUnsure: 5,
    cut: 6,
    snapLength: 96,
    backward: 7,
    faults: [
      { file: 'b', atByte: 880, why: 'the file ends inside a record' },
      { file: 'a', atByte: 24, why: 'a record of 300000 bytes' },
    ],
  })
})

test('what is not told is 0, and a capture without packets has no time', () => {
  const { packets, cut, faults, firstUs, unparsed } = readExtractFacts('', ['a'])
  assert.deepEqual([packets, cut, faults, firstUs, unparsed.size], [0, 0, [], undefined, 0])
})
