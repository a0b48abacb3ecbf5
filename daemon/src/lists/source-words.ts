/**
 * What is said of where a list comes from. A command line may hold a key, and so may what a command complains about: of
 * the first only the program is named, of the second its words are taken out.
 */

import { basename } from 'node:path'

/** Words shorter than this are too common to be a secret: `-s`, `json`. */
const SHORTEST_SECRET = 5
const LONGEST_LINE = 200

/** `command cscli with 4 arguments`. @param command program and arguments */
export function commandInWords([program = '', ...words]: readonly string[]): string {
  if (words.length === 0) return `command ${basename(program)}`
  return `command ${basename(program)} with ${words.length} argument${words.length === 1 ? '' : 's'}`
}

/** File as it is, or command in words. */
export function sourceInWords(list: { readonly file: string | null; readonly command: readonly string[] }) {
  return list.file ?? commandInWords(list.command)
}

/** A text without name, password, query and fragment of the URLs in it. */
export function withoutUrlSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/?#\s"'<>]*@/gi, '$1***@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^?#\s"'<>]*)[?#][^\s"'<>]*/gi, '$1?***')
}

/** First line of what a command complained, without what its own arguments say. */
export function complaintInWords(text: string, [, ...words]: readonly string[]): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? ''
  const secrets = words
    .flatMap((word) => [word, ...word.split(/[\s=:,;&?"'@/]+/)])
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
  const clean = secrets.reduce((sum, secret) => sum.replaceAll(secret, '***'), withoutUrlSecrets(line))
  const plain = clean.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
  return plain.length <= LONGEST_LINE ? plain : `${plain.slice(0, LONGEST_LINE - 3)}...`
}

/** A value of the configuration with each `command` in it in words, for who may not read the file. */
export function withoutCommands(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCommands)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'command' && (!Array.isArray(inner) || inner.length > 0)
        ? commandInWords(Array.isArray(inner) ? inner.map(String) : [])
        : withoutCommands(inner),
    ]),
  )
}
