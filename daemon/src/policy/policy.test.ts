import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DetectorName, Evidence } from '../detect/evidence.js'
import { createPolicy } from './policy.js'

const NOW_MS = 1_000_000

function evidence(detector: DetectorName, points: number, atMs = NOW_MS, source = '10.0.0.1'): Evidence {
  return {
    source,
    detector,
    technique: '',
    severity: 'low',
    text: detector,
    points,
    atMs,
    packetUs: atMs * 1_000,
    flows: [],
    scores: [],
  }
}

const hits = (count: number) => Array.from({ length: count }, () => evidence('model', 5))

test('60 points pass, 120 block for ten minutes with all the evidence', () => {
  const policy = createPolicy()
  assert.deepEqual(policy.judge([evidence('scan_vertical', 60)], NOW_MS), [])
  const [verdict, ...rest] = policy.judge([evidence('login', 60, NOW_MS + 5)], NOW_MS + 5)
  assert.deepEqual(rest, [])
  assert.equal(verdict!.source, '10.0.0.1')
  assert.equal(verdict!.origin, 'detector')
  assert.equal(verdict!.reason, 'scan_vertical 60 + login 60: 120 points in 60 s (block at 100)')
  assert.equal(verdict!.points, 120)
  assert.equal(verdict!.blockMs, 600_000)
  assert.deepEqual(
    verdict!.evidence.map(({ detector }) => detector),
    ['scan_vertical', 'login'],
  )
})

test('exactly 100 points block, 99 do not', () => {
  assert.equal(createPolicy().judge([evidence('login', 100)], NOW_MS).length, 1)
  assert.equal(createPolicy().judge([evidence('login', 99)], NOW_MS).length, 0)
})

test('points of two sources do not add up', () => {
  const batch = [evidence('login', 60), evidence('login', 60, NOW_MS, '10.0.0.2')]
  assert.deepEqual(createPolicy().judge(batch, NOW_MS), [])
})

test('points count for 60 s and no longer', () => {
  const policy = createPolicy()
  policy.judge([evidence('login', 60)], NOW_MS)
  assert.equal(policy.points('10.0.0.1', NOW_MS + 59_999), 60)
  assert.equal(policy.points('10.0.0.1', NOW_MS + 60_000), 0)
  assert.deepEqual(policy.judge([evidence('login', 60, NOW_MS + 60_000)], NOW_MS + 60_000), [])
})

test('the model alone reaches 40 points and never blocks', () => {
  const policy = createPolicy()
  assert.deepEqual(policy.judge(hits(50), NOW_MS), [])
  assert.equal(policy.points('10.0.0.1', NOW_MS), 40)
})

test('the model at its cap and one scan block together, as a detector', () => {
  const policy = createPolicy()
  policy.judge(hits(8), NOW_MS)
  const [verdict] = policy.judge([evidence('scan_vertical', 60)], NOW_MS)
  assert.equal(verdict!.origin, 'detector')
  assert.equal(verdict!.reason, 'model 40 + scan_vertical 60: 100 points in 60 s (block at 100)')
})

test('with modelMayBlock twenty hits block, as the model', () => {
  const policy = createPolicy({ modelMayBlock: true })
  assert.deepEqual(policy.judge(hits(19), NOW_MS), [])
  assert.equal(policy.judge(hits(1), NOW_MS)[0]!.origin, 'model')
})

test('many model hits do not push out the firing of a detector', () => {
  const policy = createPolicy()
  policy.judge([evidence('login', 60), ...hits(300).map((hit) => ({ ...hit, points: 1 }))], NOW_MS)
  assert.equal(policy.points('10.0.0.1', NOW_MS), 100)
})

test('a source gets no second verdict while its block runs, and one after it', () => {
  const policy = createPolicy()
  const firing = (atMs: number) => policy.judge([evidence('login', 120, atMs)], atMs)
  assert.equal(firing(NOW_MS).length, 1)
  assert.equal(firing(NOW_MS + 599_999).length, 0)
  assert.equal(firing(NOW_MS + 600_000).length, 1)
})

test('a block that was made elsewhere keeps its source from a verdict until it ends, in any order', () => {
  const policy = createPolicy()
  policy.resume('10.0.0.2', Number.POSITIVE_INFINITY)
  policy.resume('10.0.0.1', NOW_MS + 5_000)
  const firing = (atMs: number) => policy.judge([evidence('login', 120, atMs)], atMs)
  assert.equal(firing(NOW_MS + 4_999).length, 0)
  assert.equal(firing(NOW_MS + 5_000).length, 1)
  assert.deepEqual(policy.judge([evidence('login', 120, NOW_MS, '10.0.0.2')], NOW_MS), [])
})

test('a source that was forgotten begins anew and can be blocked again', () => {
  const policy = createPolicy()
  policy.judge([evidence('login', 120)], NOW_MS)
  policy.forget('10.0.0.1')
  assert.equal(policy.points('10.0.0.1', NOW_MS), 0)
  assert.deepEqual(policy.judge([evidence('login', 60)], NOW_MS), [])
  assert.equal(policy.judge([evidence('login', 60)], NOW_MS).length, 1)
})

test('suspects are the sources with live points', () => {
  const policy = createPolicy()
  policy.judge([evidence('model', 5), evidence('login', 60, NOW_MS + 10, '10.0.0.2')], NOW_MS + 10)
  assert.deepEqual(policy.suspects(NOW_MS + 20), ['10.0.0.1', '10.0.0.2'])
  assert.deepEqual(policy.suspects(NOW_MS + 60_005), ['10.0.0.2'])
})

test('sources are bounded, the least recent leaves and is counted', () => {
  const policy = createPolicy({ maxSources: 2 })
  for (const source of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3']) {
    policy.judge([evidence('model', 5, NOW_MS, source)], NOW_MS)
  }
  assert.deepEqual(policy.suspects(NOW_MS), ['10.0.0.1', '10.0.0.3'])
  assert.equal(policy.evicted, 1)
})

test('an option that is not above 0 is named', () => {
  assert.throws(() => createPolicy({ blockMs: 0 }), /policy\.blockMs/)
  assert.throws(() => createPolicy({ blockAtPoints: Number.NaN }), /policy\.blockAtPoints/)
})
