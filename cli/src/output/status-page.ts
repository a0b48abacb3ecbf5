/** The running daemon on one page. */

import type { Status } from '../contract.js'
import { breakersText } from './breaker-page.js'
import { calibrationText } from './calibration-page.js'
import { fields, section } from './page.js'
import { panicText } from './panic-page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { renderTable } from './table.js'
import { localTime } from './time.js'
import { trialText } from './trial.js'
import { byteSize, count, counted, percent, span } from './units.js'
import { word } from './words.js'

type Counters = NonNullable<Status['traffic']>
type Interface = Status['interfaces'][number]

/** Fill from which a map deserves a warning, as a share. */
const FULL = 0.8

export function statusPage(status: Status, nowMs: number, style: Style): string {
  const { colors } = style
  const uptime = span(Math.max(0, nowMs - status.startedAtMs))
  const head = `${colors.bold(`idsd ${printable(status.version)}`)}, up ${uptime} (since ${localTime(status.startedAtMs)})\n`
  const losses = Object.entries(status.lost).filter(([, lost]) => lost > 0)
  const unaccounted = Object.entries(status.withoutFlow).filter(([, packets]) => packets > 0)
  const facts = fields(
    [
      ['panic', status.panic === null ? '' : panicText(status.panic, style)],
      ['on trial', status.trial === null ? '' : trialText(status.trial, style)],
      ['breakers', breakersText(status.breakers, style)],
      ['mode', modeText(status, style)],
      [
        'decisions',
        `${count(status.decisionsActive)} active, ${counted(status.allowEntries, 'allow entry')}`,
      ],
      ['lists', listsText(status.lists)],
      ['alerts', count(status.alertsTotal)],
      ['flow records', count(status.flowRecordsTotal)],
      ['model', modelText(status, style)],
      ['calibration', calibrationText(status.calibration, style)],
      ['losses', losses.length === 0 ? 'none' : colors.yellow(losses.map(lossText).join(', '))],
      ['without flow', unaccounted.map(lossText).join(', ')],
      ['runs as', privilegeText(status.privilege)],
      ['kept back', ladderText(status)],
      ['repaired', status.divergencesRepaired === 0 ? '' : repairedText(status.divergencesRepaired)],
    ],
    style,
  )
  const warnings = [...status.warnings.map(printable), ...genericWarnings(status)].map((text) =>
    colors.yellow(`! ${text}`),
  )
  return [
    head,
    facts,
    section(
      'Interfaces',
      status.interfaces.map((item) => interfaceText(item, style)),
      style,
    ),
    section('Traffic', trafficLines(status.traffic, style), style),
    section('Maps', mapLines(status, style), style),
    section('Warnings', warnings, style),
  ].join('')
}

function listsText(lists: Status['lists']): string {
  if (lists === null || lists.lists === 0) return ''
  const { entries, droppedPackets, bytes } = lists
  const size = `${counted(lists.lists, 'list')} with ${counted(entries, 'entry')}`
  return `${size}, ${counted(droppedPackets, 'packet')} dropped, ${byteSize(bytes)} of the kernel`
}

function modeText({ mode }: Status, { colors }: Style): string {
  if (mode === 'MODE_DETECT')
    return colors.yellow('detect: automatic decisions only count, manual blocks drop')
  return mode === 'MODE_PREVENT' ? 'prevent' : word(mode, 'MODE')
}

function modelText({ model }: Status, { colors }: Style): string {
  if (model === null || !model.loaded) {
    const problem = model === null || model.problem === '' ? '' : `: ${printable(model.problem)}`
    return colors.yellow(`none${problem}`)
  }
  const fit = model.calibrated ? 'calibrated, ' : ''
  const may = `${fit}${model.mayBlock ? 'may block' : 'may not block alone'}`
  const name = printable(`${model.name} ${model.version}`)
  return `${name}, threshold ${model.threshold}, ${may}, ${counted(model.flowsScored, 'flow')} scored`
}

function lossText([cause, lost]: readonly [string, number]): string {
  return `${printable(cause)} ${count(lost)}`
}

/** '' where nothing but drops did anything. */
function ladderText({ ladder }: Status): string {
  if (ladder === null) return ''
  const parts: readonly (readonly [number, string])[] = [
    [ladder.limitedPackets, 'over a limit'],
    [ladder.synDroppedPackets, 'SYNs'],
    [ladder.rejectedAnswers, 'answered rejects'],
    [ladder.sparedPackets, 'spared for their flows'],
  ]
  return parts
    .filter(([packets]) => packets > 0)
    .map(([packets, what]) => `${count(packets)} ${what}`)
    .join(', ')
}

function repairedText(times: number): string {
  return `${counted(times, 'map entry')} that somebody else had changed`
}

function interfaceText({ name, xdpMode, egressHook, frags }: Interface, { colors }: Style): string {
  if (xdpMode === 'down')
    return `${printable(name)}  ${colors.yellow('down, attached again when it returns')}`
  const mode = xdpMode === 'native' ? colors.green('native') : colors.yellow(printable(xdpMode))
  return `${printable(name)}  XDP ${mode}, egress ${printable(egressHook)}${frags ? ', frags' : ''}`
}

/** Skipped for an interface that the daemon's own warnings already name. */
function genericWarnings({ interfaces, warnings }: Status): string[] {
  return interfaces
    .filter(({ name, xdpMode }) => xdpMode === 'generic' && !warnings.some((text) => text.includes(name)))
    .map(
      ({ name }) =>
        `${printable(name)} runs XDP in generic mode: correct, but slower than its driver's native mode`,
    )
}

function trafficLines(traffic: Counters | null, style: Style): string[] {
  if (traffic === null) return []
  const { colors } = style
  const row = (verdict: string, packets: number, bytes: number) => ({ verdict, packets, bytes })
  return tableLines(
    renderTable(
      [
        { title: '', cell: ({ verdict }) => verdict },
        { title: 'PACKETS', cell: ({ packets }) => count(packets), align: 'right' },
        { title: 'BYTES', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
      ],
      [
        row('in, passed', traffic.passedPacketsIngress, traffic.passedBytesIngress),
        row('in, dropped', traffic.droppedPacketsIngress, traffic.droppedBytesIngress),
        row('out, passed', traffic.passedPacketsEgress, traffic.passedBytesEgress),
        row('out, dropped', traffic.droppedPacketsEgress, traffic.droppedBytesEgress),
      ],
      { colors, width: undefined },
    ),
  )
}

function mapLines({ maps }: Status, { colors }: Style): string[] {
  if (maps.length === 0) return []
  return tableLines(
    renderTable(
      [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'ENTRIES', cell: ({ entries }) => count(entries), align: 'right' },
        { title: 'CAPACITY', cell: ({ capacity }) => count(capacity), align: 'right' },
        { title: 'FILL', cell: ({ entries, capacity }) => percent(entries, capacity), align: 'right' },
        { title: 'MEMORY', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
        {
          title: '',
          cell: ({ entries, capacity }) => (entries >= capacity * FULL && capacity > 0 ? 'nearly full' : ''),
        },
      ],
      maps,
      { colors, width: undefined },
    ),
  )
}

function tableLines(table: string): string[] {
  return table.trimEnd().split('\n')
}

function privilegeText(privilege: Status['privilege']): string {
  if (privilege === null) return ''
  const { user, capabilities } = privilege
  return capabilities.length === 0 ? printable(user) : printable(`${user}, with ${capabilities.join(', ')}`)
}
