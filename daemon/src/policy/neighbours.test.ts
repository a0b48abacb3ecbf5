import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { testVerdict } from '../enforce/test-enforcer.js'
import { testEvidence } from '../record/test-store.js'
import { createNeighbours, type NeighboursSettings } from './neighbours.js'
import type { Verdict } from './verdict.js'

const T = 1_000_000_000
const MINUTE = 60_000
const site = '2001:db8:0:1::/64'
const host = (last: number | string) => `2001:db8:0:1::${last}`

interface Step {
  /** Minutes after T. */
  readonly at?: number
  /** Host part of who is blocked. */
  readonly blocked?: number | string
  readonly verdict?: Partial<Verdict>
  /** Address with a proven flow. */
  readonly proven?: string
  readonly flow?: Partial<FlowRecord>
  /** Address with evidence that suffices for nothing. */
  readonly accused?: string
}

const proven = (address: string, at = 0, flow: Partial<FlowRecord> = {}): Step => ({
  proven: address,
  at,
  flow,
})
const three: readonly Step[] = [{ blocked: 1 }, { blocked: 2 }, { blocked: 3 }]

function run(steps: readonly Step[], settings: Partial<NeighboursSettings> = {}) {
  const neighbours = createNeighbours({ addresses: 3, windowMs: 10 * MINUTE, ...settings })
  const made: Verdict[] = []
  for (const { at = 0, blocked, verdict, proven: good, flow, accused } of steps) {
    const nowMs = T + at * MINUTE
    if (good !== undefined) {
      const us = nowMs * 1_000
      const proof = { pathProven: true, bytesFwd: 1, bytesBwd: 1, dst: '2001:db8:0:9::1' }
      neighbours.observe([testFlow({ src: good, startUs: us, lastUs: us, ...proof, ...flow })], nowMs)
    }
    if (accused !== undefined) neighbours.accuse([testEvidence({ source: accused, points: 5 })], nowMs)
    if (blocked === undefined) continue
    const source = host(blocked)
    const wide = neighbours.widen(
      testVerdict(source, { evidence: [testEvidence({ source })], ...verdict }),
      nowMs,
    )
    if (wide !== undefined) made.push(wide)
  }
  return { made, neighbours }
}

describe('a /64 is blocked as a whole', () => {
  const rows: readonly (readonly [string, readonly Step[], boolean, Partial<NeighboursSettings>?])[] = [
    ['when three of its addresses are', three, true],
    ['not when two are', three.slice(1), false],
    ['not when one is three times', [{ blocked: 1 }, { blocked: 1 }, { blocked: 1 }], false],
    ['when they are within ten minutes', [{ blocked: 1 }, { blocked: 2 }, { blocked: 3, at: 9.9 }], true],
    [
      'not when the first is ten minutes ago',
      [{ blocked: 1 }, { blocked: 2 }, { blocked: 3, at: 10 }],
      false,
    ],
    ['not when another of it has a proven flow', [proven(host('abc')), ...three], false],
    ['not when that one had it before the clock was set back', [proven(host('abc'), 30), ...three], false],
    [
      'not when that one has it on, after the clock was set back an hour',
      [proven(host('abc'), 60), proven(host('abc')), ...three.map((step) => ({ ...step, at: 1 }))],
      false,
    ],
    [
      'when that one was silent for ten minutes after the clock was set back an hour',
      [proven(host('abc'), 60), proven(host('abc')), ...three.map((step) => ({ ...step, at: 10 }))],
      true,
    ],
    [
      'not when its last packet is a moment after the rounded time',
      [proven(host('abc'), 0, { lastUs: T * 1_000 + 400 }), ...three],
      false,
    ],
    ['when that is ten minutes ago', [proven(host('abc'), -10), ...three], true],
    ['when that one gave evidence too', [proven(host('abc')), { accused: host('abc') }, ...three], true],
    [
      'not when its evidence is ten minutes ago',
      [{ accused: host('abc'), at: -10 }, proven(host('abc')), ...three],
      false,
    ],
    [
      'when only those three have proven flows',
      [1, 2, 3].map((last) => proven(host(last))).concat(three),
      true,
    ],
    ['when the neighbour lies in another /64', [proven('2001:db8:0:2::1'), ...three], true],
    [
      'not when the neighbour is only answered, behind a gateway',
      [proven('2001:db8:0:9::5', 0, { dst: host('abc') }), ...three],
      false,
    ],
    [
      'not when the neighbour only completed a handshake',
      [proven(host('abc'), 0, { bytesFwd: 0, bytesBwd: 0 }), ...three],
      false,
    ],
    [
      'when the flow of the neighbour proves nothing',
      [proven(host('abc'), 0, { pathProven: false }), ...three],
      true,
    ],
    [
      'not when a verdict only counts',
      [{ blocked: 1 }, { blocked: 2 }, { blocked: 3, verdict: { kind: 'spoofable' } }],
      false,
    ],
    ['never with 0', three, false, { addresses: 0 }],
    ['already at two with 2', three.slice(1), true, { addresses: 2 }],
  ]
  for (const [name, steps, isWide, settings] of rows) {
    test(name, () => {
      const { made } = run(steps, settings)
      assert.deepEqual(
        made.map(({ source, kind }) => [source, kind]),
        isWide ? [[site, 'block']] : [],
      )
    })
  }

  test('with the evidence of the three, their points, and all of them in the reason', () => {
    const [wide] = run(three).made
    assert.deepEqual(
      wide?.evidence.map(({ source }) => source),
      [host(1), host(2), host(3)],
    )
    assert.equal(wide?.points, 360)
    assert.match(
      wide?.reason ?? '',
      /^3 addresses of 2001:db8:0:1::\/64 within 600 s \(threshold 3\): 2001:db8:0:1::1, /,
    )
  })

  const lengths: readonly (readonly [string, readonly number[], number])[] = [
    ['as long as the shortest of the three', [600_000, 600_000, 2_400_000], 600_000],
    ['a minute when one of them is not proven', [600_000, 60_000, 600_000], 60_000],
  ]
  for (const [name, given, blockMs] of lengths) {
    test(`for ${name}`, () => {
      const steps = given.map((one, i) => ({ blocked: i + 1, verdict: { blockMs: one } }))
      assert.equal(run(steps).made[0]?.blockMs, blockMs)
    })
  }

  const limit = { action: 'limit', limit: { unit: 'packets', perSecond: 9 } } as const
  const unproven = { ladder: { name: 'unproven', step: 0 } } as const
  const doings: readonly (readonly [string, readonly Partial<Verdict>[], object])[] = [
    ['no more than the mildest of the three', [{}, limit, {}], { ...limit, sparesFlows: undefined }],
    [
      'nothing but a count when one of them only counts',
      [limit, { action: 'count' }, {}],
      { action: 'count' },
    ],
    [
      'sparing flows when one of them is not proven',
      [limit, { ...limit, ...unproven, sparesFlows: true }, limit],
      { ...limit, sparesFlows: true, ...unproven },
    ],
    ['on the ladder of the unproven one', [{}, unproven, {}], { action: 'drop', ...unproven }],
  ]
  for (const [name, given, expected] of doings) {
    test(`with ${name}`, () => {
      const [wide] = run(given.map((verdict, i) => ({ blocked: i + 1, verdict }))).made
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(wide?.[key as keyof Verdict], value, key)
    })
  }

  test('as the model decided it when most of the three were the model', () => {
    const model = { origin: 'model' } as const
    assert.equal(run(three.map((step) => ({ ...step, verdict: model }))).made[0]?.origin, 'model')
    const [one, ...rest] = three
    assert.equal(run([{ ...one, verdict: model }, ...rest]).made[0]?.origin, 'detector')
  })

  test('anew only after three more once an operator lifted it', () => {
    const { neighbours } = run(three)
    neighbours.forget(site)
    const again = [4, 5, 6].map((last) => neighbours.widen(testVerdict(host(last)), T)?.source)
    assert.deepEqual(again, [undefined, undefined, site])
  })
})

test('addresses of IPv4 are never joined, and those of a /64 that strangers share neither', () => {
  const neighbours = createNeighbours({ addresses: 3, windowMs: 10 * MINUTE })
  for (const base of ['10.0.0.', 'fe80::', '64:ff9b::']) {
    for (const last of [1, 2, 3, 4])
      assert.equal(neighbours.widen(testVerdict(`${base}${last}`), T), undefined)
  }
})

test('a flood of accused addresses neither hides an honest neighbour nor grows without bound', () => {
  const { neighbours } = run([proven(host('abc'))])
  for (let i = 0; i < 5_000; i++)
    neighbours.accuse([testEvidence({ source: host(`1:${i.toString(16)}`) })], T)
  const found = [1, 2, 3].map((last) => neighbours.widen(testVerdict(host(last)), T))
  assert.deepEqual(found, [undefined, undefined, undefined])
  for (let i = 0; i < 40_000; i++)
    neighbours.accuse([testEvidence({ source: `2001:db8:${(i + 16).toString(16)}::1` })], T)
  assert.equal(neighbours.sites, 16_384)
})

test('verdicts with their evidence are held for the window at most, and not beyond a bound', () => {
  const neighbours = createNeighbours({ addresses: 3, windowMs: 10 * MINUTE })
  for (let i = 0; i < 10_000; i++) {
    const source = `2001:db8:${(i + 16).toString(16)}::1`
    neighbours.accuse([testEvidence({ source })], T)
    neighbours.widen(testVerdict(source), T)
  }
  assert.ok(neighbours.verdicts <= 4_096, `${neighbours.verdicts}`)
  neighbours.accuse([], T + 10 * MINUTE)
  assert.equal(neighbours.verdicts, 0)
})
