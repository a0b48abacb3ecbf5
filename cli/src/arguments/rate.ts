/** Rates on the command line: `100pps`, `10Mbit`. */

import { InvalidArgumentError } from 'commander'
import { RATE_FORMS, type Rate, readRate } from '../../../daemon/src/rate.js'

export { RATE_FORMS, type Rate, rateWord } from '../../../daemon/src/rate.js'

/** Most that the daemon takes. */
const MOST = { packets: 1e9, bits: 1e12 } as const

/**
 * For `--rate`. Bits are those of the IP packets.
 * @throws InvalidArgumentError
 */
export function parseRate(text: string): Rate {
  const rate = readRate(text)
  if (rate === undefined) throw new InvalidArgumentError(`Expected ${RATE_FORMS}, per second.`)
  const { unit, perSecond } = rate
  if (perSecond >= 1 && perSecond <= MOST[unit]) return rate
  throw new InvalidArgumentError(`Expected 1 to ${MOST[unit]} ${unit} per second, such as ${RATE_FORMS}.`)
}
