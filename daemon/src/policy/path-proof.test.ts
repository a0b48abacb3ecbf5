import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../test/random.js'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { createPathProof, type PathStanding, provenSide } from './path-proof.js'

const START_MS = 1_600_000_000_000
const MINUTE_MS = 60_000
const SRC = '10.77.0.2'
const DST = '10.77.0.1'

/** A proven flow that was heard last a second after its begin; times in ms after START_MS. */
function provenFlow({ startMs = 0, lastMs = startMs + 1_000, ...given }: GivenFlow = {}): FlowRecord {
  return testFlow({
    kind: 'snapshot',
    seq: 3,
    src: SRC,
    dst: DST,
    startUs: (START_MS + startMs) * 1_000,
    lastUs: (START_MS + lastMs) * 1_000,
    pathProven: true,
    ...given,
  })
}
type GivenFlow = Partial<FlowRecord> & { readonly startMs?: number; readonly lastMs?: number }

const talk = (given: GivenFlow = {}) => provenFlow({ bytesFwd: 100, bytesBwd: 5_000, ...given })
const closed = { tcpState: 'ready' } as const
const at = (ms: number) => START_MS + ms

function kinds(flows: readonly FlowRecord[], ms: number): [PathStanding['kind'], PathStanding['kind']] {
  const ledger = createPathProof()
  ledger.observe(flows, at(1_000))
  return [ledger.of(SRC, at(ms)).kind, ledger.of(DST, at(ms)).kind]
}

test('another time holds for what was noted before too, when it is shorter', () => {
  const ledger = createPathProof()
  ledger.observe([talk(closed)], at(1_000))
  assert.equal(ledger.of(SRC, at(500_000)).kind, 'alibi')
  ledger.configure({ holdsMs: 2_000 })
  assert.equal(ledger.of(SRC, at(500_000)).kind, 'alibi')
  assert.equal(ledger.of(SRC, at(502_001)).kind, 'unproven')
  assert.throws(() => ledger.configure({ holdsMs: 0 }), /pathProof\.holdsMs/)
})

describe('what a flow shows about its ends', () => {
  const cases: readonly (readonly [string, FlowRecord, string, string])[] = [
    ['data both ways on a proven path', talk(), 'alibi', 'alibi'],
    ['data both ways, closed', talk(closed), 'alibi', 'alibi'],
    ['data both ways, unproven', talk({ pathProven: false }), 'unproven', 'unproven'],
    ['UDP both ways', talk({ pathProven: false, protocol: 17 }), 'unproven', 'unproven'],
    ['transit', talk({ isTransit: true }), 'unproven', 'unproven'],
    ['connected and closed', provenFlow(closed), 'proven', 'unproven'],
    ['connected and reset', provenFlow({ ...closed, rstCount: 1 }), 'proven', 'unproven'],
    ['connected and half closed', provenFlow({ finCount: 1, tcpState: 'fin1' }), 'proven', 'unproven'],
    ['a request without an answer, closed', provenFlow({ ...closed, bytesFwd: 9 }), 'proven', 'unproven'],
    ['a banner that nobody answered, closed', provenFlow({ ...closed, bytesBwd: 9 }), 'proven', 'unproven'],
    ['a request whose answer may be on its way', provenFlow({ bytesFwd: 9 }), 'unproven', 'unproven'],
    [
      'a request and the end of what its sender says',
      provenFlow({ bytesFwd: 9, finCount: 1, tcpState: 'fin1' }),
      'unproven',
      'unproven',
    ],
    ['a server that answered us', provenFlow({ ...closed, firstIngress: false }), 'unproven', 'proven'],
    [
      'a flow first seen by what went out to its client',
      provenFlow({ ...closed, firstIngress: false, firstBackward: true }),
      'proven',
      'unproven',
    ],
    [
      'a silent part of a connection that was split',
      provenFlow({ ...closed, isContinuation: true }),
      'unproven',
      'unproven',
    ],
    [
      'one way in a later part of an unknown connection',
      provenFlow({ ...closed, isContinuation: true, bytesBwd: 9 }),
      'unproven',
      'unproven',
    ],
  ]
  for (const [name, flow, src, dst] of cases) {
    test(`${name}: source ${src}, destination ${dst}`, () => {
      assert.deepEqual(kinds([flow], 1_500), [src, dst])
    })
  }

  test('nothing is known of an address that was not seen', () => {
    assert.deepEqual(createPathProof().of('192.0.2.1', 0), { kind: 'unproven', sinceMs: 0 })
  })

  test('a connection that is open for a minute without an answer is bare', () => {
    const flow = provenFlow({ bytesFwd: 9 })
    assert.equal(kinds([flow], MINUTE_MS - 1)[0], 'unproven')
    assert.equal(kinds([flow], MINUTE_MS)[0], 'proven')
  })

  test('an answer that comes at last makes an alibi of it', () => {
    const early = provenFlow({ bytesFwd: 9 })
    const late = { ...early, seq: 4, bytesBwd: 900, lastUs: early.lastUs + 90_000_000 }
    assert.equal(kinds([early, late], 91_000)[0], 'alibi')
  })

  test('a bare connection beside a conversation leaves the alibi', () => {
    assert.equal(kinds([talk(closed), provenFlow(closed)], 2_000)[0], 'alibi')
  })

  const sides: readonly (readonly [boolean, boolean, string])[] = [
    [true, false, SRC],
    [false, true, SRC],
    [false, false, DST],
    [true, true, DST],
  ]
  for (const [firstIngress, firstBackward, side] of sides) {
    const way = `${firstBackward ? 'backward' : 'forward'} packet ${firstIngress ? 'in' : 'out'}`
    test(`a first ${way} proves ${side === SRC ? 'the source' : 'the destination'}`, () => {
      assert.equal(provenSide(provenFlow({ firstIngress, firstBackward })), side)
    })
  }
})

describe('an alibi', () => {
  const lasting: readonly (readonly [string, readonly FlowRecord[], number])[] = [
    [
      'of a closed conversation holds for 10 min after its last packet',
      [talk(closed)],
      10 * MINUTE_MS + 1_000,
    ],
    ['of one that was split too', [talk({ kind: 'ended', endReason: 'timeout' })], 10 * MINUTE_MS + 1_000],
    ['of an open one holds for 12 min after its last record', [talk()], 12 * MINUTE_MS + 1_000],
    [
      'of one that closes holds no longer than that of a closed one',
      [talk({ id: 1 }), talk({ id: 1, lastMs: 2_000, ...closed })],
      10 * MINUTE_MS + 2_000,
    ],
    [
      'of an open conversation outlives that of another that closes',
      [talk({ id: 1 }), talk({ id: 2, lastMs: 500, ...closed })],
      12 * MINUTE_MS + 1_000,
    ],
    [
      'is not shortened by a record that comes late',
      [talk({ id: 1, lastMs: 5_000 }), talk({ id: 2, lastMs: 1_000 })],
      12 * MINUTE_MS + 5_000,
    ],
  ]
  for (const [name, flows, endMs] of lasting) {
    test(name, () => {
      assert.equal(kinds(flows, endMs - 1)[0], 'alibi')
      assert.notEqual(kinds(flows, endMs)[0], 'alibi')
    })
  }

  test('goes on while a long download fills later parts of its connection in one direction', () => {
    const ledger = createPathProof()
    ledger.observe([talk({ kind: 'ended', lastMs: 120_000 })], at(120_000))
    for (let part = 1; part < 30; part++) {
      const endMs = (part + 1) * 120_000
      const flow = { startMs: part * 120_000, lastMs: endMs, isContinuation: true, kind: 'ended' } as const
      ledger.observe([provenFlow({ ...flow, bytesBwd: 1e9 })], at(endMs))
    }
    assert.deepEqual(ledger.of(SRC, at(3_600_000)), { kind: 'alibi', sinceMs: START_MS })
  })

  test('says when the first conversation that holds began', () => {
    const ledger = createPathProof()
    ledger.observe([talk({ startMs: 5_000 }), talk({ startMs: 2_000, ...closed })], at(6_000))
    assert.equal(ledger.of(SRC, at(6_000)).sinceMs, at(2_000))
    ledger.observe([talk({ startMs: 700_000, ...closed })], at(701_000))
    assert.equal(ledger.of(SRC, at(701_000)).sinceMs, at(5_000))
  })

  test('does not grow when the wall clock is set back', () => {
    const ledger = createPathProof()
    ledger.observe([talk(closed), provenFlow({ ...closed, src: '10.77.0.9' })], at(1_000))
    const back = at(-3_600_000)
    assert.equal(ledger.of(SRC, back).kind, 'alibi')
    assert.equal(ledger.of(SRC, back + 10 * MINUTE_MS).kind, 'unproven')
  })
})

describe('the ledger', () => {
  test('is bounded: the least recent leaves and is counted', () => {
    const ledger = createPathProof({ maxAddresses: 3 })
    const seen = (src: string, ms: number) =>
      ledger.observe([provenFlow({ ...closed, src, startMs: ms })], at(ms + 1_000))
    seen('10.0.0.1', 0)
    seen('10.0.0.2', 0)
    seen('10.0.0.3', 0)
    seen('10.0.0.1', 5_000)
    seen('10.0.0.4', 6_000)
    const kindsNow = [1, 2, 3, 4].map((last) => ledger.of(`10.0.0.${last}`, at(7_000)).kind)
    assert.deepEqual(kindsNow, ['proven', 'unproven', 'proven', 'proven'])
    assert.deepEqual([ledger.addresses, ledger.evicted], [3, 1])
  })

  test('never holds more than 65,536 addresses', () => {
    const ledger = createPathProof()
    const flows = Array.from({ length: 70_000 }, (_, i) =>
      talk({ src: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, ...closed }),
    )
    for (let i = 0; i < flows.length; i += 1_000) ledger.observe(flows.slice(i, i + 1_000), at(1_000 + i))
    assert.equal(ledger.addresses, 65_536)
    assert.equal(ledger.evicted, 70_001 - 65_536)
    assert.equal(ledger.of(DST, at(71_000)).kind, 'alibi')
  })

  test('lets go of what is over', () => {
    const ledger = createPathProof()
    ledger.observe([talk(closed)], at(1_000))
    ledger.observe([], at(10 * MINUTE_MS + 1_000))
    assert.deepEqual([ledger.addresses, ledger.evicted], [0, 0])
  })

  test('knows the same after records in any order', () => {
    const seed = Number(process.env.IDSD_SEED ?? 3)
    const random = createRandom(seed)
    for (let round = 0; round < 300; round++) {
      const flows = Array.from({ length: 1 + random.below(6) }, (_, i) => {
        const shape = random.pick([talk, provenFlow])
        return shape({
          id: i,
          startMs: random.below(600_000),
          src: random.pick([SRC, '10.77.0.3']),
          ...(random.below(2) === 0 ? closed : { bytesFwd: 9 }),
        })
      })
      const shuffled = flows
        .map((flow) => [random.next(), flow] as const)
        .sort(([a], [b]) => a - b)
        .map(([, flow]) => flow)
      const now = at(601_000)
      const [one, other] = [flows, shuffled].map((order) => {
        const ledger = createPathProof()
        ledger.observe(order, now)
        return [601_000, 700_000, 1_000_000, 1_250_000, 1_400_000].flatMap((ms) =>
          [SRC, DST, '10.77.0.3'].map((address) => ledger.of(address, at(ms)).kind),
        )
      })
      assert.deepEqual(other, one, `seed ${seed}, round ${round}: ${JSON.stringify(flows)}`)
    }
  })

  test('options that are not above 0 are named', () => {
    assert.throws(() => createPathProof({ holdsMs: 0 }), /pathProof\.holdsMs/)
    assert.throws(() => createPathProof({ maxAddresses: Number.NaN }), /pathProof\.maxAddresses/)
  })
})
