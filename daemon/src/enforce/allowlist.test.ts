import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, enforcerWorld, testAllow, testOrder } from './test-enforcer.js'

describe('the allowlist', () => {
  test('an entry with an end leaves the map when it is over, and is told once', (t) => {
    const ended: string[] = []
    const { enforcer, blockList, time } = enforcerWorld(t, {
      onAllowEnd: (entries) => ended.push(...entries.map(({ target }) => target)),
    })
    enforcer.restore([testAllow('192.0.2.8', 'config', 'file')])
    const endsAtMs = time.wallMs + 5_000
    for (const text of ['192.0.2.7', '192.0.2.8']) {
      enforcer.addAllow(at(text), { ...testAllow(text, 'operator'), expiresAtMs: endsAtMs })
    }
    enforcer.addAllow(at('192.0.2.9'), testAllow('192.0.2.9', 'operator'))
    time.pass(4_999)
    enforcer.expire()
    assert.deepEqual(ended, [])
    time.pass(1)
    enforcer.expire()
    enforcer.expire()
    assert.deepEqual(ended.sort(), ['192.0.2.7', '192.0.2.8'])
    assert.deepEqual([...blockList.allowed.keys()].sort(), ['192.0.2.8', '192.0.2.9'])
    assert.equal(enforcer.allowEntry(at('192.0.2.8'))?.source, 'config', 'what the file says holds again')
  })

  test('entries that are over stay in the store for a clock that was wrong, not without bound', (t) => {
    const { enforcer, store, time } = enforcerWorld(t)
    const expiresAtMs = time.wallMs + 5_000
    for (let i = 0; i < 1_001; i++) {
      const text = `10.1.${i >> 8}.${i & 255}`
      enforcer.addAllow(at(text), { ...testAllow(text, 'operator'), expiresAtMs })
    }
    time.pass(5_000)
    enforcer.expire()
    assert.equal(store.allowEntries().length, 1_000)
  })

  test('an entry whose end came while idsd was away is not loaded', (t) => {
    const { enforcer, time, open } = enforcerWorld(t)
    const entry = { ...testAllow('192.0.2.7', 'operator'), expiresAtMs: time.wallMs + 5_000 }
    enforcer.addAllow(at('192.0.2.7'), entry)
    time.pass(4_999)
    const sooner = open()
    sooner.enforcer.restore([])
    assert.equal(sooner.enforcer.allowEntry(at('192.0.2.7'))?.expiresAtMs, entry.expiresAtMs)
    time.pass(1)
    const later = open()
    later.enforcer.restore([])
    assert.equal(later.blockList.allowed.size, 0)
    assert.deepEqual(
      later.enforcer.allowEntries().filter(({ source }) => source !== 'automatic'),
      [],
    )
  })

  test('silence is what the longest entry says, and decisions end although an allow entry cannot', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.addAllow(at('192.0.2.0/24'), testAllow('192.0.2.0/24', 'operator'))
    enforcer.addAllow(at('192.0.2.7'), { ...testAllow('192.0.2.7', 'operator'), isLogOnly: true })
    assert.deepEqual(
      ['192.0.2.6', '192.0.2.7', '198.51.100.1'].map((text) => enforcer.isSilent(text)),
      [true, false, false],
    )
    assert.deepEqual(
      enforcer.allowChain(at('192.0.2.7')).map(({ target }) => target),
      ['192.0.2.7', '192.0.2.0/24'],
    )
    enforcer.addAllow(at('192.0.2.9'), { ...testAllow('192.0.2.9', 'operator'), expiresAtMs: time.wallMs })
    const { number } = enforcer.block(testOrder('203.0.113.9', { expiresAtMs: time.wallMs }))
    blockList.disallow = () => {
      throw new Error('the map does not comply')
    }
    assert.throws(() => enforcer.expire(), /does not comply/)
    assert.equal(enforcer.decision(number)?.state, 'expired')
  })

  test('what both name leaves the kernel only when both let go', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const text = '192.0.2.7'
    enforcer.addAllow(at(text), testAllow(text, 'operator', 'office'))
    enforcer.setConfiguredAllow([testAllow(text, 'config', 'file')])
    assert.equal(enforcer.allowEntry(at(text))?.reason, 'office')
    enforcer.removeAllow(at(text), testAllow(text, 'operator'), 'uid:0')
    assert.equal(enforcer.allowEntry(at(text))?.reason, 'file')
    assert.equal(blockList.allowed.has(text), true)
    enforcer.setConfiguredAllow([])
    assert.equal(enforcer.allowEntry(at(text)), undefined)
    assert.equal(blockList.allowed.has(text), false)
  })

  test('a reload takes in what is new, takes out what is gone and leaves the operator’s', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    enforcer.restore([testAllow('192.0.2.1', 'config'), testAllow('192.0.2.2', 'config')])
    enforcer.addAllow(at('192.0.2.9'), testAllow('192.0.2.9', 'operator'))
    enforcer.setConfiguredAllow([testAllow('192.0.2.2', 'config'), testAllow('192.0.2.3', 'config')])
    assert.deepEqual([...blockList.allowed.keys()].sort(), ['192.0.2.2', '192.0.2.3', '192.0.2.9'])
  })

  test('an operator’s entry of the same target is left in place when the configuration drops its own', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const text = '192.0.2.7'
    enforcer.restore([testAllow(text, 'config')])
    enforcer.addAllow(at(text), testAllow(text, 'operator'))
    enforcer.setConfiguredAllow([])
    assert.equal(enforcer.allowEntry(at(text))?.source, 'operator')
    assert.equal(blockList.allowed.has(text), true)
  })

  test('the longest entry that covers a target is found, automatic ones are listed and never cover', (t) => {
    const { enforcer } = enforcerWorld(t)
    for (const text of ['10.0.0.0/8', '10.1.0.0/16']) enforcer.addAllow(at(text), testAllow(text, 'operator'))
    assert.equal(enforcer.coveringAllow(at('10.1.2.3'))?.target, '10.1.0.0/16')
    assert.equal(enforcer.coveringAllow(at('10.0.0.0/7')), undefined)
    assert.equal(enforcer.coveringAllow(at('192.0.2.1')), undefined)
    assert.equal(enforcer.allowEntry(at('192.0.2.1'))?.source, 'automatic')
    assert.equal(enforcer.allowEntries().length, 3)
  })

  test('an entry that the map does not take is not stored', (t) => {
    const { enforcer, blockList, store } = enforcerWorld(t)
    blockList.allow = () => {
      throw new Error('full')
    }
    assert.throws(() => enforcer.addAllow(at('192.0.2.7'), testAllow('192.0.2.7', 'operator')), /full/)
    assert.deepEqual(store.allowEntries(), [])
  })
})
