/**
 * `docs/operations.md`, read for its writer and its tests: the commands with the output that follows them, and the stage
 * directions in comments, `<!-- lab: start -->`, that a reader does not see.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../loaded-programs.js'

export const operationsFile = join(root, 'docs/operations.md')

/** A line `$ COMMAND` of a console block and what is printed below it. */
export interface Shown {
  readonly kind: 'command'
  /** Without the `$`. */
  readonly command: string
  readonly output: readonly string[]
}

/** What happens in the lab between two commands. */
export interface Direction {
  readonly kind: 'direction'
  readonly words: readonly string[]
}

/** A file: its text. */
export interface ConfigText {
  readonly kind: 'config'
  readonly text: string
}

/** Every other line: kept as it is. */
export interface Prose {
  readonly kind: 'prose'
  readonly line: string
}

export type Part = Shown | Direction | ConfigText | Prose

export function readPage(): Part[] {
  return partsOf(readFileSync(operationsFile, 'utf8'))
}

const isFile = (fence: string) => fence === 'toml' || fence === 'text'

/** Takes a page apart; `textOf` puts it together again. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let fence = ''
  let lines: string[] = []
  let command: string | undefined
  const endCommand = () => {
    if (command !== undefined) parts.push({ kind: 'command', command, output: trimmed(lines) })
    command = undefined
    lines = []
  }
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const opening = /^```(\w*)$/.exec(line)?.[1]
    if (opening !== undefined) {
      if (fence === 'console') endCommand()
      if (isFile(fence)) parts.push({ kind: 'config', text: lines.map((each) => `${each}\n`).join('') })
      lines = []
      fence = fence === '' ? opening : ''
      parts.push({ kind: 'prose', line })
    } else if (fence === 'console') {
      if (line.startsWith('$ ')) {
        endCommand()
        command = line.slice(2)
      } else lines.push(line)
    } else if (isFile(fence)) lines.push(line)
    else {
      const words = /^<!-- lab: (.+) -->$/.exec(line)?.[1]?.split(' ')
      parts.push(words === undefined ? { kind: 'prose', line } : { kind: 'direction', words })
    }
  }
  return parts
}

export function textOf(parts: readonly Part[]): string {
  const lines = parts.flatMap((part, i) => {
    if (part.kind === 'prose') return [part.line]
    if (part.kind === 'direction') return [`<!-- lab: ${part.words.join(' ')} -->`]
    if (part.kind === 'config') return part.text.replace(/\n$/, '').split('\n')
    const isFollowed = parts[i + 1]?.kind === 'command'
    return [`$ ${part.command}`, ...part.output, ...(isFollowed ? [''] : [])]
  })
  return `${lines.join('\n')}\n`
}

function trimmed(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => line !== '')
  return lines.slice(0, last + 1)
}

/** A command line as words: quotes taken off, cut at a comment, a pipe or a second command. */
export function wordsOf(command: string): string[] {
  const words: string[] = []
  for (const [word] of command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:#.*|\||\|\||&&|;|>|<)$/.test(word)) break
    words.push(word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'))
  }
  return words
}
