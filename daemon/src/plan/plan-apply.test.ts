import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEvidence } from '../record/test-store.js'
import { planApply } from './plan-apply.js'

const policy = { blockAtPoints: 100, lastMs: 60_000, modelCap: 40 }
const at = (source: string, atMs: number, points = 60, given = {}) => ({
  evidence: testEvidence({ source, atMs, points, pointsLastMs: 0, ...given }),
})

/** Newest first, as the store gives them. */
const plan = (rows: ReturnType<typeof at>[], after: Partial<typeof policy>, total = rows.length) =>
  planApply(
    { store: { alerts: () => ({ rows: [...rows].reverse(), total }) }, nowMs: () => 1_000_000 },
    policy,
    { ...policy, ...after },
    0,
    () => true,
  )
const sources = (found: readonly { readonly source: string }[]) => found.map(({ source }) => source)

test('a lower bound blocks more, a higher one fewer, and who is blocked by both is not shown', async () => {
  const rows = [at('10.0.0.1', 1_000), at('10.0.0.2', 1_000), at('10.0.0.2', 2_000)]
  const lower = await plan(rows, { blockAtPoints: 50 })
  assert.deepEqual([sources(lower.more), sources(lower.fewer)], [['10.0.0.1'], []])
  const higher = await plan(rows, { blockAtPoints: 200 })
  assert.deepEqual([sources(higher.more), sources(higher.fewer)], [[], ['10.0.0.2']])
  assert.deepEqual(higher.fewer[0], { source: '10.0.0.2', points: 120, atMs: 2_000 })
})

test('points count only so long as the settings say', async () => {
  const rows = [at('10.0.0.1', 1_000), at('10.0.0.1', 91_000)]
  assert.deepEqual(sources((await plan(rows, { lastMs: 120_000 })).more), ['10.0.0.1'])
  assert.deepEqual(sources((await plan(rows, { lastMs: 90_000 })).more), [])
})

test('the cap of the model holds, and the victim of many is nobody to block', async () => {
  const model = [1, 2, 3].map((n) => at('10.0.0.1', n * 1_000, 40, { detector: 'model' }))
  assert.deepEqual(sources((await plan(model, { modelCap: Number.POSITIVE_INFINITY })).more), ['10.0.0.1'])
  assert.deepEqual(sources((await plan(model, {})).more), [])
  const victim = [at('10.0.0.1', 1_000, 60, { about: 'destination' })]
  assert.deepEqual(sources((await plan(victim, { blockAtPoints: 10 })).more), [])
})

test('more alerts than could be looked at are told', async () => {
  assert.equal((await plan([at('10.0.0.1', 1)], {}, 2)).isPartial, true)
  assert.equal((await plan([at('10.0.0.1', 1)], {})).isPartial, false)
})
