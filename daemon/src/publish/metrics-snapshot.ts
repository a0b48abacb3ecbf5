/** The numbers of one scrape, as plain records. Counters are absolute: since the programs were loaded or idsd began. */

import type { RecordKind } from '../decode/flow-record.js'
import type { DetectorName } from '../detect/evidence.js'
import type { Action, Origin } from '../enforce/decision.js'
import type { HistogramReading } from './histogram.js'
import type { AlertCounts, DecisionCount, RefusedRole } from './meters.js'
import type { Direction, InterfaceView, LadderCounters, MapView, PacketVerdict, Traffic } from './view.js'

/** Drops by why and by whom; a reason is one of a fixed set, never an operator's text. */
export interface DropCount {
  readonly reason: string
  readonly origin: Origin
  readonly packets: number
}

/** What is neither dropped nor judged, because a network without it stops: neighbour discovery and ARP. */
export type ExemptKind = 'nd' | 'arp'

/** What a room remembers of sources. */
export interface SourceCount {
  readonly held: number
  /** Left to make room. */
  readonly evicted: number
}

export interface MetricsSnapshot {
  readonly version: string
  readonly traffic: Readonly<Record<Direction, Readonly<Record<PacketVerdict, Traffic>>>>
  /** Every pair of reason and origin that can occur, also at 0. */
  readonly dropped: readonly DropCount[]
  /** Every cause, also at 0. */
  readonly lost: Readonly<Record<string, number>>
  /** Flows in the tables now. */
  readonly flows: number
  readonly maps: readonly Pick<MapView, 'name' | 'entries' | 'capacity'>[]
  /** Active decisions; what is missing counts as 0. */
  readonly decisions: Readonly<Partial<Record<Origin, Readonly<Partial<Record<Action, number>>>>>>
  readonly interfaces: readonly Pick<InterfaceView, 'name' | 'xdpMode'>[]
  readonly flowRecords: Readonly<Record<RecordKind, number>>
  readonly alerts: AlertCounts
  /** Made since the daemon began. */
  readonly decisionsMade: readonly DecisionCount[]
  /** Requests that lacked the role, by the role that the caller has. */
  readonly refusedRequests: Readonly<Record<RefusedRole, number>>
  /** Seconds. */
  readonly timeToBlock: HistogramReading
  /** Scores given by the model, in [0, 1]. */
  readonly scores: HistogramReading
  readonly sources: Readonly<Record<'detect' | 'policy', SourceCount>>
  /** Rows that wait for the store. */
  readonly storeRowsWaiting: number
  /** Lines of the event file; all 0 when there is none. */
  readonly events: { readonly written: number; readonly lost: number }
  readonly scoredFlows: number
  readonly divergencesRepaired: number
  /** Imported lists by name. */
  readonly lists: readonly {
    readonly name: string
    readonly entries: number
    readonly droppedPackets: number
  }[]
  /** Scheduled imports that failed; the list before each stayed. */
  readonly listImportFailures: number
  /** Scheduled lists whose last import failed. */
  readonly listImportsFailing: number
  /** Stored lists that the kernel did not take. */
  readonly listsUnloaded: number
  /** Automatic decisions that gave way to others in a full map. */
  readonly displaced: number
  /** Events that slow readers of streams lost. */
  readonly streamLost: number
  readonly modelLoaded: boolean
  /**
   * Packets that hit a block and passed all the same: by a count-only entry or in a panic, by an allow entry, by an entry
   * whose time is over, by one whose lease is over, or because their flow is spared.
   */
  readonly spared: Readonly<Record<'count_only' | 'allowed' | 'expired' | 'lapsed' | 'flow', number>>
  readonly ladder: LadderCounters
  /** Origins whose breaker is tripped. */
  readonly tripped: readonly DetectorName[]
  /** Whether this site is being learnt, from how many flows, and whether the model in use was fitted to it. */
  readonly calibration: {
    readonly isLearning: boolean
    readonly flows: number
    readonly isModelFitted: boolean
  }
  /** All enforcement is stopped. */
  readonly isPanic: boolean
  /** When the change on trial is taken back, wall time, ms; 0 = there is none. */
  readonly trialUntilMs: number
  readonly newFlows: number
  /** Flows by why they ended; every reason, also at 0. */
  readonly endedFlows: Readonly<Record<string, number>>
  /** Verdicts that a guard refused. */
  readonly guardedVerdicts: number
  /** About sources whose allow entry asks for silence. */
  readonly silencedEvidence: number
  /** Packets that passed and belong to no flow; every kind, also at 0. */
  readonly withoutFlow: Readonly<Record<string, number>>
  readonly exemptPackets: Readonly<Record<ExemptKind, number>>
}
