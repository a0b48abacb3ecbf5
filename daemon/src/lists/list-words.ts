/** What is said of lists: why an entry is left out, what a list may be called, what lists do to a target. */

import { ArgumentError, RefusedError } from '../errors.js'
import { byStrictness, strongestOf } from '../kernel/list-action.js'
import { parseTarget } from '../policy/address.js'
import { type Coverage, meantBy, tooMuch } from '../policy/coverage.js'
import { refusalText } from '../policy/guards.js'
import { coverageOfEntries, type ListEntries } from './entries.js'
import { LIST_NAME, type ListAction, type ListDoing } from './list-row.js'
import type { ListHolding } from './lists.js'
import type { RefusedEntry } from './prepare.js'
import { SHORTEST4, SHORTEST6 } from './spare-entries.js'

/** An entry that is left out, with why in a sentence. */
export function refusedInWords({ target, protection }: RefusedEntry): { target: string; text: string } {
  if (protection !== undefined)
    return { target, text: refusalText(parseTarget(target, 'target'), protection) }
  const least = target.includes(':') ? SHORTEST6 : SHORTEST4
  return { target, text: `${target} is shorter than /${least}, which no list means` }
}

/** Of a refusal: they travel in the trailer of an answer. */
const guardsTold = 20

/** Guards have left nothing of a list. @param refused its entries */
export function nothingLeft(refused: readonly { readonly text: string }[]): RefusedError {
  const texts = refused.slice(0, guardsTold).map(({ text }) => text)
  return new RefusedError(`refused: nothing of the list is left: ${texts.slice(0, 3).join('; ')}`, texts)
}

/** `would ... them`: what an action is called of whom it is done to. */
const VERBS: Readonly<Record<ListAction, readonly [whole: string, third: string]>> = {
  count: ['count', 'counts'],
  limit: ['limit', 'limits'],
  synDrop: ['drop the SYNs of', 'drops the SYNs of'],
  drop: ['drop', 'drops'],
  reject: ['reject', 'rejects'],
}

/**
 * What a list would keep back, where that is more than any list means; undefined where it is not. A list that an operator
 * has forced is meant so: a schedule, which forces nothing, brings it up to date.
 * @param inForce the list that it replaces; one that keeps back less says nothing of this one
 */
export function tooWideInWords(
  does: ListDoing,
  covered: Coverage,
  inForce?: ListDoing & { readonly entries: ListEntries },
): string | undefined {
  const { action } = does
  if (action === 'count' || tooMuch(covered) === undefined) return undefined
  const isMeant = inForce !== undefined && isNoLess(inForce, does)
  const much = tooMuch(covered, isMeant ? meantBy(coverageOfEntries(inForce.entries)) : undefined)
  return much === undefined ? undefined : `the list would ${VERBS[action][0]} ${much}, which no list means`
}

/** What a list does to somebody: `drops`, `drops the SYNs of`. */
export function doneTo(action: ListAction): string {
  return VERBS[action][1]
}

/**
 * Does the first surely keep back all that the second would? An answer to what is dropped harms nobody more; of a limit
 * and a SYN drop neither does.
 */
function isNoLess(first: ListDoing, second: ListDoing): boolean {
  if (first.action === 'drop' || first.action === 'reject') return true
  return first.action === second.action && byStrictness(first, second) <= 0
}

/** @throws ArgumentError `name` */
export function checkName(name: string): void {
  if (LIST_NAME.test(name)) return
  throw new ArgumentError(
    'name',
    'a name of 1 to 63 letters, digits, dots, dashes and underscores',
    JSON.stringify(name),
  )
}

/** Why a list of this name is not found. @param names those that there are */
export function noSuchList(name: string, names: readonly string[]): string {
  const others = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
  return `there is no list ${JSON.stringify(name)}: ${others}`
}

/** What the strongest of the lists does to a target: `the list feed drops it, by its entry 192.0.2.0/24`. */
export function listedInWords(holding: readonly ListHolding[]): string | undefined {
  const strongest = strongestOf(holding.map(({ list }) => list.action))
  const first = holding.find(({ list }) => list.action === strongest)
  if (first === undefined) return undefined
  const { list, entry } = first
  const more = holding.length > 1 ? `; ${holding.length - 1} more hold it` : ''
  return `the list ${list.name} ${VERBS[list.action][1]} it, by its entry ${entry}${more}`
}
