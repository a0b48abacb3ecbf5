/** What is kept of a run between two starts, and how it is read again. */

import type { Config } from '../config/config.js'
import type { SampleState } from './site-sample.js'
import { type FittedDetector, fitted } from './thresholds.js'

/** A run as it is kept. */
export interface RunState {
  readonly version: 1
  /** Wall times, ms; `endedAtMs` 0 = it goes on. */
  startedAtMs: number
  endedAtMs: number
  /** Learnt for so long, and to be learnt for, ms. */
  learntMs: number
  readonly forMs: number
  readonly by: string
  readonly modeBefore: Config['mode']
  /** What it is measured against: other thresholds or another bundle make it worthless. */
  basis: string
  /** SHA-256 of the bundle that scored; '' without one. */
  bundle: string
  thresholds: Record<FittedDetector, number>
}

/** Of the document; another one is not read. */
export const VERSION = 1

/** Whether a stored run goes on, for a start that has to know the mode early. */
export function isLearning(document: unknown): boolean {
  const run = readRun(document)
  return run !== undefined && run.state.endedAtMs === 0
}

/** What was stored; undefined for what is no run, or one of another idsd. */
export function readRun(
  document: unknown,
): { readonly state: RunState; readonly sample: SampleState } | undefined {
  const given = document as (RunState & { readonly sample?: SampleState }) | undefined
  if (typeof given !== 'object' || given === null || given.version !== VERSION) return undefined
  const { sample, ...state } = given
  const isWhole =
    [state.startedAtMs, state.endedAtMs, state.learntMs, state.forMs].every(Number.isFinite) &&
    typeof state.thresholds === 'object' &&
    state.thresholds !== null &&
    fitted.every(({ detector }) => Number.isFinite(state.thresholds[detector])) &&
    Array.isArray(sample?.scores) &&
    Array.isArray(sample.sources)
  return isWhole ? { state, sample } : undefined
}
