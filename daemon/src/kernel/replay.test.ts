import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../../lab/available.js'
import { ethernet, raw, tcpPacket } from '../../../lab/packet.js'
import { createFrameStream, type FrameStream } from '../../test/frame-stream.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, root } from '../../test/loaded-programs.js'
import { kernelCall } from './binding.js'
import { openReplay, xdpDrop } from './replay.js'

const baseUs = 1_700_000_000_000_000
const syn = (srcPort: number) => tcpPacket({ src: '198.51.100.7', dst: '203.0.113.1', srcPort, dstPort: 443 })

function streamOf(frames: readonly Uint8Array[]): FrameStream {
  const stream = createFrameStream(1 << 22)
  for (const [i, frame] of frames.entries()) assert.ok(stream.add(frame, baseUs + i))
  return stream
}

describe('many frames in one call', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  before(() => {
    programs = openPrograms()
  })
  after(() => programs.close())
  /** Flows that ended now, in the order in which they began. */
  const flush = () => {
    programs.sweep(baseUs, { flush: true })
    return programs
      .flows()
      .filter(({ kind }) => kind === 'ended')
      .sort((a, b) => a.id - b.id)
  }

  for (const way of ['ingress', 'egress'] as const) {
    test(`each passes ${way} at its own time`, () => {
      const stream = streamOf([syn(1), syn(2), syn(1)])
      const { bytes, ...runs } = programs.runMany(way, stream.bytes())
      assert.deepEqual(runs, { frames: 3, short: 0, expected: 3, lastUs: baseUs + 2 })
      assert.equal(bytes, stream.bytes().length)
      assert.deepEqual(
        flush().map(({ srcPort, startUs, lastUs }) => [srcPort, startUs - baseUs, lastUs - baseUs]),
        [
          [1, 0, 2],
          [2, 1, 1],
        ],
      )
    })
  }

  test('more flows than a ring holds records of lose none, and their ids count in the order in which they began', () => {
    const ports = Array.from({ length: 4000 }, (_, i) => i + 1)
    const lost = programs.counters().lost
    const { frames } = programs.runMany('ingress', streamOf(ports.map(syn)).bytes())
    assert.equal(frames, 4000)
    assert.deepEqual(
      flush().map(({ srcPort }) => srcPort),
      ports,
    )
    assert.deepEqual(programs.counters().lost, lost)
  })

  test('frames below an Ethernet header are counted and not run', () => {
    const before = programs.counters().packets[0]!
    const runs = programs.runMany(
      'ingress',
      streamOf([new Uint8Array(0), new Uint8Array(13), new Uint8Array(14), syn(3)]).bytes(),
    )
    assert.deepEqual([runs.frames, runs.short, runs.expected], [4, 2, 2])
    assert.equal(programs.counters().packets[0]! - before, 2)
    flush()
  })

  test('the first frame with another verdict than the expected one is told, and all others are run', () => {
    const runs = programs.runMany('ingress', streamOf([new Uint8Array(2), syn(4), syn(5)]).bytes(), {
      expected: xdpDrop,
    })
    assert.deepEqual(runs.firstOther, { index: 1, verdict: 2 })
    assert.deepEqual([runs.frames, runs.expected], [3, 0])
    assert.equal(flush().length, 2)
  })

  test('a frame that is not whole stays, as do those above the most', () => {
    const stream = streamOf([syn(6), syn(7), syn(8)])
    const one = stream.bytes().length / 3
    const cut = programs.runMany('ingress', stream.bytes().subarray(0, 3 * one - 1))
    assert.deepEqual([cut.frames, cut.bytes], [2, 2 * one])
    assert.equal(programs.runMany('ingress', stream.bytes().subarray(0, 15)).frames, 0)
    assert.equal(programs.runMany('ingress', new Uint8Array(0)).lastUs, 0)
    const some = programs.runMany('ingress', stream.bytes(), { most: 1 })
    assert.deepEqual([some.frames, some.bytes], [1, one])
    flush()
  })

  test('a frame that says it is longer than what there is, is not read', () => {
    const bytes = streamOf([syn(9), syn(10)])
      .bytes()
      .slice()
    new DataView(bytes.buffer).setUint32(8, 2 ** 32 - 1, true)
    assert.deepEqual(programs.runMany('ingress', bytes), {
      bytes: 0,
      frames: 0,
      short: 0,
      expected: 0,
      lastUs: 0,
    })
  })

  test('a frame larger than a test run takes is run with its beginning', () => {
    const before = programs.counters()
    const large = (bytes: number) => ethernet({ payload: raw(0x88b5, new Uint8Array(bytes)) })
    const runs = programs.runMany('ingress', streamOf([large(9000), large(65_000), large(200_000)]).bytes())
    assert.equal(runs.expected, 3)
    const after = programs.counters()
    assert.equal(after.unparsed.notIp - before.unparsed.notIp, 3)
    if (programs.path.frags) assert.ok(after.bytes[0]! - before.bytes[0]! > 9000 + 65_000 + 65_000)
    assert.equal(programs.runMany('egress', streamOf([large(9000)]).bytes()).expected, 1)
  })

  test('what is no program or no clock is refused', () => {
    const { binding } = programs
    const bytes = streamOf([syn(11)]).bytes()
    const clock = new Uint8Array(new ArrayBuffer(8))
    const call = (fd: number, at = clock, cpu = binding.cpu(), most = 1) =>
      kernelCall(() => binding.testRunMany(fd, bytes, at, cpu, most, 14, 100, 2))
    assert.throws(() => call(1_000_000), { code: 'ERR_KERNEL', errnoName: 'EBADF' })
    assert.throws(() => call(programs.path.programFd('idsd_sweep')), { code: 'ERR_KERNEL' })
    assert.throws(() => call(0, clock.subarray(1)), RangeError)
    assert.throws(() => call(0, clock, -1), RangeError)
    assert.throws(() => call(0, clock, 1_000_000), RangeError)
    assert.throws(() => call(0, clock, 1023), { code: 'ERR_KERNEL', errnoName: 'EINVAL' })
    assert.throws(() => call(0, clock, 0, 0), RangeError)
  })

  test('a way that was not loaded is refused', () => {
    const { binding } = programs
    const sizes = {
      flows: 16,
      tombstones: 16,
      blocks: 16,
      prefixes: 1,
      allows: 1,
      suspects: 1,
      sources: 1,
      urgentRingBytes: 4096,
      bulkRingBytes: 4096,
    }
    const replay = openReplay({ binding, root, sizes, ways: ['ingress'] })
    try {
      assert.equal(replay.runMany('ingress', streamOf([syn(1), syn(2)]).bytes()).expected, 2)
      assert.throws(() => replay.egress(syn(1), baseUs), { code: 'ERR_ARGUMENT' })
    } finally {
      replay.close()
    }
  })
})
