/** Work that is done a few at a time: who comes later waits for a turn, in order. */

import { IdsdError } from '../errors.js'

export interface TurnsOptions {
  /** How many have their turn at the same time. */
  readonly most: number
  /** How many may wait besides. */
  readonly mostWaiting: number
  /** Longest time to wait, ms. */
  readonly waitMs: () => number
  /** What those do who have their turn: `lists are being imported`. */
  readonly what: string
}

export interface Turns {
  /**
   * @param gone nobody waits any longer; its reason is thrown
   * @returns ends the turn
   * @throws IdsdError `ERR_BUSY` when too many wait already, or it took too long
   */
  take(gone: AbortSignal): Promise<() => void>
}

export function createTurns({ most, mostWaiting, waitMs, what }: TurnsOptions): Turns {
  let taken = 0
  /** Each begins one that waits, or refuses it for a reason. */
  const waiting = new Set<(refusal?: unknown) => void>()

  const end = () => {
    const [next] = waiting
    if (next === undefined) taken--
    else next()
  }
  const turn = () => {
    let isOver = false
    return () => {
      if (!isOver) end()
      isOver = true
    }
  }
  const busy = (besides: string) =>
    new IdsdError('ERR_BUSY', `${most} ${what}${besides}: try again when some are done`)

  const wait = (gone: AbortSignal) =>
    new Promise<() => void>((resolve, reject) => {
      const settle = (refusal?: unknown) => {
        clearTimeout(timer)
        gone.removeEventListener('abort', leave)
        waiting.delete(settle)
        if (refusal === undefined) resolve(turn())
        else reject(refusal)
      }
      const leave = () => settle(gone.reason)
      const timer = setTimeout(() => settle(busy(', and have been all the while')), waitMs())
      gone.addEventListener('abort', leave)
      waiting.add(settle)
    })

  return {
    async take(gone) {
      gone.throwIfAborted()
      if (taken >= most) {
        if (waiting.size >= mostWaiting) throw busy(` and ${mostWaiting} wait for their turn`)
        return wait(gone)
      }
      taken++
      return turn()
    },
  }
}
