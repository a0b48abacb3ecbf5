/** Values of a struct as another version of idsd laid it out, in the layout of this one. Pure. */

import type { StructLayout } from './binding.js'

interface Move {
  readonly from: number
  readonly to: number
  readonly fromBytes: number
  readonly toBytes: number
}

/**
 * Fields are matched by name: what only the old layout has is left out, what only the new one has is 0. A number that
 * does not fit a narrower field becomes the largest that does.
 * @returns takes the struct that begins at a byte of `bytes`, gives it as new bytes. @throws RangeError beyond the end
 */
export function createStructConverter(
  from: StructLayout,
  to: StructLayout,
): (bytes: Uint8Array, at?: number) => Uint8Array {
  const moves = movesOf(from, to)
  return (bytes, at = 0) => {
    if (at < 0 || at + from.size > bytes.length) {
      throw new RangeError(`${from.size} bytes are needed from ${at} on, there are ${bytes.length}`)
    }
    const out = new Uint8Array(to.size)
    for (const move of moves) {
      const kept = Math.min(move.fromBytes, move.toBytes)
      const start = at + move.from
      out.set(bytes.subarray(start, start + kept), move.to)
      if (bytes.subarray(start + kept, start + move.fromBytes).some((byte) => byte !== 0))
        out.fill(0xff, move.to, move.to + kept)
    }
    return out
  }
}

/** Neighbours that stay neighbours move as one. */
function movesOf(from: StructLayout, to: StructLayout): Move[] {
  const places = new Map(from.fields.map(([path, offset, bytes]) => [path, { offset, bytes }]))
  const moves: Move[] = []
  for (const [path, offset, bytes] of to.fields) {
    const place = places.get(path)
    if (place === undefined) continue
    const last = moves.at(-1)
    const isNext =
      last !== undefined &&
      last.fromBytes === last.toBytes &&
      place.bytes === bytes &&
      last.from + last.fromBytes === place.offset &&
      last.to + last.toBytes === offset
    if (isNext) {
      moves[moves.length - 1] = {
        ...last,
        fromBytes: last.fromBytes + bytes,
        toBytes: last.toBytes + bytes,
      }
    } else {
      moves.push({ from: place.offset, to: offset, fromBytes: place.bytes, toBytes: bytes })
    }
  }
  return moves
}
