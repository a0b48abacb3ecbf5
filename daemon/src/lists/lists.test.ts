import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { until } from '../../../lab/until.js'
import { createFakeListMaps } from '../kernel/fake-list-maps.js'
import { parseTarget } from '../policy/address.js'
import { createGuards } from '../policy/guards.js'
import { openStore, type Store } from '../record/store.js'
import { temporaryPath } from '../record/test-store.js'
import type { ListAction } from './list-row.js'
import { createLists, type ImportOrder } from './lists.js'
import { type PrepareJob, prepare } from './prepare.js'

const at = (text: string) => parseTarget(text, 'target')
const source = (text: string) =>
  ({ text: Buffer.from(text), format: 'plain', column: undefined, maxBytes: 1_000_000 }) as const
const order = (name: string, given: Partial<ImportOrder> = {}): ImportOrder => ({
  ...{ name, action: 'drop', origin: '/tmp/feed', reason: '', createdBy: 'uid:0', isForced: false },
  ...{ dryRun: false, callerPeer: '', ttlMs: 0, ...given },
})

function world(t: TestContext) {
  const path = temporaryPath(t)
  const time = { wallMs: 1_000_000_000, bootUs: 1_000_000 }
  const logged: string[] = []
  const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const guards = createGuards({
    ownAddresses: () => ['192.0.2.10'],
    ...{ gateways: () => [], resolvers: () => [], peers: () => [], allow: () => [] },
  })
  let store: Store | undefined
  const open = (
    given: {
      prepare?: (job: PrepareJob) => Promise<ReturnType<typeof prepare>>
      broken?: string
      hasEarlier?: boolean
    } = {},
  ) => {
    store = openStore({ path })
    const maps = createFakeListMaps()
    const fail = () => {
      throw new Error('the disk failed')
    }
    const lists = createLists({
      store: given.broken === undefined ? store : { ...store, [given.broken]: fail },
      maps,
      clock: { nowMs: () => time.wallMs, bootUs: () => time.bootUs },
      protections: guards.protections,
      allows: () => [at('203.0.113.9')],
      prepare: given.prepare ?? (async (job) => prepare(job)),
      hasEarlier: given.hasEarlier ?? false,
      log: { debug: log, info: log, warn: log, error: log } as never,
    })
    return { store, maps, lists }
  }
  t.after(() => store?.close())
  return { open, time, logged, close: () => store?.close() }
}

test('what earlier tables met beyond what is stored is added once, whenever the daemon dies', async (t) => {
  const { open, close } = world(t)
  const first = open()
  await first.lists.import(order('feed'), source('203.0.113.1'))
  const { number } = first.store.listRows()[0]!
  const hits = (packets: number) =>
    new Map([[number, { packets, bytes: packets * 100, dropped: packets, lastSeenBootUs: 900_000 }]])
  const reading = { table: 5, list: number, packets: 3, bytes: 300, dropped: 3 }
  const state = { name: 'feed', packets: 3, bytes: 300, droppedPackets: 3, lastSeenMs: 1 }
  first.store.saveListHits([state], [reading])
  await close()

  const killed = open({ hasEarlier: true })
  await killed.lists.restore()
  killed.lists.saveHits()
  assert.equal(killed.store.listReadings(5)?.size, 1, 'nothing is stored before the tables are settled')
  await close()

  const second = open({ hasEarlier: true })
  await second.lists.restore()
  second.lists.settleHits([
    { table: 5, hits: hits(10) },
    { table: 6, hits: hits(2) },
  ])
  const met = () =>
    second.lists.states().map(({ packets, bytes, droppedPackets }) => [packets, bytes, droppedPackets])
  assert.deepEqual(met(), [[12, 1_200, 12]])
  assert.equal(second.lists.states()[0]?.lastSeenMs, 1_000_000_000 - 100)
  second.maps.hit(at('203.0.113.1'), 950_000)
  await second.lists.import(order('feed'), source('203.0.113.1\n203.0.113.2'))
  assert.equal(second.store.listRows()[0]?.packets, 13)
  await close()

  const third = open({ hasEarlier: true })
  await third.lists.restore()
  third.lists.settleHits([{ table: 5, hits: hits(10) }])
  assert.equal(third.lists.states()[0]?.packets, 13)
})

test('an import leaves the stored total alone that the readings belong to', async (t) => {
  const { open } = world(t)
  const { lists, maps, store } = open({ broken: 'saveListHits' })
  await lists.import(order('feed'), source('203.0.113.1'))
  maps.hit(at('203.0.113.1'), 500_000)
  await lists.import(order('feed'), source('203.0.113.2'))
  assert.deepEqual([store.listRows()[0]?.packets, lists.states()[0]?.packets], [0, 1])
})

test('a list is in the kernel and the store, its hits go on over imports and restarts', async (t) => {
  const { open, close } = world(t)
  const first = open()
  const { prepared, before } = await first.lists.import(order('feed'), source('203.0.113.1\n203.0.113.9'))
  assert.deepEqual([prepared.added, prepared.allowed, before], [2, 1, undefined])
  first.maps.hit(at('203.0.113.1'), 500_000)
  await first.lists.import(order('feed', { action: 'count' }), source('203.0.113.1\n2001:db8::/32'))
  first.maps.hit(at('2001:db8::1'), 700_000)
  const [state] = first.lists.states()
  assert.deepEqual([state?.entries, state?.packets, state?.droppedPackets], [2, 2, 1])
  assert.equal(state?.lastSeenMs, 1_000_000_000 - 300)
  first.lists.saveHits()
  await first.lists.close()
  await close()

  const second = open()
  await second.lists.restore()
  const [again] = second.lists.states()
  assert.deepEqual([again?.packets, again?.action, again?.isLoaded], [2, 'count', true])
  assert.deepEqual(second.maps.find(at('2001:db8::5')).action, 'count')
  assert.deepEqual(
    second.lists.holding(at('2001:db8::5')).map(({ list, entry }) => [list.name, entry]),
    [['feed', '2001:db8::/32']],
  )
  await second.lists.remove('feed')
  assert.deepEqual([second.store.listRows(), second.maps.loaded.confirmed], [[], []])
  assert.equal(second.store.dropListParts(100), 0)
})

test('a dry run and what fails change nothing', async (t) => {
  const { open } = world(t)
  const { lists, maps, store } = open()
  await lists.import(order('feed', { dryRun: true }), source('203.0.113.1'))
  assert.deepEqual([lists.states(), store.listRows(), maps.loaded.confirmed.length], [[], [], 0])
  await lists.import(order('feed'), source('203.0.113.1'))
  const same = () => {
    assert.equal(lists.states()[0]?.entries, 1)
    assert.equal(store.listRows()[0]?.entries, 1)
    assert.deepEqual(maps.find(at('203.0.113.1')).action, 'drop')
  }
  await assert.rejects(lists.import(order('feed'), source('# nothing')), { code: 'ERR_ARGUMENT' })
  await assert.rejects(lists.import(order('feed'), source('192.0.2.10')), {
    code: 'ERR_REFUSED',
    guards: ['192.0.2.10 is an address of this host'],
  })
  await assert.rejects(lists.import(order('a b'), source('203.0.113.2')), { code: 'ERR_ARGUMENT' })
  await assert.rejects(lists.remove('other'), { code: 'ERR_NOT_FOUND', message: /there are feed/ })
  maps.loadFault = new Error('no memory')
  for (const dryRun of [false, true]) {
    const given = order('feed', { dryRun })
    await assert.rejects(lists.import(given, source('203.0.113.2\n203.0.113.3')), /no memory/)
  }
  maps.loadFault = undefined
  same()
  await lists.import(order('feed'), source('203.0.113.1'))
  same()
})

test('a list that would drop most addresses is refused, in force only by force, and one that counts is not', async (t) => {
  const { open } = world(t)
  const { lists, maps, store } = open()
  const all = Array.from({ length: 200 }, (_, i) => `${i}.0.0.0/8`).join('\n')
  const wide6 = Array.from({ length: 5_000 }, (_, i) => `${(0x2001 + i).toString(16)}::/16`).join('\n')
  await assert.rejects(lists.import(order('all'), source(all)), {
    code: 'ERR_REFUSED',
    message: /76 % of all IPv4 addresses/,
  })
  assert.deepEqual([lists.states(), store.listRows(), maps.find(at('203.0.113.1')).action], [[], [], 'none'])
  await lists.import(order('all', { action: 'count' }), source(all))
  await lists.import(order('all', { isForced: true }), source(all))
  assert.equal(maps.find(at('9.0.113.1')).action, 'drop')
  // As a schedule brings it, which forces nothing.
  await lists.import(order('all'), source(`${all}\n200.0.0.0/8`))
  assert.equal(maps.find(at('200.0.113.1')).action, 'drop')
  await assert.rejects(lists.import(order('all'), source(`${all}\n2000::/16\n${wide6}`)), {
    message: /of all IPv6 addresses/,
  })
  await assert.rejects(lists.import(order('other'), source(all)), { code: 'ERR_REFUSED' })
})

for (const [before, next, isTaken, perSecond = 100] of [
  ['limit', 'limit', true],
  ['limit', 'limit', true, 1_000],
  ['limit', 'limit', false, 10],
  ['synDrop', 'synDrop', true],
  // What is let through of all else may be next to nothing.
  ['synDrop', 'limit', false],
  ['reject', 'drop', true],
  ['drop', 'reject', true],
  ['count', 'limit', false],
  ['limit', 'synDrop', false],
  ['synDrop', 'drop', false],
] as const) {
  const name = `a list of most addresses that was forced to do ${before} is ${isTaken ? '' : 'not '}made to do ${next} (${perSecond}pps) by a schedule`
  test(name, async (t) => {
    const { lists, maps } = world(t).open()
    const all = Array.from({ length: 200 }, (_, i) => `${i}.0.0.0/8`).join('\n')
    const doing = (action: ListAction, perSecond: number) =>
      action === 'limit' ? { action, limit: { unit: 'packets', perSecond } as const } : { action }
    await lists.import(order('all', { ...doing(before, 100), isForced: true }), source(all))
    const again = lists.import(order('all', doing(next, perSecond)), source(all))
    if (isTaken) await again
    else await assert.rejects(again, { code: 'ERR_REFUSED', message: /the list would .*76 % of all IPv4/ })
    assert.equal(maps.find(at('9.0.113.1')).action, isTaken ? next : before)
  })
}

test('a limit is kept over a restart, and a list that limits no longer has none', async (t) => {
  const { open, close } = world(t)
  const first = open()
  const limit = { unit: 'bits', perSecond: 64_000 } as const
  await first.lists.import(order('feed', { action: 'limit', limit }), source('203.0.113.1'))
  await close()
  const second = open()
  await second.lists.restore()
  const loaded = () => second.maps.loaded.confirmed.map((list) => [list.action, list.limit])
  assert.deepEqual(loaded(), [['limit', limit]])
  assert.deepEqual(second.lists.states()[0]?.limit, limit)
  await second.lists.import(order('feed', { action: 'synDrop' }), source('203.0.113.1'))
  assert.deepEqual(loaded(), [['synDrop', undefined]])
  assert.deepEqual(
    [second.store.listRows()[0]?.action, second.store.listRows()[0]?.limit],
    ['synDrop', undefined],
  )
})

test('what the store does not take is taken back from the kernel', async (t) => {
  const { open } = world(t)
  const { lists, maps } = open({ broken: 'saveList' })
  await assert.rejects(lists.import(order('feed'), source('203.0.113.1')), /the disk failed/)
  assert.deepEqual([lists.states(), maps.find(at('203.0.113.1')).action], [[], 'none'])
})

test('killed while its parts are written, an import leaves the old list whole', async (t) => {
  const { open, close } = world(t)
  const first = open()
  await first.lists.import(order('feed'), source('203.0.113.1'))
  // What a daemon leaves that was killed before the row named the version.
  first.store.saveListPart(first.store.reserveListNumber(), 0, Buffer.alloc(100))
  await close()
  const second = open()
  await second.lists.restore()
  assert.equal(second.maps.find(at('203.0.113.1')).action, 'drop')
  assert.equal(second.store.dropListParts(100), 0)
})

test('a list whose bytes are damaged is told of and left out, the others are in force', async (t) => {
  const { open, close, logged } = world(t)
  const first = open()
  await first.lists.import(order('good'), source('203.0.113.1'))
  await first.lists.import(order('torn'), source('203.0.113.2'))
  const torn = first.store.listRows().find(({ name }) => name === 'torn')
  first.store.saveListPart(torn?.version ?? 0, 0, Buffer.alloc(3))
  await close()
  const second = open()
  await second.lists.restore()
  assert.deepEqual(
    second.lists.states().map(({ name }) => name),
    ['good'],
  )
  assert.ok(logged.some((line) => line.includes('torn')))
})

test('a list that the kernel does not take at a start is named, and the daemon starts', async (t) => {
  const { open, close } = world(t)
  await open().lists.import(order('feed'), source('203.0.113.1'))
  await close()
  const { lists, maps } = open()
  maps.loadFault = new Error('no memory')
  await lists.restore()
  assert.deepEqual([lists.unloaded, lists.states()[0]?.isLoaded], [['feed'], false])
})

test('a list ends at its time: in the kernel by itself, in the store by the tick, at a start too', async (t) => {
  const { open, time, close } = world(t)
  const { lists, maps, store } = open()
  await lists.import(order('short', { ttlMs: 10_000 }), source('203.0.113.1'))
  await lists.import(order('long'), source('203.0.113.1'))
  assert.deepEqual(
    maps.loaded.confirmed.map(({ expiresBootUs }) => expiresBootUs),
    [11_000_000, 0],
  )
  time.wallMs += 9_999
  lists.tick()
  assert.equal(lists.states().length, 2)
  time.wallMs += 1
  lists.tick()
  await lists.remove('long', true)
  assert.deepEqual([lists.states().map(({ name }) => name), store.listRows().length], [['long'], 2])
  assert.deepEqual(
    maps.loaded.confirmed.map(({ expiresBootUs }) => expiresBootUs),
    [0],
  )
  await lists.import(order('short', { ttlMs: 10_000 }), source('203.0.113.1'))
  await close()
  time.wallMs += 20_000
  const second = open()
  await second.lists.restore()
  assert.deepEqual(
    second.lists.states().map(({ name }) => name),
    ['long'],
  )
})

const ends: readonly (readonly [string, Partial<ImportOrder>, readonly string[], number])[] = [
  ['the shortest of its decisions', {}, ['4h', '90s'], 90_000],
  [
    'the least that is asked for where a decision is nearly over',
    { leastMs: 330_000 },
    ['4h', '2s'],
    330_000,
  ],
  ['its decisions where they last longer', { leastMs: 330_000 }, ['4h', '2h'], 7_200_000],
  ['the time that is given, whatever it holds', { ttlMs: 10_000, leastMs: 330_000 }, ['4h'], 10_000],
]
for (const [name, given, durations, lengthMs] of ends) {
  test(`a list of decisions ends with ${name}`, async (t) => {
    const { open, time } = world(t)
    const { lists } = open()
    const decisions = durations.map((duration, i) => ({ duration, type: 'ban', value: `203.0.113.${i}` }))
    const { ttlMs: _none, ...wanted } = order('crowdsec')
    const text = Buffer.from(JSON.stringify([{ decisions }]))
    const { list } = await lists.import({ ...wanted, ...given }, { ...source(''), text, format: 'crowdsec' })
    assert.equal(list.expiresAtMs - time.wallMs, lengthMs)
  })
}

test('a list that a wrong clock ended is in force again when the clock is right, with its hits, after a start too', async (t) => {
  const { open, time, close, logged } = world(t)
  const first = open()
  await first.lists.import(order('feed', { ttlMs: 86_400_000 }), source('203.0.113.1'))
  first.maps.hit(at('203.0.113.1'), 500_000)
  first.lists.saveHits()
  await close()
  const rightMs = time.wallMs
  time.wallMs += 20 * 365 * 86_400_000
  const { lists, maps, store } = open()
  await lists.restore()
  assert.deepEqual([lists.states(), maps.loaded.confirmed], [[], []])
  time.bootUs += 3_599_000_000
  lists.tick()
  time.wallMs = rightMs + 3_600_000
  lists.tick()
  await until(() => lists.states().length === 1, { what: 'it is in force again' })
  assert.deepEqual([lists.states()[0]?.packets, maps.find(at('203.0.113.1')).action], [1, 'drop'])
  assert.ok(logged.some((line) => line.includes('set back')))
  // The same while it runs.
  time.wallMs += 86_400_000
  lists.tick()
  await until(() => lists.states().length === 0, { what: 'it is over' })
  assert.equal(store.listRows()[0]?.packets, 1)
  time.wallMs -= 86_400_000
  lists.tick()
  await until(() => lists.states().length === 1, { what: 'it is in force again' })
})

test('a list that is over leaves the store after its time of grace, whatever the wall clock says', async (t) => {
  const { open, time } = world(t)
  const { lists, store } = open()
  await lists.import(order('feed', { ttlMs: 1_000 }), source('203.0.113.1'))
  time.wallMs += 20 * 365 * 86_400_000
  lists.tick()
  await until(() => lists.states().length === 0, { what: 'it is over' })
  time.bootUs += 3_599_000_000
  lists.tick()
  await lists.remove('feed').catch(() => undefined)
  assert.equal(store.listRows().length, 1)
  time.bootUs += 1_000_000
  lists.tick()
  await until(() => store.listRows().length === 0, { what: 'it is forgotten' })
  assert.equal(store.dropListParts(100), 0)
})

test('a list of the same name takes the place of one that is over, for good', async (t) => {
  const { open, time } = world(t)
  const { lists, store } = open()
  await lists.import(order('feed', { ttlMs: 1_000 }), source('203.0.113.1'))
  time.wallMs += 1_000
  lists.tick()
  await until(() => lists.states().length === 0, { what: 'it is over' })
  await lists.import(order('feed'), source('203.0.113.2\n203.0.113.3'))
  time.wallMs -= 1_000
  time.bootUs += 7_200_000_000
  lists.tick()
  await lists.remove('other').catch(() => undefined)
  assert.deepEqual([lists.states()[0]?.entries, store.listRows()[0]?.entries], [2, 2])
})

test('lists that the kernel did not take are tried again, later each time, until it does', async (t) => {
  const { open, close, time, logged } = world(t)
  await open().lists.import(order('feed'), source('203.0.113.1'))
  await close()
  const { lists, maps } = open()
  maps.loadFault = new Error('no memory')
  await lists.restore()
  const fails = () => logged.filter((line) => line.includes('still not in force')).length
  lists.tick()
  for (const [times, waitUs] of [60_000_000, 120_000_000, 240_000_000].entries()) {
    time.bootUs += waitUs - 1
    lists.tick()
    await lists.remove('other').catch(() => undefined)
    assert.equal(fails(), times)
    time.bootUs += 1
    lists.tick()
    await until(() => fails() === times + 1, { what: `try ${times + 1}` })
  }
  assert.deepEqual(lists.unloaded, ['feed'])
  maps.loadFault = undefined
  time.bootUs += 480_000_000
  lists.tick()
  await until(() => lists.unloaded.length === 0, { what: 'it is in force' })
  assert.equal(maps.find(at('203.0.113.1')).action, 'drop')
})

test('the end of a list in the kernel follows a wall clock that was set', async (t) => {
  const { open, time } = world(t)
  const { lists, maps } = open()
  await lists.import(order('feed', { ttlMs: 10_000 }), source('203.0.113.1'))
  time.wallMs -= 3_000
  lists.tick()
  await lists.remove('feed', true)
  assert.deepEqual(
    maps.loaded.confirmed.map(({ expiresBootUs }) => expiresBootUs),
    [14_000_000],
  )
})

test('changes are made one after the other, and a stop ends those that wait', async (t) => {
  const { open } = world(t)
  let go = () => {}
  const gate = new Promise<void>((resolve) => {
    go = resolve
  })
  const { lists } = open({
    prepare: async (job) => {
      await gate
      return prepare(job)
    },
  })
  const one = lists.import(order('a'), source('203.0.113.1'))
  const two = lists.import(order('b'), source('203.0.113.2'))
  const closed = lists.close()
  go()
  const [first, second] = await Promise.allSettled([one, two])
  assert.deepEqual([first.status, second.status], ['rejected', 'rejected'])
  await closed
})
