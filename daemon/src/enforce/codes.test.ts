import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import { testEvidence } from '../record/test-store.js'
import { droppedIndex, originNames, reasonName, reasonNames } from './codes.js'
import type { Origin } from './decision.js'

const cases: readonly (readonly [Origin, readonly DetectorName[], string])[] = [
  ['operator', [], 'manual'],
  ['list', [], 'list'],
  ['detector', ['scan_vertical', 'scan_vertical'], 'scan'],
  ['detector', ['scan_vertical', 'scan_horizontal', 'slow_scan'], 'scan'],
  ['detector', ['login'], 'login'],
  ['detector', ['syn_flood', 'udp_flood', 'connections'], 'flood'],
  ['detector', ['syn_flood', 'login'], 'mixed'],
  ['model', ['model', 'model'], 'model'],
  ['detector', ['scan_vertical', 'model'], 'mixed'],
  ['detector', [], 'mixed'],
]

for (const [origin, detectors, expected] of cases) {
  test(`${origin} on evidence of ${detectors.join(' and ') || 'nothing'} counts as ${expected}`, () => {
    const evidence = detectors.map((detector) => testEvidence({ detector }))
    assert.equal(reasonName({ origin, evidence }), expected)
  })
}

test('no two pairs of origin and reason share a counter, and all lie in the kernel’s 64', () => {
  const seen = new Set(originNames.flatMap((origin) => reasonNames.map((name) => droppedIndex(origin, name))))
  assert.equal(seen.size, originNames.length * reasonNames.length)
  assert.ok([...seen].every((index) => index > 0 && index < 64))
})
