import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect as openSession } from 'node:http2'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Metadata, status } from '@grpc/grpc-js'
import { until } from '../../../lab/until.js'
import type { AuditRow } from '../control/audit-row.js'
import type { Role } from '../control/caller.js'
import { call, openFakeDaemon, protoRoot, take } from './fake-daemon.js'
import { createRefusalLog } from './refusal-log.js'
import { METHOD_RULES, mayCall, roleOfPeer, roleOfUnit } from './roles.js'

const contract = readFileSync(join(protoRoot(), 'idsd/v1/idsd.proto'), 'utf8')
const methods = [...contract.matchAll(/^ {2}rpc (\w+)\(/gm)].map((found) => found[1] as string)
const reading = /^(Get|List|Watch|Export|Check|Why|Plan)/

describe('the table of roles', () => {
  it('holds every request of the contract and no other', () => {
    assert.ok(methods.length > 20)
    assert.deepEqual(Object.keys(METHOD_RULES).sort(), [...methods].sort())
  })

  for (const method of methods) {
    const isRead = reading.test(method)
    it(`${isRead ? 'lets a reader' : 'lets no reader'} call ${method}`, () => {
      assert.equal(mayCall('reader', method), isRead)
      assert.equal(mayCall('operator', method), true)
      assert.equal(mayCall('none', method), false)
      const rule = METHOD_RULES[method]
      assert.equal(rule?.role === 'operator' && rule.audit !== undefined, !isRead)
    })
  }

  it('needs an operator for what it does not know', () => {
    assert.equal(mayCall('reader', 'Reboot'), false)
    assert.equal(mayCall('operator', 'Reboot'), true)
  })
})

describe('a peer of the socket', () => {
  const admission = { operatorGid: 10, readerGid: 20, admitUid: 1000 }
  const cases: readonly (readonly [string, number, readonly number[], object, Role])[] = [
    ['root', 0, [0], admission, 'operator'],
    ['root, where there is no group', 0, [0], {}, 'operator'],
    ['who called sudo', 1000, [1000], admission, 'operator'],
    ['a member of the operators', 7, [7, 10], admission, 'operator'],
    ['a member of both', 7, [20, 10], admission, 'operator'],
    ['a member of the readers', 7, [7, 20], admission, 'reader'],
    ['anybody else', 7, [7], admission, 'none'],
    ['anybody, where there is no group', 7, [10, 20], {}, 'none'],
  ]
  for (const [who, uid, groups, admitted, role] of cases) {
    it(`is ${role}: ${who}`, () => assert.equal(roleOfPeer({ uid, groups }, admitted), role))
  }
})

describe('a client certificate', () => {
  for (const [unit, role] of [
    ['operator', 'operator'],
    ['reader', 'reader'],
    [undefined, 'reader'],
    ['Operator', 'reader'],
    ['operators', 'reader'],
    [['sales', 'operator'], 'operator'],
    [{}, 'reader'],
  ] as const) {
    it(`with OU=${JSON.stringify(unit)} makes a ${role}`, () => assert.equal(roleOfUnit(unit), role))
  }
})

describe('a request without the role for it', () => {
  const admission = { readerGid: 20 }
  const counted: Role[] = []
  const rows: AuditRow[] = []
  const onRefused = createRefusalLog({
    audit: (row) => rows.push(row),
    count: (role) => counted.push(role),
  })
  const open = (groups: readonly number[]) =>
    openFakeDaemon({
      ...{ admission, onRefused, userName: () => 'alice' },
      readPeer: () => ({ uid: 1000, groups }),
    })

  it('is refused with what is lacking, counted and kept in the audit', async () => {
    await using daemon = await open([20])
    await call(daemon.client, 'GetStatus', {})
    const asked = { target: '203.0.113.7\nx', reason: 'be\ncause', caller: 'bob' }
    await assert.rejects(
      call(daemon.client, 'Block', asked),
      (error: Error & { code: number; metadata: Metadata }) => {
        assert.equal(error.code, status.PERMISSION_DENIED)
        assert.match(
          error.message,
          /Block needs the role operator, and uid:1000 alice only has the role reader/,
        )
        assert.match(error.message, /sudo.*group idsd/)
        assert.deepEqual(error.metadata.get('idsd-code'), ['ERR_FORBIDDEN'])
        return true
      },
    )
    assert.deepEqual(counted.splice(0), ['reader'])
    const [row] = rows.splice(0)
    assert.equal(daemon.enforcement.decisions.length, 0)
    assert.deepEqual(
      { ...row, atMs: 0 },
      {
        ...{
          atMs: 0,
          action: 'block',
          target: '203.0.113.7',
          caller: 'uid:1000 alice (bob)',
          outcome: 'refused',
        },
        ...{ detail: 'needs the role operator, has the role reader', decisionNumbers: [], reason: 'because' },
      },
    )
  })

  it('is refused a stream too, and is only counted where it would change nothing', async () => {
    await using daemon = await open([])
    await assert.rejects(take(daemon.client.WatchFlows({}), 1), { code: status.PERMISSION_DENIED })
    await assert.rejects(call(daemon.client, 'GetStatus', {}), /has no role here/)
    await assert.rejects(call(daemon.client, 'Block', { target: '203.0.113.7', dryRun: true }))
    assert.deepEqual(counted.splice(0), ['none', 'none', 'none'])
    assert.deepEqual(rows, [])
  })

  it('is refused where the caller hangs up before its last request is heard', async () => {
    await using daemon = await open([20])
    const socket = connect(daemon.socketPath)
    const session = openSession('http://localhost', { createConnection: () => socket })
    session.on('error', () => undefined)
    const headers = { 'content-type': 'application/grpc', te: 'trailers' }
    const stream = session.request({ ':method': 'POST', ':path': '/idsd.v1.Idsd/Block', ...headers })
    stream.on('error', () => undefined)
    const target = Buffer.from('203.0.113.7')
    const message = Buffer.concat([Buffer.from([0x0a, target.length]), target])
    // gRPC over HTTP/2: not compressed, and the length; the field of the target is the first.
    const isWritten = new Promise((resolve) => {
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]), resolve)
    })
    await isWritten
    // The request has no end yet: the end of the connection makes it.
    await call(daemon.client, 'GetStatus', {})
    socket.end()
    await until(() => counted.length > 0 || daemon.enforcement.decisions.length > 0, {
      what: 'the request is heard',
    })
    session.destroy()
    assert.deepEqual(daemon.enforcement.decisions, [])
    assert.notEqual(counted.splice(0)[0], 'operator')
    assert.equal(rows.splice(0)[0]?.outcome, 'refused')
  })

  it('cannot fill the audit', async () => {
    const kept: AuditRow[] = []
    let count = 0
    const log = createRefusalLog({ audit: (row) => kept.push(row), count: () => count++, rowsPerMinute: 3 })
    const row = { action: 'panic', target: '', caller: 'x', outcome: 'refused', detail: '' } as const
    const minute = 60_000
    for (const atMs of [1, 2, 3, 4, 5, minute + 1, minute + 2, 0])
      log('reader', { ...row, atMs, decisionNumbers: [] })
    assert.equal(count, 8)
    assert.deepEqual(
      kept.map(({ atMs }) => atMs),
      [1, 2, 3, minute + 1, minute + 2, 0],
    )
  })
})
