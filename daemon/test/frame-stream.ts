/** Frames with their times in one buffer, as `extract --frames` writes them and `runMany` reads them. */

const headerBytes = 16

export interface FrameStream {
  /** Adds a frame. @returns false when there is no room for it */
  add(frame: Uint8Array, timeUs: number): boolean
  /** What was added since the last `clear`. */
  bytes(): Uint8Array
  readonly frames: number
  /** The frame of this index, to be told of. */
  frame(index: number): Uint8Array
  clear(): void
}

/** @param capacity bytes, headers and padding included */
export function createFrameStream(capacity: number): FrameStream {
  const buffer = new Uint8Array(capacity)
  const view = new DataView(buffer.buffer)
  let used = 0
  let frames = 0
  const wholeBytes = (bytes: number) => headerBytes + ((bytes + 7) & ~7)
  return {
    add(frame, timeUs) {
      const whole = wholeBytes(frame.length)
      if (used + whole > capacity) return false
      view.setBigUint64(used, BigInt(timeUs), true)
      view.setUint32(used + 8, frame.length, true)
      view.setUint32(used + 12, 0, true)
      buffer.set(frame, used + headerBytes)
      buffer.fill(0, used + headerBytes + frame.length, used + whole)
      used += whole
      frames++
      return true
    },
    bytes: () => buffer.subarray(0, used),
    get frames() {
      return frames
    },
    frame(index) {
      let at = 0
      for (let i = 0; i < index; i++) at += wholeBytes(view.getUint32(at + 8, true))
      return buffer.slice(at + headerBytes, at + headerBytes + view.getUint32(at + 8, true))
    },
    clear() {
      used = 0
      frames = 0
    },
  }
}
