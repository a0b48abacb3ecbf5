import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BreakerRow } from './breaker-table.js'
import { openStore } from './store.js'
import { temporaryPath } from './test-store.js'

const row = (origin: BreakerRow['origin'], bundle = ''): BreakerRow => ({
  ...{ origin, bundle, trippedAtMs: 1_000, untilMs: 601_000, lengthMs: 600_000, why: '3 blocks' },
})

test('breakers are there after a restart, as they were saved last', async (t) => {
  const path = temporaryPath(t)
  const before = openStore({ path })
  assert.deepEqual(before.breakers(), [])
  before.saveBreakers([row('login'), row('rate')])
  before.saveBreakers([row('model', 'ab'), row('login')])
  await before.close()
  const after = openStore({ path })
  assert.deepEqual(after.breakers(), [row('login'), row('model', 'ab')])
  after.saveBreakers([])
  assert.deepEqual(after.breakers(), [])
  await after.close()
})
