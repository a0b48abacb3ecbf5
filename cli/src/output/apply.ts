/** What an apply changes, as a part of pages and documents. */

import type { ApplyChange } from '../contract.js'
import { allowDocument } from './allow.js'
import { decisionDocument } from './decision.js'
import type { Field } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { counted } from './units.js'

const NONE: ApplyChange = { settings: [], allowAdded: [], allowRemoved: [], overrides: [], guards: [] }

/** Entries of one kind on a page; a document has all. */
const MAX_SHOWN = 20

export function changeDocument(change: ApplyChange | null): Omit<Document, 'schema'> {
  const { settings, allowAdded, allowRemoved, overrides, guards } = change ?? NONE
  return {
    settings: settings.map(({ path, before, after }) => ({
      ...{ path, before: JSON.parse(before), after: JSON.parse(after) },
    })),
    allow_added: allowAdded.map(allowDocument),
    allow_removed: allowRemoved.map(allowDocument),
    overrides: overrides.map(decisionDocument),
    guards,
  }
}

export function changeFields(change: ApplyChange | null, { colors }: Style): Field[] {
  const { settings, allowAdded, allowRemoved, overrides, guards } = change ?? NONE
  const isNothing = settings.length + allowAdded.length + allowRemoved.length === 0
  const entries = (label: string, all: typeof allowAdded): Field[] => [
    ...all
      .slice(0, MAX_SHOWN)
      .map(
        ({ target, reason }): Field => [label, printable(`${target}${reason === '' ? '' : ` (${reason})`}`)],
      ),
    ...(all.length > MAX_SHOWN
      ? [[label, `${all.length - MAX_SHOWN} more; -o json shows them`] as const]
      : []),
  ]
  return [
    ...(isNothing ? [['change', 'none: this is so already'] as const] : []),
    ...settings.map(({ path, before, after }): Field => [path, printable(`${before} -> ${after}`)]),
    ...entries('allows', allowAdded),
    ...entries('allows no more', allowRemoved),
    ['overrides', overrides.length === 0 ? '' : counted(overrides.length, 'active decision')],
    ...guards.map((guard): Field => ['guard', colors.yellow(printable(guard))]),
  ]
}
