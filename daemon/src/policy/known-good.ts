/**
 * How long, and with how many bytes, each address has been in proven two-way traffic. Pure and bounded. What a block
 * hits is measured against it.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { ArgumentError } from '../errors.js'
import { createRecentMap } from '../recent-map.js'

export interface KnownGoodOptions {
  /** Bytes count for so long, and a silence of so long ends what an address was known for, ms. */
  readonly windowMs: number
  /** Addresses, and flows, held at most; the least recent leaves first. Default 65,536. */
  readonly maxAddresses?: number
}

export interface Standing {
  /** For how long it has been in proven two-way traffic without such a silence, ms; 0 = it is not. */
  readonly knownMs: number
  /** Payload of its proven two-way flows within the window, both directions, bytes. */
  readonly bytes: number
}

export interface KnownGood {
  /** Other lengths; what was counted begins anew with another window. */
  configure(options: KnownGoodOptions): void
  /** @param nowMs wall time, ms since 1970 */
  observe(flows: readonly FlowRecord[], nowMs: number): void
  /** @param address canonical text */
  of(address: string, nowMs: number): Standing
  /** Payload of all proven two-way flows within the window, bytes. */
  totalBytes(nowMs: number): number
  /** It is blocked: what it is known for begins anew with its next packet. */
  block(address: string, nowMs: number): void
  /** The block was a mistake: it is known for what it was. */
  forgive(address: string): void
  /** Addresses held. */
  readonly addresses: number
}

/** Bytes by tenths of the window; the eleventh is the one that is being filled. */
const SLOTS = 11
/** A clock that went back so far was set, ms. */
const BACKWARD_MS = 2_000
const MOVE_EVERY_MS = 1_000

interface Counted {
  readonly bytes: number
  readonly startUs: number
}

interface Sum {
  readonly slots: number[]
  /** Number of the newest slot, counted from 1970. */
  newest: number
}

/** Wall times in ms. */
interface Known {
  sinceMs: number
  lastMs: number
  /** Nothing from before counts. */
  fromMs: number
  /** 0 = it is not. */
  blockedMs: number
  /** When it was last put behind all others. */
  movedMs: number
  readonly sum: Sum
}

const nothing: Standing = { knownMs: 0, bytes: 0 }

/** @throws ArgumentError when the window is not above 0 */
export function createKnownGood(options: KnownGoodOptions): KnownGood {
  const maxAddresses = options.maxAddresses ?? 65_536
  let windowMs = checked(options)
  const known = createRecentMap<string, Known>(maxAddresses)
  /** Bytes of each open flow that were counted already: its records tell all of them again. */
  const counted = createRecentMap<number, Counted>(maxAddresses)
  /** Begin of the latest flow that left to make room: what began later was never counted. */
  let forgottenUs = Number.NEGATIVE_INFINITY
  let total = createSum()
  let observedMs = Number.NEGATIVE_INFINITY

  const slotAt = (nowMs: number) => Math.floor(nowMs / (windowMs / (SLOTS - 1)))

  function clear(): void {
    known.clear()
    counted.clear()
    total = createSum()
  }

  /** Bytes of a flow since its record before. */
  function fresh(flow: FlowRecord): number {
    const bytes = flow.bytesFwd + flow.bytesBwd
    const before = counted.get(flow.id)
    const oldest = counted.size >= maxAddresses && before === undefined ? counted.oldest() : undefined
    if (flow.kind === 'ended') counted.delete(flow.id)
    else {
      counted.set(flow.id, { bytes, startUs: flow.startUs })
      if (oldest !== undefined) forgottenUs = Math.max(forgottenUs, oldest.startUs)
    }
    if (before !== undefined) return Math.max(0, bytes - before.bytes)
    return flow.startUs > forgottenUs ? bytes : 0
  }

  function note(address: string, flow: FlowRecord, bytes: number, nowMs: number): void {
    const startMs = flow.startUs / 1_000
    const lastMs = flow.lastUs / 1_000
    const entry = known.get(address) ?? {
      sinceMs: startMs,
      lastMs,
      fromMs: 0,
      blockedMs: 0,
      movedMs: Number.NEGATIVE_INFINITY,
      sum: createSum(),
    }
    const wasBlocked = entry.blockedMs > 0 && lastMs > entry.blockedMs
    if (wasBlocked) entry.blockedMs = 0
    if (wasBlocked || startMs > entry.lastMs + windowMs) entry.fromMs = wasBlocked ? lastMs : startMs
    entry.sinceMs = Math.max(entry.fromMs, Math.min(entry.sinceMs, startMs))
    entry.lastMs = Math.max(entry.lastMs, lastMs)
    add(entry.sum, slotAt(nowMs), bytes)
    if (Math.abs(nowMs - entry.movedMs) < MOVE_EVERY_MS) return
    entry.movedMs = nowMs
    known.set(address, entry)
  }

  return {
    configure: (next) => {
      const before = windowMs
      windowMs = checked(next)
      if (windowMs !== before) clear()
    },
    observe: (flows, nowMs) => {
      if (nowMs < observedMs - BACKWARD_MS) clear()
      observedMs = nowMs
      const slot = slotAt(nowMs)
      for (const flow of flows) {
        if (!flow.pathProven || flow.isTransit) continue
        const isTwoWay = flow.bytesFwd > 0 && flow.bytesBwd > 0
        // A later part of a long download has payload in one direction only.
        const goesOn = flow.isContinuation && known.get(flow.src) !== undefined
        if (!isTwoWay && !goesOn) continue
        const bytes = fresh(flow)
        note(flow.src, flow, bytes, nowMs)
        note(flow.dst, flow, bytes, nowMs)
        add(total, slot, bytes)
      }
    },
    of: (address, nowMs) => {
      const entry = known.get(address)
      if (entry === undefined || entry.lastMs + windowMs <= nowMs) return nothing
      return { knownMs: Math.max(0, nowMs - entry.sinceMs), bytes: read(entry.sum, slotAt(nowMs)) }
    },
    totalBytes: (nowMs) => read(total, slotAt(nowMs)),
    block: (address, nowMs) => {
      const entry = known.get(address)
      if (entry !== undefined) entry.blockedMs = nowMs
    },
    forgive: (address) => {
      const entry = known.get(address)
      if (entry !== undefined) entry.blockedMs = 0
    },
    get addresses() {
      return known.size
    },
  }
}

function createSum(): Sum {
  return { slots: Array<number>(SLOTS).fill(0), newest: 0 }
}

/** Empties the slots that were left behind since the last addition. */
function add(sum: Sum, slot: number, bytes: number): void {
  if (slot > sum.newest) {
    for (let at = Math.max(sum.newest + 1, slot - SLOTS + 1); at <= slot; at++) sum.slots[at % SLOTS] = 0
    sum.newest = slot
  }
  sum.slots[slot % SLOTS]! += bytes
}

function read({ slots, newest }: Sum, slot: number): number {
  let bytes = 0
  for (let at = Math.max(slot, newest) - SLOTS + 1; at <= newest; at++)
    if (at >= 0) bytes += slots[at % SLOTS]!
  return bytes
}

function checked({ windowMs }: KnownGoodOptions): number {
  if (windowMs > 0) return windowMs
  throw new ArgumentError('knownGood.windowMs', 'a number above 0', String(windowMs))
}
