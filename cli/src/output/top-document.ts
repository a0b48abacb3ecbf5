/** What moves now as `idsd.top.v1`; rates are per second. */

import type { Top } from '../contract.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import type { TopRates } from './top-rates.js'
import { word } from './words.js'

export function topDocument(now: Top, rates: TopRates): Document {
  return {
    schema: 'idsd.top.v1',
    at: utcMs(now.atMs),
    length_ms: rates.lengthMs,
    mode: word(now.status?.mode ?? '', 'MODE'),
    ingress: rates.ingress,
    egress: rates.egress,
    dropped: rates.dropped,
    new_flows: rates.newFlows,
    flow_records: rates.flowRecords,
    alerts: rates.alerts,
    lost: rates.lost,
    decisions_active: now.status?.decisionsActive ?? 0,
    window_ms: now.windowMs,
    sources: rates.sources.map(({ address, packets, bytesFwd, bytesBwd, flows }) => ({
      ...{ address, packets, bytes_fwd: bytesFwd, bytes_bwd: bytesBwd, flows },
    })),
    suspects: now.suspects.map(({ address, points }) => ({ address, points })),
    decisions: rates.decisions.map(({ decision, packets, bytes }) => ({
      id: decision.id,
      target: decision.target,
      kind: word(decision.kind, 'DECISION_KIND'),
      action: word(decision.action, 'ACTION'),
      packets,
      bytes,
      packets_total: decision.packets,
      bytes_total: decision.bytes,
      expires_at: utcMs(decision.expiresAtMs),
      reason: decision.reason,
    })),
  }
}
