/** How far an export is, on one line of a terminal that is written over. */

import type { Io } from '../io.js'
import { count } from '../output/units.js'

export interface Progress {
  /** @param share of the whole, in [0, 1]; undefined when it is not known */
  show(flows: number, share: number | undefined): void
  /** Takes the line away. */
  clear(): void
}

const EVERY_MS = 200
const CELLS = 30

export interface ProgressOptions {
  /** Shows nothing of what is done before that, ms. Default 0. */
  readonly afterMs?: number
  /** Rows go to standard output: on a terminal a bar would stand between them. */
  readonly showsRows?: boolean
  /** What is counted. Default `flows`. */
  readonly noun?: string
}

/** Shows nothing where nobody would see it, e.g. in a pipe or a log. */
export function createProgress(
  io: Io,
  { afterMs = 0, showsRows = false, noun = 'flows' }: ProgressOptions = {},
): Progress {
  const beganMs = io.nowMs()
  let shownMs = 0
  if (io.stderr.isTTY !== true || (showsRows && io.stdout.isTTY === true))
    return { show: () => {}, clear: () => {} }
  return {
    show: (flows, share) => {
      const nowMs = io.nowMs()
      if (nowMs - shownMs < EVERY_MS || nowMs - beganMs < afterMs) return
      shownMs = nowMs
      io.stderr.write(`\r\u001b[K${progressText(flows, share, noun)}`)
    },
    clear: () => void (shownMs > 0 && io.stderr.write('\r\u001b[K')),
  }
}

export function progressText(flows: number, share: number | undefined, noun = 'flows'): string {
  const number = `${count(flows)} ${noun}`
  if (share === undefined) return number
  const done = Math.min(1, Math.max(0, share))
  const filled = Math.round(done * CELLS)
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(CELLS - filled)}] ${Math.floor(done * 100)} %`
  // Flows may all come at the end.
  return flows === 0 ? bar : `${bar}  ${number}`
}
