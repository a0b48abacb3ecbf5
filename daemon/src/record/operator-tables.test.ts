import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, testStore } from './test-store.js'

test('an allow entry is added, replaced, listed and taken out', (t) => {
  const store = testStore(t)
  const entry = {
    target: '10.0.0.0/8',
    reason: 'office',
    createdAtMs: 1,
    createdBy: 'uid:0',
    source: 'operator',
  } as const
  store.addAllow(entry)
  store.addAllow({ ...entry, reason: 'new office' })
  assert.deepEqual(store.allowEntries(), [{ ...entry, reason: 'new office' }])
  assert.equal(store.removeAllow('10.0.0.0/8')?.reason, 'new office')
  assert.equal(store.removeAllow('10.0.0.0/8'), undefined)
})

test('the audit keeps a row for each action, newest first', (t) => {
  const store = testStore(t)
  const row = {
    atMs: 5,
    action: 'block',
    target: '10.0.0.1',
    caller: 'uid:0',
    outcome: 'done',
    detail: '',
  } as const
  store.audit({ ...row, decisionNumbers: [3] })
  store.audit({ ...row, atMs: 6, action: 'unblock', target: '10.0.0.2', decisionNumbers: [] })
  assert.deepEqual(
    store.auditRows({}).rows.map(({ action }) => action),
    ['unblock', 'block'],
  )
  assert.deepEqual(store.auditRows({ target: at('10.0.0.1') }).rows, [{ ...row, decisionNumbers: [3] }])
})
