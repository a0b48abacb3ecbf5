/** Captures to features by our own programs: to records, to a table, and to a table by the kernel's programs. */

import type { BenchContext } from '../kernel-rows.js'
import { summarize } from '../measure.js'
import type { BenchCaptures } from './capture.js'
import { countRows } from './count-rows.js'
import { type Cost, run } from './run.js'

/** Goals are packets per second of CPU time. */
const rows = [
  { name: 'extract_read', goal: 2_000_000 },
  { name: 'extract_csv', goal: 1_000_000 },
  { name: 'extract_kernel', goal: 400_000 },
] as const

export const ownRows: readonly string[] = rows.map(({ name }) => name)

/** Of one run of each row. They throw an Error when a run did not do all of its work. */
export type OwnRuns = Readonly<Record<(typeof rows)[number]['name'], () => Cost>>

/** A conversation is one flow at least, unless another one has the same five-tuple. */
const flowsOfConversations = 0.99

/** @param folder for what is written */
export function createOwnRuns(root: string, captures: BenchCaptures, folder: string): OwnRuns {
  const { whole, conversations } = captures
  const leastFlows = conversations * flowsOfConversations
  const output = `${folder}/own.csv`
  const toCsv = (flags: readonly string[]) => {
    const cost = run([`${root}/build/bin/idsctl`, 'extract', ...flags, whole.path, '-o', output])
    const flows = countRows(output)
    if (flows < leastFlows) throw new Error(`extract: ${flows} flows of ${conversations} conversations`)
    return cost
  }
  return {
    extract_read() {
      const cost = run([`${root}/build/host/extract`, whole.path], { isQuiet: true })
      const told = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(cost.stderr)?.[1])
      if (told('packets') !== whole.packets || !(told('flows') >= leastFlows))
        throw new Error(`extract: ${told('packets')} packets of ${whole.packets}, ${told('flows')} flows`)
      return cost
    },
    extract_csv: () => toCsv([]),
    extract_kernel: () => toCsv(['--kernel']),
  }
}

/** @param roundCount runs of each row */
export function measureOwn(context: BenchContext, runs: OwnRuns, packets: number, roundCount: number): void {
  for (const { name, goal } of rows) {
    if (!context.wants(name)) continue
    const costs = Array.from({ length: roundCount }, runs[name])
    const rounds = costs.map(({ cpuSeconds }) => ({ base: null, value: Math.round(packets / cpuSeconds) }))
    context.emit(summarize({ name, unit: 'packets/s', goal, isGain: true }, rounds))
    const walls = costs.map(({ wallSeconds }) => Math.round(packets / wallSeconds / 1e3))
    context.note(`by the clock on the wall ${walls.join(', ')} thousand packets/s`)
  }
}
