/** Conversations of 10 packets, half of them by UDP, through every room for minutes: none may be lost on the way. */

import type { BenchContext } from '../kernel-rows.js'
import { openPair, total } from './pair.js'

export const pipelineRow = 'pipeline_flows'

const perSecond = 20_000
/** Share that must have come through, where a sender was held up for a moment. */
const enough = 0.995

/** No flow and no record: single packets that two CPUs wanted to count at once, and what an ended flow leaves behind. */
function isBearable(name: string): boolean {
  return name.includes('"lock_missed"') || name.includes('"tombstone_dropped"')
}

/** @param seconds how long; the goal holds for 180 */
export async function measurePipeline(context: BenchContext, seconds = 180): Promise<void> {
  if (!context.wants(pipelineRow)) return
  await using pair = await openPair('benchflow')
  const before = pair.usage()
  const beganMs = performance.now()
  const sent = await pair.converse({ perSecond, seconds }, pair.soonMs())
  const tookSeconds = (performance.now() - beganMs) / 1_000
  const cpu = (pair.usage().cpuSeconds - before.cpuSeconds) / tookSeconds
  const opened = (metrics: ReadonlyMap<string, number>) =>
    total(metrics, 'idsd_flow_records_total', 'kind="opened"')
  let samples = await pair.metrics()
  // The last records are read within a moment.
  for (let tries = 20; tries > 0 && opened(samples) < total(samples, 'idsd_new_flows_total'); tries--) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    samples = await pair.metrics()
  }
  const flows = total(samples, 'idsd_new_flows_total')
  const value = Math.round(flows / seconds)
  const lost = [...samples].filter(
    ([name, count]) =>
      (name.startsWith('idsd_lost_total') || name.startsWith('idsd_stream_lost')) && count > 0,
  )
  const notSent = sent.reduce((sum, { dropped }) => sum + dropped, 0)
  const told = opened(samples)
  const isWhole = lost.every(([name]) => isBearable(name)) && told === flows && notSent === 0
  context.emit({
    ...{ name: pipelineRow, unit: 'flows/s', base: null, value, ratio: null, goal: perSecond, rounds: 1 },
    ...{ ok: isWhole && value >= perSecond * enough, p25: value, p75: value },
  })
  const share = (count: number) => `${count} (${((100 * count) / flows).toFixed(1)} %)`
  context.note(
    `${seconds} s, ${flows} flows, ended by pressure ${share(total(samples, 'idsd_ended_flows_total', 'pressure'))}, ` +
      `scored ${share(total(samples, 'idsd_scored_flows_total'))}, CPU of the daemon ${cpu.toFixed(2)} cores, ` +
      `RSS ${Math.round(pair.usage().rssBytes / 2 ** 20)} MiB, ` +
      `not sent ${notSent}, not told ${flows - told}, lost ${lost.length === 0 ? 'nothing' : lost.map(([name, count]) => `${name} ${count}`).join(', ')}`,
  )
}
