/** A list from a file or standard input, plain or gzip, with how far it is and what of it is bad. */

import { createListReader, type ListFormat, type ListReader } from '../../../daemon/src/lists/list-reader.js'
import { CliError, EXIT } from '../errors.js'
import { createProgress } from '../export/progress.js'
import type { Io } from '../io.js'
import { openByteSource } from '../table-file/byte-source.js'

export interface ListFile {
  /** `standard input` for `-`. */
  readonly name: string
  readonly reader: ListReader
}

export interface ReadListOptions {
  readonly format: ListFormat
  readonly column?: string | undefined
}

/** Shows nothing of what is done before that, ms. */
const quietMs = 500

/** @throws CliError when it cannot be opened, or as a whole is not what it should be */
export async function readList(io: Io, path: string, options: ReadListOptions): Promise<ListFile> {
  const source = openByteSource(path)
  const reader = createListReader(options)
  const progress = createProgress(io, { afterMs: quietMs, noun: 'entries' })
  try {
    for await (const chunk of source.chunks) {
      reader.push(chunk)
      const share = source.totalBytes > 0 ? source.readBytes() / source.totalBytes : undefined
      progress.show(reader.builder.count, share)
    }
    reader.end()
  } catch (error) {
    if (error instanceof CliError) throw error
    const { code, message } = error as Error & { code?: string }
    if (code !== 'ERR_LIST') throw error
    throw new CliError(EXIT.error, `${source.name}: ${message}`, [
      'nothing was changed; --format says what it is, if it was mistaken',
    ])
  } finally {
    progress.clear()
    source.close()
  }
  return { name: source.name, reader }
}
