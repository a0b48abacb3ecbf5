/**
 * A million frames with faults through the loaded programs, among blocked neighbours: nobody who is not blocked is ever
 * dropped, and whoever is blocked always is. `IDSD_SEED=N` draws others.
 */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { openBlockList } from '../src/kernel/block-list.js'
import { type ManyRuns, tcPass, type Way, xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { BlockAction, BlockOrigin, BlockReason, flowRecord, RecordType } from '../src/kernel/wire.js'
import { parseTarget } from '../src/policy/address.js'
import { createFrameStream } from './frame-stream.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes, tcDrop } from './loaded-programs.js'
import { createMutants, soundFrames } from './mutant.js'
import { createRandom } from './random.js'

const seed = Number(process.env.IDSD_SEED ?? 5)
const mutants = 1_000_000
const hashSeed = 1
const drop = {
  decision: 1,
  action: BlockAction.drop,
  origin: BlockOrigin.operator,
  reason: BlockReason.manual,
  expiresBootUs: 0,
}

interface End {
  readonly family: 4 | 6
  readonly bytes: Uint8Array
}

/** Bytes of the addresses, and whether the packet is exempt from blocks, read without the programs' parser. */
function endOf(
  frame: Uint8Array,
  which: 'src' | 'dst',
): (End & { readonly mayBeExempt: boolean }) | undefined {
  let at = 12
  const type = () => ((frame[at] as number) << 8) | (frame[at + 1] as number)
  for (let tags = 0; tags < 2 && at + 6 <= frame.length; tags++) {
    if (![0x8100, 0x88a8, 0x9100].includes(type())) break
    at += 4
  }
  if (at + 2 > frame.length) return undefined
  const family = { 2048: 4, 34525: 6 }[type()] as 4 | 6 | undefined
  const header = frame.subarray(at + 2)
  if (family === undefined || header.length < (family === 4 ? 20 : 40)) return undefined
  if ((header[0] as number) >> 4 !== family) return undefined
  const [first, bytes] = family === 4 ? [12, 4] : [8, 16]
  const from = which === 'src' ? first : first + bytes
  // Neighbour discovery passes a block: its rules are tested elsewhere.
  const mayBeExempt = family === 6 && header[6] === 58 && header[7] === 255
  return { family, bytes: header.subarray(from, from + bytes), mayBeExempt }
}

const textOf = ({ family, bytes }: End) =>
  family === 4
    ? bytes.join('.')
    : Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16)).join(':')
const keyOf = ({ bytes }: End) => String.fromCharCode(...bytes)
const flipped = ({ family, bytes }: End, bit: number): End => ({
  family,
  bytes: bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte)),
})

/** All addresses of sound frames; whom they are near to is blocked, they are not. */
function innocents(frames: readonly Uint8Array[]): End[] {
  const found = new Map<string, End>()
  for (const frame of frames) {
    for (const which of ['src', 'dst'] as const) {
      const end = endOf(frame, which)
      if (end !== undefined) found.set(keyOf(end), end)
    }
  }
  return [...found.values()]
}

describe('frames with faults', { skip: skipOrFail(loadUnavailable()) }, () => {
  const sound = soundFrames()
  const near = innocents(sound)
  const blockedAddresses = new Set<string>()
  /** Prefixes of whole bytes: the key's beginning. */
  const blockedPrefixes: string[] = []
  let programs: LoadedPrograms

  const isBlocked = (end: End) => {
    const key = keyOf(end)
    return blockedAddresses.has(key) || blockedPrefixes.some((prefix) => key.startsWith(prefix))
  }

  before(() => {
    // As in production: strict lengths.
    const sizes = { ...smallSizes, flows: 1 << 17, bulkRingBytes: 1 << 22, urgentRingBytes: 1 << 22 }
    programs = openPrograms({ replay: false, hashSeed, sizes })
    const list = openBlockList({
      binding: programs.binding,
      path: programs.path,
      blocks: smallSizes.blocks,
      hashSeed,
    })
    const target = (end: End, bits?: number) =>
      parseTarget(bits === undefined ? textOf(end) : `${textOf(end)}/${bits}`, 'address')
    const known = new Set(near.map(keyOf))
    for (const end of near) {
      const bits = end.bytes.length * 8
      for (const bit of [bits - 1, bits - 3, bits - 6, bits - 8]) {
        const neighbour = flipped(end, bit)
        if (known.has(keyOf(neighbour))) continue
        blockedAddresses.add(keyOf(neighbour))
        list.set(target(neighbour), drop)
      }
      // The network beside: one bit of the byte before the last is another.
      const beside = flipped(end, bits - 9)
      beside.bytes[beside.bytes.length - 1] = 0
      const prefix = keyOf(beside).slice(0, -1)
      if (near.some((one) => keyOf(one).startsWith(prefix)) || blockedPrefixes.includes(prefix)) continue
      blockedPrefixes.push(prefix)
      list.set(target(beside, bits - 8), drop)
    }
    // Entries for those that pass all the same: one that only counts, one that is over, one under an allow entry.
    for (const [i, end] of near.entries()) {
      if (i % 4 === 1) list.set(target(end), { ...drop, action: BlockAction.count })
      if (i % 4 === 2) list.set(target(end), { ...drop, expiresBootUs: 1 })
      if (i % 4 === 3) {
        list.set(target(end), drop)
        list.allow(target(end), 1)
      }
    }
    assert.ok(list.exactCount >= 40 && list.prefixCount >= 6 && list.allowCount >= 2)
  })
  after(() => programs.close())

  const complain = ({ firstOther }: ManyRuns, frame: (index: number) => Uint8Array, batch: number) => {
    if (firstOther === undefined) return
    const hex = Buffer.from(frame(firstOther.index)).toString('hex')
    assert.fail(
      `seed ${seed}, batch ${batch}, frame ${firstOther.index}: verdict ${firstOther.verdict}: ${hex}`,
    )
  }

  /** Runs mutants, split by whether the address that counts is blocked. */
  const runMutants = (way: Way, count: number, largest: number) => {
    const mutant = createMutants(createRandom(seed), sound)
    const which = way === 'ingress' ? 'src' : 'dst'
    const verdicts = way === 'ingress' ? { pass: xdpPass, drop: xdpDrop } : { pass: tcPass, drop: tcDrop }
    const streams = { pass: createFrameStream(1 << 24), drop: createFrameStream(1 << 24) }
    const total = { passed: 0, dropped: 0, short: 0, bytes: 0, toldPackets: 0 }
    const before = programs.counters()
    let batch = 0
    const told = () => {
      programs.sweep(0, { flush: true })
      const bytes = programs.records()
      const view = new DataView(bytes.buffer)
      for (let at = 0; at < bytes.length; at += flowRecord.get.headerLength(view, at)) {
        if (flowRecord.get.headerType(view, at) !== RecordType.ended) continue
        total.toldPackets +=
          flowRecord.get.flowDir0Packets(view, at) + flowRecord.get.flowDir1Packets(view, at)
      }
    }
    const flush = () => {
      for (const kind of ['pass', 'drop'] as const) {
        const stream = streams[kind]
        const runs = programs.runMany(way, stream.bytes(), { expected: verdicts[kind] })
        complain(runs, stream.frame, batch)
        assert.equal(runs.frames, stream.frames)
        assert.equal(runs.expected + runs.short, runs.frames)
        total[kind === 'pass' ? 'passed' : 'dropped'] += runs.expected
        if (kind === 'pass') total.short += runs.short
        stream.clear()
      }
      told()
      batch++
    }
    for (let i = 0; i < count; ) {
      const frame = mutant()
      if (frame.length > largest) continue
      const end = endOf(frame, which)
      const mustDrop = end !== undefined && isBlocked(end)
      if (mustDrop && end.mayBeExempt) continue
      if (!streams[mustDrop ? 'drop' : 'pass'].add(frame, 0)) {
        flush()
        continue
      }
      if (frame.length >= 14) total.bytes += frame.length
      if (!mustDrop) i++
    }
    flush()
    return { total, before, after: programs.counters() }
  }

  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0)

  test('a million of them pass when their source is not blocked, are dropped when it is, and are all counted', () => {
    const { total, before, after } = runMutants('ingress', mutants, 9600)
    assert.equal(total.passed + total.short, mutants)
    assert.ok(total.dropped > mutants / 100, `${total.dropped} with a blocked source`)
    const grown = (read: (from: typeof after) => number) => read(after) - read(before)
    assert.equal(
      grown(({ packets }) => packets[0]!),
      total.passed,
    )
    assert.equal(
      grown(({ packets }) => packets[1]!),
      total.dropped,
    )
    assert.equal(
      grown(({ dropped }) => sum(dropped)),
      total.dropped,
    )
    assert.equal(
      grown(({ bytes }) => bytes[0]! + bytes[1]!),
      total.bytes,
    )
    // Each one that passed is in a flow, or is counted by why it is in none.
    const unparsed = grown(({ unparsed }) => sum(Object.values(unparsed)))
    assert.equal(total.toldPackets + unparsed, total.passed)
    assert.ok(total.toldPackets > mutants / 10 && unparsed > mutants / 10)
    for (const kind of Object.keys(after.unparsed) as (keyof typeof after.unparsed)[])
      assert.ok(after.unparsed[kind] > before.unparsed[kind], `none was ${kind}`)
    assert.equal(
      grown(({ lost }) => sum(Object.values(lost))),
      0,
    )
    for (const kind of ['wouldDrop', 'allowed'] as const) assert.ok(grown((from) => from[kind]) > 1000, kind)
  })

  test('on the way out the destination counts, and a hundred thousand of them pass or are dropped by it', () => {
    const { total, before, after } = runMutants('egress', mutants / 10, 3000)
    assert.equal(total.passed + total.short, mutants / 10)
    assert.ok(total.dropped > 100, `${total.dropped} with a blocked destination`)
    assert.equal(after.packets[2]! - before.packets[2]!, total.passed)
    assert.equal(after.packets[3]! - before.packets[3]!, total.dropped)
  })
})
