/** A log of few words for a command: each message one line on standard error, its fields behind it. */

import type { Logger } from '../log.js'

/**
 * Only warnings and errors are written.
 * @param write takes one line, its newline included
 */
export function createPlainLog(write: (line: string) => void): Logger {
  const say = (fields: object, message: string) => {
    const told = Object.entries(fields).map(
      ([name, value]) => `${name}: ${value instanceof Error ? value.message : plain(value)}`,
    )
    write(`idsd: ${message}${told.length === 0 ? '' : ` (${told.join(', ')})`}\n`)
  }
  // The rooms call nothing else of a logger.
  return { warn: say, error: say, info() {}, debug() {} } as unknown as Logger
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
