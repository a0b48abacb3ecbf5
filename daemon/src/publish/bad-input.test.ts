import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { IdsdError, KernelError } from '../errors.js'
import { type FakeDaemon, failureOf, openFakeDaemon, trailer } from './fake-daemon.js'

let daemon: FakeDaemon
before(async () => {
  daemon = await openFakeDaemon()
})
after(() => daemon[Symbol.asyncDispose]())
beforeEach(() => daemon.reset())

const failure = (method: string, request: object) => failureOf(daemon.client, method, request)

describe('bad input', () => {
  const cases: [string, string, object, string][] = [
    ['a name as target of a block', 'Block', { target: 'example.org' }, 'target'],
    ['a block of nothing', 'Block', {}, 'target'],
    ['a TTL under a second', 'Block', { target: '203.0.113.5', ttlMs: 1 }, 'ttl_ms'],
    ['a negative TTL', 'Block', { target: '203.0.113.5', ttlMs: -5 }, 'ttl_ms'],
    ['an unknown action', 'Block', { target: '203.0.113.5', action: 9 }, 'action'],
    ['a word as peer', 'Block', { target: '203.0.113.5', callerPeer: 'x' }, 'caller_peer'],
    ['an unblock of nothing', 'Unblock', {}, 'target'],
    ['a decision id of letters', 'Unblock', { decisionId: 'dx' }, 'decision_id'],
    ['a target and an id', 'Unblock', { target: '203.0.113.5', decisionId: 'd1' }, 'decision_id'],
    ['an empty decision id', 'GetDecision', {}, 'id'],
    ['decision 0', 'GetDecision', { id: 'd0' }, 'id'],
    ['a decision id beyond every number', 'GetDecision', { id: '9'.repeat(16) }, 'id'],
    ['an allow of a range', 'AddAllow', { target: '10.0.0.1-10.0.0.9' }, 'target'],
    ['a removal of nothing', 'RemoveAllow', {}, 'target'],
    ['a check of a prefix too long', 'CheckAllow', { target: '10.0.0.0/33' }, 'target'],
    ['a filter by a name', 'ListFlows', { filter: { ip: 'host' } }, 'filter.ip'],
    ['a port over 65535', 'ListFlows', { filter: { port: 65_536 } }, 'filter.port'],
    ['since after until', 'ListFlows', { filter: { sinceMs: 6, untilMs: 5 } }, 'filter.since_ms'],
    ['a negative time', 'ListAlerts', { filter: { untilMs: -1 } }, 'filter.until_ms'],
    ['more than 10,000 rows', 'ListFlows', { filter: { last: 10_001 } }, 'filter.last'],
    ['more than 500 alerts', 'ListAlerts', { filter: { last: 501 } }, 'filter.last'],
    ['decisions by port', 'ListDecisions', { filter: { port: 22 } }, 'filter.port'],
    ['a score over 1', 'ListFlows', { filter: { minScore: 2 } }, 'filter.min_score'],
    ['flows by detector', 'ListFlows', { filter: { detector: 'login' } }, 'filter.detector'],
    ['alerts by score', 'ListAlerts', { filter: { minScore: 0.5 } }, 'filter.min_score'],
    ['alerts that stand out', 'ListAlerts', { filter: { anomalous: true } }, 'filter.anomalous'],
    ['an unknown detector', 'ListAlerts', { filter: { detector: 'luck' } }, 'filter.detector'],
    ['an unknown severity', 'ListAlerts', { filter: { severity: 'huge' } }, 'filter.severity'],
    ['an alert id of letters', 'GetAlert', { id: 'ax' }, 'id'],
    ['no mode', 'SetMode', {}, 'mode'],
    ['an unknown order', 'GetTop', { order: 9 }, 'order'],
    ['more than 1,000 sources', 'GetTop', { count: 1_001 }, 'count'],
  ]
  for (const [name, method, request, field] of cases) {
    it(`${method} refuses ${name} and names ${field}`, async () => {
      const error = await failure(method, request)
      assert.equal(error.code, status.INVALID_ARGUMENT)
      assert.ok(error.details.startsWith(`${field}: expected `), error.details)
      assert.deepEqual(trailer(error.metadata, 'idsd-field'), [field])
      assert.deepEqual(daemon.audit, [])
    })
  }

  const missing: [string, object][] = [
    ['GetDecision', { id: 'd99' }],
    ['GetAlert', { id: 'a99' }],
    ['Unblock', { target: '203.0.113.5' }],
    ['Unblock', { decisionId: '99' }],
    ['RemoveAllow', { target: '203.0.113.5' }],
  ]
  for (const [method, request] of missing) {
    it(`${method} of ${JSON.stringify(request)} is not found`, async () => {
      assert.equal((await failure(method, request)).code, status.NOT_FOUND)
    })
  }

  it('a request over 64 kB is refused', async () => {
    const error = await failure('Block', { target: '203.0.113.5', reason: 'x'.repeat(70_000) })
    assert.equal(error.code, status.RESOURCE_EXHAUSTED)
  })
})

describe('failure inside', () => {
  it('tells the caller nothing of an unexpected error, and the log everything', async () => {
    const { view } = daemon
    const { decision } = view
    view.decision = () => {
      throw new TypeError('secret insides')
    }
    const error = await failure('GetDecision', { id: 'd1' })
    view.decision = decision
    assert.equal(error.code, status.INTERNAL)
    assert.ok(!error.details.includes('secret'))
    const line = daemon.log.lines.find(({ level }) => level === 'error')
    const { method, err } = (line?.fields ?? {}) as { method?: string; err?: Error }
    assert.equal(method, 'GetDecision')
    assert.match(String(err), /secret insides/)
  })

  it('says that a map is full', async () => {
    const { enforcement } = daemon
    const { block } = enforcement
    enforcement.block = () => {
      throw new KernelError('bpf_map_update_elem', 7, 'E2BIG')
    }
    const error = await failure('Block', { target: '203.0.113.5' })
    enforcement.block = block
    assert.equal(error.code, status.RESOURCE_EXHAUSTED)
    assert.match(error.details, /map in the kernel is full .* raise kernel\.blocks, kernel\.prefixes/)
  })

  it('says that the database is full', async () => {
    const { enforcement } = daemon
    const { block } = enforcement
    enforcement.block = () => {
      throw new IdsdError('ERR_STORE_FULL', '/var/lib/idsd/idsd.db: no room')
    }
    const error = await failure('Block', { target: '203.0.113.5' })
    enforcement.block = block
    assert.equal(error.code, status.RESOURCE_EXHAUSTED)
    assert.match(error.details, /the database has no room and nothing was changed/)
  })
})
