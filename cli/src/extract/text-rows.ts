/** Rows of an extract into a file of text. */

import type { Writable } from 'node:stream'
import { createTextFile } from '../export/text-file.js'
import type { RowFile } from './row-file.js'
import type { RowText } from './row-text.js'

/** Text that is held before it is written, bytes. */
const chunkBytes = 1 << 18

/** @param path where it goes; a stream is written to and left open */
export function createTextRows(path: string | Writable, text: RowText): RowFile {
  const file = createTextFile(path)
  const room = () => Buffer.allocUnsafeSlow(chunkBytes + text.maxRowBytes)
  let chunk = room()
  let used = 0

  async function flush(): Promise<void> {
    if (used === 0) return
    const full = chunk.subarray(0, used)
    // What was handed over may be written later: it is not written into any more.
    chunk = room()
    used = 0
    await file.put(full)
  }

  return {
    begin: async () => {
      await file.open()
      if (text.header !== '') await file.put(text.header)
    },
    add: (row) => {
      used = text.write(chunk, used, row)
      return used >= chunkBytes
    },
    flush,
    finish: async () => {
      await flush()
      await file.finish()
    },
    abandon: file.abandon,
  }
}
