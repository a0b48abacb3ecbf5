/** The log: JSON for machines, pretty on a terminal. The only importer of pino. */

import { createWriteStream } from 'node:fs'
import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogConfig } from './config/config.js'
import { IdsdError } from './errors.js'

export type { Logger }

/** @throws IdsdError `ERR_LOG` when the file cannot be written */
export async function openLog({ level, format, file }: LogConfig): Promise<Logger> {
  let target: NodeJS.WritableStream = process.stdout
  if (file !== null) {
    const stream = createWriteStream(file, { flags: 'a', mode: 0o640 })
    await new Promise<void>((resolve, reject) => {
      stream.once('open', () => resolve())
      stream.once('error', (cause) =>
        reject(new IdsdError('ERR_LOG', `log.file: ${file} cannot be written: ${cause.message}`, { cause })),
      )
    })
    target = stream
  }
  const isPretty = format === 'pretty' || (format === 'auto' && file === null && process.stdout.isTTY)
  const destination = isPretty
    ? pretty({
        destination: target as never,
        colorize: file === null && process.stdout.isTTY,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
        singleLine: true,
      })
    : (target as never)
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
