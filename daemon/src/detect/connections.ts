/**
 * Sees one source hold many connections to one port of one host open that ask for nothing, or not to the end (slow
 * HTTP). ATT&CK T1499.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import type { Evidence } from './evidence.js'
import type { DetectorOptions } from './options.js'
import { isCompleted, isFromSyn, TCP } from './probe.js'
import { provesSource } from './proof.js'
import type { SourceState } from './source-states.js'
import { MAX_FLOWS, percent, seconds } from './text.js'

/** One open connection, over all the flows into which the kernel splits it. */
interface Connection {
  /** Latest record. */
  flow: FlowRecord
  /** First packet of its first flow, us since 1970. */
  readonly startUs: number
  /** Payload of its earlier flows, bytes. */
  bytesBefore: number
  isServed: boolean
}

/** Open connections of one source to one port of one host. */
export interface OpenTarget {
  readonly state: SourceState
  readonly key: string
  /** By the source's port. */
  readonly connections: Map<number, Connection>
  /** Wall time of the last look and of the last firing, ms. */
  lookedMs: number
  firedMs: number
}

export interface ConnectionsDetector {
  /** @returns whether half of the connections are there */
  observe(state: SourceState, flow: FlowRecord, nowMs: number): boolean
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Targets kept for a source: beyond it the one with the longest quiet leaves. */
const MAX_TARGETS = 256
const KEPT_PER_THRESHOLD = 4
/** Connections of all sources together: beyond it the source that opened none for the longest time loses its own. */
const MAX_HELD = 131_072
const LOOK_EVERY_MS = 500
/** A connection of which nothing was heard for two lives of a flow (120 s) is gone. */
const SILENT_US = 240_000_000

export function createConnectionsDetector(options: DetectorOptions): ConnectionsDetector {
  const { open, idleShare, idleMs, maxBytes, windowMs, points } = options.connections
  const maxConnections = open * KEPT_PER_THRESHOLD
  const ripe = new Set<OpenTarget>()
  /** Sources with connections, the one that opened none for the longest time first. */
  const holders = createRecentMap<SourceState, SourceState>()
  let held = 0

  function targetOf(state: SourceState, key: string): OpenTarget {
    state.targets ??= new Map()
    const { targets } = state
    let target = targets.get(key)
    if (target !== undefined) targets.delete(key)
    else {
      target = {
        state,
        key,
        connections: new Map(),
        lookedMs: Number.NEGATIVE_INFINITY,
        firedMs: Number.NEGATIVE_INFINITY,
      }
      if (targets.size >= MAX_TARGETS) dropTarget(state, targets.values().next().value!)
    }
    targets.set(key, target)
    return target
  }

  function dropTarget(state: SourceState, target: OpenTarget): void {
    held -= target.connections.size
    ripe.delete(target)
    state.targets!.delete(target.key)
  }

  function dropAll(state: SourceState): void {
    for (const target of state.targets?.values() ?? []) dropTarget(state, target)
    state.targets = undefined
    holders.delete(state)
  }

  function hold(state: SourceState): void {
    held++
    if (holders.touch(state) === undefined) holders.set(state, state)
    while (held > MAX_HELD && holders.size > 1) dropAll(holders.oldest()!)
  }

  function remove(target: OpenTarget, port: number): void {
    if (!target.connections.delete(port)) return
    held--
    if (target.connections.size < open) ripe.delete(target)
    if (target.connections.size > 0) return
    dropTarget(target.state, target)
    if (target.state.targets!.size === 0) dropAll(target.state)
  }

  /** A connection that goes on in another flow keeps its start and what it sent. */
  function update(known: Connection, flow: FlowRecord): void {
    if (flow.id === known.flow.id && flow.seq < known.flow.seq) return
    if (flow.id !== known.flow.id) known.bytesBefore += known.flow.bytesFwd
    known.flow = flow
    known.isServed ||= flow.bytesBwd > 0
  }

  /** Only what a record at least `idleMs` after the start tells is known to be idle. */
  function isIdle({ flow, startUs, bytesBefore, isServed }: Connection): boolean {
    return !isServed && bytesBefore + flow.bytesFwd < maxBytes && flow.lastUs - startUs >= idleMs * 1_000
  }

  function evidence(target: OpenTarget, idle: readonly Connection[], nowMs: number): Evidence {
    const total = target.connections.size
    const { dst, dstPort } = idle[0]!.flow
    const quiet = `no answer and less than ${maxBytes} B sent in ${seconds(idleMs)} or more`
    const shown = idle.slice(-MAX_FLOWS).map(({ flow }) => flow)
    return {
      source: target.state.source,
      about: 'source',
      detector: 'connections',
      technique: 'T1499',
      severity: 'high',
      text:
        `connections: ${total} open at once to ${dst} port ${dstPort} (threshold ${open}), ${idle.length} of ${total} ` +
        `idle (${percent(idle.length / total)}, threshold ${percent(idleShare)}): ${quiet}`,
      points,
      pointsLastMs: 2 * windowMs,
      isProven: idle.filter(({ flow }) => provesSource(flow)).length >= idleShare * open,
      atMs: nowMs,
      packetUs: idle.reduce((latest, { flow }) => Math.max(latest, flow.lastUs), 0),
      flows: shown,
      scores: shown.map(() => Number.NaN),
    }
  }

  function look(target: OpenTarget, nowMs: number): Evidence | undefined {
    target.lookedMs = nowMs
    const idle: Connection[] = []
    for (const [port, connection] of target.connections) {
      if (connection.flow.lastUs < nowMs * 1_000 - SILENT_US) remove(target, port)
      else if (isIdle(connection)) idle.push(connection)
    }
    const total = target.connections.size
    if (total < open || idle.length < idleShare * total - 1e-9) return undefined
    target.firedMs = nowMs
    return evidence(target, idle, nowMs)
  }

  return {
    observe: (state, flow, nowMs) => {
      if (flow.protocol !== TCP) return false
      const isOver = flow.tcpState !== 'none' || flow.finCount > 0 || flow.rstCount > 0
      if (isOver && state.targets === undefined) return false
      const mayBegin = !isOver && isFromSyn(flow) && !flow.firstBackward && isCompleted(flow)
      if (!mayBegin && state.targets === undefined) return false
      const key = `${flow.dst} ${flow.dstPort}`
      const known = state.targets?.get(key)?.connections.get(flow.srcPort)
      if (isOver) {
        if (known !== undefined) remove(state.targets!.get(key)!, flow.srcPort)
        return false
      }
      if (known !== undefined) {
        update(known, flow)
        return false
      }
      if (!mayBegin || flow.lastUs < nowMs * 1_000 - SILENT_US) return false
      const target = targetOf(state, key)
      const { connections } = target
      if (connections.size >= maxConnections) remove(target, connections.keys().next().value!)
      connections.set(flow.srcPort, {
        flow,
        startUs: flow.startUs,
        bytesBefore: 0,
        isServed: flow.bytesBwd > 0,
      })
      hold(state)
      if (connections.size >= open) ripe.add(target)
      return connections.size * 2 === open
    },
    pass: (nowMs) => {
      const found: Evidence[] = []
      for (const target of ripe) {
        if (nowMs - target.lookedMs < LOOK_EVERY_MS || nowMs - target.firedMs < windowMs) continue
        const evidence = look(target, nowMs)
        if (evidence !== undefined) found.push(evidence)
      }
      return found
    },
    forget: dropAll,
  }
}
