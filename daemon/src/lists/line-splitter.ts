/** Bytes in pieces to lines, without a string for each. Pure. */

import { type PieceReader, unreadableList } from './list-reader.js'

const LINE_FEED = 0x0a
const RETURN = 0x0d
/** Longest line, bytes. */
const maxLine = 1 << 20

/**
 * Lines end in LF or CRLF; the last needs neither.
 * @param onLine bytes of a line and its number, from 1
 */
export function createLineSplitter(
  onLine: (bytes: Uint8Array, begin: number, end: number, line: number) => void,
): PieceReader {
  let rest = Buffer.alloc(0)
  let line = 1
  const give = (bytes: Uint8Array, begin: number, end: number) => {
    onLine(bytes, begin, end > begin && bytes[end - 1] === RETURN ? end - 1 : end, line++)
  }
  return {
    push(piece) {
      const bytes =
        rest.length === 0
          ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
          : Buffer.concat([rest, piece])
      let begin = 0
      for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, begin)) {
        give(bytes, begin, at)
        begin = at + 1
      }
      // A copy: the piece may be written over.
      rest = Buffer.from(bytes.subarray(begin))
      if (rest.length > maxLine) throw unreadableList(`line ${line} is longer than 1 MiB: is this a list?`)
    },
    end() {
      if (rest.length > 0) give(rest, 0, rest.length)
      rest = Buffer.alloc(0)
    },
  }
}
