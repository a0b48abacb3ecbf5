/** How output looks on what it is written to. */

import pc from 'picocolors'
import type { Io } from '../io.js'

export interface Style {
  readonly colors: ReturnType<typeof pc.createColors>
  /** Columns of the terminal; undefined in a pipe, where nothing is cut. */
  readonly width: number | undefined
}

/** Colour only on a terminal, unless `--no-color`, NO_COLOR (no-color.org) or TERM=dumb says otherwise. */
export function styleOf({ stdout, env }: Io, wantsColor: boolean): Style {
  const isPlain = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb'
  return {
    colors: pc.createColors(stdout.isTTY === true && wantsColor && !isPlain),
    width: stdout.isTTY === true ? stdout.columns : undefined,
  }
}
