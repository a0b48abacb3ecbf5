import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, enforcerWorld, testAllow, testOrder, testVerdict } from './test-enforcer.js'

const target = '10.0.0.1'

describe('a wall clock that is set', () => {
  test('back: the kernel drops as long as the decision is active', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    time.wallMs -= 3_600_000
    enforcer.expire()
    assert.equal(blockList.entries.get(target)?.expiresBootUs, (time.bootMs + 4_200_000) * 1000)
  })

  test('forward: what is over ends, what is not keeps its end', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.enforce(testVerdict('10.0.0.1'))
    enforcer.enforce(testVerdict('10.0.0.2', { blockMs: 7_200_000 }))
    time.wallMs += 3_600_000
    enforcer.expire()
    assert.deepEqual([...blockList.entries.keys()], ['10.0.0.2'])
    assert.equal(blockList.entries.get('10.0.0.2')?.expiresBootUs, (time.bootMs + 3_600_000) * 1000)
  })

  test('right again: a block by an operator that the wrong one ended is back, an automatic one is not', (t) => {
    const { enforcer, blockList, store, time, changes } = enforcerWorld(t)
    const endMs = time.wallMs + 86_400_000
    const block = enforcer.block(testOrder(target, { createdAtMs: time.wallMs, expiresAtMs: endMs }))
    const lifted = enforcer.block(testOrder('10.0.0.8', { expiresAtMs: endMs }))
    enforcer.lift([lifted], 'alice')
    enforcer.enforce(testVerdict('10.0.0.9', { blockMs: 86_400_000 }))
    time.wallMs += 86_400_000 * 365
    enforcer.expire()
    assert.deepEqual([blockList.entries.size, store.decision(block.number)?.state], [0, 'expired'])
    time.wallMs -= 86_400_000 * 365
    time.pass(1_000)
    enforcer.expire()
    assert.deepEqual([...blockList.entries.keys()], [target])
    assert.equal(blockList.entries.get(target)?.expiresBootUs, (time.bootMs + 86_399_000) * 1000)
    assert.deepEqual(
      [store.decision(block.number)?.state, store.decision(block.number)?.endedAtMs],
      ['active', 0],
    )
    assert.deepEqual([changes.at(-1)?.kind, changes.at(-1)?.decision.number], ['repaired', block.number])
    // One that is before the block was made says nothing of its end.
    time.wallMs += 86_400_000 * 365
    enforcer.expire()
    time.wallMs -= 86_400_000 * 366
    enforcer.expire()
    assert.equal(blockList.entries.size, 0)
  })

  test('right again: an allow entry that the wrong one ended is back with the block that it covers', (t) => {
    const { enforcer, blockList, time, open } = enforcerWorld(t)
    const expiresAtMs = time.wallMs + 86_400_000
    const entry = { ...testAllow(target, 'operator'), createdAtMs: time.wallMs, expiresAtMs }
    enforcer.addAllow(at(target), entry)
    enforcer.block(testOrder('10.0.0.0/24', { createdAtMs: time.wallMs, expiresAtMs }))
    time.wallMs += 86_400_000 * 365
    enforcer.expire()
    assert.deepEqual([blockList.entries.size, blockList.isAllowLoaded(at(target))], [0, false])
    // A start by the wrong clock loses it no more than a run.
    const next = open()
    next.enforcer.restore([])
    for (const one of [enforcer, next.enforcer]) {
      const list = one === enforcer ? blockList : next.blockList
      time.wallMs -= 86_400_000 * 365
      one.expire()
      assert.deepEqual([list.entries.size, list.isAllowLoaded(at(target))], [1, true])
      time.wallMs += 86_400_000 * 365
      one.expire()
      assert.deepEqual([list.entries.size, list.isAllowLoaded(at(target))], [0, false])
    }
  })

  test('between two runs: a start brings back what the wrong one ended', (t) => {
    const { enforcer, time, open } = enforcerWorld(t)
    enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 86_400_000 }))
    time.wallMs += 86_400_000 * 365
    const wrong = open()
    wrong.enforcer.restore([])
    assert.equal(wrong.blockList.entries.size, 0)
    time.wallMs -= 86_400_000 * 365
    const last = open()
    last.enforcer.restore([])
    assert.deepEqual([...last.blockList.entries.keys()], [target])
  })

  test('by less than a second: nothing is written', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    const before = blockList.entries.get(target)
    time.wallMs -= 900
    enforcer.expire()
    assert.equal(blockList.entries.get(target), before)
  })
})
