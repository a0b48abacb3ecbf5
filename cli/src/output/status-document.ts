/** The running daemon as `idsd.status.v1`. */

import type { Status } from '../contract.js'
import { breakerDocument } from './breaker-page.js'
import { calibrationPart } from './calibration.js'
import { panicDocument } from './panic-page.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import { trialDocument } from './trial.js'
import { word } from './words.js'

export function statusDocument(status: Status): Document {
  const { model, traffic } = status
  return {
    schema: 'idsd.status.v1',
    version: status.version,
    started_at: utcMs(status.startedAtMs),
    mode: word(status.mode, 'MODE'),
    panic: panicDocument(status.panic),
    trial: trialDocument(status.trial),
    breakers: status.breakers.map(breakerDocument),
    calibration: calibrationPart(status.calibration),
    privilege: status.privilege && {
      user: status.privilege.user,
      uid: status.privilege.uid,
      capabilities: status.privilege.capabilities,
      problem: status.privilege.problem === '' ? null : status.privilege.problem,
    },
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
      calibrated: model.calibrated,
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
    lists: status.lists && {
      lists: status.lists.lists,
      entries: status.lists.entries,
      dropped_packets: status.lists.droppedPackets,
      bytes: status.lists.bytes,
      unloaded: status.lists.unloaded,
    },
    ladder: status.ladder && {
      limited_packets: status.ladder.limitedPackets,
      syn_dropped_packets: status.ladder.synDroppedPackets,
      spared_packets: status.ladder.sparedPackets,
      rejected_answers: status.ladder.rejectedAnswers,
    },
    warnings: status.warnings,
  }
}
