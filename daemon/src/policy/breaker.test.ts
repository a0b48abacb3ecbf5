import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import { type Breaker, createBreaker, type Trip } from './breaker.js'

const T = 1_000_000_000
const MINUTE = 60_000
const defaults = {
  windowMs: MINUTE,
  goodAddresses: 3,
  knownGoodMs: 10 * MINUTE,
  share: 0.2,
  shareAfterMs: MINUTE,
  modelAddresses: 600,
  tripMs: 10 * MINUTE,
  maxTripMs: 1_440 * MINUTE,
}

interface Block {
  /** Seconds after T. */
  readonly at?: number
  readonly origin?: DetectorName
  readonly address?: string
  readonly knownMs?: number
  readonly bytes?: number
}

function openWorld(isQuiet = true) {
  const standing = new Map<string, { knownMs: number; bytes: number }>()
  let decision = 0
  const breaker = createBreaker({
    ...defaults,
    known: {
      of: (address) => standing.get(address) ?? { knownMs: 0, bytes: 0 },
      totalBytes: () => 1_000_000,
    },
    isQuiet: () => isQuiet,
  })
  const block = ({ at = 0, origin = 'login', knownMs = 0, bytes = 0, ...rest }: Block): Trip | undefined => {
    const address = rest.address ?? `10.0.0.${decision}`
    standing.set(address, { knownMs, bytes })
    return breaker.note({ origin, address, decision: ++decision }, T + at * 1_000)
  }
  return { breaker, block }
}

const good = { knownMs: 10 * MINUTE }
const many = (count: number, block: Block): Block[] =>
  Array.from({ length: count }, (_, i) => ({ address: `198.18.${i >> 8}.${i & 255}`, ...block }))

describe('a breaker', () => {
  const rows: readonly (readonly [string, readonly Block[], DetectorName | undefined, boolean?])[] = [
    ['stays closed after two known-good addresses', [good, good], undefined],
    ['trips at the third', [good, good, good], 'login'],
    ['counts an address once', [{ ...good, address: 'a' }, { ...good, address: 'a' }, good], undefined],
    ['counts none that is known for a moment less', [good, good, { knownMs: 10 * MINUTE - 1 }], undefined],
    ['forgets after the window', [good, good, { ...good, at: 60 }], undefined],
    ['counts up to the end of the window', [good, good, { ...good, at: 59.9 }], 'login'],
    ['is kept per origin', [good, { ...good, origin: 'rate' }, good, { ...good, origin: 'rate' }], undefined],
    ['trips over one address with 21 % of the bytes', [{ knownMs: MINUTE, bytes: 210_000 }], 'login'],
    ['stays closed at 20 %', [{ knownMs: MINUTE, bytes: 200_000 }], undefined],
    [
      'trips over several addresses with 21 % together',
      [...many(6, { knownMs: MINUTE, bytes: 30_000 }), { knownMs: MINUTE, bytes: 30_000 }],
      'login',
    ],
    [
      'does not count the bytes of those that are as young as an attack',
      many(50, { knownMs: MINUTE - 1, bytes: 20_000 }),
      undefined,
    ],
    ['stays closed under 2,000 new sources', many(2_000, {}), undefined],
    ['stays closed at 600 addresses by the model', many(600, { origin: 'model' }), undefined],
    ['trips at 601 while the line is quiet', many(601, { origin: 'model' }), 'model'],
    ['stays closed at 2,000 while packets rise', many(2_000, { origin: 'model' }), undefined, false],
    ['trips over known-good addresses while packets rise too', [good, good, good], 'login', false],
  ]
  for (const [name, blocks, tripped, isQuiet] of rows) {
    test(name, () => {
      const { breaker, block } = openWorld(isQuiet)
      const trips = blocks.flatMap((one) => block(one) ?? [])
      assert.deepEqual(
        trips.map(({ origin }) => origin),
        tripped === undefined ? [] : [tripped],
      )
      assert.deepEqual([...breaker.open], tripped === undefined ? [] : [tripped])
    })
  }

  test('says in words why, which address was one too many, and which blocks were wrong', () => {
    const { block } = openWorld()
    block(good)
    block({})
    block(good)
    const trip = block({ ...good, address: '10.9.9.9' })
    assert.equal(trip?.address, '10.9.9.9')
    assert.deepEqual(trip?.decisions, [1, 3, 4])
    assert.equal(
      trip?.why,
      '3 blocks within 60 s hit addresses in proven two-way traffic for 600 s or more (threshold 3)',
    )
    assert.equal(
      openWorld().block({ knownMs: MINUTE, bytes: 254_321 })?.why,
      'blocks within 60 s hit addresses with 25.4 % of the proven two-way bytes (threshold 20 %)',
    )
  })
})

/** Trips once at `atMs`; seconds after T. */
function tripAt(world: ReturnType<typeof openWorld>, at: number): number {
  for (let i = 0; i < 2; i++) assert.equal(world.block({ ...good, at }), undefined)
  const trip = world.block({ ...good, at })
  assert.ok(trip !== undefined)
  return (trip.untilMs - trip.trippedAtMs) / MINUTE
}

const end = (breaker: Breaker, at: number) => breaker.tick(T + at * 1_000)

describe('a trip', () => {
  test('lasts ten minutes, then twice as long each time, up to a day', () => {
    const world = openWorld()
    let at = 0
    const lengths = Array.from({ length: 10 }, () => {
      const minutes = tripAt(world, at)
      assert.deepEqual(end(world.breaker, at + minutes * 60 - 1), [])
      at += minutes * 60
      assert.deepEqual(end(world.breaker, at), ['login'])
      return minutes
    })
    assert.deepEqual(lengths, [10, 20, 40, 80, 160, 320, 640, 1_280, 1_440, 1_440])
  })

  test('counts nothing while it lasts', () => {
    const world = openWorld()
    tripAt(world, 0)
    for (let i = 0; i < 5; i++) assert.equal(world.block({ ...good, at: 1 }), undefined)
    end(world.breaker, 600)
    assert.equal(world.block({ ...good, at: 600 }), undefined)
  })

  test('has the first length again after a day without one', () => {
    const world = openWorld()
    tripAt(world, 0)
    end(world.breaker, 600)
    assert.equal(tripAt(world, 600 + 86_399), 20)
    end(world.breaker, 200_000)
    assert.equal(tripAt(world, 200_000 + 86_400), 10)
  })

  test('ends by hand, and the next one has the first length', () => {
    const world = openWorld()
    tripAt(world, 0)
    end(world.breaker, 600)
    assert.equal(tripAt(world, 700), 20)
    assert.equal(world.breaker.reset('login')?.lengthMs, 20 * MINUTE)
    assert.equal(world.breaker.reset('login'), undefined)
    assert.deepEqual([...world.breaker.open], [])
    assert.equal(tripAt(world, 800), 10)
  })

  test('of one origin leaves the others alone', () => {
    const world = openWorld()
    tripAt(world, 0)
    assert.equal(world.block({ ...good, origin: 'rate' }), undefined)
    assert.deepEqual([...world.breaker.open], ['login'])
  })

  test('outlasts a restart, and so does what makes the next one longer', () => {
    const before = openWorld()
    tripAt(before, 0)
    const after = openWorld()
    after.breaker.restore(before.breaker.past(), T + 60_000)
    assert.deepEqual([...after.breaker.open], ['login'])
    assert.deepEqual(end(after.breaker, 600), ['login'])
    const later = openWorld()
    later.breaker.restore(before.breaker.past(), T + 700_000)
    assert.deepEqual([...later.breaker.open], [])
    assert.equal(tripAt(later, 700), 20)
  })

  test('is no longer than it was made for after a clock was set back', () => {
    const world = openWorld()
    tripAt(world, 0)
    end(world.breaker, -86_400)
    assert.deepEqual(end(world.breaker, -86_400 + 600), ['login'])
  })
})
