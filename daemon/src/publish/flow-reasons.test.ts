import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleEvidence, sampleFlow } from './fake-view.js'
import { createFlowReasons } from './flow-reasons.js'

test('a flow has every detector that named it once, in their order', () => {
  const reasons = createFlowReasons()
  const flows = [sampleFlow({ id: 7 })]
  for (const detector of ['model', 'login', 'model'] as const)
    reasons.note([sampleEvidence({ detector, flows })])
  assert.deepEqual(reasons.of(7), ['model', 'login'])
  assert.deepEqual(reasons.of(8), [])
})

test('the oldest flow leaves when there is no more room', () => {
  const reasons = createFlowReasons(2)
  for (const id of [1, 2, 3]) reasons.note([sampleEvidence({ flows: [sampleFlow({ id })] })])
  assert.deepEqual([reasons.of(1), reasons.of(3)], [[], ['login']])
})

test('flows that leave cost as little as those that fit', () => {
  const evidenceOf = (from: number) =>
    sampleEvidence({ flows: Array.from({ length: 60_000 }, (_, i) => sampleFlow({ id: from + i })) })
  const reasons = createFlowReasons(60_000)
  const spentMs = [0, 60_000, 120_000].map((from) => {
    const evidence = evidenceOf(from)
    const beganMs = performance.now()
    reasons.note([evidence])
    return performance.now() - beganMs
  })
  const [fits = 0, ...leaves] = spentMs
  assert.ok(Math.min(...leaves) < 20 * fits + 100, `${spentMs.map(Math.round)} ms`)
})
