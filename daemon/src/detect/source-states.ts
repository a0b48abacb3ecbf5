/** What is remembered of each source, bounded: the least recent source leaves first and is counted. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import type { OpenTarget } from './connections.js'
import type { Answer } from './flow-memory.js'
import type { LoginAttempts } from './login.js'
import type { Group, Probe } from './scan-probe.js'
import type { SourceRate } from './source-rate.js'
import type { Pair } from './victims.js'

/** Most sources do little: what a detector needs is made with the first record that matters to it. */
export interface SourceState {
  readonly source: string
  /** Counts the states made, from 1. */
  readonly number: number
  /** The only port of the only host that it tried so far. */
  lone: LoneProbe | undefined
  /** What each scan detector watches, by its index: hosts, ports, or one group of all. Alone, a probe is its own group. */
  groups: Map<string | number, Group | Probe>[] | undefined
  /** By destination address and port. */
  logins: Map<string, LoginAttempts> | undefined
  /** By destination address and port. */
  targets: Map<string, OpenTarget> | undefined
  /** What it sends without an answer, by destination. */
  pairs: Pair[] | undefined
  rate: SourceRate | undefined
  /** Last summary from the kernel. */
  summary: LastSummary | undefined
  /** Ports and hosts under watch, over all groups. */
  probes: number
  /** Wall time of the last record, ms. */
  touchedMs: number
}

export interface LoneProbe {
  flow: FlowRecord
  answer: Answer
  score: number
}

export interface LastSummary {
  firstUs: number
  lastUs: number
  syns: number
  /** Ports that were evidence. */
  usedPorts: number
}

export interface SourceStates {
  /** The state of a source, made where there is none; it becomes the most recent. */
  touch(source: string, nowMs: number): SourceState
  /** Counts ports and hosts under watch up or down; may push out the least recent sources. */
  countProbes(state: SourceState, change: number): void
  /** Takes out the sources not touched since. */
  dropIdle(sinceMs: number): void
  readonly size: number
  readonly evicted: number
}

export interface StateLimits {
  readonly maxSources: number
  readonly maxProbes: number
  /** Called with every state that leaves. */
  readonly onLeave: (state: SourceState) => void
}

export function createSourceStates(limits: StateLimits): SourceStates {
  const states = createRecentMap<string, SourceState>()
  let newest: SourceState | undefined
  let probes = 0
  let made = 0
  let evicted = 0

  function leave(state: SourceState): void {
    states.delete(state.source)
    if (state === newest) newest = undefined
    limits.onLeave(state)
    probes -= state.probes
    state.probes = 0
  }

  function make(source: string, nowMs: number): SourceState {
    if (states.size >= limits.maxSources) evictOldest()
    return {
      source,
      number: ++made,
      lone: undefined,
      groups: undefined,
      logins: undefined,
      targets: undefined,
      pairs: undefined,
      rate: undefined,
      summary: undefined,
      probes: 0,
      touchedMs: nowMs,
    }
  }

  function evictOldest(): void {
    leave(states.oldest()!)
    evicted++
  }

  /** The source that is counted stays, whatever it holds: what it may hold is bounded by itself. */
  function evictBeyond(state: SourceState): void {
    while (probes > limits.maxProbes && states.size > 1 && states.oldest() !== state) evictOldest()
  }

  return {
    touch: (source, nowMs) => {
      if (newest?.source === source) {
        newest.touchedMs = nowMs
        return newest
      }
      let state = states.touch(source)
      if (state === undefined) {
        state = make(source, nowMs)
        states.set(source, state)
      }
      state.touchedMs = nowMs
      newest = state
      return state
    },
    countProbes: (state, change) => {
      state.probes += change
      probes += change
      if (change > 0) evictBeyond(state)
    },
    dropIdle: (sinceMs) => {
      for (let state = states.oldest(); state !== undefined; state = states.oldest()) {
        if (state.touchedMs >= sinceMs) return
        leave(state)
      }
    },
    get size() {
      return states.size
    },
    get evicted() {
      return evicted
    },
  }
}
