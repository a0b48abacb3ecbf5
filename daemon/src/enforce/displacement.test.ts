import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enforcerWorld, testOrder, testVerdict } from './test-enforcer.js'

test('in a full map the oldest automatic decision gives way, to an automatic one and to an operator', (t) => {
  const { enforcer, blockList, store, changes } = enforcerWorld(t)
  enforcer.block(testOrder('192.0.2.10'))
  const [first] = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map((source) =>
    enforcer.enforce(testVerdict(source)),
  )
  blockList.capacity = 4
  const next = enforcer.enforce(testVerdict('203.0.113.4'))
  assert.deepEqual([...blockList.entries.keys()].sort(), [
    '192.0.2.10',
    '203.0.113.2',
    '203.0.113.3',
    '203.0.113.4',
  ])
  assert.equal(store.decision(first?.number as number)?.state, 'displaced')
  assert.equal(next.state, 'active')
  enforcer.block(testOrder('192.0.2.11'))
  assert.ok(blockList.entries.has('192.0.2.11') && !blockList.entries.has('203.0.113.2'))
  assert.equal(enforcer.displaced, 2)
  assert.deepEqual(
    changes.filter(({ kind }) => kind === 'displaced').map(({ decision }) => decision.target),
    ['203.0.113.1', '203.0.113.2'],
  )
})

test('what an operator decided never gives way, nor what stands beside it', (t) => {
  const { enforcer, blockList } = enforcerWorld(t)
  enforcer.block(testOrder('192.0.2.10'))
  enforcer.enforce(testVerdict('203.0.113.1'))
  enforcer.block(testOrder('203.0.113.1'))
  blockList.capacity = 2
  assert.throws(() => enforcer.enforce(testVerdict('203.0.113.2')), { code: 'ERR_KERNEL' })
  assert.throws(() => enforcer.block(testOrder('192.0.2.12')), { code: 'ERR_KERNEL' })
  assert.deepEqual([[...blockList.entries.keys()], enforcer.displaced], [['192.0.2.10', '203.0.113.1'], 0])
})

test('a full map of prefixes takes no address away, and another fault displaces nobody', (t) => {
  const { enforcer, blockList } = enforcerWorld(t)
  enforcer.enforce(testVerdict('203.0.113.1'))
  blockList.capacity = 1
  assert.throws(() => enforcer.block(testOrder('198.51.100.0/24')), { code: 'ERR_KERNEL' })
  blockList.capacity = 9
  blockList.broken.add('203.0.113.9')
  assert.throws(() => enforcer.enforce(testVerdict('203.0.113.9')), { code: 'ERR_KERNEL' })
  assert.deepEqual([...blockList.entries.keys()], ['203.0.113.1'])
})

test('where rate limits ran out the oldest that limits gives way, and no ban with it', (t) => {
  const { enforcer, blockList } = enforcerWorld(t)
  enforcer.enforce(testVerdict('203.0.113.1'))
  enforcer.enforce(testVerdict('203.0.113.2', { kind: 'spoofable' }))
  blockList.limits = 1
  enforcer.enforce(testVerdict('203.0.113.3', { kind: 'spoofable' }))
  assert.deepEqual([...blockList.entries.keys()], ['203.0.113.1', '203.0.113.3'])
  blockList.limits = 0
  enforcer.enforce(testVerdict('203.0.113.4'))
  assert.throws(
    () =>
      enforcer.block(testOrder('192.0.2.10', { action: 'limit', limit: { unit: 'bits', perSecond: 1e6 } })),
    {
      code: 'ERR_KERNEL',
    },
  )
  assert.deepEqual([...blockList.entries.keys()], ['203.0.113.1', '203.0.113.4'])
})
