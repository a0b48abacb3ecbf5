import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { call, type FakeDaemon, openFakeDaemon } from './fake-daemon.js'
import { sampleWhy } from './fake-view.js'
import type { WhyResponse__Output } from './generated/idsd/v1/WhyResponse.js'

describe('Why', () => {
  let daemon: FakeDaemon
  before(async () => {
    daemon = await openFakeDaemon()
  })
  after(() => daemon[Symbol.asyncDispose]())

  const why = (target: string) => call<WhyResponse__Output>(daemon.client, 'Why', { target })

  it('carries entries, decisions with flows, what the model rests on, alerts and guards', async () => {
    daemon.objections.push({ guard: 'gateway', entry: '192.0.2.7', text: '192.0.2.7 is the gateway' })
    const found = await why('192.0.2.7')
    daemon.objections.length = 0
    assert.deepEqual([found.target, found.fate, found.mode], ['192.0.2.7', 'FATE_DROPPED', 'MODE_PREVENT'])
    const [entry] = found.entries
    assert.deepEqual(
      [entry?.decisionId, entry?.action, entry?.origin, entry?.reason, entry?.isDeciding, entry?.packets],
      ['d12', 'ACTION_DROP', 'ORIGIN_DETECTOR', 'login', true, 40],
    )
    assert.equal(found.decisions[0]?.evidence[0]?.flows[0]?.id, 'f1')
    assert.deepEqual(found.modelReason?.weights, sampleWhy.modelReason?.weights)
    assert.equal(found.modelReason?.flow?.id, 'f1')
    assert.deepEqual([found.alerts[0]?.id, found.alerts[0]?.flows, found.alertsTotal], ['a3', [], 1])
    assert.deepEqual(found.guards, ['192.0.2.7 is the gateway'])
  })

  it('writes the target canonically, and refuses what is none', async () => {
    assert.equal((await why('2001:DB8::0')).target, '2001:db8::')
    await assert.rejects(why('192.0.2.1/24'), { code: status.INVALID_ARGUMENT })
  })

  it('a view that fails is an error of the call, not of the daemon', async () => {
    const { why: works } = daemon.view
    daemon.view.why = () => Promise.reject(new Error('no map'))
    await assert.rejects(why('192.0.2.7'), { code: status.INTERNAL })
    daemon.view.why = works
    assert.equal((await why('192.0.2.7')).target, '192.0.2.7')
  })
})
