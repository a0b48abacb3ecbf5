import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createListCommands } from '../control/list-commands.js'
import { enforcerWorld } from '../enforce/test-enforcer.js'
import { createTrial } from '../enforce/trial.js'
import { trialWithLists } from '../enforce/trial-with-lists.js'
import { IdsdError, RefusedError } from '../errors.js'
import { createFakeListMaps } from '../kernel/fake-list-maps.js'
import { parseTarget } from '../policy/address.js'
import { createLists, type Lists } from './lists.js'
import { prepare } from './prepare.js'

const source = (text: string) =>
  ({ text: Buffer.from(text), format: 'plain', column: undefined, maxBytes: 1_000_000 }) as const
const [one, two] = ['203.0.113.1', '203.0.113.2']

/** Lists, enforcer and trial as the daemon joins them; `again` is the next start, with maps that are new. */
function trialWorld(t: TestContext) {
  const world = enforcerWorld(t)
  const { time, store } = world
  const clock = { nowMs: () => time.wallMs, bootUs: () => time.bootMs * 1000 }
  const settings = { trialUntilBootUs: 0 }
  const faults: Error[] = []
  const log = () => undefined
  const open = (enforcer: typeof world.enforcer) => {
    const maps = createFakeListMaps()
    const gates = { beforeLoad: async () => {} }
    const loadMaps = maps.load
    maps.load = async (generation, given) => {
      await gates.beforeLoad()
      return loadMaps(generation, given)
    }
    const trial = createTrial({
      settings,
      enforcer: () => trialWithLists(enforcer, lists),
      store,
      clock,
      bootId: 'boot 1',
      onEnd: () => {},
      onFault: (fault) => faults.push(fault),
    })
    const lists: Lists = createLists({
      ...{ store, maps, clock },
      protections: () => [],
      allows: () => [],
      prepare: async (job) => prepare(job),
      log: { debug: log, info: log, warn: log, error: log } as never,
      onSettled: trial.watch,
    })
    const commands = createListCommands({
      lists,
      trial,
      audit: () => {},
      parseTarget,
      nowMs: clock.nowMs,
    })
    const importList = (name: string, text: string, confirmMs = 0) =>
      commands.importList(
        {
          ...{ name, action: 'drop', ttlMs: 0, origin: 'feed', reason: '', force: false, confirmMs },
          ...{ dryRun: false, callerPeer: '', caller: { text: 'alice' } },
        },
        source(text),
      )
    const removeList = (name: string, confirmMs = 0) =>
      commands.removeList({ name, reason: '', confirmMs, dryRun: false, caller: { text: 'alice' } })
    /** Waits for what is done aside. */
    const settled = () => lists.remove('no such list').catch(() => undefined)
    const names = () => lists.states().map(({ name }) => name)
    const loaded = () => ({
      confirmed: maps.loaded.confirmed.map(rangesOf),
      trial: maps.loaded.trial.map(rangesOf),
    })
    return { maps, gates, trial, lists, importList, removeList, settled, names, loaded, enforcer }
  }
  /** @param pinnedUs what the pins say */
  const again = async (pinnedUs: number) => {
    const { enforcer } = world.open()
    settings.trialUntilBootUs = 0
    const next = open(enforcer)
    const row = next.trial.restore(pinnedUs)
    enforcer.restore([], row && { change: row.change, configured: [] })
    await next.lists.restore(row?.change.lists)
    return next
  }
  const stored = () => store.listRows().map(({ name, entries }) => [name, entries])
  return { ...world, ...open(world.enforcer), settings, faults, again, stored }
}

/** First addresses of the IPv4 ranges of a list. */
function rangesOf({ ranges4 }: { readonly ranges4: Uint32Array }): number[] {
  return [...ranges4].filter((_, i) => i % 2 === 0).map((first) => first & 0xff)
}

describe('a list on trial', () => {
  const tried = async (t: TestContext) => {
    const world = trialWorld(t)
    await world.importList('feed', one)
    const made = await world.importList('feed', `${one}\n${two}`, 90_000)
    return { ...world, made }
  }

  test('is beside the confirmed ones, in force by the deadline, and the store names the old one', async (t) => {
    const { made, loaded, settings, stored, names, time, trial, lists } = await tried(t)
    assert.equal(made.trial?.leftMs, 90_000)
    assert.equal(settings.trialUntilBootUs, (time.bootMs + 90_000) * 1000)
    assert.deepEqual(loaded(), { confirmed: [[1]], trial: [[1, 2]] })
    assert.deepEqual([stored(), names(), lists.isOnTrial], [[['feed', 1]], ['feed'], true])
    assert.equal(lists.states()[0]?.entries, 2)
    assert.equal(trial.change?.lists?.saved[0]?.entries, 2)
  })

  test('is refused beside another change on trial, and lets no list be changed for good', async (t) => {
    const { importList, removeList, loaded, trial, enforcer } = await tried(t)
    for (const change of [
      () => importList('other', two),
      () => removeList('feed'),
      () => importList('other', two, 90_000),
      () => removeList('feed', 90_000),
    ])
      await assert.rejects(change(), RefusedError)
    assert.deepEqual(loaded(), { confirmed: [[1]], trial: [[1, 2]] })
    trial.rollback()
    const order = { forMs: 90_000, by: 'uid:0', what: 'mode', reason: '' }
    assert.throws(() => trial.begin(order, () => enforcer.setMode('detect')), /try again in a moment/)
    await importList('third', two)
    trial.begin(order, () => enforcer.setMode('detect'))
    await assert.rejects(importList('other', two, 90_000), /another change is on trial/)
    await importList('other', two)
    assert.deepEqual(loaded().confirmed, [[1], [2], [2]])
  })

  test('confirmed is stored at once; the word goes back when the kernel has it in both generations', async (t) => {
    const { loaded, settings, stored, store, settled, trial, lists, faults } = await tried(t)
    trial.confirm()
    assert.deepEqual([settings.trialUntilBootUs, stored()], [Number.POSITIVE_INFINITY, [['feed', 2]]])
    await settled()
    assert.deepEqual([settings.trialUntilBootUs, store.trial()], [0, undefined])
    assert.deepEqual(loaded(), { confirmed: [[1, 2]], trial: [[1, 2]] })
    assert.deepEqual([lists.isOnTrial, store.dropListParts(9), faults], [false, 0, []])
  })

  for (const [name, end] of [
    ['rolled back', ({ trial }: ReturnType<typeof trialWorld>) => void trial.rollback()],
    [
      'over',
      ({ time, trial }: ReturnType<typeof trialWorld>) => {
        time.pass(90_000)
        trial.watch()
      },
    ],
  ] as const) {
    test(`${name} never was, and its entries leave the store`, async (t) => {
      const world = await tried(t)
      end(world)
      assert.deepEqual([world.lists.isOnTrial, world.settings.trialUntilBootUs], [false, 0])
      await world.settled()
      assert.deepEqual(world.loaded(), { confirmed: [[1]], trial: [[1]] })
      assert.deepEqual([world.stored(), world.store.trial()], [[['feed', 1]], undefined])
      assert.deepEqual([world.lists.states()[0]?.entries, world.store.dropListParts(9)], [1, 0])
    })
  }

  test('taken out on trial is back after a rollback, and gone once confirmed', async (t) => {
    const { importList, removeList, names, trial, settled, stored, loaded } = trialWorld(t)
    await importList('feed', one)
    await removeList('feed', 90_000)
    assert.deepEqual([names(), stored(), loaded()], [[], [['feed', 1]], { confirmed: [[1]], trial: [] }])
    trial.rollback()
    await settled()
    assert.deepEqual([names(), loaded()], [['feed'], { confirmed: [[1]], trial: [[1]] }])
    await removeList('feed', 90_000)
    trial.confirm()
    await settled()
    assert.deepEqual([names(), stored(), loaded()], [[], [], { confirmed: [], trial: [] }])
  })

  test('that the kernel does not take is not on trial; one whose end it does not follow is tried again', async (t) => {
    const { importList, maps, loaded, settings, settled, trial, store, names } = trialWorld(t)
    await importList('feed', one)
    maps.loadFault = new Error('no memory')
    await assert.rejects(importList('new', two, 90_000), /no memory/)
    maps.loadFault = undefined
    await settled()
    assert.deepEqual([trial.state, store.trial(), store.dropListParts(9)], [undefined, undefined, 0])
    await importList('new', two, 90_000)
    const { confirmTrial } = maps
    maps.confirmTrial = async () => {
      throw new IdsdError('ERR_KERNEL', 'swap failed')
    }
    trial.confirm()
    await settled()
    assert.equal(settings.trialUntilBootUs, Number.POSITIVE_INFINITY)
    await assert.rejects(importList('third', two), /has not followed the end/)
    maps.confirmTrial = confirmTrial
    trial.watch()
    await settled()
    assert.deepEqual([settings.trialUntilBootUs, store.trial(), names()], [0, undefined, ['feed', 'new']])
    assert.deepEqual(loaded().confirmed, [[1], [2]])
  })

  test('lets no other trial begin while it is made ready: its deadline would be that of the list', async (t) => {
    const { importList, gates, trial, enforcer } = trialWorld(t)
    const order = { forMs: 90_000, by: 'uid:0', what: 'mode', reason: '' }
    gates.beforeLoad = async () => {
      assert.throws(() => trial.begin(order, () => enforcer.setMode('detect')), RefusedError)
    }
    await importList('feed', one, 90_000)
    assert.equal(trial.state?.what, 'import of the list feed')
  })
})

describe('a start after a kill', () => {
  test('goes on with a list on trial for the rest of its time', async (t) => {
    const { importList, settings, again, time } = trialWorld(t)
    await importList('feed', one)
    await importList('new', two, 90_000)
    time.pass(60_000)
    const next = await again(settings.trialUntilBootUs)
    assert.deepEqual(next.loaded(), { confirmed: [[1]], trial: [[1], [2]] })
    assert.deepEqual([next.names(), next.trial.state?.leftMs], [['feed', 'new'], 30_000])
    next.trial.confirm()
    await next.settled()
    assert.deepEqual(next.loaded().confirmed, [[1], [2]])
    assert.deepEqual((await again(0)).loaded().confirmed, [[1], [2]])
  })

  for (const [name, pinnedUs, passMs, expected] of [
    ['after the deadline has the old lists', undefined, 90_000, [['feed', 1]]],
    ['after a rollback that the store did not hear of has the old lists', 0, 0, [['feed', 1]]],
    [
      'after a confirmation that the store did not hear of has the new lists',
      Number.POSITIVE_INFINITY,
      0,
      [
        ['feed', 1],
        ['new', 1],
      ],
    ],
  ] as const) {
    test(name, async (t) => {
      const { importList, settings, again, time, stored, store } = trialWorld(t)
      await importList('feed', one)
      await importList('new', two, 90_000)
      time.pass(passMs)
      const next = await again(pinnedUs ?? settings.trialUntilBootUs)
      assert.deepEqual([stored(), store.trial(), next.trial.state], [expected, undefined, undefined])
      const confirmed = expected.map((_, i) => [i + 1])
      assert.deepEqual(next.loaded(), { confirmed, trial: confirmed })
      assert.equal(store.dropListParts(9), 0)
    })
  }
})
