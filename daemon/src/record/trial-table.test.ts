import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from './store.js'
import { temporaryPath } from './test-store.js'
import type { TrialRow } from './trial-table.js'

const row: TrialRow = {
  state: 'running',
  sinceMs: 1,
  untilBootUs: 90_000_000,
  bootId: 'boot 1',
  by: 'uid:0 (alice)',
  what: 'block of 192.0.2.0/24',
  reason: '',
  change: { mode: 'detect', added: [3], lifted: [], allow: { added: [], removed: ['10.0.0.1'] } },
  applied: null,
}

test('the trial that was saved last is there after a start, until it is taken out', async (t) => {
  const path = temporaryPath(t)
  const first = openStore({ path })
  assert.equal(first.trial(), undefined)
  first.saveTrial({ ...row, state: 'confirmed' })
  first.saveTrial(row)
  await first.close()
  const second = openStore({ path })
  assert.deepEqual(second.trial(), row)
  second.saveTrial(undefined)
  second.saveTrial(undefined)
  assert.equal(second.trial(), undefined)
  await second.close()
})

test('what is applied becomes what was applied before, and nothing is a state like others', async (t) => {
  const path = temporaryPath(t)
  const store = openStore({ path })
  const both = () => [store.applied(), store.appliedBefore()]
  assert.deepEqual(both(), [undefined, undefined])
  store.saveApplied('a', 1)
  assert.deepEqual(both(), ['a', undefined])
  store.saveApplied('b', 2)
  assert.deepEqual(both(), ['b', 'a'])
  store.saveApplied(undefined, 3)
  assert.deepEqual(both(), [undefined, 'b'])
  await store.close()
  const second = openStore({ path })
  assert.deepEqual([second.applied(), second.appliedBefore()], [undefined, 'b'])
  await second.close()
})
