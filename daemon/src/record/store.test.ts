import assert from 'node:assert/strict'
import { chmodSync, closeSync, existsSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { answeredFlow } from '../detect/test-flow.js'
import { openStore } from './store.js'
import { storeFlows, temporaryPath, testDecision, testStore } from './test-store.js'

test('several changes in a transaction are undone together', (t) => {
  const store = testStore(t)
  assert.throws(
    () =>
      store.transaction(() => {
        store.insertDecision(testDecision())
        throw new RangeError('the kernel said no')
      }),
    RangeError,
  )
  assert.deepEqual(store.activeDecisions(), [])
})

test('the file is for its owner only, also when it was there with a wider mode', async (t) => {
  const path = temporaryPath(t)
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  const store = openStore({ path })
  t.after(() => store.close())
  store.insertDecision(testDecision())
  for (const name of [path, `${path}-wal`, `${path}-shm`])
    assert.equal(statSync(name).mode & 0o777, 0o600, name)
})

test('closing leaves one file and a closed store says so', async (t) => {
  const path = temporaryPath(t)
  const store = openStore({ path })
  store.insertDecision(testDecision())
  await store.close()
  assert.equal(existsSync(`${path}-wal`), false)
  assert.throws(() => store.activeDecisions(), { code: 'ERR_STORE_CLOSED' })
})

test('a newer schema is refused with both versions', (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  database.pragma('user_version = 99')
  database.close()
  assert.throws(() => openStore({ path }), {
    code: 'ERR_STORE_NEWER',
    message: /version 99 is newer than \d+,/,
  })
})

test('a file that is no database is refused with what to do', (t) => {
  const path = temporaryPath(t)
  writeFileSync(path, 'x'.repeat(8_192))
  assert.throws(() => openStore({ path }), {
    code: 'ERR_STORE_CORRUPT',
    message: /Move it away with its -wal and -shm/,
  })
})

test('a database damaged in the middle fails with the same advice when it is read', async (t) => {
  const path = temporaryPath(t)
  const store = openStore({ path, flowWaitMs: 0 })
  const flows = Array.from({ length: 2_000 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i }))
  storeFlows(store, flows)
  await store.close()
  const database = new Sqlite(path)
  const pages = Number(database.pragma('page_count', { simple: true }))
  database.close()
  const file = openSync(path, 'r+')
  for (let page = 60; page < pages; page++) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, page * 4_096)
  closeSync(file)
  const damaged = openStore({ path })
  t.after(() => damaged.close())
  assert.throws(() => damaged.flows({ last: 10_000 }), { code: 'ERR_STORE_CORRUPT', message: /Move it away/ })
})

test('a folder that is not there is named', (t) => {
  assert.throws(() => openStore({ path: `${temporaryPath(t)}/none/idsd.db` }), {
    code: 'ERR_STORE_ACCESS',
    message: /none/,
  })
})

test('a database held by another process is told apart', (t) => {
  const path = temporaryPath(t)
  const store = openStore({ path, busyTimeoutMs: 10 })
  t.after(() => store.close())
  const other = new Sqlite(path)
  t.after(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  assert.throws(() => store.insertDecision(testDecision()), { code: 'ERR_STORE_BUSY' })
  other.exec('ROLLBACK')
  assert.equal(store.insertDecision(testDecision()).number, 1)
})
