/** The running daemon as `idsd.status.v1`. */

import type { Status } from '../contract.js'
import { breakerDocument } from './breaker-page.js'
import { panicDocument } from './panic-page.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import { word } from './words.js'

export function statusDocument(status: Status): Document {
  const { model, traffic } = status
  return {
    schema: 'idsd.status.v1',
    version: status.version,
    started_at: utcMs(status.startedAtMs),
    mode: word(status.mode, 'MODE'),
    panic: panicDocument(status.panic),
    breakers: status.breakers.map(breakerDocument),
    interfaces: status.interfaces.map(({ name, ifindex, xdpMode, egressHook, frags }) => ({
      name,
      ifindex,
      xdp_mode: xdpMode,
      egress_hook: egressHook,
      frags,
    })),
    maps: status.maps.map(({ name, entries, capacity, bytes }) => ({ name, entries, capacity, bytes })),
    model: model && {
      loaded: model.loaded,
      name: model.name,
      version: model.version,
      sha256: model.sha256,
      threshold: model.threshold,
      may_block: model.mayBlock,
      problem: model.problem === '' ? null : model.problem,
      flows_scored: model.flowsScored,
    },
    traffic: traffic && {
      passed_packets_ingress: traffic.passedPacketsIngress,
      passed_bytes_ingress: traffic.passedBytesIngress,
      dropped_packets_ingress: traffic.droppedPacketsIngress,
      dropped_bytes_ingress: traffic.droppedBytesIngress,
      passed_packets_egress: traffic.passedPacketsEgress,
      passed_bytes_egress: traffic.passedBytesEgress,
      dropped_packets_egress: traffic.droppedPacketsEgress,
      dropped_bytes_egress: traffic.droppedBytesEgress,
    },
    lost: status.lost,
    without_flow: status.withoutFlow,
    decisions_active: status.decisionsActive,
    allow_entries: status.allowEntries,
    alerts_total: status.alertsTotal,
    flow_records_total: status.flowRecordsTotal,
    new_flows_total: status.newFlowsTotal,
    divergences_repaired: status.divergencesRepaired,
    warnings: status.warnings,
  }
}
