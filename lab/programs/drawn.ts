/** Sizes that are the same each time, or drawn anew. */

/**
 * Reads `N` or `MIN-MAX`, whole numbers from 0.
 * @returns gives N, or a number drawn evenly from MIN to MAX with each call; undefined when the text is neither
 */
export function drawn(text: string): (() => number) | undefined {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const [least, most] = [Number(first), Number(last)]
  if (!(least <= most)) return undefined
  return () => least + Math.floor(Math.random() * (most - least + 1))
}
