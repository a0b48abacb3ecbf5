/** Work that is done a few at a time: who comes later waits for a turn, in order. */

import { IdsdError } from '../errors.js'

export interface TurnsOptions {
  /** How many have their turn at the same time. */
  readonly most: number
  /** How many may wait besides. */
  readonly mostWaiting: number
  /** Who has the turns, in words: `lists are being imported`. */
  readonly what: string
}

export interface Turns {
  /**
   * @param gone nobody waits any longer
   * @returns ends the turn
   * @throws IdsdError `ERR_BUSY` when too many wait already, `ERR_STOPPING` when `gone` came first
   */
  take(gone: AbortSignal): Promise<() => void>
}

export function createTurns({ most, mostWaiting, what }: TurnsOptions): Turns {
  let taken = 0
  const waiting = new Set<() => void>()

  const end = () => {
    const [next] = waiting
    if (next === undefined) taken--
    else next()
  }

  return {
    take(gone) {
      if (taken < most) {
        taken++
        return Promise.resolve(end)
      }
      if (waiting.size >= mostWaiting) {
        const text = `${most} ${what} and ${mostWaiting} wait for their turn: try again when some are done`
        return Promise.reject(new IdsdError('ERR_BUSY', text))
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(begin)
          reject(new IdsdError('ERR_STOPPING', 'the caller went away'))
        }
        const begin = () => {
          waiting.delete(begin)
          gone.removeEventListener('abort', leave)
          resolve(end)
        }
        waiting.add(begin)
        gone.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
