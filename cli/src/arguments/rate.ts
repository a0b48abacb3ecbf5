/** Rates on the command line: `100pps`, `10Mbit`. */

import { InvalidArgumentError } from 'commander'

/** What is let through per second. */
export interface Rate {
  readonly unit: 'packets' | 'bits'
  readonly perSecond: number
}

/** What a rate may look like, for messages. */
export const RATE_FORMS = '100pps, 64kbit, 10Mbit or 1Gbit'

const FACTORS = { '': 1, k: 1e3, m: 1e6, g: 1e9 } as const

/** Most that the daemon takes. */
const MOST = { packets: 1e9, bits: 1e12 } as const

/**
 * For `--rate`. Bits are those of the IP packets.
 * @throws InvalidArgumentError
 */
export function parseRate(text: string): Rate {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)(pps|bit)$/i.exec(text)
  if (match === null) throw new InvalidArgumentError(`Expected ${RATE_FORMS}, per second.`)
  const [, amount = '', prefix = '', name = ''] = match
  const unit = name.toLowerCase() === 'pps' ? 'packets' : 'bits'
  const perSecond = Number(amount) * FACTORS[prefix.toLowerCase() as keyof typeof FACTORS]
  if (perSecond >= 1 && perSecond <= MOST[unit]) return { unit, perSecond }
  throw new InvalidArgumentError(`Expected 1 to ${MOST[unit]} ${unit} per second, such as ${RATE_FORMS}.`)
}

/** In the grammar of `--rate`. */
export function rateWord({ unit, perSecond }: Rate): string {
  if (unit === 'packets') return `${perSecond}pps`
  for (const [prefix, factor] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (perSecond >= factor && Number.isInteger(perSecond / factor))
      return `${perSecond / factor}${prefix}bit`
  }
  return `${perSecond}bit`
}
