import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../test/random.js'
import type { EarlierHits } from '../kernel/earlier-hits.js'
import { createFakeBlockList, type FakeBlockList } from '../kernel/fake-block-list.js'
import { parseTarget } from '../policy/address.js'
import type { Store } from '../record/store.js'
import { StoreError } from '../record/store-error.js'
import { testStore } from '../record/test-store.js'
import type { Decision } from './decision.js'
import { createEnforcer, type Enforcer } from './enforcer.js'
import { at, testOrder, testVerdict } from './test-enforcer.js'

/** The maps of one start. */
interface Maps {
  readonly incarnation: number
  readonly list: FakeBlockList
}

/** Daemons that start, die and start again on one store, and the maps that they leave. */
function world(store: Store) {
  let last = 0
  let wallMs = 1_000_000_000
  let attached: Maps | undefined
  /** Maps that gave way, and whose pins are still there. */
  let left: Maps[] = []
  /** Packets by decision, as they were met. */
  const met = new Map<number, number>()
  const isBroken = { now: false }
  const sturdy: Store = {
    ...store,
    saveHits(...given) {
      if (isBroken.now) throw new StoreError('ERR_STORE_FULL', 'no room')
      store.saveHits(...given)
    },
  }

  const readEarlier = ({ incarnation, list }: Maps): EarlierHits => ({
    incarnation,
    read: () =>
      [...list.entries.values()].map(({ limitCounts, ...entry }) => ({
        ...entry,
        ...(limitCounts ?? { passed: 0, limited: 0 }),
      })),
  })

  return {
    met,
    isBroken,
    get left() {
      return left
    },
    /** Until it fills its maps; `attach` and `settle` go on. */
    open(): { enforcer: Enforcer; attach(): void; settle(): void; dropPins(): void } {
      const maps = { incarnation: ++last, list: createFakeBlockList() }
      const enforcer = createEnforcer({
        blockList: maps.list,
        maps: maps.incarnation,
        store: sturdy,
        parseTarget,
        clock: { nowMs: () => wallMs, bootUs: () => 1_000_000_000 + wallMs },
        mode: 'prevent',
        automaticAllow: () => [],
        onChange: () => {},
      })
      enforcer.restore([])
      return {
        enforcer,
        attach() {
          if (attached !== undefined) left.push(attached)
          attached = maps
        },
        settle: () => enforcer.settleHits(left.map(readEarlier)),
        dropPins: () => {
          left = []
        },
      }
    },
    hit(text: string) {
      const entry = attached?.list.entries.get(text)
      if (entry === undefined) return
      attached?.list.hit(text, ++wallMs)
      met.set(entry.decision, (met.get(entry.decision) ?? 0) + 1)
    },
    entries: () => [...(attached?.list.entries.keys() ?? [])],
  }
}

function start(from: ReturnType<typeof world>): Enforcer {
  const daemon = from.open()
  daemon.attach()
  daemon.settle()
  daemon.dropPins()
  return daemon.enforcer
}

const toldOf = (enforcer: Enforcer, { number }: Pick<Decision, 'number'>) =>
  enforcer.hits({ number } as Decision)?.packets ?? 0

test('what was met since the last save and without a daemon is there after a kill', (t) => {
  const site = world(testStore(t))
  const first = start(site)
  const made = first.block(testOrder('10.0.0.1'))
  for (let i = 0; i < 3; i++) site.hit('10.0.0.1')
  first.saveHits()
  for (let i = 0; i < 4; i++) site.hit('10.0.0.1')
  const second = start(site)
  assert.deepEqual(second.hits(made), { packets: 7, bytes: 700, lastSeenMs: second.hits(made)?.lastSeenMs })
  site.hit('10.0.0.1')
  assert.equal(toldOf(second, made), 8)
  assert.equal(toldOf(start(site), made), 8)
})

test('a start that was killed before its maps were settled loses nothing and counts nothing twice', (t) => {
  const site = world(testStore(t))
  const made = start(site).block(testOrder('10.0.0.1'))
  site.hit('10.0.0.1')
  const before = site.open()
  // What a start that failed on its way says goodbye with.
  before.enforcer.saveHits()
  site.hit('10.0.0.1')
  const between = site.open()
  between.attach()
  between.enforcer.saveHits()
  site.hit('10.0.0.1')
  const late = site.open()
  late.attach()
  late.settle()
  site.hit('10.0.0.1')
  assert.equal(site.left.length, 2, 'killed before the earlier pins were removed')
  assert.equal(toldOf(start(site), made), 4)
})

test('a decision that ended while no daemon ran has what its entry met', (t) => {
  const store = testStore(t)
  const site = world(store)
  const made = start(site).block(testOrder('10.0.0.0/8', { expiresAtMs: 1_000_000_001 }))
  site.hit('10.0.0.0/8')
  site.hit('10.0.0.0/8')
  start(site)
  assert.deepEqual([store.decision(made.number)?.state, store.hits(made.number)?.packets], ['expired', 2])
})

test('packets at a limit go on, and those of a limit that was made anew are added', (t) => {
  const site = world(testStore(t))
  const first = start(site)
  const limit = { unit: 'packets', perSecond: 10 } as const
  const made = first.block(testOrder('10.0.0.1', { action: 'limit', limit }))
  const counts = { passed: 5, limited: 7 }
  const daemon = site.open()
  daemon.attach()
  const settle = () =>
    daemon.enforcer.settleHits([
      {
        incarnation: 1,
        read: () => [{ decision: made.number, packets: 7, bytes: 700, lastSeenBootUs: 1, ...counts }],
      },
    ])
  settle()
  assert.deepEqual(daemon.enforcer.hits(made)?.limitCounts, counts)
  settle()
  assert.deepEqual(daemon.enforcer.hits(made)?.limitCounts, counts, 'maps are settled once')
  assert.deepEqual(start(site).hits(made)?.limitCounts, counts)
})

test('what a full disk does not take is stored with the next save', (t) => {
  const site = world(testStore(t))
  const made = start(site).block(testOrder('10.0.0.1'))
  site.hit('10.0.0.1')
  site.isBroken.now = true
  const second = start(site)
  assert.equal(toldOf(second, made), 1)
  site.hit('10.0.0.1')
  assert.throws(() => second.saveHits(), { code: 'ERR_STORE_FULL' })
  site.isBroken.now = false
  second.saveHits()
  site.hit('10.0.0.1')
  assert.equal(toldOf(start(site), made), 3)
})

test('a random life of daemons, with kills at every step, counts each packet once for its decision', (t) => {
  const random = createRandom(Number(process.env.IDSD_SEED ?? 5))
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.next() * all.length)] as T
  const targets = ['10.0.0.1', '10.0.0.2', '10.1.0.0/16', '2001:db8::1']
  const site = world(testStore(t))
  const made: number[] = []
  let enforcer = start(site)
  const steps: readonly (() => void)[] = [
    () => site.hit(pick(targets)),
    () => site.hit(pick(targets)),
    () => site.hit(pick(targets)),
    () => void made.push(enforcer.block(testOrder(pick(targets))).number),
    () => void made.push(enforcer.enforce(testVerdict(pick(['10.0.0.1', '10.0.0.2']))).number),
    () => {
      const { exact } = enforcer.blocksAround(at(pick(targets)))
      if (exact.length > 0) enforcer.lift([pick(exact)], 'uid:0')
    },
    () => enforcer.reconcile(1),
    () => enforcer.saveHits(),
    () => {
      // A start that is killed at one of its steps, and the one that follows.
      for (const steps of [Math.floor(random.next() * 4), 4]) {
        const daemon = site.open()
        if (steps > 0) daemon.attach()
        if (random.next() < 0.5) site.hit(pick(targets))
        if (steps > 1) daemon.settle()
        if (steps > 2) daemon.dropPins()
        enforcer = daemon.enforcer
      }
    },
  ]
  for (let i = 0; i < 3_000; i++) pick(steps)()
  enforcer = start(site)
  const told = Object.fromEntries(made.map((number) => [number, toldOf(enforcer, { number })]))
  const wanted = Object.fromEntries(made.map((number) => [number, site.met.get(number) ?? 0]))
  assert.deepEqual(told, wanted)
  assert.ok(Object.values(wanted).filter((packets) => packets > 0).length > 20)
})
