/** A file of text that is there under its name only when it is whole; or a stream, which is left open. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { unfinished } from './flow-file.js'

export interface TextFile {
  /** Before anything else. */
  open(): Promise<void>
  /** @param text its bytes are not changed any more: they may be written later */
  put(text: string | Uint8Array): Promise<void>
  /** Everything is written; only now is the file there under its name. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/** @param path where it goes */
export function createTextFile(path: string | Writable): TextFile {
  const isFile = typeof path === 'string'
  let out: Writable | undefined = isFile ? undefined : path
  let fault: Error | undefined

  return {
    open: async () => {
      if (!isFile) return
      out = createWriteStream(unfinished(path))
      out.on('error', (error) => {
        fault = error
      })
      await once(out, 'open')
    },
    put: async (text) => {
      if (fault !== undefined) throw fault
      const target = out as Writable
      if (!target.write(text)) await drained(target)
      if (fault !== undefined) throw fault
    },
    finish: async () => {
      if (!isFile) return
      const target = out as Writable
      // One that met a fault is closed already, and says so no more.
      if (!target.closed) {
        const closed = once(target, 'close')
        target.end()
        // What it rejects with is the fault.
        await closed.catch(() => undefined)
      }
      if (fault !== undefined) throw fault
      await rename(unfinished(path), path)
    },
    abandon: async () => {
      if (!isFile) return
      out?.destroy()
      await rm(unfinished(path), { force: true })
    },
  }
}

/** Resolves also when the stream closes; leaves no listener behind. @throws what the stream fails with */
async function drained(target: Writable): Promise<void> {
  const isOver = new AbortController()
  const { signal } = isOver
  const events = ['drain', 'close'].map((event) => once(target, event, { signal }))
  try {
    await Promise.race(events)
  } finally {
    isOver.abort()
    await Promise.allSettled(events)
  }
}
