/** What idsd adds to the way of an allowed packet: echo requests with it and without it, turn by turn. */

import { sendPath } from '../../daemon/test/e2e/harness.js'
import type { BenchContext } from '../kernel-rows.js'
import { quantile } from '../measure.js'
import { openPair, type Pair } from './pair.js'

export const latencyRows = ['latency_added_p50', 'latency_added_p99'] as const

const requests = 4_000
const turns = 5

/** Round trip times from the stranger to the guarded end, us. The kernel answers: no program takes part. */
async function roundTrips(pair: Pair): Promise<number[]> {
  const target = pair.guarded.addresses.v4.replace('10.77.0.', '10.77.1.')
  const words = [sendPath, 'echo', '--target', target, '--count', `${requests}`, '--rate', '1000']
  const { stdout, stderr } = await pair.stranger.exec(words, { timeoutMs: 60_000 })
  if (stdout === '') throw new Error(`send echo: ${stderr}`)
  const { rtt_ns } = JSON.parse(stdout) as { rtt_ns: number[] }
  const found = rtt_ns.filter((ns) => ns > 0).map((ns) => ns / 1_000)
  if (found.length < requests * 0.99)
    throw new Error(`${found.length} of ${requests} echo requests were answered`)
  return found
}

export async function measureLatency(context: BenchContext): Promise<void> {
  if (!latencyRows.some((name) => context.wants(name))) return
  await using pair = await openPair('benchlat')
  const rounds: { readonly off: number[]; readonly on: number[] }[] = []
  for (let turn = 0; turn < turns; turn++) {
    const on = await roundTrips(pair)
    await pair.site.stop()
    await pair.site.detach()
    const off = await roundTrips(pair)
    rounds.push({ on, off })
    await pair.site.start({ interfaces: ['eth1'] })
  }
  for (const [name, share] of [
    [latencyRows[0], 0.5],
    [latencyRows[1], 0.99],
  ] as const) {
    if (!context.wants(name)) continue
    const of = (which: 'on' | 'off') => rounds.map((round) => quantile(round[which], share))
    const added = rounds.map(({ on, off }) => quantile(on, share) - quantile(off, share))
    const ratios = rounds.map(({ on, off }) => quantile(on, share) / quantile(off, share))
    context.emit({
      ...{ name, unit: 'us', base: quantile(of('off'), 0.5), value: quantile(of('on'), 0.5) },
      ...{ ratio: quantile(ratios, 0.5), goal: null, ok: true, rounds: turns },
      ...{ p25: quantile(ratios, 0.25), p75: quantile(ratios, 0.75) },
    })
    context.note(`${name}: ${quantile(added, 0.5).toFixed(1)} us more on the way there and back`)
  }
}
