/** One port or host that was tried, and those that belong together. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Answer } from './flow-memory.js'
import type { SourceState } from './source-states.js'

/** What came of one port or host; `used` has been evidence already. */
export type Outcome = 'pending' | 'answered' | 'refused' | 'used'

export interface Probe {
  readonly item: string | number
  /** Of its group, where the group is only this probe. */
  readonly key: string | number
  /** First packet to it, or the firing that used it, us since 1970. */
  sinceUs: number
  /** Packet that settled the outcome, us since 1970; of a silent one the first. */
  packetUs: number
  outcome: Outcome
  flow: FlowRecord
  score: number
}

/** What one source tried lately and belongs together, once there are two. */
export interface Group {
  readonly state: SourceState
  readonly key: string | number
  readonly probes: Map<string | number, Probe>
  answered: number
  used: number
  /** When a look is worth it again, us since 1970: nothing that has happened since the last one counts before. */
  dueUs: number
  /** All wait for their answers: until then there is no room, us since 1970. */
  fullUntilUs: number
  /** When half a scan was told last, ms since 1970. */
  halfMs: number
}

/** A probe that is alone stands for its group. */
export function isGroup(entry: Group | Probe): entry is Group {
  return 'probes' in entry
}

/** Probes in it. */
export function sizeOf(entry: Group | Probe): number {
  return isGroup(entry) ? entry.probes.size : 1
}

/** The lone probe of this item, if that is what there is. */
export function asLone(entry: Group | Probe | undefined, item: string | number): Probe | undefined {
  return entry !== undefined && !isGroup(entry) && entry.item === item ? entry : undefined
}

/** A probe of which nothing is known but its first record. */
export function createProbe(
  item: string | number,
  key: string | number,
  flow: FlowRecord,
  score: number,
): Probe {
  return { item, key, sinceUs: flow.startUs, packetUs: flow.startUs, outcome: 'pending', flow, score }
}

/** Takes in a record of a flow to this port of this host. What answered once has answered, whatever later flows say. */
export function settle(probe: Probe, flow: FlowRecord, answer: Answer, score: number): void {
  if (probe.outcome === 'used') return
  if (flow.id === probe.flow.id) {
    probe.flow = flow
    if (!Number.isNaN(score)) probe.score = score
  }
  if (probe.outcome === 'answered') return
  if (answer === 'opened') {
    probe.outcome = 'answered'
  } else if (answer === 'refused' && probe.outcome === 'pending') {
    probe.outcome = 'refused'
    probe.packetUs = flow.lastUs
  }
}
