/** What `lab/traffic` says while it runs and at its end. */

import type { PartReport } from './conductor.js'
import type { Mode, Settings } from './mode.js'

/** Printed with `--json`. */
export interface Summary {
  readonly mode: string
  readonly target: string
  readonly ports: string
  readonly seconds: number
  /** What ended it first. */
  readonly endedBy: 'count' | 'duration' | 'signal'
  readonly attempts: number
  /** The other side spoke. */
  readonly answered: number
  /** Reset, closed or unreachable. */
  readonly refused: number
  /** No answer within the time of the program. */
  readonly silent: number
  /** Ports that were found open; of a scan only. */
  readonly open?: readonly number[]
  /** Frames the raw sender sent and the interface lost; of raw frames only, whose answers nobody counts. */
  readonly sent?: number
  readonly lostOnSending?: number
  /** By program, where there are several. */
  readonly parts?: Readonly<Record<string, { answered: number; refused: number; silent: number }>>
}

export function summarize(
  mode: Mode,
  { target, portsText, count, durationS }: Settings,
  reports: readonly PartReport[],
  seconds: number,
  isStopped: boolean,
): Summary {
  const sums = add(reports)
  const [first] = reports
  const { open, sent, dropped } = (first?.end ?? {}) as Record<string, unknown>
  const isOver = durationS > 0 && seconds >= durationS && !(count > 0 && (sent ?? attemptsOf(sums)) === count)
  return {
    ...{ mode: mode.name, target, ports: portsText, seconds: Math.round(seconds * 100) / 100 },
    endedBy: isStopped ? 'signal' : isOver ? 'duration' : 'count',
    attempts: typeof sent === 'number' ? sent : attemptsOf(sums),
    ...sums,
    ...(Array.isArray(open) ? { open: open as number[] } : {}),
    ...(typeof sent === 'number' ? { sent, lostOnSending: Number(dropped) } : {}),
    ...(reports.length > 1
      ? { parts: Object.fromEntries(reports.map((report) => [report.name, add([report])])) }
      : {}),
  }
}

/** One line while it runs. */
export function progressText(
  mode: Mode,
  { target, ports, rate, durationS }: Settings,
  reports: readonly PartReport[],
  seconds: number,
): string {
  const where = target === '' ? `ports ${ports.join(', ')}` : target
  const head = `${seconds.toFixed(0).padStart(4)} s  ${mode.name} ${where}`
  const hint = durationS === 0 ? '; Ctrl-C ends it' : ''
  if (mode.count === '') return `${head}: listening${hint}`
  if (mode.needsRoot) return `${head}: ${rate === 0 ? 'flat out' : `${rate} a second`}${hint}`
  const [open] = reports.flatMap((report) => report.open ?? [])
  const held = open === undefined ? '' : `${open} open, `
  return `${head}: ${held}${counted(add(reports))}${hint}`
}

/** The summary for people. */
export function summaryText(mode: Mode, summary: Summary): string {
  const { seconds, endedBy, sent, lostOnSending, open, parts } = summary
  const why = { count: 'done', duration: 'time is up', signal: 'stopped' }[endedBy]
  const head = `${mode.name}: ${why} after ${seconds.toFixed(1)} s`
  if (mode.count === '') return `${head}\n`
  if (sent !== undefined)
    return `${head}: ${sent} frames sent, ${lostOnSending} of them lost by the interface\n`
  const lines = [`${head}: ${counted(summary)}`]
  for (const [name, counts] of Object.entries(parts ?? {}))
    lines.push(`  ${name.padEnd(10)} ${counted(counts)}`)
  if (open !== undefined) lines.push(`  open ports: ${open.length === 0 ? 'none' : open.join(', ')}`)
  if (summary.silent > 0 && summary.answered + summary.refused > 0 && !mode.isHarmless)
    lines.push('  Silence after answers is what a drop looks like: idsctl decisions list')
  return `${lines.join('\n')}\n`
}

interface Sums {
  readonly answered: number
  readonly refused: number
  readonly silent: number
}

function add(reports: readonly PartReport[]): Sums {
  const sum = { answered: 0, refused: 0, silent: 0 }
  for (const { counts } of reports) {
    sum.answered += counts.answered
    sum.refused += counts.refused
    sum.silent += counts.timeout
  }
  return sum
}

function attemptsOf({ answered, refused, silent }: Sums): number {
  return answered + refused + silent
}

function counted({ answered, refused, silent }: Sums): string {
  return `${answered + refused + silent} attempts: ${answered} answered, ${refused} refused, ${silent} silent`
}
