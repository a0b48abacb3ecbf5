/** The bytes of a table: from a file or standard input, unpacked where they are gzip. */

import { createReadStream, fstatSync, openSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CliError, EXIT } from '../errors.js'

export interface ByteSource {
  /** `standard input` for `-`. */
  readonly name: string
  /** Bytes as they lie on the disk; 0 where that is not known. */
  readonly totalBytes: number
  /** Of `totalBytes`, those that were read. */
  readonly readBytes: () => number
  /** Once. @throws CliError when it cannot be read, or is damaged gzip */
  readonly chunks: AsyncIterable<Buffer>
  /** Ends the reading, and whoever waits for more of it with an error. */
  readonly close: () => void
}

const pieceBytes = 1 << 18

/**
 * @param path `-` is standard input; gzip is told by its first bytes, whatever the name
 * @throws CliError when it cannot be opened
 */
export function openByteSource(path: string, stdin: Readable = process.stdin): ByteSource {
  const isStdin = path === '-'
  const name = isStdin ? 'standard input' : path
  let readBytes = 0
  let totalBytes = 0
  let raw: Readable = stdin
  if (!isStdin) {
    try {
      const fd = openSync(path, 'r')
      totalBytes = fstatSync(fd).size
      raw = createReadStream(path, { fd, highWaterMark: pieceBytes })
    } catch (error) {
      throw unreadable(name, error)
    }
  }
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of raw) {
      readBytes += (chunk as Buffer).length
      yield chunk as Buffer
    }
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield* unpacked(counted())
    } catch (error) {
      throw unreadable(name, error)
    } finally {
      raw.destroy()
    }
  }
  return { name, totalBytes, readBytes: () => readBytes, chunks: chunks(), close: () => void raw.destroy() }
}

async function* unpacked(raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await raw.next()
    if (next.done === true) break
    head = Buffer.concat([head, next.value])
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    yield* raw
  }
  // RFC 1952, 2.3.1: ID1 and ID2.
  if (!(head[0] === 0x1f && head[1] === 0x8b)) return yield* whole()
  const gunzip = createGunzip({ chunkSize: pieceBytes })
  const packed = Readable.from(whole(), { objectMode: false })
  packed.once('error', (error) => gunzip.destroy(error))
  for await (const chunk of packed.pipe(gunzip)) yield chunk as Buffer
}

function unreadable(name: string, error: unknown): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code === 'Z_BUF_ERROR') return new CliError(EXIT.error, `${name}: the gzip stream ends before its end`)
  if (code?.startsWith('Z_') === true) return new CliError(EXIT.error, `${name}: damaged gzip (${message})`)
  return syscall === undefined ? error : new CliError(EXIT.error, `cannot read ${name}: ${message}`)
}
