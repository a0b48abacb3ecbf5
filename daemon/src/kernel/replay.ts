/**
 * Runs frames through the loaded programs without an interface. Time comes from the frames, records leave by the same
 * rings; nothing is attached or pinned.
 */

import { IdsdError } from '../errors.js'
import type { Binding } from './binding.js'
import { kernelCall, loadBinding } from './binding.js'
import { type KernelCounters, readCounters, readFlowCount } from './counters.js'
import type { DataPath, MapSizes } from './data-path.js'
import { openDataPath } from './data-path.js'
import { openRing } from './ring.js'
import { sweepFlows, sweepTombstones } from './sweep.js'
import { flowOpened, flowRecord } from './wire.js'

export const xdpDrop = 1
export const xdpPass = 2
/** TC_ACT_UNSPEC (linux/pkt_cls.h): egress lets a packet pass. */
export const tcPass = -1

export type Way = 'ingress' | 'egress'

/** What came of many frames. */
export interface ManyRuns {
  /** Taken of the frames given, with their headers and padding; what is left is the beginning of a frame. */
  readonly bytes: number
  readonly frames: number
  /** Frames among them that are too short to be run: below 14 bytes, on egress below 54. */
  readonly short: number
  /** Frames with the expected verdict. */
  readonly expected: number
  /** Time of the last frame, us; 0 without any. */
  readonly lastUs: number
  /** Index of the first frame with another verdict, and that verdict. */
  readonly firstOther?: { readonly index: number; readonly verdict: number }
}

export interface ManyOptions {
  /** Verdict of every frame. Default: pass. */
  readonly expected?: number
  /** Frames at most. Default: all. */
  readonly most?: number
}

export interface Replay {
  readonly path: DataPath
  /** Runs one frame through ingress at a time; returns the XDP verdict. Frames below 14 bytes cannot be run. */
  ingress(frame: Uint8Array, timeUs: number): number
  /** Runs one frame through egress at a time; returns the TC verdict. */
  egress(frame: Uint8Array, timeUs: number): number
  /**
   * Runs all whole frames, each as `{u64 timeUs; u32 bytes; u32 zero}` and its bytes with zeros up to a multiple of 8.
   * No record of theirs is lost, and all run on one CPU: flow ids count up in the order in which flows began.
   * Of a frame that is too large for a test run, its beginning is run.
   */
  runMany(way: Way, frames: Uint8Array, options?: ManyOptions): ManyRuns
  /** Ends what is over at this time, or everything. Returns flows ended. */
  sweep(timeUs: number, options?: { flush?: boolean; pressure?: boolean }): number
  /** Bytes of the records since the last call; none with `onRecords`. */
  records(): Uint8Array
  counters(): KernelCounters
  /** Flows in the table. */
  flowCount(): number
  close(): void
}

export interface ReplayOptions {
  /** Default: the addon below `root`. */
  readonly binding?: Binding
  readonly root: string
  readonly sizes: MapSizes
  /** Default 0: no budget. */
  readonly newFlowsPerSecond?: number
  /** False: the real clock, strict lengths. Default true. */
  readonly replay?: boolean
  readonly hashSeed?: number
  /** Ways that frames will go; a program that is not loaded costs no time. Default: both. */
  readonly ways?: readonly Way[]
  /** Takes whole records as they leave the rings; the bytes hold until it returns. Default: kept for `records`. */
  readonly onRecords?: (bytes: Uint8Array) => void
}

/**
 * Largest frame that is run whole: in several buffers a test run takes 17 pages and more, in one it takes a page without
 * head and tail room (net/bpf/test_run.c). The first holds two VLAN tags, IPv6 and the longest payload.
 */
const largestFrame = 65_600
const largestInOneBuffer = 3072
/** An Ethernet header; in a socket buffer also the IP header that it names, of 40 bytes at most. */
const shortestFrame = { ingress: 14, egress: 54 } as const

/**
 * What one packet adds to a ring at most, bytes: the end of a flow and the beginning of the next, each behind 8 bytes of
 * the ring's own (kernel/bpf/ringbuf.c).
 */
const ringBytesOfPacket = 8 + flowRecord.size + 8 + flowOpened.size

/** Loads a data path of its own. @throws KernelError */
export function openReplay(options: ReplayOptions): Replay {
  const { root, sizes, newFlowsPerSecond = 0, replay = true, hashSeed = 1, onRecords } = options
  const { ways = ['ingress', 'egress'] } = options
  const binding = options.binding ?? loadBinding(root)
  const path = openDataPath({
    binding,
    root,
    sizes,
    ifindex: 1,
    newFlowsPerSecond,
    hashSeed,
    replay,
    programs: [...ways.map((way) => `idsd_${way}`), 'idsd_sweep', 'idsd_tombstones'],
  })
  const place = path.variable('replay_us')
  const memory = binding.mapMemory(place.fd)
  const clock = new BigUint64Array(memory, place.offset, 1)
  const clockBytes = new Uint8Array(memory, place.offset, 8)
  const ring = openRing({ binding, path, bulkBytes: 4 << 20 })
  const programs = new Map(ways.map((way) => [way, path.programFd(`idsd_${way}`)]))
  const programOf = (way: Way): number => {
    const fd = programs.get(way)
    if (fd === undefined) throw new IdsdError('ERR_ARGUMENT', `${way}: not among the ways that were loaded`)
    return fd
  }
  const cpu = binding.cpu()
  const ringBytes = Math.min(sizes.urgentRingBytes, sizes.bulkRingBytes)
  const framesPerDrain = Math.max(1, Math.floor(ringBytes / ringBytesOfPacket) - 1)
  let chunks: Uint8Array[] = []
  let runs = 0

  const take = () => {
    for (;;) {
      const { bytes } = ring.drain()
      if (bytes.length === 0) return
      if (onRecords === undefined) chunks.push(bytes.slice())
      else onRecords(bytes)
    }
  }
  const run = (program: number, frame: Uint8Array, timeUs: number) => {
    clock[0] = BigInt(timeUs)
    if (++runs % 1024 === 0) take()
    return kernelCall(() => binding.testRun(program, frame, undefined, 1)).result
  }
  const runMany = (way: Way, given: Uint8Array, { expected, most = 2 ** 31 - 1 }: ManyOptions): ManyRuns => {
    const verdict = expected ?? (way === 'ingress' ? xdpPass : tcPass)
    const largest = way === 'ingress' && path.frags ? largestFrame : largestInOneBuffer
    const sum = { bytes: 0, frames: 0, short: 0, expected: 0, lastUs: 0 }
    let firstOther: ManyRuns['firstOther']
    take()
    while (sum.frames < most) {
      const part = kernelCall(() =>
        binding.testRunMany(
          programOf(way),
          given.subarray(sum.bytes),
          clockBytes,
          cpu,
          Math.min(framesPerDrain, most - sum.frames),
          shortestFrame[way],
          largest,
          verdict,
        ),
      )
      if (part.frames === 0) break
      if (part.firstOther >= 0)
        firstOther ??= { index: sum.frames + part.firstOther, verdict: part.otherVerdict }
      sum.bytes += part.bytes
      sum.frames += part.frames
      sum.short += part.short
      sum.expected += part.expected
      sum.lastUs = part.lastUs
      take()
    }
    return firstOther === undefined ? sum : { ...sum, firstOther }
  }
  return {
    path,
    ingress: (frame, timeUs) => run(programOf('ingress'), frame, timeUs),
    egress: (frame, timeUs) => run(programOf('egress'), frame, timeUs),
    runMany: (way, frames, many = {}) => runMany(way, frames, many),
    sweep(timeUs, { flush = false, pressure = false } = {}) {
      clock[0] = BigInt(timeUs)
      let ended = 0
      for (;;) {
        const result = sweepFlows(binding, path, { nowUs: timeUs, flush, pressure })
        ended += result.ended
        take()
        if (!result.isRingFull) break
      }
      sweepTombstones(binding, path, false, timeUs)
      return ended
    },
    records() {
      take()
      const bytes = Buffer.concat(chunks)
      chunks = []
      return new Uint8Array(bytes)
    },
    counters: () => readCounters(binding, path),
    flowCount: () => readFlowCount(binding, path),
    close() {
      ring.close()
      path.close()
    },
  }
}
