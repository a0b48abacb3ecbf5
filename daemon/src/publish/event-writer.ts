/** What goes into the event file: alerts, what happens to decisions, flows that ended, and what idsd itself does. */

import type { Mode } from '../enforce/decision.js'
import type { EventFile } from './event-file.js'
import type { EventLines, TrialFacts } from './event-lines.js'
import type { Feeds } from './handlers.js'
import type { AlertRow, FlowRow } from './view.js'

/** `anomalous`: flows that the model or a detector named. */
export type LoggedFlows = 'anomalous' | 'all' | 'none'

export interface EventWriterOptions {
  readonly feeds: Feeds
  readonly file: EventFile
  readonly lines: EventLines
  /** Asked for every batch. */
  readonly flows: () => LoggedFlows
  /** Wall time, ms. */
  readonly nowMs: () => number
}

export interface EventWriter {
  started(facts: { version: string; mode: Mode; interfaces: readonly string[] }): void
  modeChanged(facts: { before: Mode; mode: Mode; by: string }): void
  trial(facts: TrialFacts): void
  /** The last line; afterwards nothing more is written. The file stays open. */
  stopped(facts: { version: string }): void
}

/** Reads the feeds from here on, losing nothing. */
export function createEventWriter({ feeds, file, lines, flows, nowMs }: EventWriterOptions): EventWriter {
  const isWanted = ({ flow, reasons }: FlowRow, wanted: LoggedFlows): boolean => {
    if (flow.kind !== 'ended' || flow.isTransit) return false
    return wanted === 'all' || (reasons !== undefined && reasons.length > 0)
  }
  const taps = [
    feeds.alerts.tap((rows: readonly AlertRow[]) => file.write(rows.map(lines.alert))),
    feeds.decisions.tap((changes) =>
      file.write(changes.filter(({ kind }) => kind !== 'repaired').map(lines.decision)),
    ),
    feeds.flows.tap((rows) => {
      const wanted = flows()
      if (wanted === 'none') return
      file.write(rows.filter((row) => isWanted(row, wanted)).map(lines.flow))
    }),
  ]
  return {
    started: (facts) => file.write([lines.start(nowMs(), facts)]),
    modeChanged: (facts) => file.write([lines.mode(nowMs(), facts)]),
    trial: (facts) => file.write([lines.trial(nowMs(), facts)]),
    stopped: (facts) => {
      for (const untap of taps.splice(0)) untap()
      file.write([lines.stop(nowMs(), facts)])
    },
  }
}
