/** Alerts as rows and as documents. */

import type { Alert } from '../contract.js'
import { flowDocument } from './flow.js'
import type { Kind } from './print.js'
import { localTime, utcMs } from './time.js'

export const alertKind: Kind<Alert> = {
  plural: 'alerts',
  listSchema: 'idsd.alerts.v1',
  columns: () => [
    { title: 'ID', cell: ({ id }) => id },
    { title: 'TIME', cell: ({ atMs }) => localTime(atMs) },
    { title: 'SEVERITY', cell: ({ severity }) => severity },
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'DETECTOR', cell: ({ detector }) => detector },
    { title: 'POINTS', cell: ({ points }) => String(points), align: 'right' },
    { title: 'DECISION', cell: ({ decisionId }) => (decisionId === '' ? '-' : decisionId) },
    { title: 'TEXT', cell: ({ text }) => text },
  ],
  document: (alert) => ({
    schema: 'idsd.alert.v1',
    id: alert.id,
    at: utcMs(alert.atMs),
    source: alert.source,
    detector: alert.detector,
    severity: alert.severity,
    technique: alert.technique === '' ? null : alert.technique,
    text: alert.text,
    points: alert.points,
    decision_id: alert.decisionId === '' ? null : alert.decisionId,
    flows: alert.flows.map(flowDocument),
  }),
}
