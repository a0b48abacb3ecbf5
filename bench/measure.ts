/** Rounds, medians and quartiles. */

/** One line of build/bench.json. */
export interface Row {
  readonly name: string
  readonly unit: 'ns' | 'us' | 'ms' | 'MiB' | '%' | 'flows/s' | 'packets/s'
  /** What the ratio is taken to: the parse-only program, XDP for iptables, a peer of extract; null: none. In `unit`. */
  readonly base: number | null
  /** Median, in `unit`. */
  readonly value: number
  /** Median over the rounds of value / base; null without a base. */
  readonly ratio: number | null
  /** Highest ratio, or value where there is none, that is good enough; lowest where it is a gain; null: informs only. */
  readonly goal: number | null
  readonly ok: boolean
  readonly rounds: number
  /** Quartiles of the ratio; of the value where there is no ratio. */
  readonly p25: number
  readonly p75: number
  /** What was compared, in words. */
  readonly about?: string
}

/** A row that could not be measured, because what it compares with is not there. */
export interface AbsentRow {
  readonly name: string
  readonly why: string
}

export interface RowFacts {
  readonly name: string
  readonly unit: 'ns' | 'ms' | 'MiB' | 'packets/s'
  readonly goal: number | null
  /** The ratio, or the value where there is none, is a gain: the goal is its lowest value. Default false. */
  readonly isGain?: boolean
}

/** One round: base and value measured one right after the other. */
export interface Round {
  readonly base: number | null
  readonly value: number
  /** Default value / base. */
  readonly ratio?: number
}

/** @param values not empty @param share 0.5 = median; between two values the nearer one counts more */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]!
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at))
}

const median = (values: readonly number[]) => quantile(values, 0.5)

export function summarize({ name, unit, goal, isGain = false }: RowFacts, rounds: readonly Round[]): Row {
  const bases = rounds.flatMap(({ base }) => (base === null ? [] : [base]))
  const values = rounds.map(({ value }) => value)
  const ratios = rounds.flatMap(({ base, value, ratio }) =>
    ratio !== undefined ? [ratio] : base === null ? [] : [value / base],
  )
  const ratio = ratios.length === 0 ? null : median(ratios)
  const value = median(values)
  const judged = ratio ?? value
  const spread = ratios.length === 0 ? values : ratios
  return {
    name,
    unit,
    base: bases.length === 0 ? null : round(median(bases)),
    value: round(value),
    ratio: ratio === null ? null : round(ratio),
    goal,
    ok: goal === null || (isGain ? judged >= goal : judged <= goal),
    rounds: rounds.length,
    p25: round(quantile(spread, 0.25)),
    p75: round(quantile(spread, 0.75)),
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
