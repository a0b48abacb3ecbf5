import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BlockAction } from '../kernel/wire.js'
import { at, enforcerWorld, testAllow, testOrder } from './test-enforcer.js'

describe('the comparison with the maps', () => {
  test('puts back what somebody else took out or changed, and tells it', (t) => {
    const { enforcer, blockList, changes } = enforcerWorld(t)
    for (const text of ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.0/8']) enforcer.block(testOrder(text))
    enforcer.addAllow(at('192.0.2.7'), testAllow('192.0.2.7', 'operator'))
    const before = structuredClone(blockList.entries)
    blockList.entries.delete('10.0.0.1')
    blockList.entries.delete('10.0.0.0/8')
    blockList.entries.set('10.0.0.2', { ...before.get('10.0.0.2')!, action: BlockAction.count })
    blockList.entries.set('10.0.0.3', { ...before.get('10.0.0.3')!, decision: 77 })
    blockList.allowed.clear()
    enforcer.reconcile(15)
    assert.deepEqual(new Map([...blockList.entries].sort()), new Map([...before].sort()))
    assert.equal(blockList.allowed.has('192.0.2.7'), true)
    assert.equal(enforcer.repaired, 5)
    assert.equal(changes.filter(({ kind }) => kind === 'repaired').length, 4)
    enforcer.reconcile(15)
    assert.equal(enforcer.repaired, 5)
  })

  test('takes out what somebody else put in, counts it and tells it', (t) => {
    const { enforcer, blockList, strays } = enforcerWorld(t)
    blockList.strays.push('203.0.113.0/24', 'allow 192.0.2.0/24')
    enforcer.reconcile(15)
    assert.equal(enforcer.repaired, 2)
    assert.deepEqual(strays, ['203.0.113.0/24', 'allow 192.0.2.0/24'])
    enforcer.reconcile(15)
    assert.equal(enforcer.repaired, 2)
  })

  test('sees all of 5,000 entries within 15 calls, and what came meanwhile within 15 more', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const names = Array.from({ length: 5_000 }, (_, i) => `10.9.${i >> 8}.${i & 255}`)
    for (const name of names) enforcer.block(testOrder(name))
    blockList.entries.clear()
    enforcer.reconcile(15)
    enforcer.block(testOrder('10.8.0.1'))
    blockList.entries.delete('10.8.0.1')
    for (let i = 1; i < 15; i++) enforcer.reconcile(15)
    assert.equal(blockList.entries.size, 5_000)
    for (let i = 0; i < 15; i++) enforcer.reconcile(15)
    assert.equal(blockList.entries.size, 5_001)
  })

  test('a round does not grow longer when most of its entries leave', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const made = Array.from({ length: 5_000 }, (_, i) =>
      enforcer.block(testOrder(`10.9.${i >> 8}.${i & 255}`)),
    )
    enforcer.reconcile(15)
    enforcer.lift(made.slice(0, -1), 'uid:0')
    blockList.entries.clear()
    for (let i = 1; i < 15; i++) enforcer.reconcile(15)
    assert.equal(blockList.entries.size, 1)
  })

  test('an entry that cannot be written does not hide those behind it', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    for (const text of ['10.0.0.1', '10.0.0.2']) enforcer.block(testOrder(text))
    blockList.entries.clear()
    blockList.broken.add('10.0.0.1')
    assert.throws(() => enforcer.reconcile(15), { errnoName: 'EIO' })
    assert.deepEqual([...blockList.entries.keys()], ['10.0.0.2'])
  })
})
