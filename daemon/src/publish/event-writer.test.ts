import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCommunityId } from './community-id.js'
import type { EventDocument } from './event-lines.js'
import { createEventLines } from './event-lines.js'
import { createEventWriter, type LoggedFlows } from './event-writer.js'
import { createFakeView, sampleDecision, sampleEvidence, sampleFlow } from './fake-view.js'
import { createFeed } from './feed.js'
import type { DecisionChange } from './handlers.js'
import type { AlertRow, FlowRow } from './view.js'

function world(flows: LoggedFlows = 'anomalous') {
  const feeds = {
    flows: createFeed<FlowRow>(),
    decisions: createFeed<DecisionChange>(),
    alerts: createFeed<AlertRow>(),
  }
  const written: EventDocument[] = []
  const file = {
    // As they are read back.
    write: (events: readonly object[]) =>
      void written.push(...events.map((event) => JSON.parse(JSON.stringify(event)) as EventDocument)),
    reopen: () => {},
    counts: () => ({ written: written.length, lost: 0 }),
    close: async () => {},
  }
  const lines = createEventLines(createFakeView(), createCommunityId())
  const writer = createEventWriter({ feeds, file, lines, flows: () => flows, nowMs: () => 1_700_000_000_000 })
  return { feeds, written, writer }
}

const types = (written: readonly EventDocument[]) => written.map(({ event_type }) => event_type)

test('an alert has the five-tuple of its newest flow, what it found, and its decision', () => {
  const { feeds, written } = world()
  const flows = [sampleFlow({ dstPort: 21 }), sampleFlow({ id: 2 })]
  feeds.alerts.publish([{ number: 7, evidence: sampleEvidence({ flows }), decisionNumber: 12 }])
  const [{ alert, ...common }] = written as [EventDocument & { alert: Record<string, unknown> }]
  assert.deepEqual(common, {
    schema: 'idsd.event.v1',
    timestamp: '2023-11-14T22:13:21.000Z',
    event_type: 'alert',
    flow_id: 'f2',
    in_iface: 'eth0',
    src_ip: '192.0.2.7',
    src_port: 40_000,
    dest_ip: '198.51.100.1',
    dest_port: 22,
    proto: 'TCP',
    community_id: createCommunityId()(sampleFlow()),
  })
  const { flows: cited, ...found } = alert
  assert.deepEqual(found, {
    ...{ id: 'a7', detector: 'login', technique: 'T1110', severity: 'high', about: 'source' },
    ...{ subject: '192.0.2.7', text: '12 connections to port 22 in 60 s (threshold 10)', points: 60 },
    ...{ path_proven: true, score: 0.75, decision_id: 'd12' },
  })
  assert.deepEqual(
    (cited as { flow_id: string; score: number | null }[]).map(({ flow_id, score }) => [flow_id, score]),
    [
      ['f1', 0.75],
      ['f2', null],
    ],
  )
})

test('an alert without flows names the suspect as source, the victim as destination', () => {
  const { feeds, written } = world()
  for (const about of ['source', 'destination'] as const) {
    const evidence = sampleEvidence({ about, flows: [], scores: [] })
    feeds.alerts.publish([{ number: 0, evidence, decisionNumber: 0 }])
  }
  assert.deepEqual(
    written.map(({ src_ip, dest_ip }) => [src_ip, dest_ip]),
    [
      ['192.0.2.7', undefined],
      [undefined, '192.0.2.7'],
    ],
  )
  const { id, decision_id } = written[0]?.alert as Record<string, unknown>
  assert.deepEqual([id, decision_id], [null, null])
})

test('a decision is written when it is made and when it ends, with what it met, not when it is repaired', () => {
  const { feeds, written } = world()
  const atMs = 1_700_000_002_000
  for (const kind of ['added', 'repaired', 'lifted'] as const) {
    feeds.decisions.publish([{ kind, decision: sampleDecision(), atMs }])
  }
  feeds.decisions.publish([
    { kind: 'expired', decision: sampleDecision({ target: '192.0.2.0/24', expiresAtMs: 0 }), atMs },
  ])
  const [added, lifted, expired] = written as (EventDocument & { decision: Record<string, unknown> })[]
  assert.equal(written.length, 3)
  assert.deepEqual(
    [added?.src_ip, added?.decision.change, added?.decision.pkts],
    ['192.0.2.7', 'added', undefined],
  )
  assert.equal(added?.decision.kind, 'block')
  assert.equal((added?.decision.evidence as { technique: string }[])[0]?.technique, 'T1110')
  assert.deepEqual([lifted?.decision.change, lifted?.decision.pkts], ['lifted', 40])
  assert.deepEqual(
    [expired?.src_ip, expired?.decision.target, expired?.decision.expires_at],
    [undefined, '192.0.2.0/24', null],
  )
})

const named: FlowRow = { flow: sampleFlow(), score: 0.9, reasons: ['model'] }
const plain: FlowRow = { flow: sampleFlow({ id: 2, protocol: 1, srcPort: 0, dstPort: 0 }), score: Number.NaN }
const open: FlowRow = { flow: sampleFlow({ id: 3, kind: 'snapshot' }), score: 0.9, reasons: ['model'] }
const cases: readonly (readonly [LoggedFlows, readonly string[]])[] = [
  ['anomalous', ['f1']],
  ['all', ['f1', 'f2']],
  ['none', []],
]
for (const [flows, expected] of cases) {
  test(`of flows that ended, "${flows}" writes ${expected.join(' and ') || 'nothing'}`, () => {
    const { feeds, written } = world(flows)
    feeds.flows.publish([named, plain, open])
    assert.deepEqual(
      written.map(({ flow_id }) => flow_id),
      expected,
    )
  })
}

test('a flow has its counts under the names of EVE; ICMP has neither ports nor a community id', () => {
  const { feeds, written } = world('all')
  feeds.flows.publish([named, plain])
  const [tcp, icmp] = written
  assert.deepEqual(tcp?.flow, {
    ...{ start: '2023-11-14T22:13:20.000001Z', end: '2023-11-14T22:13:21.000002Z', age: 1 },
    ...{ pkts_toserver: 10, pkts_toclient: 8, bytes_toserver: 5_000_000_000, bytes_toclient: 400 },
    ...{ state: 'ready', reason: 'timeout', path_proven: true, score: 0.9, detectors: ['model'] },
  })
  assert.deepEqual(
    [icmp?.proto, icmp?.src_port, icmp?.dest_ip, icmp?.community_id],
    ['ICMP', undefined, '198.51.100.1', undefined],
  )
})

test('start, a change of mode and stop are written, and after stop nothing more', () => {
  const { feeds, written, writer } = world()
  writer.started({ version: '1', mode: 'prevent', interfaces: ['eth0'] })
  writer.modeChanged({ before: 'prevent', mode: 'detect', by: 'uid:0' })
  writer.stopped({ version: '1' })
  feeds.alerts.publish([{ number: 7, evidence: sampleEvidence(), decisionNumber: 0 }])
  assert.deepEqual(types(written), ['start', 'mode', 'stop'])
  assert.deepEqual(written[1]?.mode, { before: 'prevent', mode: 'detect', by: 'uid:0' })
  assert.equal(feeds.flows.readers(), 0)
})
