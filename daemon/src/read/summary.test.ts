import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMeters, type Meters } from '../publish/meters.js'
import { testEvidence } from '../record/test-store.js'
import { readFacts } from './capture-facts.js'
import type { Reading } from './read-capture.js'
import { readingSummary } from './summary.js'

function reading(text: string, count: (meters: Meters) => void = () => {}): Reading {
  const meters = createMeters()
  count(meters)
  const flowRecords = { opened: 0, snapshot: 0, ended: 0 }
  const counts = { flowRecords, unknownRecords: 0, unstored: 0, guarded: 0, silenced: 0, failures: 0 }
  return { facts: readFacts(text), counts, found: meters.read() }
}

test('a capture without anything says so', () => {
  assert.equal(readingSummary(reading('packets 0')), '0 packets, 0 flows, 0.0 s; 0 alerts; 0 decisions')
})

test('what was found is named', () => {
  const text =
    'first_us 1000000\nlast_us 3450000\npackets 20\nflows 1\nunparsed_arp 2\nunparsed_fragment 1\ntable_full 4'
  assert.equal(
    readingSummary(
      reading(text, (meters) => {
        const given = { severity: 'high' } as const
        meters.countAlerts(
          (['login', 'model', 'login'] as const).map((detector) => testEvidence({ ...given, detector })),
        )
        meters.countDecision({ origin: 'detector', action: 'drop', kind: 'block' })
      }),
    ),
    '20 packets, 1 flow, 2.5 s; 3 without a flow (arp 2, fragment 1); 4 found no room in the flow table; ' +
      '3 alerts (login 2, model 1); 1 decision (block 1)',
  )
})
