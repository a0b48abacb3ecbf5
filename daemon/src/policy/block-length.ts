/** How long a block lasts: longer each time its source comes back. Pure. */

export interface BlockLengthOptions {
  /** Length of the first block, ms. */
  readonly blockMs: number
  /** Each repeat lasts so many times the one before. */
  readonly repeatFactor: number
  /** No block is longer, ms. */
  readonly maxBlockMs: number
}

/**
 * @param repeats blocks of this source before, at least 0
 * @returns ms; never below the first block's length as far as `maxBlockMs` allows it
 */
export function blockLengthMs(
  { blockMs, repeatFactor, maxBlockMs }: BlockLengthOptions,
  repeats: number,
): number {
  return Math.round(Math.min(blockMs * repeatFactor ** repeats, maxBlockMs))
}
