import assert from 'node:assert/strict'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { migrate, SCHEMA_VERSION } from './schema.js'
import { openStore } from './store.js'
import { temporaryPath } from './test-store.js'

test('both documents of a calibration are there after a restart, each by itself', async (t) => {
  const path = temporaryPath(t)
  const before = openStore({ path })
  assert.equal(before.calibration('run'), undefined)
  before.saveCalibration('run', { flows: 1 })
  before.saveCalibration('run', { flows: 2 })
  before.saveCalibration('site', { thresholds: { login: 20 } })
  await before.close()
  const after = openStore({ path })
  assert.deepEqual(after.calibration('run'), { flows: 2 })
  after.saveCalibration('run', undefined)
  assert.equal(after.calibration('run'), undefined)
  assert.deepEqual(after.calibration('site'), { thresholds: { login: 20 } })
  await after.close()
})

test('what is no JSON is taken for nothing', async (t) => {
  const path = temporaryPath(t)
  await openStore({ path }).close()
  const database = new Sqlite(path)
  database.prepare("INSERT INTO calibration VALUES ('site', '{')").run()
  database.close()
  const store = openStore({ path })
  assert.equal(store.calibration('site'), undefined)
  await store.close()
})

test('a database without the table gets it', async (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 6)
  database.close()
  const store = openStore({ path })
  store.saveCalibration('site', { alerts: 1 })
  assert.deepEqual(store.calibration('site'), { alerts: 1 })
  await store.close()
  const again = new Sqlite(path)
  assert.equal(again.pragma('user_version', { simple: true }), SCHEMA_VERSION)
  again.close()
})
