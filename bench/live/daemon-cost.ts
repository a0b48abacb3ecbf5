/** What the daemon itself takes: memory with a million flows in the table, CPU with nothing to do. */

import type { BenchContext } from '../kernel-rows.js'
import { openPair, total } from './pair.js'

export const costRows = ['rss_1m', 'cpu_idle'] as const

const flows = 1_000_000
const perSecond = 20_000
const settleMs = 8_000
const idleSeconds = 30
const idleGoalPercent = 1

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function measureIdle(context: BenchContext): Promise<void> {
  await using pair = await openPair('benchidle')
  await wait(settleMs)
  const before = pair.usage()
  const beganMs = performance.now()
  await wait(idleSeconds * 1_000)
  const took = (performance.now() - beganMs) / 1_000
  const after = pair.usage()
  const value = Math.round((1e4 * (after.cpuSeconds - before.cpuSeconds)) / took) / 100
  context.emit({
    ...{ name: costRows[1], unit: '%', base: null, value, ratio: null, goal: idleGoalPercent, rounds: 1 },
    ...{ ok: value < idleGoalPercent, p25: value, p75: value },
  })
  context.note(`idle: RSS ${Math.round(after.rssBytes / 2 ** 20)} MiB`)
}

async function measureMemory(context: BenchContext): Promise<void> {
  await using pair = await openPair('benchrss', ['--flows', '2097152'])
  await pair.converse({ perSecond, seconds: flows / perSecond }, pair.soonMs())
  const value = Math.round(pair.usage().rssBytes / 2 ** 20)
  const held = total(await pair.metrics(), 'idsd_flows')
  if (held < flows * 0.98) throw new Error(`${held} flows in the table, ${flows} expected`)
  context.emit({
    ...{ name: costRows[0], unit: 'MiB', base: null, value, ratio: null, goal: null, rounds: 1 },
    ...{ ok: true, p25: value, p75: value },
  })
}

export async function measureCost(context: BenchContext): Promise<void> {
  if (context.wants(costRows[1])) await measureIdle(context)
  if (context.wants(costRows[0])) await measureMemory(context)
}
