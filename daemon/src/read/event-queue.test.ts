import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from '../enforce/decision.js'
import { testEvidence } from '../record/test-store.js'
import { createEventQueue } from './event-queue.js'

const decision: Decision = {
  number: 1,
  target: '10.77.0.2',
  action: 'drop',
  kind: 'block',
  origin: 'detector',
  mode: 'prevent',
  reason: 'login 120',
  createdBy: 'login',
  createdAtMs: 1_000_000,
  expiresAtMs: 1_600_000,
  state: 'active',
  endedAtMs: 0,
  evidence: [],
}

test('alerts stand before the decisions of the same look, and each line is written once', () => {
  const lines: string[] = []
  const queue = createEventQueue((line) => lines.push(line))
  queue.decision({ kind: 'added', decision, atMs: 1_000_000 })
  queue.alerts([1, 2].map((number) => ({ number, evidence: testEvidence(), decisionNumber: 1 })))
  assert.equal(lines.length, 0)
  queue.flush()
  queue.flush()
  const documents = lines.map((line) => JSON.parse(line))
  assert.deepEqual(
    documents.map(({ event_type, alert, decision }) => [event_type, (alert ?? decision).id]),
    [
      ['alert', 'a1'],
      ['alert', 'a2'],
      ['decision', 'd1'],
    ],
  )
  assert.ok(lines.every((line) => line.endsWith('}\n')))
})

test('nothing names an interface or what a block met', () => {
  let text = ''
  const queue = createEventQueue((line) => {
    text += line
  })
  queue.alerts([{ number: 1, evidence: testEvidence(), decisionNumber: 0 }])
  queue.decision({ kind: 'expired', decision, atMs: 1_600_000 })
  queue.flush()
  assert.doesNotMatch(text, /in_iface|"pkts"/)
})
