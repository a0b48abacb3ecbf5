/** The capture's own time: every clock there is while it is read. The kernel's other faces are silent. */

import type { PipelineOptions } from '../pipeline.js'

export interface CaptureClock {
  /** us since 1970, as the capture has it. */
  readonly nowUs: number
  /** ms since 1970. */
  readonly nowMs: number
  /** Never back. */
  advance(toUs: number): void
  /** What the pipeline asks the kernel for: this clock; no source was over a budget that there is not. */
  readonly kernel: PipelineOptions['kernel']
}

export function createCaptureClock(): CaptureClock {
  let nowUs = 0
  // The pipeline reads two losses; nothing else of the counters is asked for.
  const counters = { lost: { overBudget: 0, tableFull: 0 } } as ReturnType<
    PipelineOptions['kernel']['counters']
  >
  return {
    get nowUs() {
      return nowUs
    },
    get nowMs() {
      return Math.round(nowUs / 1000)
    },
    advance(toUs) {
      nowUs = Math.max(nowUs, toUs)
    },
    kernel: {
      clocks: () => ({ monotonicUs: nowUs, bootUs: nowUs, wallUs: nowUs }),
      counters: () => counters,
      sources: () => [],
      suspects: { set() {} },
    },
  }
}
