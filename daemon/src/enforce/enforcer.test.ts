import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import type { KernelEntry, KernelHits } from '../kernel/block-list.js'
import type { FakeBlockList } from '../kernel/fake-block-list.js'
import { BlockAction, BlockOrigin, BlockReason } from '../kernel/wire.js'
import type { Verdict } from '../policy/verdict.js'
import { StoreError } from '../record/store-error.js'
import { testEvidence } from '../record/test-store.js'
import type { Decision, DecisionKind, Mode } from './decision.js'
import { at, enforcerWorld, testAllow, testOrder, testVerdict } from './test-enforcer.js'

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

describe('a start', () => {
  test('loads what is active with the time that is left, and ends what is over at its own time', (t) => {
    const { enforcer, store, time, open } = enforcerWorld(t)
    const lasting = enforcer.block(testOrder('10.0.0.0/8'))
    const timed = enforcer.enforce(testVerdict('10.0.0.1'))
    const over = enforcer.block(testOrder('10.0.0.2', { expiresAtMs: time.wallMs + 1_000 }))
    time.pass(100_000)
    time.bootMs = 5_000
    const next = open()
    assert.deepEqual(next.enforcer.restore([]), [])
    assert.deepEqual([...next.blockList.entries.keys()], ['10.0.0.0/8', '10.0.0.1'])
    assert.equal(next.blockList.entries.get('10.0.0.0/8')?.decision, lasting.number)
    assert.equal(next.blockList.entries.get('10.0.0.1')?.expiresBootUs, 505_000_000)
    assert.deepEqual(
      [...next.enforcer.active()].map(({ number }) => number),
      [lasting.number, timed.number],
    )
    assert.equal(store.decision(over.number)?.state, 'expired')
    assert.equal(store.decision(over.number)?.endedAtMs, over.expiresAtMs)
  })

  test('goes on when stored blocks find no room, names them, and loads them when there is some', (t) => {
    const { enforcer, open } = enforcerWorld(t)
    for (const text of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) enforcer.block(testOrder(text))
    const next = open()
    next.blockList.capacity = 2
    const unloaded = next.enforcer.restore([])
    assert.deepEqual(
      unloaded.map((decision) => decision.target),
      ['10.0.0.3'],
    )
    assert.equal(next.enforcer.inKernel(unloaded[0] as Decision), false)
    assert.throws(() => next.enforcer.reconcile(15), { errnoName: 'ENOSPC' })
    next.blockList.capacity = 3
    next.enforcer.reconcile(15)
    assert.equal(next.enforcer.inKernel(unloaded[0] as Decision), true)
  })

  test('loads the allow entries of operator and configuration', (t) => {
    const { enforcer, open } = enforcerWorld(t)
    enforcer.addAllow(at('192.0.2.7'), testAllow('192.0.2.7', 'operator', 'office'))
    const next = open()
    next.enforcer.restore([testAllow('198.51.100.0/24', 'config')])
    assert.deepEqual([...next.blockList.allowed.keys()], ['192.0.2.7', '198.51.100.0/24'])
  })
})

describe('modes', () => {
  test('in detect an automatic decision only counts and the operator’s drops', (t) => {
    const { enforcer, blockList } = enforcerWorld(t, { mode: 'detect' })
    assert.equal(enforcer.enforce(testVerdict('10.0.0.1')).action, 'count')
    enforcer.block(testOrder('10.0.0.2'))
    assert.equal(blockList.entries.get('10.0.0.1')?.action, BlockAction.count)
    assert.equal(blockList.entries.get('10.0.0.2')?.action, BlockAction.drop)
  })

  test('a change to detect and back rewrites what runs, and what was decided in detect goes on counting', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    enforcer.enforce(testVerdict('10.0.0.1'))
    enforcer.setMode('detect')
    assert.equal(blockList.entries.get('10.0.0.1')?.action, BlockAction.count)
    enforcer.enforce(testVerdict('10.0.0.2'))
    enforcer.setMode('prevent')
    assert.equal(blockList.entries.get('10.0.0.1')?.action, BlockAction.drop)
    assert.equal(blockList.entries.get('10.0.0.2')?.action, BlockAction.count)
  })

  const kinds: readonly (readonly [Mode, Verdict['kind'], DecisionKind, number])[] = [
    ['prevent', 'block', 'block', BlockAction.drop],
    ['detect', 'block', 'would_block', BlockAction.count],
    ['prevent', 'spoofable', 'spoofable', BlockAction.limit],
    ['detect', 'spoofable', 'spoofable', BlockAction.count],
    ['prevent', 'would_block', 'would_block', BlockAction.count],
    ['detect', 'would_block', 'would_block', BlockAction.count],
  ]
  for (const [mode, verdict, kind, action] of kinds) {
    test(`in ${mode} a verdict of kind ${verdict} is stored as ${kind}, and stays so when the mode changes`, (t) => {
      const { enforcer, blockList, store } = enforcerWorld(t, { mode })
      const made = enforcer.enforce(testVerdict(target, { kind: verdict }))
      assert.deepEqual([made.kind, made.mode, made.createdBy], [kind, mode, 'login'])
      assert.equal(store.decision(made.number)?.kind, kind)
      assert.equal(blockList.entries.get(target)?.action, action)
      enforcer.setMode(mode === 'detect' ? 'prevent' : 'detect')
      assert.equal(blockList.entries.get(target)?.action, BlockAction.count)
      assert.equal(enforcer.decision(made.number)?.kind, kind)
    })
  }

  test('of a tripped origin alone only count: blocks that stand, and new ones', (t) => {
    const tripped = new Set<DetectorName>()
    const { enforcer, blockList } = enforcerWorld(t, { tripped })
    const login = enforcer.enforce(testVerdict('10.0.0.1'))
    const rate = [testEvidence({ source: '10.0.0.2', detector: 'rate' })]
    enforcer.enforce(testVerdict('10.0.0.2', { evidence: rate }))
    enforcer.block(testOrder('10.0.0.3'))
    const actions = () => [1, 2, 3].map((last) => blockList.entries.get(`10.0.0.${last}`)?.action)
    const { drop, count } = BlockAction
    assert.deepEqual(actions(), [drop, drop, drop])
    tripped.add('login')
    enforcer.applyTrips()
    assert.deepEqual(actions(), [count, drop, drop])
    assert.equal(enforcer.standing('10.0.0.1'), undefined)
    assert.equal(
      enforcer.standing('10.0.0.1', testVerdict('10.0.0.1', { kind: 'would_block' }))?.number,
      login.number,
    )
    const made = enforcer.enforce(testVerdict('10.0.0.4'))
    assert.equal(made.kind, 'would_block')
    assert.match(made.reason, /; only counts: the breaker of login is tripped$/)
    tripped.delete('login')
    enforcer.applyTrips()
    assert.deepEqual(actions(), [drop, drop, drop])
    assert.equal(blockList.entries.get('10.0.0.4')?.action, count)
  })

  test('a start with a tripped origin loads its blocks as ones that count', (t) => {
    const tripped = new Set<DetectorName>()
    const { enforcer, open } = enforcerWorld(t, { tripped })
    enforcer.enforce(testVerdict('10.0.0.1'))
    tripped.add('login')
    const next = open()
    next.enforcer.restore([])
    assert.equal(next.blockList.entries.get('10.0.0.1')?.action, BlockAction.count)
  })

  test('a change of the mode is told once, also when the map refuses an entry', (t) => {
    const { enforcer, blockList, modes } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    enforcer.setMode('prevent')
    assert.deepEqual(modes, [])
    blockList.broken.add(target)
    assert.throws(() => enforcer.setMode('detect'), { errnoName: 'EIO' })
    assert.deepEqual([modes, enforcer.mode], [['detect'], 'detect'])
  })

  test('a mode changes what the blocks of detectors do, and nothing else', (t) => {
    const { enforcer } = enforcerWorld(t)
    enforcer.enforce(testVerdict('10.0.0.1'))
    enforcer.enforce(testVerdict('10.0.0.2', { kind: 'spoofable' }))
    enforcer.block(testOrder('10.0.0.3'))
    assert.deepEqual([enforcer.changedByMode('detect'), enforcer.changedByMode('prevent')], [2, 0])
    enforcer.setMode('detect')
    enforcer.enforce(testVerdict('10.0.0.4'))
    assert.deepEqual([enforcer.changedByMode('detect'), enforcer.changedByMode('prevent')], [0, 2])
  })

  test('a block of a source that is limited as spoofable drops, and back when it ends', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    const first = enforcer.enforce(testVerdict(target, { kind: 'spoofable', blockMs: 60_000 }))
    assert.equal(enforcer.standing(target), undefined)
    assert.equal(enforcer.standing(target, testVerdict(target, { kind: 'spoofable' }))?.number, first.number)
    const second = enforcer.enforce(testVerdict(target, { blockMs: 30_000 }))
    assert.equal(enforcer.standing(target, testVerdict(target, { kind: 'spoofable' }))?.number, second.number)
    assert.equal(blockList.entries.get(target)?.action, BlockAction.drop)
    assert.equal(blockList.entries.get(target)?.expiresBootUs, (time.bootMs + 30_000) * 1000)
    time.pass(30_000)
    enforcer.expire()
    const entry = blockList.entries.get(target)
    assert.deepEqual([entry?.action, entry?.sparesFlows], [BlockAction.limit, true])
    assert.deepEqual(entry?.limit, { unit: 'packets', perSecond: 100 })
  })

  test('what is stored of a limit is what a restart loads, and a mode that counts leaves it out', (t) => {
    const { enforcer, open } = enforcerWorld(t)
    const limit = { unit: 'bits', perSecond: 10e6 } as const
    const made = enforcer.block(testOrder(target, { action: 'limit', limit, sparesFlows: true }))
    enforcer.enforce(testVerdict('10.0.0.9', { kind: 'spoofable' }))
    const next = open()
    next.enforcer.restore([])
    assert.deepEqual(next.enforcer.decision(made.number), made)
    const entry = next.blockList.entries.get(target)
    assert.deepEqual([entry?.action, entry?.limit, entry?.sparesFlows], [BlockAction.limit, limit, true])
    next.enforcer.setMode('detect')
    const counting = next.blockList.entries.get('10.0.0.9')
    assert.deepEqual(
      [counting?.action, counting?.limit, counting?.sparesFlows],
      [BlockAction.count, undefined, undefined],
    )
    assert.deepEqual(next.blockList.entries.get(target)?.limit, limit)
  })

  test('an entry with another rate, or that spares no flows, is put right', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const limit = { unit: 'packets', perSecond: 100 } as const
    enforcer.block(testOrder(target, { action: 'limit', limit, sparesFlows: true }))
    const right = blockList.entries.get(target)
    for (const wrong of [{ limit: { ...limit, perSecond: 101 } }, { sparesFlows: false }]) {
      blockList.entries.set(target, { ...right!, ...wrong })
      const before = enforcer.repaired
      enforcer.reconcile(1)
      assert.equal(enforcer.repaired, before + 1)
      assert.deepEqual(blockList.entries.get(target), right)
    }
    // The kernel keeps the cost of a packet, so the rate comes back rounded.
    blockList.entries.set(target, { ...right!, limit: { ...limit, perSecond: 100.001 } })
    const before = enforcer.repaired
    enforcer.reconcile(1)
    assert.equal(enforcer.repaired, before)
  })

  test('an observed step in prevent counts, and only what is stronger stands in the way of a limit', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    const observe = testVerdict(target, { action: 'count' })
    const made = enforcer.enforce(observe)
    assert.deepEqual([made.kind, made.action, made.ladder], ['block', 'count', observe.ladder])
    assert.equal(blockList.entries.get(target)?.action, BlockAction.count)
    assert.equal(enforcer.standing(target, observe)?.number, made.number)
    const limit = testVerdict(target, { kind: 'spoofable' })
    assert.equal(enforcer.standing(target, limit), undefined)
    const limited = enforcer.enforce(limit)
    assert.equal(enforcer.standing(target, limit)?.number, limited.number)
    assert.equal(enforcer.standing(target), undefined)
  })

  test('in detect a spoofable record does not stand in the way of a would-be block', (t) => {
    const { enforcer } = enforcerWorld(t, { mode: 'detect' })
    enforcer.enforce(testVerdict(target, { kind: 'spoofable' }))
    assert.equal(enforcer.standing(target), undefined)
    const { number } = enforcer.enforce(testVerdict(target))
    assert.equal(enforcer.standing(target)?.number, number)
  })

  test('what is over does not stand in the way, though nobody ended it yet', (t) => {
    const { enforcer, blockList, time } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target, { blockMs: 60_000 }))
    time.pass(60_000)
    assert.equal(enforcer.standing(target), undefined)
    const { number } = enforcer.enforce(testVerdict(target, { blockMs: 60_000 }))
    enforcer.expire()
    assert.equal(blockList.entries.get(target)?.decision, number)
    assert.equal(blockList.entries.get(target)?.expiresBootUs, (time.bootMs + 60_000) * 1000)
  })

  test('a decision stands in the way of another only when it does the same', (t) => {
    const { enforcer } = enforcerWorld(t)
    assert.equal(enforcer.standing(target), undefined)
    const counting = enforcer.block(testOrder(target, { action: 'count' }))
    assert.equal(enforcer.standing(target), undefined)
    const dropping = enforcer.block(testOrder(target))
    assert.equal(enforcer.standing(target)?.number, dropping.number)
    enforcer.lift([counting, dropping], 'uid:0')
    assert.equal(enforcer.standing(target), undefined)
    enforcer.setMode('detect')
    const { number } = enforcer.enforce(testVerdict(target))
    assert.equal(enforcer.standing(target)?.number, number)
    enforcer.setMode('prevent')
    assert.equal(enforcer.standing(target), undefined)
  })
})

describe('the lease of an entry', () => {
  const lease = (blockList: FakeBlockList) => blockList.entries.get(target)?.leasedFromBootUs

  test('what idsd decides is leased from the start, what an operator decides never', (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    assert.equal(lease(blockList), 0)
    enforcer.block(testOrder('10.9.9.9'))
    assert.equal(blockList.entries.get('10.9.9.9')?.leasedFromBootUs, undefined)
  })

  for (const [name, blockMs, expected] of [
    ['is leased from its end on when an automatic one lasts longer', 120_000, 60_000],
    ['is not leased when it lasts longer than the automatic one', 30_000, undefined],
  ] as const) {
    test(`an operator's block ${name}`, (t) => {
      const { enforcer, blockList, time } = enforcerWorld(t)
      enforcer.enforce(testVerdict(target, { blockMs }))
      enforcer.block(testOrder(target, { expiresAtMs: time.wallMs + 60_000 }))
      assert.equal(lease(blockList), expected === undefined ? undefined : (time.bootMs + expected) * 1000)
    })
  }

  test("an operator's block without end is never leased; lifted, the automatic one is again", (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    enforcer.enforce(testVerdict(target))
    const made = enforcer.block(testOrder(target))
    assert.equal(lease(blockList), undefined)
    enforcer.lift([made], 'uid:0')
    assert.equal(lease(blockList), 0)
  })

  test("an operator's entry that only counts does not keep an automatic block", (t) => {
    const { enforcer, blockList } = enforcerWorld(t)
    enforcer.block(testOrder(target, { action: 'count' }))
    enforcer.enforce(testVerdict(target))
    assert.equal(lease(blockList), 0)
  })

  test('after a start it is as before, and one that somebody else changed is put right', (t) => {
    const { enforcer, open } = enforcerWorld(t)
    const automatic = enforcer.enforce(testVerdict(target))
    const next = open()
    next.enforcer.restore([])
    assert.equal(lease(next.blockList), 0)
    assert.equal(next.enforcer.leasedFromBootUs(automatic), 0)
    const { leasedFromBootUs: _, ...entry } = next.blockList.entries.get(target) as KernelEntry & KernelHits
    next.blockList.entries.set(target, entry)
    assert.equal(next.enforcer.leasedFromBootUs(automatic), undefined)
    next.enforcer.reconcile(1)
    assert.equal(lease(next.blockList), 0)
    assert.equal(next.enforcer.repaired, 1)
  })
})

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
