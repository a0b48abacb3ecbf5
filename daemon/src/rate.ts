/** Rates in words, alike on the command line and in the configuration: `100pps`, `10Mbit`. */

/** What is let through per second; bits are those of the IP packets. */
export interface Rate {
  readonly unit: 'packets' | 'bits'
  readonly perSecond: number
}

/** What a rate may look like, for messages. */
export const RATE_FORMS = '100pps, 64kbit, 10Mbit or 1Gbit'

/**
 * Least and most that the kernel can count with: the cost of the longest packet has to fit 64 bits, and that of one packet,
 * which is cut to whole ns, to be exact to 1 %.
 */
export const RATES = { packets: [1, 1e7], bits: [1_000, 1e12] } as const

/** Whether the kernel can keep to it. */
export function isInRange({ unit, perSecond }: Rate): boolean {
  const [least, most] = RATES[unit]
  return perSecond >= least && perSecond <= most
}

const FACTORS = { '': 1, k: 1e3, m: 1e6, g: 1e9 } as const

/** Undefined when `text` is no rate; how much is too much is not looked at. */
export function readRate(text: string): Rate | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)(pps|bit)$/i.exec(text)
  if (match === null) return undefined
  const [, amount = '', prefix = '', name = ''] = match
  const unit = name.toLowerCase() === 'pps' ? 'packets' : 'bits'
  return { unit, perSecond: Number(amount) * FACTORS[prefix.toLowerCase() as keyof typeof FACTORS] }
}

/** In the grammar of `readRate`. */
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
