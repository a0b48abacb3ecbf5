/**
 * What flows showed about an address: that it receives what is sent to it, and whether it is in honest use here. Pure.
 *
 * The kernel's `path_proven` bit is the only proof. A proven flow with payload in both directions is an alibi for both
 * its ends: behind a gateway the far server is only ever the destination of its client's flow. An alibi only spares.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { ArgumentError } from '../errors.js'
import { createRecentMap } from '../recent-map.js'

export interface PathStanding {
  /** `alibi`: has, or had a short while ago, a proven conversation. `proven`: only connected, and said or heard nothing. */
  readonly kind: 'unproven' | 'proven' | 'alibi'
  /** Begin of the conversation that is the alibi, wall time, ms; 0 without an alibi. */
  readonly sinceMs: number
}

export interface PathProofSettings {
  /** How long a proof or an alibi holds after the last packet, ms. Default 600,000. */
  readonly holdsMs?: number
}

export interface PathProofOptions extends PathProofSettings {
  /** Addresses held at most; the least recent leaves first. Default 65,536. */
  readonly maxAddresses?: number
}

export interface PathProof {
  /** What was noted before keeps its end, but none holds for longer than this. @throws ArgumentError */
  configure(settings: PathProofSettings): void
  /**
   * Takes note of the flows of a batch, in any order.
   * @param nowMs wall time, ms since 1970
   */
  observe(flows: readonly FlowRecord[], nowMs: number): void
  /** @param address canonical text */
  of(address: string, nowMs: number): PathStanding
  /** Addresses held. */
  readonly addresses: number
  /** Addresses that left to make room. */
  readonly evicted: number
}

/** Wall times in ms; 0 = never. */
interface Known {
  /** When it was last put behind all others. */
  movedMs: number
  /** The conversations that are over: until when they are an alibi, and their begin. */
  overUntilMs: number
  overSinceMs: number
  /** The conversation that goes on and was heard last. */
  openFlow: number
  openUntilMs: number
  openSinceMs: number
  /** The bare connection that was seen last: from when to when it counts. */
  bareFromMs: number
  bareUntilMs: number
}

/** A flow is split at this age, so an open one tells of itself at least so often, ms. Source: FLOW_TIMEOUT_US, bpf/flow.h. */
const SPLIT_MS = 120_000
/** A connection that is open so long without an answer to its request is bare, ms: the answer may be on its way. */
const SETTLE_MS = 60_000
const MOVE_EVERY_MS = 1_000
/** What is over leaves so often, ms. */
const PRUNE_EVERY_MS = 10_000

const unproven: PathStanding = { kind: 'unproven', sinceMs: 0 }
const proven: PathStanding = { kind: 'proven', sinceMs: 0 }

/** @throws ArgumentError naming the option that is not a number above 0 */
export function createPathProof(options: PathProofOptions = {}): PathProof {
  const { maxAddresses = 65_536 } = options
  let holdsMs = 0
  let longestMs = 0
  configure(options)
  if (!(maxAddresses > 0)) {
    throw new ArgumentError('pathProof.maxAddresses', 'a number above 0', String(maxAddresses))
  }
  const known = createRecentMap<string, Known>(maxAddresses)
  let prunedAtMs = Number.NEGATIVE_INFINITY

  function configure({ holdsMs: next = 600_000 }: PathProofSettings): void {
    if (!(next > 0)) throw new ArgumentError('pathProof.holdsMs', 'a number above 0', String(next))
    holdsMs = next
    longestMs = next + SPLIT_MS
  }

  function enter(address: string, nowMs: number): Known {
    const entry = known.get(address)
    if (entry !== undefined && Math.abs(nowMs - entry.movedMs) < MOVE_EVERY_MS) return entry
    const moved = entry ?? blank()
    moved.movedMs = nowMs
    known.set(address, moved)
    return moved
  }

  function prune(nowMs: number): void {
    if (Math.abs(nowMs - prunedAtMs) < PRUNE_EVERY_MS) return
    prunedAtMs = nowMs
    for (const [address, { overUntilMs, openUntilMs, bareUntilMs }] of known.entries()) {
      if (Math.max(overUntilMs, openUntilMs, bareUntilMs) <= nowMs) known.delete(address)
    }
  }

  /** A later part of a split connection counts its own payload only: a long download has it in one direction. */
  function goesOn(flow: FlowRecord, nowMs: number): boolean {
    if (!flow.isContinuation || flow.bytesFwd + flow.bytesBwd === 0) return false
    return isAlibi(known.get(provenSide(flow)), nowMs)
  }

  function noteAlibi(entry: Known, flow: FlowRecord, nowMs: number): void {
    const lastMs = flow.lastUs / 1_000
    const sinceMs = flow.startUs / 1_000
    if (isOver(flow)) {
      if (entry.openFlow === flow.id) entry.openUntilMs = 0
      entry.overSinceMs = entry.overUntilMs > nowMs ? Math.min(entry.overSinceMs, sinceMs) : sinceMs
      entry.overUntilMs = Math.max(entry.overUntilMs, lastMs + holdsMs)
      return
    }
    if (lastMs + longestMs < entry.openUntilMs) return
    entry.openSinceMs = entry.openUntilMs > nowMs ? Math.min(entry.openSinceMs, sinceMs) : sinceMs
    entry.openUntilMs = lastMs + longestMs
    entry.openFlow = flow.id
  }

  return {
    configure,
    observe: (flows, nowMs) => {
      prune(nowMs)
      for (const flow of flows) {
        if (!flow.pathProven || flow.isTransit) continue
        const isTwoWay = flow.bytesFwd > 0 && flow.bytesBwd > 0
        if (isTwoWay || goesOn(flow, nowMs)) {
          noteAlibi(enter(flow.src, nowMs), flow, nowMs)
          noteAlibi(enter(flow.dst, nowMs), flow, nowMs)
        } else if (!flow.isContinuation) {
          noteBare(enter(provenSide(flow), nowMs), flow, holdsMs)
        }
      }
    },
    of: (address, nowMs) => {
      const entry = known.get(address)
      if (entry === undefined) return unproven
      // After a wall clock that was set back nothing holds for longer than it can.
      entry.overUntilMs = Math.min(entry.overUntilMs, nowMs + holdsMs)
      entry.openUntilMs = Math.min(entry.openUntilMs, nowMs + longestMs)
      entry.bareUntilMs = Math.min(entry.bareUntilMs, nowMs + holdsMs)
      if (isAlibi(entry, nowMs)) return { kind: 'alibi', sinceMs: sinceOf(entry, nowMs) }
      return entry.bareFromMs <= nowMs && entry.bareUntilMs > nowMs ? proven : unproven
    },
    get addresses() {
      return known.size
    },
    get evicted() {
      return known.evicted
    },
  }
}

/** The end whose path a proven flow proves: the one whose packets come in by the interface. */
export function provenSide({ src, dst, firstIngress, firstBackward }: FlowRecord): string {
  return firstIngress !== firstBackward ? src : dst
}

function noteBare(entry: Known, flow: FlowRecord, holdsMs: number): void {
  const lastMs = flow.lastUs / 1_000
  const isSilent = flow.bytesFwd + flow.bytesBwd === 0 && flow.finCount > 0
  const fromMs = isOver(flow) || isSilent ? lastMs : flow.startUs / 1_000 + SETTLE_MS
  // An earlier one that counts already goes on counting.
  entry.bareFromMs = entry.bareUntilMs > lastMs ? Math.min(entry.bareFromMs, fromMs) : fromMs
  entry.bareUntilMs = Math.max(entry.bareUntilMs, lastMs + holdsMs)
}

function isOver(flow: FlowRecord): boolean {
  return flow.kind === 'ended' || flow.tcpState === 'ready'
}

function isAlibi(entry: Known | undefined, nowMs: number): boolean {
  return entry !== undefined && Math.max(entry.overUntilMs, entry.openUntilMs) > nowMs
}

function sinceOf(entry: Known, nowMs: number): number {
  const open = entry.openUntilMs > nowMs ? entry.openSinceMs : Number.POSITIVE_INFINITY
  const over = entry.overUntilMs > nowMs ? entry.overSinceMs : Number.POSITIVE_INFINITY
  return Math.min(open, over)
}

function blank(): Known {
  return {
    movedMs: 0,
    overUntilMs: 0,
    overSinceMs: 0,
    openFlow: -1,
    openUntilMs: 0,
    openSinceMs: 0,
    bareFromMs: 0,
    bareUntilMs: 0,
  }
}
