/** Sees one source open many short, poor connections to one login port of one host. ATT&CK T1110. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import { createLoginSessions } from './login-sessions.js'
import type { DetectorOptions } from './options.js'
import { isFromSyn, TCP } from './probe.js'
import { provesSource } from './proof.js'
import { createRecentIds } from './recent-ids.js'
import type { SourceState } from './source-states.js'
import { MAX_FLOWS, seconds } from './text.js'

interface Attempt {
  flow: FlowRecord
  score: number
}

/** Attempts of one source at one port of one host that have not been evidence yet. */
export interface LoginAttempts {
  attempts: Attempt[]
}

export interface LoginDetector {
  /** @returns evidence, whether half of it is there, or nothing of interest */
  observe(state: SourceState, flow: FlowRecord, score: number, nowMs: number): Evidence | 'half' | undefined
}

/** Login ports kept for a source: beyond it the one with the longest quiet leaves. */
const MAX_TARGETS = 64
const MAX_USED = 65_536

export function createLoginDetector(options: DetectorOptions): LoginDetector {
  const { connections, windowMs, maxMs, maxBytesBack, points } = options.login
  const ports = new Set(options.login.ports)
  const windowUs = windowMs * 1_000
  const maxUs = maxMs * 1_000
  const sessions = createLoginSessions(maxBytesBack)
  /** A flow goes on sending records after it was used. */
  const used = createRecentIds(MAX_USED)

  function isShortAndPoor(flow: FlowRecord): boolean {
    return flow.lastUs - flow.startUs < maxUs && flow.bytesBwd < maxBytesBack
  }

  function targetOf(state: SourceState, flow: FlowRecord): LoginAttempts {
    state.logins ??= new Map()
    const { logins } = state
    const key = keyOf(flow, provesSource(flow))
    const target = logins.get(key) ?? { attempts: [] }
    logins.delete(key)
    if (logins.size >= MAX_TARGETS) logins.delete(logins.keys().next().value!)
    logins.set(key, target)
    return target
  }

  /** A later record of an attempt replaces it, or shows that it was none. */
  function update(target: LoginAttempts, known: Attempt, flow: FlowRecord, score: number): void {
    if (!isShortAndPoor(flow)) target.attempts = target.attempts.filter((attempt) => attempt !== known)
    if (flow.seq >= known.flow.seq) known.flow = flow
    if (!Number.isNaN(score)) known.score = score
  }

  function evidence(source: string, attempts: readonly Attempt[], flow: FlowRecord, nowMs: number): Evidence {
    const starts = attempts.map((attempt) => attempt.flow.startUs)
    const longestUs = Math.max(...attempts.map((attempt) => attempt.flow.lastUs - attempt.flow.startUs))
    const mostBytes = Math.max(...attempts.map((attempt) => attempt.flow.bytesBwd))
    const shown = attempts.slice(-MAX_FLOWS)
    const span = seconds((Math.max(...starts) - Math.min(...starts)) / 1_000)
    const threshold = `threshold ${connections} in ${seconds(windowMs)}`
    return {
      source,
      about: 'source',
      detector: 'login',
      technique: 'T1110',
      severity: 'high',
      text:
        `login: ${attempts.length} connections to ${flow.dst} port ${flow.dstPort} in ${span} (${threshold}), ` +
        `the longest ${seconds(longestUs / 1_000)} (each under ${seconds(maxMs)}), ` +
        `at most ${mostBytes} B back (each under ${maxBytesBack} B)`,
      points,
      pointsLastMs: 2 * windowMs,
      isProven: attempts.some((attempt) => provesSource(attempt.flow)),
      atMs: nowMs,
      packetUs: flow.lastUs,
      flows: shown.map((attempt) => attempt.flow),
      scores: shown.map((attempt) => attempt.score),
    }
  }

  return {
    observe: (state, flow, score, nowMs) => {
      if (flow.protocol !== TCP) return undefined
      if (!ports.has(flow.dstPort)) {
        // The server may have spoken first in a connection of which only the middle was seen.
        if (ports.has(flow.srcPort) && !isFromSyn(flow)) sessions.observe(flow, false)
        return undefined
      }
      sessions.observe(flow, true)
      if (flow.kind === 'opened' || !isFromSyn(flow) || used.has(flow.id)) return undefined
      for (const isProven of [true, false]) {
        const target = state.logins?.get(keyOf(flow, isProven))
        const known = target?.attempts.find((attempt) => attempt.flow.id === flow.id)
        if (target === undefined || known === undefined) continue
        update(target, known, flow, score)
        return undefined
      }
      if (!isClosed(flow) || !isShortAndPoor(flow) || flow.lastUs < nowMs * 1_000 - windowUs) return undefined
      if (sessions.holds(flow.src, flow.dst, flow.dstPort, nowMs * 1_000)) return undefined
      const target = targetOf(state, flow)
      target.attempts = target.attempts.filter((attempt) => attempt.flow.startUs >= flow.startUs - windowUs)
      target.attempts.push({ flow, score })
      const { attempts } = target
      if (attempts.length < connections) {
        return attempts.length * 2 >= connections ? 'half' : undefined
      }
      target.attempts = []
      for (const attempt of attempts) used.add(attempt.flow.id)
      return evidence(state.source, attempts, flow, nowMs)
    },
  }
}

/** Attempts on a proven path and others, which may be forged, never make evidence together. */
function keyOf({ dst, dstPort }: FlowRecord, isProven: boolean): string {
  return `${dst} ${dstPort} ${isProven}`
}

/**
 * Answered, spoken to or closed in order, and over. A port that was only knocked at (SYN, SYN-ACK, reset: the check of
 * a load balancer) was no login.
 */
function isClosed(flow: FlowRecord): boolean {
  const isOver = flow.tcpState !== 'none'
  return isOver && flow.packetsBwd > 0 && (flow.finCount > 0 || flow.bytesFwd + flow.bytesBwd > 0)
}
