import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { NotFoundError, RefusedError } from '../errors.js'
import { BlockAction } from '../kernel/wire.js'
import { at, enforcerWorld, testAllow, testOrder, testVerdict } from './test-enforcer.js'
import { createTrial, type TrialEnd } from './trial.js'

const { none, drop, count } = BlockAction
const order = { forMs: 90_000, by: 'uid:0', what: 'a change', reason: '' }
const target = '203.0.113.7'

/** A trial over an enforcer; `again` is the next start, with maps that are new and the settings that were pinned. */
function trialWorld(t: TestContext, mode: 'prevent' | 'detect' = 'prevent') {
  const world = enforcerWorld(t, { mode })
  const ends: TrialEnd[] = []
  const faults: Error[] = []
  const settings = { trialUntilBootUs: 0 }
  const open = ({ enforcer, bootId = 'boot 1' }: { enforcer: typeof world.enforcer; bootId?: string }) =>
    createTrial({
      settings,
      enforcer: () => enforcer,
      store: world.store,
      clock: { nowMs: () => world.time.wallMs, bootUs: () => world.time.bootMs * 1000 },
      bootId,
      onEnd: (_trial, how) => ends.push(how),
      onFault: (fault) => faults.push(fault),
    })
  /** @param pinnedUs what the pins say; undefined: there are none */
  const again = (pinnedUs: number | undefined, bootId = 'boot 1') => {
    const next = world.open()
    // As the kernel's settings go on.
    settings.trialUntilBootUs = pinnedUs ?? 0
    const trial = open({ ...next, bootId })
    const row = trial.restore(pinnedUs)
    next.enforcer.restore([], row && { change: row.change, configured: [] })
    const doing = (text: string) => actions(next.blockList.entries.get(text))
    return { ...next, trial, doing }
  }
  const doing = (text: string) => actions(world.blockList.entries.get(text))
  return { ...world, settings, ends, faults, trial: open(world), again, doing }
}

/** What an entry does in the confirmed generation and in the one on trial; undefined without an entry. */
function actions(entry: { readonly action: number; readonly trialAction?: number } | undefined) {
  return entry && [entry.action, entry.trialAction ?? entry.action]
}

describe('a block on trial', () => {
  const blocked = (t: TestContext) => {
    const world = trialWorld(t)
    const decision = world.trial.begin(order, () => world.enforcer.block(testOrder(target)))
    return { ...world, decision }
  }

  test('is an entry of the trial alone, and the deadline is written after it', (t) => {
    const { doing, settings, time, trial, enforcer, decision, store } = blocked(t)
    assert.deepEqual(doing(target), [none, drop])
    assert.equal(settings.trialUntilBootUs, (time.bootMs + 90_000) * 1000)
    assert.equal(enforcer.membership(decision), 'trial')
    assert.equal(trial.state?.leftMs, 90_000)
    assert.deepEqual(store.trial()?.change.added, [decision.number])
  })

  test('confirmed is an entry of both, and nothing is left of the trial', (t) => {
    const { doing, settings, trial, enforcer, decision, store, ends } = blocked(t)
    trial.confirm()
    assert.deepEqual(doing(target), [drop, drop])
    assert.deepEqual([settings.trialUntilBootUs, trial.state, store.trial()], [0, undefined, undefined])
    assert.equal(enforcer.membership(decision), 'both')
    assert.deepEqual(ends, ['confirmed'])
    assert.throws(() => trial.confirm(), NotFoundError)
  })

  for (const [name, end, how] of [
    ['rolled back', (world: ReturnType<typeof blocked>) => void world.trial.rollback(), 'rolled_back'],
    [
      'over',
      ({ time, trial }: ReturnType<typeof blocked>) => {
        time.pass(90_000)
        trial.watch()
      },
      'over',
    ],
  ] as const) {
    test(`${name} is no entry, and its decision has ended`, (t) => {
      const world = blocked(t)
      end(world)
      assert.equal(world.doing(target), undefined)
      assert.equal(world.store.decision(world.decision.number)?.state, 'lifted')
      assert.deepEqual([world.settings.trialUntilBootUs, world.store.trial()], [0, undefined])
      assert.deepEqual(world.ends, [how])
      assert.throws(() => world.trial.rollback(), NotFoundError)
    })
  }

  test('that a wrong clock ended comes back on trial only, and not at all once that was taken back', (t) => {
    const { enforcer, time, trial, doing, store } = trialWorld(t)
    const expiresAtMs = time.wallMs + 86_400_000
    const { number } = trial.begin(order, () => enforcer.block(testOrder(target, { expiresAtMs })))
    const setClock = (ms: number) => {
      time.wallMs += ms
      enforcer.expire()
    }
    setClock(86_400_000 * 365)
    assert.equal(doing(target), undefined)
    setClock(-86_400_000 * 365)
    assert.deepEqual(doing(target), [none, drop])
    setClock(86_400_000 * 365)
    trial.rollback()
    assert.equal(store.decision(number)?.state, 'lifted')
    setClock(-86_400_000 * 365)
    assert.equal(doing(target), undefined)
  })

  test('does not let a second change be on trial', (t) => {
    const { trial, enforcer, doing } = blocked(t)
    assert.throws(() => trial.begin(order, () => enforcer.block(testOrder('203.0.113.8'))), RefusedError)
    assert.equal(doing('203.0.113.8'), undefined)
  })

  test('keeps end and lease of what stood before, whose end is the sooner one', (t) => {
    const { trial, enforcer, doing, blockList, time } = trialWorld(t, 'detect')
    enforcer.enforce(testVerdict(target, { blockMs: 60_000 }))
    assert.deepEqual(doing(target), [count, count])
    trial.begin(order, () => enforcer.block(testOrder(target)))
    assert.deepEqual(doing(target), [count, drop])
    const entry = blockList.entries.get(target)
    assert.deepEqual([entry?.expiresBootUs, entry?.leasedFromBootUs], [(time.bootMs + 60_000) * 1000, 0])
    time.pass(60_000)
    enforcer.expire()
    assert.deepEqual(doing(target), [none, drop])
    assert.equal(blockList.entries.get(target)?.expiresBootUs, 0)
  })

  test('that the map refuses is as if it had never been asked for', (t) => {
    const { trial, enforcer, blockList, settings, store } = trialWorld(t)
    blockList.capacity = 0
    assert.throws(() => trial.begin(order, () => enforcer.block(testOrder(target))), /ENOSPC/)
    assert.deepEqual([settings.trialUntilBootUs, trial.state, store.trial()], [0, undefined, undefined])
    assert.equal(enforcer.activeCount, 0)
    blockList.capacity = 1
    enforcer.block(testOrder(target))
    assert.equal(enforcer.activeCount, 1)
  })
})

test('a start after a kill behind the confirmation takes its word back: the next trial needs a deadline', (t) => {
  const { trial, enforcer, store, settings, again } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  store.saveTrial({ ...store.trial()!, state: 'confirmed' })
  const { doing } = again(Number.POSITIVE_INFINITY)
  assert.deepEqual([settings.trialUntilBootUs, store.trial(), doing(target)], [0, undefined, [drop, drop]])
})

describe('a mode on trial', () => {
  test('prevent: what detect only counts drops in the trial, what is made meanwhile too', (t) => {
    const { trial, enforcer, doing, modes } = trialWorld(t, 'detect')
    const before = testVerdict('203.0.113.1')
    enforcer.enforce(before)
    trial.begin(order, () => enforcer.setMode('prevent'))
    enforcer.enforce(testVerdict('203.0.113.2'))
    // Made in detect it is a would-be block, in every mode.
    assert.deepEqual(doing('203.0.113.1'), [count, count])
    assert.deepEqual(doing('203.0.113.2'), [count, drop])
    trial.rollback()
    assert.deepEqual(doing('203.0.113.2'), [count, count])
    assert.deepEqual([enforcer.mode, modes], ['detect', ['prevent', 'detect']])
  })

  test('detect: a block that is made meanwhile drops in the confirmed generation, and by itself once that is back', (t) => {
    const { trial, enforcer, doing } = trialWorld(t, 'prevent')
    enforcer.enforce(testVerdict('203.0.113.1'))
    trial.begin(order, () => enforcer.setMode('detect'))
    enforcer.enforce(testVerdict('203.0.113.2'))
    assert.deepEqual(
      [doing('203.0.113.1'), doing('203.0.113.2')],
      [
        [drop, count],
        [drop, count],
      ],
    )
    trial.rollback()
    assert.deepEqual(
      [doing('203.0.113.1'), doing('203.0.113.2')],
      [
        [drop, drop],
        [drop, drop],
      ],
    )
  })

  test('prevent on trial limits a source that may be forged, and spares its flows', (t) => {
    const { trial, enforcer, blockList } = trialWorld(t, 'detect')
    trial.begin(order, () => enforcer.setMode('prevent'))
    enforcer.enforce(testVerdict(target, { kind: 'spoofable' }))
    const entry = blockList.entries.get(target)
    assert.deepEqual([actions(entry), entry?.sparesFlows], [[count, BlockAction.limit], true])
  })

  test('another mode of the configuration is confirmed meanwhile, and in force when the trial is taken back', (t) => {
    const { trial, enforcer, doing, modes } = trialWorld(t, 'prevent')
    enforcer.enforce(testVerdict(target))
    trial.begin(order, () => enforcer.setMode('detect'))
    enforcer.setMode('detect')
    assert.deepEqual([doing(target), enforcer.mode, modes], [[count, count], 'detect', ['detect']])
    trial.rollback()
    assert.deepEqual([doing(target), enforcer.mode], [[count, count], 'detect'])
  })

  test('confirmed is the mode, in both generations', (t) => {
    const { trial, enforcer, doing } = trialWorld(t, 'prevent')
    enforcer.enforce(testVerdict(target))
    trial.begin(order, () => enforcer.setMode('detect'))
    trial.confirm()
    assert.deepEqual([enforcer.mode, doing(target)], ['detect', [count, count]])
  })
})

describe('an allow entry on trial', () => {
  test('is in its generation, lifts there, and leaves no trace when it is taken back', (t) => {
    const { trial, enforcer, blockList, doing, store } = trialWorld(t)
    const decision = enforcer.block(testOrder(target))
    trial.begin(order, () => {
      enforcer.addAllow(at(target), testAllow(target, 'operator'))
      enforcer.lift([decision], 'uid:0')
    })
    assert.deepEqual(blockList.generations.get(target), { confirmed: false, trial: true })
    assert.deepEqual(doing(target), [drop, none])
    assert.deepEqual(enforcer.blocksAround(at(target)).exact, [])
    assert.equal(enforcer.coveringAllow(at(target))?.target, target)
    assert.equal(store.decision(decision.number)?.state, 'active')
    assert.deepEqual(store.allowEntries(), [])
    trial.rollback()
    assert.deepEqual([blockList.allowed.has(target), doing(target)], [false, [drop, drop]])
    assert.equal(enforcer.coveringAllow(at(target)), undefined)
  })

  test('confirmed is stored, in both generations, and ends what it lifted', (t) => {
    const { trial, enforcer, blockList, doing, store } = trialWorld(t)
    const decision = enforcer.block(testOrder(target))
    trial.begin(order, () => {
      enforcer.addAllow(at(target), testAllow(target, 'operator'))
      enforcer.lift([decision], 'uid:0')
    })
    trial.confirm()
    assert.deepEqual([blockList.allowed.has(target), blockList.generations.has(target)], [true, false])
    assert.deepEqual([doing(target), store.decision(decision.number)?.state], [undefined, 'lifted'])
    assert.deepEqual(
      store.allowEntries().map((entry) => entry.target),
      [target],
    )
  })

  test('that is taken out on trial is there in the confirmed generation, until that is confirmed', (t) => {
    for (const isKept of [true, false]) {
      const { trial, enforcer, blockList, store } = trialWorld(t)
      const entry = enforcer.addAllow(at(target), testAllow(target, 'operator'))
      trial.begin(order, () => enforcer.removeAllow(at(target), entry, 'uid:0'))
      assert.deepEqual(blockList.generations.get(target), { confirmed: true, trial: false })
      assert.deepEqual([enforcer.allowEntry(at(target)), enforcer.onTrial(at(target))], [undefined, true])
      if (isKept) trial.confirm()
      else trial.rollback()
      assert.equal(blockList.allowed.has(target), !isKept)
      assert.deepEqual([store.allowEntries().length, blockList.generations.size], [isKept ? 0 : 1, 0])
    }
  })

  test('of the configuration is in the generation whose settings name it', (t) => {
    const { trial, enforcer, blockList } = trialWorld(t)
    const [old, added] = [testAllow('10.0.0.0/8', 'config'), testAllow('192.0.2.0/24', 'config')]
    enforcer.setConfiguredAllow([old])
    trial.begin(order, () => enforcer.setConfiguredAllow([old], [added]))
    assert.deepEqual(Object.fromEntries(blockList.generations), {
      '192.0.2.0/24': { confirmed: false, trial: true },
      '10.0.0.0/8': { confirmed: true, trial: false },
    })
    trial.confirm()
    assert.deepEqual([[...blockList.allowed.keys()], blockList.generations.size], [['192.0.2.0/24'], 0])
  })
})

describe('a daemon that died in a trial', () => {
  const begun = (t: TestContext) => {
    const world = trialWorld(t)
    const lifted = world.enforcer.block(testOrder('203.0.113.1'))
    world.trial.begin(order, () => {
      world.enforcer.block(testOrder('203.0.113.2'))
      world.enforcer.addAllow(at('203.0.113.1'), testAllow('203.0.113.1', 'operator'))
      world.enforcer.lift([lifted], 'uid:0')
    })
    return { ...world, endUs: world.settings.trialUntilBootUs }
  }
  const kept = { one: undefined, two: [drop, drop], isAllowed: true }
  const back = { one: [drop, drop], two: undefined, isAllowed: false }
  const goesOn = { one: [drop, none], two: [none, drop], isAllowed: true }

  for (const [name, pinned, bootId, passMs, expected, how] of [
    ['goes on by the deadline of its pins', 'deadline', 'boot 1', 10_000, goesOn, undefined],
    ['without pins goes on by the deadline that is stored', undefined, 'boot 1', 10_000, goesOn, undefined],
    ['takes it back when the deadline passed meanwhile', 'deadline', 'boot 1', 90_000, back, 'over'],
    ['without pins takes it back when the deadline passed', undefined, 'boot 1', 90_000, back, 'over'],
    ['takes it back after a boot', undefined, 'boot 2', 0, back, 'over'],
    ['takes it back when the deadline was never written, or was taken back', 0, 'boot 1', 0, back, 'found'],
    [
      'keeps it when the confirmation reached the kernel',
      Number.POSITIVE_INFINITY,
      'boot 1',
      0,
      kept,
      'confirmed',
    ],
  ] as const) {
    test(name, (t) => {
      const { again, time, endUs, ends, settings } = begun(t)
      time.pass(passMs)
      const { doing, blockList, trial } = again(pinned === 'deadline' ? endUs : pinned, bootId)
      const [one, two] = [doing('203.0.113.1'), doing('203.0.113.2')]
      assert.deepEqual({ one, two, isAllowed: blockList.allowed.has('203.0.113.1') }, expected)
      assert.deepEqual(ends, how === undefined ? [] : [how])
      assert.equal(settings.trialUntilBootUs, how === undefined ? endUs : 0)
      if (how === undefined) {
        trial.confirm()
        assert.deepEqual([doing('203.0.113.1'), doing('203.0.113.2')], [kept.one, kept.two])
      }
      // The start after it finds nothing to do.
      const third = again(undefined)
      assert.equal(third.trial.state, undefined)
      assert.deepEqual(
        third.doing('203.0.113.2'),
        how === 'confirmed' || how === undefined ? [drop, drop] : undefined,
      )
    })
  }
})

test('what the kernel refuses at the end of a trial is done later, and no other trial begins before', (t) => {
  const { trial, enforcer, blockList, doing, settings, faults, store } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  blockList.broken.add(target)
  trial.confirm()
  assert.equal(faults.length, 1)
  // The kernel goes on with the trial's generation, which is the confirmed one by now.
  assert.deepEqual([doing(target), settings.trialUntilBootUs], [[none, drop], Number.POSITIVE_INFINITY])
  assert.equal(store.trial()?.state, 'confirmed')
  assert.throws(() => trial.begin(order, () => enforcer.setMode('detect')), /EIO/)
  blockList.broken.clear()
  trial.watch()
  assert.deepEqual([doing(target), settings.trialUntilBootUs, store.trial()], [[drop, drop], 0, undefined])
  trial.begin(order, () => enforcer.setMode('detect'))
})

test('a store that is full keeps nobody from taking back, and it is stored when there is room', (t) => {
  const { trial, enforcer, doing, settings, store, faults } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  const { saveTrial } = store
  store.saveTrial = () => {
    throw new Error('the disk is full')
  }
  trial.rollback()
  assert.deepEqual([doing(target), settings.trialUntilBootUs, faults.length], [undefined, 0, 1])
  assert.throws(() => trial.watch(), /full/)
  store.saveTrial = saveTrial
  trial.watch()
  assert.equal(store.trial(), undefined)
})

test('a timer that rings too early is set anew: the trial ends at its deadline, without a look from elsewhere', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { trial, enforcer, time, ends } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  time.pass(89_950)
  t.mock.timers.tick(90_001)
  assert.deepEqual([ends, trial.state?.leftMs], [[], 50])
  time.pass(50)
  t.mock.timers.tick(51)
  assert.deepEqual([ends, trial.state], [['over'], undefined])
})

test('after its end, and once it looks no more, no timer is left', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { trial, enforcer, time, ends } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  trial.rollback()
  trial.begin(order, () => enforcer.block(testOrder(target)))
  trial.close()
  trial.watch()
  time.pass(90_000)
  t.mock.timers.tick(90_001)
  assert.deepEqual(ends, ['rolled_back'])
})

test('a word that somebody else set to 0 ends the trial', (t) => {
  const { trial, enforcer, settings, doing, ends } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  settings.trialUntilBootUs = 0
  trial.watch()
  assert.deepEqual([doing(target), ends], [undefined, ['past']])
})

test('a wall clock that is set moves the end that is shown, not its length', (t) => {
  const { trial, enforcer, time } = trialWorld(t)
  trial.begin(order, () => enforcer.block(testOrder(target)))
  time.wallMs += 3_600_000
  assert.deepEqual([trial.state?.untilMs, trial.state?.leftMs], [time.wallMs + 90_000, 90_000])
})
