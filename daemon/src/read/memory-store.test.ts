import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Decision } from '../enforce/decision.js'
import type { Alert } from '../record/alert.js'
import { createMemoryStore } from './memory-store.js'

const block: Omit<Decision, 'number' | 'state' | 'endedAtMs'> = {
  target: '10.0.0.1',
  action: 'drop',
  kind: 'block',
  origin: 'detector',
  mode: 'prevent',
  reason: '',
  createdBy: 'login',
  createdAtMs: 1_000,
  expiresAtMs: 601_000,
  evidence: [],
}

test('alerts are numbered over all batches', () => {
  const { append } = createMemoryStore()
  const alert = { evidence: {} as Alert['evidence'], decisionNumber: 0 }
  const batches = [[alert, alert], [alert]].map((alerts) => append({ flows: [], scores: [], alerts }))
  assert.deepEqual(
    batches.map((batch) => batch.map(({ number }) => number)),
    [[1, 2], [3]],
  )
})

test('a decision is known while it is in force', () => {
  const { decisions } = createMemoryStore()
  const { number } = decisions.insertDecision(block)
  assert.equal(decisions.insertDecision(block).number, number + 1)
  assert.equal(decisions.decision(number)?.state, 'active')
  assert.deepEqual(decisions.endDecision(number, 'expired', 601_000), {
    ...block,
    number,
    state: 'expired',
    endedAtMs: 601_000,
  })
  assert.equal(decisions.decision(number), undefined)
  assert.throws(() => decisions.endDecision(number, 'expired', 601_000), { code: 'ERR_NOT_FOUND' })
})

const repeats = [
  { name: 'a block of full length counts', given: {}, count: 1 },
  { name: 'one that is no longer than the limit does not', given: { expiresAtMs: 61_000 }, count: 0 },
  { name: 'one from before the window does not', given: { createdAtMs: 499 }, count: 0 },
  { name: 'one of another source does not', given: { target: '10.0.0.2' }, count: 0 },
  { name: 'one that blocked nobody does not', given: { kind: 'spoofable' }, count: 0 },
  { name: 'one that only counts does not', given: { action: 'count' }, count: 0 },
  { name: 'one that only would have blocked does not', given: { kind: 'would_block' }, count: 0 },
] as const
for (const { name, given, count } of repeats) {
  test(`repeats: ${name}`, () => {
    const store = createMemoryStore()
    store.decisions.insertDecision({ ...block, ...given })
    assert.equal(store.repeats('10.0.0.1', 500, 60_000), count)
  })
}

test('the last step of a ladder is told as the store of the daemon tells it', () => {
  const store = createMemoryStore()
  const limit = { unit: 'packets', perSecond: 1 } as const
  const step = { kind: 'spoofable', action: 'limit', limit, ladder: { name: 'spoofable', step: 1 } } as const
  store.decisions.insertDecision({ ...block, ...step })
  assert.equal(store.lastStep(block.target, 'spoofable', 0)?.step, 1)
  assert.equal(store.lastStep(block.target, 'spoofable', 0)?.endMs, block.expiresAtMs)
  assert.equal(store.lastStep(block.target, 'proven', 0), undefined)
  assert.equal(store.lastStep(block.target, 'spoofable', block.createdAtMs + 1), undefined)
})

test('sources whose blocks are remembered are bounded, the least recent leaves', () => {
  const store = createMemoryStore({ maxSources: 2 })
  for (const target of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3'])
    store.decisions.insertDecision({ ...block, target })
  const counts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((source) => store.repeats(source, 0, 0))
  assert.deepEqual(counts, [2, 0, 1])
})
