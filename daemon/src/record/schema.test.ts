import assert from 'node:assert/strict'
import { test } from 'node:test'
import Sqlite from 'better-sqlite3'
import { testFlow } from '../detect/test-flow.js'
import type { ListRow } from '../lists/list-row.js'
import { addressRange } from '../policy/address.js'
import { migrate } from './schema.js'
import { openStore } from './store.js'
import { at, temporaryPath, testDecision } from './test-store.js'

const key = (text: string) => Buffer.from(addressRange(at(text)).first)

/** What schema 2 holds: a decision of each kind, a list's own, evidence without the fields of today, flows. */
function schema2(path: string): void {
  const database = new Sqlite(path)
  migrate(database, 2)
  const evidence = {
    ...{
      source: '203.0.113.9',
      detector: 'login',
      technique: 'T1110',
      severity: 'high',
      text: 'login',
      points: 60,
    },
    ...{ atMs: 1_000, packetUs: 1_000_000, flows: [testFlow({ id: 2 ** 45 + 7 })], scores: [null] },
  }
  const decide = database.prepare(`
    INSERT INTO decisions (target, first_key, last_key, action, origin, mode, reason, created_by, created_ms, expires_ms,
      state, ended_ms, evidence) VALUES ('203.0.113.9', ?, ?, ?, ?, ?, 'login 120', 'idsd', 1000, 0, 'active', 0, ?)`)
  for (const [action, origin, mode] of [
    ['drop', 'detector', 'prevent'],
    ['count', 'detector', 'detect'],
    ['drop', 'operator', 'detect'],
  ]) {
    decide.run(key('203.0.113.9'), key('203.0.113.9'), action, origin, mode, JSON.stringify([evidence]))
  }
  database.prepare('INSERT INTO decision_hits VALUES (1, 5, 300, 9000)').run()
  const alert = database.prepare(
    'INSERT INTO alerts (at_ms, source_key, ports, decision_number, evidence) VALUES (1000, ?, ?, ?, ?)',
  )
  alert.run(key('203.0.113.9'), ',22,', 1, JSON.stringify(evidence))
  alert.run(key('203.0.113.9'), ',22,', 77, JSON.stringify(evidence))
  const flow = database.prepare(`INSERT INTO flows VALUES (${Array(24).fill('?').join(', ')})`)
  const addresses = [
    ['203.0.113.9', '0.0.0.0'],
    ['255.255.255.255', '128.0.0.0'],
    ['2001:db8::1', '::'],
  ] as const
  for (const [i, [src, dst]] of addresses.entries()) {
    const ends = [src, dst, key(src), key(dst), 40_000, 22, 6]
    const counts = [1_000_000 + i, 2_000_000 + i, 3, 2, 2 ** 40, 0, 2, 1, 0, 2, 1, 5]
    flow.run(2 ** 45 + 7 + i, 4, 2, 3, ...ends, ...counts, i === 1 ? 0.75 : null)
  }
  database.close()
}

test('a database of schema 2 takes the next step and keeps all that it holds', (t) => {
  const path = temporaryPath(t)
  schema2(path)
  const store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(
    store.activeDecisions().map(({ kind }) => kind),
    ['block', 'would_block', 'block'],
  )
  const [evidence] = store.decision(1)!.evidence
  assert.deepEqual([evidence!.about, evidence!.pointsLastMs, evidence!.isProven], ['source', 60_000, false])
  assert.ok(Number.isNaN(evidence!.scores[0]))
  assert.equal(store.hits(1)?.packets, 5)
  const alerts = store.alerts({ detectors: ['login'], severities: ['high'], target: at('203.0.113.0/24') })
  assert.deepEqual(
    alerts.rows.map(({ number, decisionNumber }) => [number, decisionNumber]),
    [
      [2, 0],
      [1, 1],
    ],
  )
  const { rows } = store.flows({})
  assert.deepEqual(
    rows.map(({ flow, score, reasons }) => [flow.id - 2 ** 45, flow.src, flow.dst, score, reasons]),
    [
      [9, '2001:db8::1', '::', Number.NaN, []],
      [8, '255.255.255.255', '128.0.0.0', 0.75, []],
      [7, '203.0.113.9', '0.0.0.0', Number.NaN, ['login']],
    ],
  )
  const { kind, seq, ifindex, lastUs, bytesFwd, tcpState, endReason, pathProven, firstIngress } =
    rows[2]!.flow
  assert.deepEqual([kind, seq, ifindex, lastUs, bytesFwd], ['ended', 4, 3, 2_000_000, 2 ** 40])
  assert.deepEqual([tcpState, endReason, pathProven, firstIngress], ['fin2', 'timeout', true, true])
  assert.equal(store.flows({ target: at('128.0.0.0/1') }).total, 2)
  assert.equal(store.insertDecision(testDecision()).number, 4)
})

test('allow entries and the audit of a schema that knows neither ends nor reasons move over', (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 3)
  database.exec("INSERT INTO allow_entries VALUES ('10.0.0.0/8', 'office', 1, 'uid:0', 'operator')")
  database.exec(`INSERT INTO audit (at_ms, action, target, caller, outcome, detail, decisions)
    VALUES (5, 'mode', '', 'uid:0', 'done', 'detect to prevent', '[]')`)
  database.close()
  const store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(store.allowEntries(), [
    { target: '10.0.0.0/8', reason: 'office', createdAtMs: 1, createdBy: 'uid:0', source: 'operator' },
  ])
  const [row] = store.auditRows({}).rows
  assert.deepEqual([row?.detail, row?.reason, row?.before], ['detect to prevent', undefined, undefined])
})

test('decisions of a schema that knows no ladder move over as they were', (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 6)
  database.exec(`INSERT INTO decisions (target, first_key, last_key, action, origin, mode, reason, created_by, created_ms,
      expires_ms, state, ended_ms, evidence, kind)
    VALUES ('10.77.0.2', x'00000000000000000000ffff0a4d0002', x'00000000000000000000ffff0a4d0002', 'drop', 'detector',
      'prevent', 'login 120', 'login', 1000, 601000, 'active', 0, '[]', 'block')`)
  database.close()
  const store = openStore({ path })
  t.after(() => store.close())
  const [decision] = store.activeDecisions()
  assert.deepEqual(
    [decision?.action, decision?.limit, decision?.sparesFlows, decision?.ladder],
    ['drop', undefined, undefined, undefined],
  )
  assert.equal(store.lastStep('10.77.0.2', 'proven', 0), undefined)
  assert.equal(store.repeats('10.77.0.2', 0, 60_000), 1)
})

test('hits of a schema that knows no readings move over as totals', (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 10)
  database.exec('INSERT INTO decision_hits VALUES (1, 5, 300, 1000)')
  database.exec(`INSERT INTO lists VALUES ('feed', 1, 2, 'drop', 1, '', '', 0, '', 0, 7, 420, 7, 1000)`)
  database.close()
  const store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(store.hits(1), { packets: 5, bytes: 300, lastSeenMs: 1_000 })
  assert.equal(store.listRows()[0]?.packets, 7)
  assert.deepEqual([store.listRows()[0]?.action, store.listRows()[0]?.limit], ['drop', undefined])
  assert.deepEqual([store.listReadings(1)?.size, store.hitReadings(1)?.size], [0, 0])
})

test('a database of the first version takes every step', (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 1)
  database.close()
  const store = openStore({ path })
  t.after(() => store.close())
  store.insertDecision(testDecision())
  store.saveHits([[1, { packets: 1, bytes: 60, lastSeenMs: 5 }]])
  assert.equal(store.hits(1)?.packets, 1)
})

test('a database without lists takes the step to them, and numbers of lists never come again', async (t) => {
  const path = temporaryPath(t)
  const database = new Sqlite(path)
  migrate(database, 6)
  database.close()
  const store = openStore({ path })
  assert.deepEqual(store.listRows(), [])
  const [number, version] = [store.reserveListNumber(), store.reserveListNumber()]
  store.saveListPart(version, 1, Buffer.from('b'))
  store.saveListPart(version, 0, Buffer.from('a'))
  const row = {
    ...{ name: 'feed', number, version, action: 'limit' as const, entries: 2, source: 'a.txt', reason: '' },
    ...{ createdAtMs: 1, createdBy: 'uid:0', expiresAtMs: 0, packets: 0, bytes: 0, droppedPackets: 0 },
    lastSeenMs: 0,
    limit: { unit: 'bits', perSecond: 64_000 },
  } satisfies ListRow
  store.saveList(row)
  const hits = { packets: 2 ** 40, bytes: 2 ** 50, droppedPackets: 3, lastSeenMs: 4 }
  store.saveListHits([{ name: 'feed', ...hits }])
  await store.close()
  const again = openStore({ path })
  t.after(() => again.close())
  assert.deepEqual(again.listRows(), [{ ...row, ...hits }])
  assert.equal(again.listBytes(version).toString(), 'ab')
  assert.equal(again.dropListParts(9), 0)
  assert.equal(again.removeList('feed'), true)
  assert.deepEqual([again.removeList('feed'), again.dropListParts(1), again.dropListParts(9)], [false, 1, 1])
  assert.ok(again.reserveListNumber() > version)
})
