/**
 * Reads JSON as it comes, without holding the document: a community list is one object of some ten megabytes. Source:
 * RFC 8259; several documents may follow each other, as in JSON lines. Pure.
 */

import { StringDecoder } from 'node:string_decoder'
import { type PieceReader, unreadableList } from './list-reader.js'

export interface JsonObject {
  /** Its own texts, numbers and words, as texts. */
  readonly fields: Readonly<Record<string, string | undefined>>
  /** Keys of the objects around it. */
  readonly path: readonly string[]
  /** 1: stands by itself. */
  readonly depth: number
  /** Holds no objects and arrays. */
  readonly isLeaf: boolean
  /** Line on which it begins. */
  readonly line: number
}

export interface JsonEvents {
  readonly onObject: (object: JsonObject) => void
  /** A text in an array, or one that stands by itself. */
  readonly onText: (text: string, line: number, depth: number) => void
}

interface Level {
  readonly isArray: boolean
  readonly line: number
  readonly fields: Record<string, string | undefined>
  key: string | undefined
  isLeaf: boolean
}

/** Longest text or number, characters, and deepest nesting. */
const maxToken = 1 << 16
const maxDepth = 64

export function createJsonScanner({ onObject, onText }: JsonEvents): PieceReader {
  const decoder = new StringDecoder('utf8')
  const levels: Level[] = []
  let line = 1
  /** A text (with its quote) or a word that goes on in the next piece. */
  let token = ''
  let isEscaped = false

  const fail = (what: string) => unreadableList(`line ${line}: ${what}: this is no JSON`)

  const value = (text: string, isText: boolean) => {
    const level = levels.at(-1)
    if (level === undefined || level.isArray) {
      if (isText) onText(text, line, levels.length + 1)
      return
    }
    if (level.key === undefined) {
      if (!isText) throw fail(`expected a key, got ${text.slice(0, 20)}`)
      level.key = text
      return
    }
    level.fields[level.key] = text
    level.key = undefined
  }

  const endToken = () => {
    if (token === '') return
    const text = token
    token = ''
    if (text[0] !== '"') {
      if (!/^(true|false|null|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(text))
        throw fail(`what is ${text.slice(0, 20)}`)
      return value(text, false)
    }
    let read: unknown
    try {
      read = JSON.parse(text)
    } catch {
      throw fail('a text with a character that must be escaped')
    }
    value(read as string, true)
  }

  const close = (isArray: boolean) => {
    endToken()
    const level = levels.pop()
    if (level === undefined || level.isArray !== isArray) throw fail(`a ${isArray ? ']' : '}'} too many`)
    if (!isArray) {
      const path = levels.flatMap(({ key }) => (key === undefined ? [] : [key]))
      const { fields, isLeaf } = level
      onObject({ fields, path, depth: levels.length + 1, isLeaf, line: level.line })
    }
    const outer = levels.at(-1)
    if (outer !== undefined && !outer.isArray) outer.key = undefined
  }

  const open = (isArray: boolean) => {
    endToken()
    const outer = levels.at(-1)
    if (outer !== undefined) outer.isLeaf = false
    if (outer !== undefined && !outer.isArray && outer.key === undefined) throw fail('expected a key')
    if (levels.length >= maxDepth) throw fail(`more than ${maxDepth} levels`)
    levels.push({ isArray, line, fields: Object.create(null), key: undefined, isLeaf: true })
  }

  const scan = (text: string) => {
    for (let at = 0; at < text.length; at++) {
      if (token[0] === '"') {
        // To the end of the text at once.
        let end = at
        while (end < text.length) {
          const char = text[end]
          if (char === '\n') throw fail('a text over two lines')
          end++
          if (isEscaped) isEscaped = false
          else if (char === '\\') isEscaped = true
          else if (char === '"') {
            token += text.slice(at, end)
            endToken()
            break
          }
        }
        if (token !== '') token += text.slice(at, end)
        if (token.length > maxToken) throw fail('a text of over 64 Ki characters')
        at = end - 1
        continue
      }
      const char = text[at] as string
      if (char === '{') open(false)
      else if (char === '[') open(true)
      else if (char === '}') close(false)
      else if (char === ']') close(true)
      else if (char === '"') {
        endToken()
        token = '"'
      } else if (
        char === '\n' ||
        char === ' ' ||
        char === '\t' ||
        char === '\r' ||
        char === ',' ||
        char === ':'
      ) {
        endToken()
        if (char === '\n') line++
      } else {
        token += char
        if (token.length > maxToken) throw fail('a word of over 64 Ki characters')
      }
    }
  }

  return {
    push: (piece) => scan(decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.length))),
    end() {
      scan(decoder.end())
      if (token[0] === '"') throw fail('it ends in a text')
      endToken()
      if (levels.length > 0) throw fail('it ends before it is closed')
    },
  }
}
