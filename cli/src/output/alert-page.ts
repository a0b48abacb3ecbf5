/** One alert on one page: what was seen, of whom, what came of it, the flows behind it. */

import type { Alert } from '../contract.js'
import { flowsText } from './decision-page.js'
import { type Field, fields } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime } from './time.js'
import { counted, relative } from './units.js'

export function alertPage(alert: Alert, nowMs: number, style: Style): string {
  const { id, source, about, detector, technique, severity, text, atMs, points, decisionId, flows } = alert
  const { bold } = style.colors
  const facts: Field[] = [
    [about === 'destination' ? 'victim' : 'source', bold(printable(source))],
    ['found', printable(text)],
    ['detector', printable(detector)],
    ['technique', technique === '' ? '' : `${printable(technique)} (MITRE ATT&CK)`],
    ['severity', severityText(severity, style)],
    ['when', `${localTime(atMs)} (${relative(atMs, nowMs)})`],
    ['points', points === 0 ? 'none: it never leads to a block' : String(points)],
    ['path', pathText(alert)],
    [
      'decision',
      decisionId === '' ? 'none' : `${printable(decisionId)} (idsctl decisions get ${printable(decisionId)})`,
    ],
  ]
  const heading = flows.length === 0 ? '' : `\n${bold(`Behind it: ${counted(flows.length, 'flow')}`)}\n`
  return `${bold(`Alert ${printable(id)}`)}\n${fields(facts, style)}${heading}${flowsText(flows, style)}`
}

function severityText(severity: string, { colors }: Style): string {
  if (severity === 'critical') return colors.red(severity)
  return severity === 'high' ? colors.yellow(severity) : printable(severity)
}

function pathText({ about, isProven }: Alert): string {
  if (about === 'destination') return ''
  return isProven
    ? 'proven: the source receives what is sent to it'
    : 'not proven: the address may be forged, so a block of it is short'
}
