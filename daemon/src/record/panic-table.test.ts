import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from './store.js'
import { temporaryPath } from './test-store.js'

test('the panic that was saved last is there after a start, until it is taken out', async (t) => {
  const path = temporaryPath(t)
  const rows = [
    { sinceMs: 1, untilMs: 600_000, by: 'uid:0 (alice)', reason: 'ticket 7' },
    { sinceMs: 2, untilMs: 0, by: 'uid:0', reason: '' },
  ] as const
  const first = openStore({ path })
  assert.equal(first.panic(), undefined)
  for (const row of rows) first.savePanic(row)
  await first.close()
  const second = openStore({ path })
  assert.deepEqual({ ...second.panic() }, rows[1])
  second.savePanic(undefined)
  second.savePanic(undefined)
  assert.equal(second.panic(), undefined)
  await second.close()
})
