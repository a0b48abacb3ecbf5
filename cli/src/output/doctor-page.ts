/** What the doctor found, on one page: what needs a hand first. */

import type { HostFacts } from '../../../daemon/src/local/doctor/facts.js'
import type { Finding, Level } from '../../../daemon/src/local/doctor/finding.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { counted } from './units.js'

/** The gravest first. */
const levels: readonly Level[] = ['problem', 'warning', 'unknown', 'note', 'ok']

/** The gravest level among findings. */
export function worstOf(findings: readonly Finding[]): Level {
  return levels.find((level) => findings.some((each) => each.level === level)) ?? 'ok'
}

/** As `idsd.doctor.v1`. */
export function doctorDocument(
  findings: readonly Finding[],
  { kernel, isRoot, daemon }: HostFacts,
): Document {
  return {
    schema: 'idsd.doctor.v1',
    worst: worstOf(findings),
    kernel,
    as_root: isRoot,
    daemon_answers: daemon !== undefined,
    findings: findings.map(({ check, subject, level, found, consequence, fix }) => ({
      check,
      subject: subject === '' ? null : subject,
      level,
      found,
      consequence: consequence === '' ? null : consequence,
      fix: fix === '' ? null : fix,
    })),
  }
}

export function doctorPage(findings: readonly Finding[], style: Style): string {
  const { colors } = style
  const head = levels
    .map((level) => findings.filter((each) => each.level === level).length)
    .map((count, i) => (count === 0 ? '' : levelCount(levels[i] as Level, count)))
    .filter((text) => text !== '')
    .join(', ')
  const sorted = levels.flatMap((level) => findings.filter((each) => each.level === level))
  const width = Math.max(0, ...sorted.map((each) => nameOf(each).length))
  return `${colors.bold(head)}\n\n${sorted.map((each) => block(each, width, style)).join('')}`
}

function levelCount(level: Level, count: number): string {
  if (level === 'ok' || level === 'unknown') return `${count} ${level}`
  return counted(count, level)
}

function nameOf({ check, subject }: Finding): string {
  return subject === '' ? check : `${check} ${printable(subject)}`
}

function block(one: Finding, width: number, { colors }: Style): string {
  const paint = {
    problem: colors.red,
    warning: colors.yellow,
    unknown: colors.dim,
    note: colors.cyan,
    ok: colors.green,
  }
  const indent = ' '.repeat('warning'.length + width + 4)
  const lines = [
    `${paint[one.level](one.level.padEnd('warning'.length))}  ${nameOf(one).padEnd(width)}  ${printable(one.found)}`,
    ...(one.consequence === '' ? [] : [`${indent}${printable(one.consequence)}`]),
    ...(one.fix === '' ? [] : [`${indent}${colors.bold('do:')} ${printable(one.fix)}`]),
  ]
  return `${lines.join('\n')}\n`
}
