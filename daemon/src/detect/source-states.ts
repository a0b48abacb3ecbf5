/** What is remembered of each source, bounded: the least recent source leaves first and is counted. */

import type { LoginAttempts } from './login.js'
import type { HostPorts } from './vertical-scan.js'

export interface SourceState {
  readonly source: string
  /** By destination address. */
  readonly hosts: Map<string, HostPorts>
  /** By destination address and port; made with the first attempt. */
  logins: Map<string, LoginAttempts> | undefined
  /** Last summary from the kernel that was evidence. */
  reported: { readonly firstUs: number; readonly ports: number } | undefined
  /** Ports under watch over all hosts. */
  probes: number
  /** Wall time, ms. */
  touchedMs: number
}

export interface SourceStates {
  /** The state of a source, made where there is none; it becomes the most recent. */
  touch(source: string, nowMs: number): SourceState
  /** Counts ports under watch up or down; may push out the least recent sources. */
  countProbes(state: SourceState, change: number): void
  /** Takes out the sources not touched since. */
  dropIdle(sinceMs: number): void
  readonly size: number
  readonly evicted: number
}

/** @param onLeave called with every state that leaves */
export function createSourceStates(
  maxSources: number,
  maxProbes: number,
  onLeave: (state: SourceState) => void,
): SourceStates {
  const states = new Map<string, SourceState>()
  let newest: SourceState | undefined
  let probes = 0
  let evicted = 0

  function leave(state: SourceState): void {
    states.delete(state.source)
    probes -= state.probes
    state.probes = 0
    if (state === newest) newest = undefined
    onLeave(state)
  }

  function oldest(): SourceState {
    return states.values().next().value!
  }

  return {
    touch: (source, nowMs) => {
      if (newest?.source === source) {
        newest.touchedMs = nowMs
        return newest
      }
      let state = states.get(source)
      if (state === undefined) {
        if (states.size >= maxSources) {
          leave(oldest())
          evicted++
        }
        state = {
          source,
          hosts: new Map(),
          logins: undefined,
          reported: undefined,
          probes: 0,
          touchedMs: nowMs,
        }
      } else {
        states.delete(source)
        state.touchedMs = nowMs
      }
      states.set(source, state)
      newest = state
      return state
    },
    countProbes: (state, change) => {
      state.probes += change
      probes += change
      while (probes > maxProbes && states.size > 1 && oldest() !== state) {
        leave(oldest())
        evicted++
      }
    },
    dropIdle: (sinceMs) => {
      for (const state of states.values()) {
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
