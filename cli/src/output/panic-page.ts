/** What a panic, or its end, did: for people and as `idsd.panic.v1`. */

import type { Panic } from '../contract.js'
import { defaultBpffs, type PanicOrder, type PanicOutcome } from '../set-panic.js'
import { fields, shellWord } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime, utcMs } from './time.js'
import { counted, ttlText } from './units.js'

/** A part of other documents; null when there is none, and `until` when it has no end. */
export function panicDocument(panic: Panic | null): Readonly<Record<string, string | null>> | null {
  if (panic === null) return null
  const { sinceMs, untilMs, by, reason } = panic
  const [who, why] = [by, reason].map((text) => (text === '' ? null : text)) as [string | null, string | null]
  return { since: utcMs(sinceMs), until: utcMs(untilMs), by: who, reason: why }
}

/** When it ends, in words. */
export function panicEnd({ untilMs }: Panic): string {
  return untilMs === 0 ? 'until idsctl resume' : `until ${localTime(untilMs)}`
}

export function panicChangeDocument(order: PanicOrder, outcome: PanicOutcome, nowMs: number): Document {
  const { dryRun, before, after, decisionsDropping, past } = outcome
  return {
    schema: 'idsd.panic.v1',
    ...{ dry_run: dryRun, via: past === undefined ? 'daemon' : 'maps' },
    interfaces: past === undefined ? null : past.interfaces,
    ...{ before: panicDocument(before), after: panicDocument(after) },
    decisions_dropping: decisionsDropping ?? null,
    undo: undoOf(order, outcome, nowMs),
  }
}

export function panicChangePage(
  order: PanicOrder,
  outcome: PanicOutcome,
  nowMs: number,
  style: Style,
): string {
  const { dryRun, before, after, decisionsDropping, past } = outcome
  const { colors } = style
  if (before === null && after === null) return 'there is no panic: idsd enforces; nothing was changed\n'
  const head = after === null ? resumed(dryRun) : colors.bold(colors.red(stopped(dryRun)))
  const decisions = decisionsDropping === undefined ? '' : counted(decisionsDropping, 'active decision')
  const would = dryRun ? 'would ' : ''
  const effect = after === null ? `${would}drop from here on` : `${would}only count from here on`
  const reached = past?.interfaces.map(printable).join(', ')
  return `${head}\n${fields(
    [
      ['until', after === null ? '' : panicEnd(after).replace('until ', '')],
      ['decisions', decisions === '' ? '' : `${decisions} ${effect}; new ones go on being made`],
      ['daemon', past === undefined ? '' : colors.yellow(printable(past.problem))],
      [
        'instead',
        reached === undefined ? '' : `${dryRun ? 'would be written' : 'written'} into the maps of ${reached}`,
      ],
      ['undo', undoOf(order, outcome, nowMs) ?? ''],
    ],
    style,
  )}`
}

function stopped(dryRun: boolean): string {
  return dryRun ? 'would stop all enforcement; nothing was changed' : 'PANIC: nothing is dropped any more'
}

function resumed(dryRun: boolean): string {
  return dryRun ? 'would resume enforcement; nothing was changed' : 'enforcement is resumed'
}

/** The command that leads back to what was; null where nothing changed. */
function undoOf(
  { bpffs }: PanicOrder,
  { dryRun, before, after }: PanicOutcome,
  nowMs: number,
): string | null {
  if (dryRun || (before === null && after === null)) return null
  const where = bpffs === defaultBpffs ? '' : ` --bpffs ${shellWord(bpffs)}`
  if (before === null) return `idsctl resume${where}`
  const { untilMs, reason } = before
  const lasting = untilMs === 0 ? '' : ` --for ${ttlText(Math.max(1_000, untilMs - nowMs))}`
  return `idsctl panic${lasting}${reason === '' ? '' : ` --reason ${shellWord(reason)}`}${where}`
}

/** For the page of the status: loud. */
export function panicText(panic: Panic, { colors }: Style): string {
  const { sinceMs, by, reason } = panic
  const why = reason === '' ? '' : `: ${printable(reason)}`
  const who = `since ${localTime(sinceMs)} by ${printable(by)}${why}`
  return colors.bold(
    colors.red(`PANIC, nothing is dropped ${panicEnd(panic)} (${who}); idsctl resume ends it`),
  )
}
