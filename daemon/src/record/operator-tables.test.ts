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
  const replaced = { ...entry, reason: 'new office', expiresAtMs: 99, isLogOnly: true } as const
  store.addAllow(entry)
  assert.deepEqual(store.allowEntries(), [entry])
  store.addAllow(replaced)
  assert.deepEqual(store.allowEntries(), [replaced])
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
  const change = { reason: 'noise', before: 'not blocked', after: 'drop until unblocked' }
  store.audit({ ...row, ...change, decisionNumbers: [3] })
  store.audit({ ...row, atMs: 6, action: 'unblock', target: '10.0.0.2', decisionNumbers: [] })
  assert.deepEqual(
    store.auditRows({}).rows.map(({ action }) => action),
    ['unblock', 'block'],
  )
  assert.deepEqual(store.auditRows({ target: at('10.0.0.1') }).rows, [
    { ...row, ...change, decisionNumbers: [3] },
  ])
})
