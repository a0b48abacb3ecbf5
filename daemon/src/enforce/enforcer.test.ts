import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import type { KernelEntry, KernelHits } from '../kernel/block-list.js'
import type { FakeBlockList } from '../kernel/fake-block-list.js'
import { BlockAction } from '../kernel/wire.js'
import type { Verdict } from '../policy/verdict.js'
import { testEvidence } from '../record/test-store.js'
import type { Decision, DecisionKind, Mode } from './decision.js'
import { at, enforcerWorld, testAllow, testOrder, testVerdict } from './test-enforcer.js'

const target = '10.0.0.1'

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
