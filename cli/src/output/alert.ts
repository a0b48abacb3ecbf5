/** Alerts as rows and as documents. */

import { MAX_LAST_ALERTS } from '../arguments/number.js'
import type { Alert } from '../contract.js'
import { flowDocument } from './flow.js'
import type { Document, Kind } from './print.js'
import { localTime, utcMs } from './time.js'

export const alertKind: Kind<Alert> = {
  plural: 'alerts',
  mostListed: MAX_LAST_ALERTS,
  listSchema: 'idsd.alerts.v1',
  columns: () => [
    { title: 'ID', cell: ({ id }) => (id === '' ? '-' : id), minWidth: 6 },
    { title: 'TIME', cell: ({ atMs }) => localTime(atMs), minWidth: 25 },
    { title: 'SEVERITY', cell: ({ severity }) => severity },
    { title: 'ABOUT', cell: aboutText, minWidth: 15 },
    { title: 'DETECTOR', cell: ({ detector }) => detector, minWidth: 15 },
    { title: 'POINTS', cell: ({ points }) => String(points), align: 'right' },
    { title: 'DECISION', cell: ({ decisionId }) => (decisionId === '' ? '-' : decisionId) },
    { title: 'TEXT', cell: ({ text }) => text },
  ],
  document: alertDocument,
}

/** `idsd.alert.v1`; `id` is null for an alert that the database did not take. */
export function alertDocument(alert: Alert): Document {
  return {
    schema: 'idsd.alert.v1',
    id: alert.id === '' ? null : alert.id,
    at: utcMs(alert.atMs),
    source: alert.source,
    about: alert.about,
    path_proven: alert.isProven,
    detector: alert.detector,
    severity: alert.severity,
    technique: alert.technique === '' ? null : alert.technique,
    text: alert.text,
    points: alert.points,
    decision_id: alert.decisionId === '' ? null : alert.decisionId,
    flows: alert.flows.map(flowDocument),
  }
}

/** The suspect; a victim says so. */
function aboutText({ source, about }: Alert): string {
  return about === 'destination' ? `to ${source}` : source
}
