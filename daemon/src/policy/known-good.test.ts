import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { ArgumentError } from '../errors.js'
import { createKnownGood } from './known-good.js'

const T = 1_000_000_000
const source = '10.77.0.2'
const MINUTE = 60_000

const talk = (startMs: number, lastMs: number, given: Partial<FlowRecord> = {}) =>
  testFlow({
    ...{ kind: 'snapshot', seq: 1, pathProven: true, bytesFwd: 400, bytesBwd: 600 },
    ...{ startUs: startMs * 1_000, lastUs: lastMs * 1_000 },
    ...given,
  })

const open = (given: { maxAddresses?: number } = {}) => createKnownGood({ windowMs: 10 * MINUTE, ...given })

describe('who counts as in proven two-way traffic', () => {
  const rows: readonly (readonly [string, Partial<FlowRecord>, boolean])[] = [
    ['a proven flow with payload both ways', {}, true],
    ['a flow that proved nothing does not', { pathProven: false }, false],
    ['one with payload in one direction does not', { bytesBwd: 0 }, false],
    ['transit does not', { isTransit: true }, false],
    [
      'a later part with one direction alone does not by itself',
      { isContinuation: true, bytesFwd: 0 },
      false,
    ],
  ]
  for (const [name, given, counts] of rows) {
    test(name, () => {
      const known = open()
      known.observe([talk(T, T + 1_000, given)], T + 1_000)
      assert.deepEqual(
        known.of(source, T + 1_000),
        counts ? { knownMs: 1_000, bytes: 1_000 } : { knownMs: 0, bytes: 0 },
      )
      assert.equal(known.totalBytes(T + 1_000), counts ? 1_000 : 0)
    })
  }

  test('the far end of a proven flow does too, and its bytes count once in all', () => {
    const known = open()
    known.observe([talk(T, T)], T)
    assert.equal(known.of('10.77.0.1', T).bytes, 1_000)
    assert.equal(known.totalBytes(T), 1_000)
  })

  test('a later part of a long download does', () => {
    const known = open()
    known.observe([talk(T, T + MINUTE)], T + MINUTE)
    known.observe([talk(T + MINUTE, T + 2 * MINUTE, { isContinuation: true, bytesFwd: 0 })], T + 2 * MINUTE)
    assert.deepEqual(known.of(source, T + 2 * MINUTE), { knownMs: 2 * MINUTE, bytes: 1_600 })
  })
})

describe('for how long', () => {
  test('since the first of its flows, while silences are shorter than the window', () => {
    const known = open()
    for (let minute = 0; minute <= 18; minute += 9) {
      known.observe([talk(T + minute * MINUTE, T + minute * MINUTE)], T + minute * MINUTE)
    }
    assert.equal(known.of(source, T + 18 * MINUTE).knownMs, 18 * MINUTE)
  })

  test('anew after a silence of the window', () => {
    const known = open()
    known.observe([talk(T, T)], T)
    known.observe([talk(T + 11 * MINUTE, T + 11 * MINUTE)], T + 11 * MINUTE)
    assert.equal(known.of(source, T + 12 * MINUTE).knownMs, MINUTE)
    assert.equal(known.of(source, T + 21 * MINUTE).knownMs, 0)
  })

  test('anew after a block, also in a flow that goes on', () => {
    const known = open()
    known.observe([talk(T, T + 5 * MINUTE, { id: 7 })], T + 5 * MINUTE)
    known.block(source, T + 5 * MINUTE)
    assert.equal(known.of(source, T + 6 * MINUTE).knownMs, 6 * MINUTE)
    known.observe([talk(T, T + 9 * MINUTE, { id: 7, seq: 2 })], T + 9 * MINUTE)
    known.observe([talk(T, T + 10 * MINUTE, { id: 7, seq: 3 })], T + 10 * MINUTE)
    assert.equal(known.of(source, T + 10 * MINUTE).knownMs, MINUTE)
  })

  test('as before when the block was a mistake', () => {
    const known = open()
    known.observe([talk(T, T, { id: 7 })], T)
    known.block(source, T)
    known.forgive(source)
    known.observe([talk(T, T + MINUTE, { id: 7, seq: 2 })], T + MINUTE)
    assert.equal(known.of(source, T + MINUTE).knownMs, MINUTE)
  })
})

describe('with how many bytes', () => {
  test('each byte of a flow once, whatever its records repeat', () => {
    const known = open()
    for (let seq = 1; seq <= 5; seq++) {
      const kind = seq === 5 ? 'ended' : 'snapshot'
      known.observe([talk(T, T + seq, { id: 9, seq, kind, bytesFwd: seq * 100, bytesBwd: 50 })], T + seq)
    }
    assert.equal(known.of(source, T + 5).bytes, 550)
    assert.equal(known.totalBytes(T + 5), 550)
  })

  test('those of the window: the share of the last ten minutes follows the traffic', () => {
    const known = open()
    for (let minute = 0; minute < 30; minute++)
      known.observe([talk(T, T + minute * MINUTE)], T + minute * MINUTE)
    const bytes = known.totalBytes(T + 29 * MINUTE)
    assert.ok(bytes >= 10_000 && bytes <= 11_000, `${bytes}`)
    assert.equal(known.totalBytes(T + 45 * MINUTE), 0)
  })

  test('none from before a clock that was set back', () => {
    const known = open()
    known.observe([talk(T, T)], T)
    known.observe([], T - MINUTE)
    assert.equal(known.totalBytes(T - MINUTE), 0)
    assert.equal(known.addresses, 0)
  })
})

test('holds no more addresses than it may, and never counts a flow twice that it forgot', () => {
  const known = open({ maxAddresses: 4 })
  const flows = Array.from({ length: 50 }, (_, i) =>
    talk(T + i, T + i, { id: i, src: `10.0.0.${i}`, dst: `10.1.0.${i}` }),
  )
  known.observe(flows, T + 50)
  assert.equal(known.addresses, 4)
  assert.equal(known.totalBytes(T + 50), 50_000)
  known.observe(
    flows.map((flow) => ({ ...flow, seq: 2 })),
    T + 50,
  )
  assert.equal(known.totalBytes(T + 50), 50_000)
})

test('a window that is not above 0 is refused', () => {
  assert.throws(() => createKnownGood({ windowMs: 0 }), ArgumentError)
})
