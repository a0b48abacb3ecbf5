/** Arguments of `idsctl pki`. */

import { InvalidArgumentError } from 'commander'
import { shellWord } from '../output/page.js'

/** Where the daemon's certificates lie by default. */
export const PKI_DIR = '/etc/idsd/pki'

/** Port that examples show; there is no default one. */
export const PKI_PORT = 9479

/** Names of the authority's and the daemon's own files. */
const TAKEN = ['ca', 'server']

/** For a command that is shown: nothing where the folder is the usual one. */
export function dirFlag(folder: string): string {
  return folder === PKI_DIR ? '' : ` --dir ${shellWord(folder)}`
}

/** @throws InvalidArgumentError */
export function parseDays(text: string): number {
  const days = Number(text)
  if (/^\d{1,5}$/.test(text) && days >= 1 && days <= 7_300) return days
  throw new InvalidArgumentError('expected a whole number of days from 1 to 7,300')
}

/** @throws InvalidArgumentError */
export function parseName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) {
    throw new InvalidArgumentError('expected at most 64 letters, digits, dots, dashes and underscores')
  }
  if (TAKEN.includes(text)) throw new InvalidArgumentError(`${text} is the name of other files there`)
  return text
}
