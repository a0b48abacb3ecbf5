/** How evidence writes numbers. */

/** Flows that go with one piece of evidence at most. */
export const MAX_FLOWS = 20

/** `1.8 s`, `15 s`, `0.013 s`: two digits that count. */
export function seconds(ms: number): string {
  const value = ms / 1_000
  return `${value >= 10 ? Number(value.toFixed(1)) : Number(value.toPrecision(2))} s`
}
