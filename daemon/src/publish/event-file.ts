/**
 * A file of events, one JSON document a line. Whoever writes never waits: lines go out in the background, and what the
 * disk does not take is lost and counted. The file is rotated by size, and followed when somebody else rotates it.
 */

import { constants } from 'node:fs'
import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { IdsdError } from '../errors.js'
import type { Logger } from './logger.js'

export interface EventFileOptions {
  /** Made with mode 0640 when it is not there. What is no regular file, e.g. /dev/stdout, is never rotated. */
  readonly path: string
  /** Before it grew past this it is moved to `path.1`, bytes; null leaves that to others. */
  readonly maxBytes: number | null
  /** Rotated files that stay, at least 1. */
  readonly keep: number
  readonly log: Logger
}

export interface EventFileCounts {
  /** Lines in the file. */
  readonly written: number
  /** Lines that found no room on the disk, or in memory while it was slow. */
  readonly lost: number
}

export interface EventFile {
  write(events: readonly object[]): void
  /** Looks at the next line whether the path still names the same file. */
  reopen(): void
  counts(): EventFileCounts
  /** Writes what waits; idempotent. */
  close(): Promise<void>
}

interface Opened {
  readonly handle: FileHandle
  readonly isRegular: boolean
  readonly dev: number
  readonly ino: number
  size: number
}

interface Line {
  readonly text: string
  readonly bytes: number
}

const MODE = 0o640
/** A pipe without a reader is an error at once instead of a wait; to files it makes no difference. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK
const MAX_WAITING_BYTES = 32 * 1024 * 1024
const MAX_WRITE_BYTES = 1024 * 1024
/** Between two looks whether the file was moved, ms. */
const LOOK_EVERY_MS = 1_000
const COMPLAIN_EVERY_MS = 60_000

/** @throws IdsdError `ERR_EVENTS` when the file cannot be opened */
export async function openEventFile({ path, maxBytes, keep, log }: EventFileOptions): Promise<EventFile> {
  let file: Opened | undefined = await openForAppend(path).catch((error: Error) => {
    throw new IdsdError('ERR_EVENTS', `events.file ${path}: ${error.message}`, { cause: error })
  })
  let waiting: Line[] = []
  let waitingBytes = 0
  let written = 0
  let lost = 0
  let isClosed = false
  let running: Promise<void> | undefined
  let lookedMs = performance.now()
  const isTimeToTellLoss = atIntervals(COMPLAIN_EVERY_MS)
  const isTimeToTellStuck = atIntervals(COMPLAIN_EVERY_MS)

  function lose(lines: number, problem: string): void {
    lost += lines
    if (!isTimeToTellLoss()) return
    log.error({ file: path, lost, problem }, 'the event file does not take everything; the loop goes on')
  }

  /** The file that the path names now; opened when it was moved, or could not be opened before. */
  async function follow(): Promise<Opened> {
    const isDue = performance.now() - lookedMs >= LOOK_EVERY_MS
    if (file !== undefined && (!isDue || !file.isRegular)) return file
    if (file === undefined && !isDue) throw new Error('it is not open')
    lookedMs = performance.now()
    const there = await stat(path).catch(() => undefined)
    if (file !== undefined && there?.ino === file.ino && there.dev === file.dev) {
      // Whoever truncates it in place begins it anew.
      file.size = there.size
      return file
    }
    await leave()
    file = await openForAppend(path)
    return file
  }

  async function leave(): Promise<void> {
    const old = file
    file = undefined
    await old?.handle.close().catch(() => undefined)
  }

  /** False when a file cannot be moved: then what is open stays open, and grows on. */
  async function moveAway(): Promise<boolean> {
    try {
      for (let number = keep - 1; number >= 1; number--) {
        await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(ignoreMissing)
      }
      await rename(path, `${path}.1`).catch(ignoreMissing)
      return true
    } catch (error) {
      if (isTimeToTellStuck()) {
        const problem = (error as Error).message
        log.error({ file: path, problem }, 'the event file cannot be rotated; it grows on')
      }
      return false
    }
  }

  /** From the front of what waits, as many lines as fit; at least one. */
  function take(room: number): Line[] {
    let bytes = 0
    let count = 0
    for (const line of waiting) {
      if (count > 0 && bytes + line.bytes > room) break
      bytes += line.bytes
      count++
    }
    waitingBytes -= bytes
    return waiting.splice(0, count)
  }

  async function put(): Promise<void> {
    let lines: Line[] = []
    let target: Opened | undefined
    let done = 0
    try {
      target = await follow()
      const first = waiting[0] as Line
      const isFull = maxBytes !== null && target.size > 0 && target.size + first.bytes > maxBytes
      let isStuck = false
      if (isFull && target.isRegular) {
        isStuck = !(await moveAway())
        if (!isStuck) {
          await leave()
          target = await openForAppend(path)
          file = target
        }
      }
      const isBounded = maxBytes !== null && !isStuck
      const left = isBounded ? Math.max(first.bytes, maxBytes - target.size) : MAX_WRITE_BYTES
      const room = Math.min(MAX_WRITE_BYTES, left)
      lines = take(room)
      const buffer = Buffer.from(lines.map(({ text }) => text).join(''))
      while (done < buffer.length) done += (await target.handle.write(buffer, done)).bytesWritten
      target.size += done
      written += lines.length
    } catch (error) {
      if (lines.length === 0) lines = take(MAX_WRITE_BYTES)
      // Half a line would spoil the one after it.
      if (done > 0 && target?.isRegular === true)
        await target.handle.truncate(target.size).catch(() => undefined)
      lose(lines.length, (error as Error).message)
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) await put()
    running = undefined
  }

  return {
    write: (events) => {
      for (const event of events) {
        const text = `${JSON.stringify(event)}\n`
        const bytes = Buffer.byteLength(text)
        if (isClosed || waitingBytes + bytes > MAX_WAITING_BYTES) {
          lose(1, isClosed ? 'it is closed' : `${MAX_WAITING_BYTES} bytes wait already`)
          continue
        }
        waiting.push({ text, bytes })
        waitingBytes += bytes
      }
      if (waiting.length > 0) running ??= run()
    },
    reopen: () => {
      lookedMs = Number.NEGATIVE_INFINITY
    },
    counts: () => ({ written, lost }),
    close: async () => {
      isClosed = true
      await running
      waiting = []
      await leave()
    },
  }
}

async function openForAppend(path: string): Promise<Opened> {
  const handle = await open(path, APPEND | constants.O_CREAT | constants.O_EXCL, MODE)
    .then(async (made) => {
      // What the umask took off.
      await made.chmod(MODE)
      return made
    })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      return open(path, APPEND)
    })
  const found = await handle.stat()
  return { handle, isRegular: found.isFile(), dev: found.dev, ino: found.ino, size: found.size }
}

/** True at the first call, and then once an interval. */
function atIntervals(everyMs: number): () => boolean {
  let lastMs = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - lastMs < everyMs) return false
    lastMs = performance.now()
    return true
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
