/** How true a rate limit is: 10 s from two CPUs at twice the limit, through the daemon and the stack of a host. */

import { openSite } from '../../daemon/test/e2e/harness.js'
import { errorOf, highestRate, noFloodDetectors, runLimit } from '../../daemon/test/e2e/limit-accuracy.js'
import { openLab } from '../../lab/namespaces.js'
import type { BenchContext } from '../kernel-rows.js'

export const limitRow = 'limit_accuracy'
const seconds = 10
const goalPercent = 2

/** One round for each limit: 10 and 1,000 packets a second, and a quarter of what the lab can send. */
export async function measureLimit({ wants, emit, note }: BenchContext): Promise<void> {
  if (!wants(limitRow)) return
  await using lab = await openLab({ topology: 'host', tag: 'limitrow' })
  const [host, peer] = [lab.ns('server'), lab.ns('attacker')]
  await using site = openSite(host, 'limitrow')
  await site.start({ config: noFloodDetectors })
  const most = await highestRate(peer, host)
  const errors: number[] = []
  for (const perSecond of [10, 1_000, Math.floor(most / 4)]) {
    const run = await runLimit(site, peer, host, { perSecond, seconds })
    errors.push(errorOf(run) * 100)
    note(`limit ${perSecond}/s: ${run.sent} sent, ${run.arrived} arrived in ${seconds} s`)
  }
  const value = Math.max(...errors)
  emit({
    name: limitRow,
    unit: '%',
    base: null,
    value,
    ratio: null,
    goal: goalPercent,
    ok: value <= goalPercent,
    rounds: errors.length,
    p25: Math.min(...errors),
    p75: value,
    about: `worst of three limits up to ${Math.floor(most / 4)} packets/s, beyond the burst`,
  })
}
