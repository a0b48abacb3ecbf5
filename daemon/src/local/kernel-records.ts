/**
 * Captures as records of flows, from the loaded BPF programs: `build/host/extract --frames` reads them, each frame runs
 * through ingress at its own time. Maps are of this process alone, nothing is attached or pinned. Needs root.
 */

import { IdsdError, KernelError } from '../errors.js'
import type { KernelCounters } from '../kernel/counters.js'
import { openReplay, type Replay } from '../kernel/replay.js'
import { createEndedRecords, type EndedRecords } from './ended-records.js'
import type { RecordChunk, RecordSource } from './extract.js'
import { type ExtractFacts, readExtractFacts } from './extract-facts.js'
import { flowBound } from './flow-bound.js'
import { openFrames } from './frames.js'

export interface KernelRecordsOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** The program `extract`. */
  readonly program: string
  /** Files, merged by time; `-` is standard input. */
  readonly captures: readonly string[]
  /** Most flows that are open at a time. Default 1 000 000, as the program's. */
  readonly maxFlows?: number | undefined
  /** As of `openExtract`. */
  readonly onProgress?: ((share: number | undefined) => void) | undefined
  /** Aborted: the reading ends with an error. */
  readonly signal?: AbortSignal
  /** Loads the programs. Default: those below `root`. */
  readonly load?: typeof openReplay
}

const defaultMaxFlows = 1_000_000
/** A table below this many flows saves nothing. */
const leastFlows = 1024
/** Of each ring: frames run in one go while none of their records can be lost. */
const ringBytes = 1 << 22
/** Between two sweeps of a full table, us of the capture. */
const sweepUs = 1_000_000
/** Frames between two looks at the room in a table that is nearly full. */
const framesWhenFull = 1024
/** ICMPv6 is no flow here: the reference reads TCP, UDP and ICMP. */
const protocols = new Set([1, 6, 17])

/**
 * The records equal those of `openExtract` byte for byte, but for flow id, interface and lock, as long as all open flows
 * have room. When the table is full, flows older than 120 s are ended at most once in a second of the capture.
 * `chunks` throws IdsdError `ERR_KERNEL` without root, without the features that the programs need, or when a record was lost.
 */
export function openKernelRecords(options: KernelRecordsOptions): RecordSource {
  const { captures, maxFlows = defaultMaxFlows } = options
  const capacity = Math.min(maxFlows, Math.max(leastFlows, flowBound(captures)))
  const frames = openFrames(options)
  let facts: ExtractFacts | undefined

  async function* chunks(): AsyncGenerator<RecordChunk> {
    const ended = createEndedRecords((protocol) => protocols.has(protocol))
    const replay = load(options, capacity, ended.take)
    let lastUs = 0
    let sweptUs = 0
    /** Frames in one call at least: a call for each frame would be slow. */
    const least = Math.min(framesWhenFull, Math.ceil(capacity / 2))
    let short = 0

    /** Runs what is there, as far as the table has room for. @returns bytes taken */
    const run = (bytes: Uint8Array): number => {
      let room = capacity - replay.flowCount()
      const nextUs = timeOf(bytes)
      if (room < least && nextUs - sweptUs > sweepUs) {
        replay.sweep(nextUs)
        sweptUs = nextUs
        room = capacity - replay.flowCount()
      }
      // Where room ends each packet may be one of an open flow, or is counted.
      const ran = replay.runMany('ingress', bytes, { most: Math.max(room, least) })
      if (ran.firstOther !== undefined)
        throw new IdsdError('ERR_KERNEL', `the programs gave a packet the verdict ${ran.firstOther.verdict}`)
      if (ran.frames > 0) lastUs = ran.lastUs
      short += ran.short
      return ran.bytes
    }

    try {
      for await (const bytes of frames.batches()) {
        for (let at = 0; at < bytes.length; ) {
          const taken = run(bytes.subarray(at))
          if (taken === 0) throw new IdsdError('ERR_CAPTURE', 'a frame without its end')
          at += taken
          const chunk = ended.chunk()
          if (chunk !== undefined) yield chunk
        }
      }
      ended.reserve(replay.flowCount())
      replay.sweep(lastUs, { flush: true })
      yield* ended.inOrder()
      const counters = replay.counters()
      failOnLoss(counters)
      facts = withCounters(readExtractFacts(frames.told(), captures), counters, short, ended.unwanted)
    } finally {
      replay.close()
    }
  }

  return { chunks, facts: () => facts ?? readExtractFacts(frames.told(), captures) }
}

/** Time of the first frame, us. */
function timeOf(frames: Uint8Array): number {
  return Number(new DataView(frames.buffer, frames.byteOffset).getBigUint64(0, true))
}

function load(
  { root, load: open = openReplay }: KernelRecordsOptions,
  flows: number,
  onRecords: (bytes: Uint8Array) => void,
): Replay {
  const sizes = {
    flows,
    tombstones: flows,
    blocks: 16,
    prefixes: 1,
    allows: 1,
    suspects: 1,
    sources: 64,
    urgentRingBytes: ringBytes,
    bulkRingBytes: ringBytes,
  }
  try {
    return open({ root, sizes, onRecords, ways: ['ingress'] })
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    if (error.errnoName === 'EPERM' || error.errnoName === 'EACCES') {
      const why = 'loading BPF programs needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON'
      throw new IdsdError('ERR_KERNEL', why, { cause: error })
    }
    const why =
      error.errnoName === 'ENOMEM'
        ? `the kernel has no memory for a table of ${flows} flows: give less with --max-flows`
        : 'the BPF programs do not load in this kernel'
    throw new IdsdError('ERR_KERNEL', `${why} (${error.message})`, { cause: error })
  }
}

/**
 * Whatever gets lost on its way out of the kernel makes the result wrong without a sign in it. Sources are remembered
 * of packets that found no room: those are counted, and nothing here reads their sources.
 */
function failOnLoss({ lost }: KernelCounters): void {
  const { tableFull: _, tombstone: __, sourceSlot: ___, ...fatal } = lost
  const told = Object.entries(fatal).filter(([, count]) => count > 0)
  if (told.length === 0) return
  const counts = told.map(([cause, count]) => `${cause} ${count}`).join(', ')
  throw new IdsdError('ERR_KERNEL', `the kernel lost records, so that the result is not whole: ${counts}`)
}

/** What only the programs know, in the words of the host's. */
function withCounters(
  told: ExtractFacts,
  { lost, unparsed, newFlows }: KernelCounters,
  short: number,
  unwanted: EndedRecords['unwanted'],
): ExtractFacts {
  const counts: Readonly<Record<string, number>> = {
    ...unparsed,
    truncated: unparsed.truncated + short,
    protocol: unparsed.protocol + unwanted.packets,
  }
  const named = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => [kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), count] as const)
  return {
    ...told,
    flows: newFlows - unwanted.flows,
    unparsed: new Map(named),
    tableFull: lost.tableFull,
    // The programs count packets, not what they would have begun.
    flowsDropped: Math.min(1, lost.tableFull),
    tombstonesLost: lost.tombstone,
  }
}
