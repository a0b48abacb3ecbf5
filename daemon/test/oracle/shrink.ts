/** Makes a failing list small: what is left cannot lose another element without passing. */

/**
 * Leaves out halves, then quarters, down to single elements, as long as the rest still fails.
 * Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28(2), 2002;
 * complements only.
 * @param fails must be true of `whole`
 */
export function shrink<T>(whole: readonly T[], fails: (part: readonly T[]) => boolean): readonly T[] {
  let left = whole
  for (let size = Math.ceil(whole.length / 2); size >= 1; ) {
    const smaller = without(left, size).find(fails)
    if (smaller !== undefined) left = smaller
    else if (size === 1) break
    else size = Math.ceil(size / 2)
  }
  return left
}

/** The list without each of its chunks in turn. */
function without<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => [
    ...list.slice(0, i * size),
    ...list.slice((i + 1) * size),
  ])
}
