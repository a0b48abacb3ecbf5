import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BlockAction, BlockOrigin, BlockReason } from '../kernel/wire.js'
import { StoreError } from '../record/store-error.js'
import type { Decision } from './decision.js'
import { at, enforcerWorld, testOrder, testVerdict } from './test-enforcer.js'

const target = '10.0.0.1'

describe('one decision', () => {
  test('a block is stored, in the map with its end by the boot clock, and told', (t) => {
    const { enforcer, blockList, store, time, changes } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 60_000 }))
    assert.deepEqual(store.activeDecisions(), [made])
    assert.deepEqual(blockList.entries.get(target), {
      decision: made.number,
      action: BlockAction.drop,
      origin: BlockOrigin.operator,
      reason: BlockReason.manual,
      expiresBootUs: (time.bootMs + 60_000) * 1000,
      packets: 0,
      bytes: 0,
      lastSeenBootUs: 0,
    })
    assert.deepEqual(changes, [{ kind: 'added', decision: made, atMs: time.wallMs }])
    assert.equal(enforcer.inKernel(made), true)
  })

  test('a block until unblocked never ends in the kernel', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.block(testOrder(target))
    assert.equal(blockList.entries.get(target)?.expiresBootUs, 0)
    time.pass(10 * 365 * 86_400_000)
    enforcer.expire()
    assert.equal(enforcer.activeCount, 1)
  })

  test('a preview changes nothing', (t) => {
    const { enforcer, blockList, store, changes } = enforcerWorld(t)
    assert.equal(enforcer.preview(testOrder(target)).number, 0)
    assert.deepEqual([blockList.entries.size, store.decisions({}).total, changes.length], [0, 0, 0])
  })

  test('a decision stays to its last millisecond, then leaves map and store', (t) => {
    const { enforcer, blockList, store, time, changes } = enforcerWorld(t)
    const { number } = enforcer.enforce(testVerdict(target))
    time.pass(599_999)
    enforcer.expire()
    assert.equal(enforcer.activeCount, 1)
    time.pass(1)
    enforcer.expire()
    assert.equal(enforcer.activeCount, 0)
    assert.equal(blockList.entries.size, 0)
    assert.equal(store.decision(number)?.state, 'expired')
    assert.equal(changes.at(-1)?.kind, 'expired')
  })

  test('what the map does not take is thrown, not active, and not told', (t) => {
    const { enforcer, blockList, store, changes } = enforcerWorld(t)
    blockList.capacity = 0
    assert.throws(() => enforcer.block(testOrder(target)), { code: 'ERR_KERNEL', errnoName: 'ENOSPC' })
    assert.equal(enforcer.activeCount, 0)
    assert.deepEqual(store.activeDecisions(), [])
    assert.equal(store.decision(1)?.state, 'lifted')
    assert.deepEqual(changes, [])
    assert.deepEqual(enforcer.blocksAround(at(target)).exact, [])
  })

  test('what the store does not take is not in the map', (t) => {
    const { enforcer, blockList, store } = enforcerWorld(t)
    store.insertDecision = () => {
      throw new StoreError('ERR_STORE_FULL', 'no room')
    }
    assert.throws(() => enforcer.block(testOrder(target)), { code: 'ERR_STORE_FULL' })
    assert.equal(blockList.entries.size, 0)
  })

  test('one decision that cannot be ended does not keep the others', (t) => {
    const { enforcer, store, time } = enforcerWorld(t)
    const stuck = enforcer.enforce(testVerdict('10.0.0.1'))
    const other = enforcer.enforce(testVerdict('10.0.0.2'))
    const { endDecision } = store
    store.endDecision = (number, ...rest) => {
      if (number === stuck.number) throw new StoreError('ERR_STORE_IO', 'the disk failed')
      return endDecision(number, ...rest)
    }
    time.pass(600_000)
    assert.throws(() => enforcer.expire(), { code: 'ERR_STORE_IO' })
    assert.equal(store.decision(other.number)?.state, 'expired')
    store.endDecision = endDecision
    enforcer.expire()
    assert.equal(enforcer.activeCount, 0)
  })

  test('an entry that the map did not let go with its last decision is taken out later', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    blockList.broken.add(target)
    assert.throws(() => enforcer.lift([made], 'uid:0'), { code: 'ERR_KERNEL' })
    blockList.broken.clear()
    enforcer.reconcile(1)
    assert.equal(blockList.entries.size, 0)
    assert.equal(enforcer.activeCount, 0)
  })
})

describe('several decisions of one target', () => {
  test('the operator’s is in the map, and when it is lifted the other takes its place', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    const byDetector = enforcer.enforce(testVerdict(target))
    const byOperator = enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 5_000 }))
    assert.equal(blockList.entries.get(target)?.decision, byOperator.number)
    assert.equal(enforcer.blocksAround(at(target)).exact.length, 2)
    enforcer.lift([byOperator], 'uid:0')
    const entry = blockList.entries.get(target)
    assert.equal(entry?.decision, byDetector.number)
    assert.equal(entry?.expiresBootUs, (time.bootMs + 600_000) * 1000)
    enforcer.lift([byDetector], 'uid:0')
    assert.equal(blockList.entries.size, 0)
  })

  test('the kernel drops to the end of the last that drops, whichever it carries', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 5_000 }))
    assert.equal(blockList.entries.get(target)?.expiresBootUs, (time.bootMs + 600_000) * 1000)
    enforcer.block(testOrder(target))
    assert.equal(blockList.entries.get(target)?.expiresBootUs, 0)
  })

  test('a drop does not last as long as a count that outlives it', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.block(testOrder(target, { action: 'count' }))
    enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 5_000 }))
    const entry = blockList.entries.get(target)
    assert.equal(entry?.action, BlockAction.drop)
    assert.equal(entry?.expiresBootUs, (time.bootMs + 5_000) * 1000)
    time.pass(5_000)
    enforcer.expire()
    assert.equal(blockList.entries.get(target)?.action, BlockAction.count)
  })

  test('around a target are its own, those that cover it longest first, and those inside', (t) => {
    const { enforcer } = enforcerWorld(t)
    for (const text of ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3', '192.0.2.0/24'])
      enforcer.block(testOrder(text))
    const texts = (decisions: readonly Decision[]) => decisions.map((decision) => decision.target)
    const around = enforcer.blocksAround(at('10.1.2.0/24'))
    assert.deepEqual(texts(around.exact), ['10.1.2.0/24'])
    assert.deepEqual(texts(around.covering), ['10.1.0.0/16', '10.0.0.0/8'])
    assert.deepEqual(texts(around.inside), ['10.1.2.3'])
  })
})

describe('hits', () => {
  test('an ended decision keeps what it met', (t) => {
    const { enforcer, blockList, time, changes } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    time.pass(500)
    blockList.hit(target, time.bootMs * 1000)
    blockList.hit(target, time.bootMs * 1000)
    const seenMs = time.wallMs
    time.pass(500)
    enforcer.lift([made], 'uid:0')
    assert.deepEqual(enforcer.hits(made), { packets: 2, bytes: 200, lastSeenMs: seenMs })
    assert.equal(changes.at(-1)?.kind, 'lifted')
  })

  test('they are there already when the end is told', (t) => {
    const { enforcer, blockList, changes } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    blockList.hit(target, 1)
    const push = changes.push.bind(changes)
    let packets: number | undefined
    changes.push = (...given) => {
      packets = enforcer.hits(made)?.packets
      return push(...given)
    }
    enforcer.lift([made], 'uid:0')
    assert.equal(packets, 1)
  })

  test('a decision that shares the entry begins at 0 and leaves the other its own', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const first = enforcer.enforce(testVerdict(target))
    blockList.hit(target, 1)
    const second = enforcer.block(testOrder(target))
    blockList.hit(target, 1)
    blockList.hit(target, 1)
    assert.equal(enforcer.hits(first)?.packets, 1)
    assert.equal(enforcer.hits(second)?.packets, 2)
    enforcer.lift([second], 'uid:0')
    blockList.hit(target, 1)
    assert.equal(enforcer.hits(first)?.packets, 2)
    assert.equal(enforcer.hits(second)?.packets, 2)
  })

  test('they go on after a restart from what was saved', (t) => {
    const { enforcer, blockList, open } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    blockList.hit(target, 1)
    enforcer.saveHits()
    const next = open()
    next.enforcer.restore([])
    assert.equal(next.enforcer.hits(made)?.packets, 1)
    next.blockList.hit(target, 1)
    assert.deepEqual(next.enforcer.hits(made)?.packets, 2)
    next.enforcer.lift([made], 'uid:0')
    assert.equal(next.enforcer.hits(made)?.packets, 2)
  })

  test('a comparison with the maps saves them, for an end without a goodbye', (t) => {
    const { enforcer, blockList, store } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    blockList.hit(target, 1)
    enforcer.reconcile(15)
    assert.equal(store.hits(made.number)?.packets, 1)
  })

  test('they go on when somebody else took the entry out', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    for (let i = 0; i < 3; i++) blockList.hit(target, 1)
    enforcer.reconcile(15)
    blockList.entries.clear()
    enforcer.reconcile(15)
    blockList.hit(target, 1)
    assert.equal(enforcer.hits(made)?.packets, 4)
  })

  test('nothing is known of a decision that never was', (t) => {
    const { enforcer, store } = enforcerWorld(t)
    const made = enforcer.block(testOrder(target))
    assert.equal(enforcer.hits({ ...made, number: 99 }), undefined)
    assert.equal(store.hits(99), undefined)
  })
})
