/** Feeds the scan detectors: what a source tries, once it has tried more than one port of one host. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import type { Answer, FlowGrowth, FlowMemory } from './flow-memory.js'
import type { DetectorOptions } from './options.js'
import { isProbe } from './probe.js'
import { createScan } from './scan.js'
import { scanKinds } from './scan-kinds.js'
import type { LoneProbe, SourceState, SourceStates } from './source-states.js'

export interface ProbeWatch {
  /** @returns whether half a scan is there */
  observe(
    state: SourceState,
    flow: FlowRecord,
    growth: FlowGrowth,
    memory: FlowMemory,
    score: number,
    nowMs: number,
  ): boolean
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Bits of the flow's marks: what the scans know of it already. */
const MARK_TRIED = 4
const MARK_ANSWERED = 8
const MARK_PROVEN = 16

export function createProbeWatch(
  options: DetectorOptions,
  states: Pick<SourceStates, 'countProbes'>,
): ProbeWatch {
  const scans = scanKinds.map((kind, index) => createScan(kind, index, options, states))

  function observeAll(
    state: SourceState,
    flow: FlowRecord,
    answer: Answer,
    score: number,
    nowMs: number,
  ): boolean {
    let isHalf = false
    for (const scan of scans) isHalf = scan.observe(state, flow, answer, score, nowMs) || isHalf
    return isHalf
  }

  return {
    observe: (state, flow, { place, answer }, memory, score, nowMs) => {
      const marks = MARK_TRIED | (answer === 'none' ? 0 : MARK_ANSWERED) | (flow.pathProven ? MARK_PROVEN : 0)
      if ((memory.marks[place]! & marks) === marks) return false
      if (!isProbe(flow)) return false
      memory.marks[place]! |= marks
      if (state.groups === undefined) {
        const { lone } = state
        if (lone === undefined) {
          state.lone = { flow, answer, score }
          return false
        }
        if (isSameTarget(lone.flow, flow)) {
          update(lone, flow, answer, score)
          return false
        }
        state.lone = undefined
        state.groups = scans.map(() => new Map())
        observeAll(state, lone.flow, lone.answer, lone.score, nowMs)
      }
      return observeAll(state, flow, answer, score, nowMs)
    },
    pass: (nowMs) => scans.flatMap((scan) => scan.pass(nowMs)),
    forget: (state) => {
      for (const scan of scans) scan.forget(state)
    },
  }
}

function isSameTarget(a: FlowRecord, b: FlowRecord): boolean {
  return a.dstPort === b.dstPort && a.protocol === b.protocol && a.dst === b.dst
}

/** What answered once has answered; the latest try stands for all. */
function update(lone: LoneProbe, flow: FlowRecord, answer: Answer, score: number): void {
  if (lone.answer !== 'opened' && answer !== 'none') lone.answer = answer
  const isSame = flow.id === lone.flow.id
  if (!isSame && flow.startUs < lone.flow.startUs) return
  lone.flow = flow
  lone.score = isSame && Number.isNaN(score) ? lone.score : score
}
