/** What an import of a list did, as a page and as `idsd.import.v1`. */

import type { ImportedList, ImportListAnswer } from '../contract.js'
import { actionOptions } from './action.js'
import { listAction, listDocument } from './lists.js'
import { type Field, fields, shellWord } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime } from './time.js'
import { trialDocument, trialFields } from './trial.js'
import { count, counted, relative, ttlText } from './units.js'

/** An entry that a guard refused, with its line in the file; 0 where that is not known. */
export interface RefusedLine {
  readonly line: number
  readonly target: string
  readonly guard: string
}

/** What idsctl itself knows of the import. */
export interface ImportTold {
  readonly faults: readonly { readonly line: number; readonly text: string }[]
  readonly faultCount: number
  readonly refused: readonly RefusedLine[]
  readonly format: string
  readonly isForced: boolean
  readonly undo: string | null
}

/** Refusals on a page; a document has the first hundred. */
const MAX_SHOWN = 10

export function importDocument(made: ImportListAnswer, told: ImportTold): Document {
  return {
    schema: 'idsd.import.v1',
    dry_run: made.dryRun,
    list: made.list === null ? null : listDocument(made.list),
    before: made.before === null ? null : listDocument(made.before),
    format: told.format,
    added: made.added,
    removed: made.removed,
    bad_lines: told.faultCount,
    faults: told.faults,
    refused_total: made.refusedTotal,
    forced: told.isForced && made.refusedTotal > 0,
    refused: told.refused,
    allowed: made.allowed,
    trial: trialDocument(made.trial),
    undo: told.undo,
  }
}

export function importPage(made: ImportListAnswer, told: ImportTold, nowMs: number, style: Style): string {
  const { yellow, bold } = style.colors
  const list = made.list as ImportedList
  const verb = made.dryRun ? 'would import' : 'imported'
  const end = made.dryRun ? '; nothing was changed' : ''
  const head = `${verb} ${bold(printable(list.name))}: ${counted(list.entries, 'entry')}${end}`
  const shown = told.refused.slice(0, MAX_SHOWN)
  const facts: Field[] = [
    ['from', printable(`${list.source} (${told.format})`)],
    ['action', listAction(list)],
    [
      'until',
      list.expiresAtMs === 0
        ? 'removed by hand'
        : `${localTime(list.expiresAtMs)} (${relative(list.expiresAtMs, nowMs)})`,
    ],
    [
      'change',
      made.before === null
        ? 'a list of this name was not there'
        : `${count(made.added)} added, ${count(made.removed)} removed`,
    ],
    [
      'allowed',
      made.allowed === 0
        ? ''
        : `${counted(made.allowed, 'entry')} ${made.allowed === 1 ? 'overlaps' : 'overlap'} the allowlist, which wins`,
    ],
    ...told.faults.map((fault): Field => ['bad line', yellow(printable(`${fault.line}: ${fault.text}`))]),
    [
      '',
      told.faultCount > told.faults.length
        ? `and ${count(told.faultCount - told.faults.length)} more bad lines`
        : '',
    ],
    ...shown.map(
      ({ line, guard }): Field => [
        told.isForced ? 'forced' : 'refused',
        yellow(printable(`${line > 0 ? `line ${line}: ` : ''}${guard}`)),
      ],
    ),
    ['', made.refusedTotal > shown.length ? `and ${count(made.refusedTotal - shown.length)} more` : ''],
    ...trialFields(made.trial, made.dryRun, style),
    ['undo', told.undo ?? ''],
  ]
  return `${head}\n${fields(facts, style)}`
}

/** The command that imports a list again from where it came, for the rest of its time. */
export function importAgain(list: ImportedList, nowMs: number): string {
  const { name, source, expiresAtMs } = list
  const ttl = expiresAtMs === 0 ? '' : ` --ttl ${ttlText(expiresAtMs - nowMs)}`
  const action = actionOptions({ ...list, sparesFlows: false })
  const file = source.startsWith('/') || /^[\w.-]+$/.test(source) ? shellWord(source) : 'FILE'
  return `idsctl import ${file} --list ${name}${ttl}${action}`
}
