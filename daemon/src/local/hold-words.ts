/**
 * Words written past the daemon stay as they were written, also when a daemon starts meanwhile: it reads the words of its
 * predecessor, fills maps of its own, and puts their pins in the place of those that were written.
 */

import { setTimeout as wait } from 'node:timers/promises'
import { IdsdError } from '../errors.js'

/** A start looks at the earlier words once more behind its pins: who finds none else twice is behind that look. */
const quietLooks = 2
const mostLooks = 20
const betweenMs = 25

/**
 * @param write opens the pins that are there and writes the words that are not so yet; returns how many
 * @throws IdsdError `ERR_OVERWRITTEN` when somebody goes on writing others
 */
export async function holdWords(write: () => number): Promise<void> {
  for (let look = 0, quiet = 0; look < mostLooks; look++) {
    await wait(betweenMs)
    quiet = write() === 0 ? quiet + 1 : 0
    if (quiet === quietLooks) return
  }
  throw new IdsdError(
    'ERR_OVERWRITTEN',
    'somebody else writes into the maps at the same time: idsd that starts',
  )
}
