/** How evidence writes numbers. */

/** Flows that go with one piece of evidence at most. */
export const MAX_FLOWS = 20

/** `1.8 s`, `15 s`, `0.013 s`: two digits that count. */
export function seconds(ms: number): string {
  const value = ms / 1_000
  return `${value >= 10 ? Number(value.toFixed(1)) : Number(value.toPrecision(2))} s`
}

/** A share in [0, 1] as whole percent, cut off: `79 %` is not 80. */
export function percent(share: number): string {
  return `${Math.floor(100 * share + 1e-9)} %`
}

/** `123 MB`, `4.5 GB`: decimal units. */
export function bytes(count: number): string {
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`
  return count < 1e9
    ? `${Number((count / 1e6).toPrecision(3))} MB`
    : `${Number((count / 1e9).toPrecision(3))} GB`
}
