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
