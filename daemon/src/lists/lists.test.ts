import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createFakeListMaps } from '../kernel/fake-list-maps.js'
import { parseTarget } from '../policy/address.js'
import { createGuards } from '../policy/guards.js'
import { openStore, type Store } from '../record/store.js'
import { temporaryPath } from '../record/test-store.js'
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
    given: { prepare?: (job: PrepareJob) => Promise<ReturnType<typeof prepare>>; broken?: string } = {},
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
      log: { debug: log, info: log, warn: log, error: log } as never,
    })
    return { store, maps, lists }
  }
  t.after(() => store?.close())
  return { open, time, logged, close: () => store?.close() }
}

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
  await assert.rejects(lists.import(order('feed'), source('203.0.113.2\n203.0.113.3')), /no memory/)
  maps.loadFault = undefined
  same()
  await lists.import(order('feed'), source('203.0.113.1'))
  same()
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
  assert.deepEqual([lists.states().map(({ name }) => name), store.listRows().length], [['long'], 1])
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
