/** How true a rate limit is at rates that no sender of the lab reaches: the programs run on two CPUs at once. */

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { type Binding, kernelCall, loadBinding } from '../daemon/src/kernel/binding.js'
import { openBlockList } from '../daemon/src/kernel/block-list.js'
import { openDataPath } from '../daemon/src/kernel/data-path.js'
import { BlockAction, BlockOrigin, BlockReason } from '../daemon/src/kernel/wire.js'
import { parseTarget } from '../daemon/src/policy/address.js'
import { smallSizes } from '../daemon/test/loaded-programs.js'
import { udpPacket } from '../lab/packet.js'
import type { BenchContext } from './kernel-rows.js'

export const limitRunsRow = 'limit_two_cpus'
const seconds = 10
const goalPercent = 2
const limits = [10, 1_000, 100_000, 1_000_000] as const
const source = '198.51.100.66'
const frame = udpPacket({ src: source, dst: '203.0.113.1', srcPort: 9, dstPort: 9, payload: 'x' })
/** Runs of one call, about half a second: between two calls the kernel is away for some 20 ms, and the other CPU goes on. */
const runs = 2_000_000

interface Shift {
  readonly root: string
  readonly program: number
  /** Wall time, ms. */
  readonly untilMs: number
}

/** In a thread of its own: the program again and again. */
function work({ root, program, untilMs }: Shift): void {
  const binding = loadBinding(root)
  while (Date.now() < untilMs) kernelCall(() => binding.testRun(program, frame, undefined, runs))
}

if (!isMainThread) work(workerData as Shift)

/** Two threads run it at once, until their time is over. */
async function both(shift: Shift): Promise<void> {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: shift }))
  await Promise.all(workers.map((worker) => once(worker, 'exit')))
}

/** Ten seconds for each limit, read while both CPUs are at it. */
export async function measureLimitRuns({ binding, root, wants, emit, note }: BenchContext): Promise<void> {
  if (!wants(limitRunsRow)) return
  const errors: number[] = []
  for (const perSecond of limits) errors.push(await errorOf(binding, root, perSecond, note))
  const value = Math.max(...errors)
  emit({
    ...{ name: limitRunsRow, unit: '%', base: null, value, ratio: null, goal: goalPercent },
    ...{ ok: value <= goalPercent, rounds: errors.length, p25: Math.min(...errors), p75: value },
    about: `worst of limits from ${limits[0]} to ${limits.at(-1)} packets/s, each ${seconds} s`,
  })
}

async function errorOf(binding: Binding, root: string, perSecond: number, note: (text: string) => void) {
  const hashSeed = 7
  const path = openDataPath({ binding, root, sizes: smallSizes, ifindex: 1, newFlowsPerSecond: 0, hashSeed })
  try {
    const list = openBlockList({ binding, path, blocks: smallSizes.blocks, hashSeed })
    const target = parseTarget(source, 'source')
    list.set(target, {
      ...{ decision: 1, action: BlockAction.limit, origin: BlockOrigin.operator, reason: BlockReason.manual },
      ...{ expiresBootUs: 0, limit: { unit: 'packets', perSecond } },
    })
    const program = path.programFd('idsd_ingress')
    const running = both({ root, program, untilMs: Date.now() + (seconds + 3) * 1_000 })
    // Both are at it by then.
    await sleep(1_500)
    const read = () => ({
      atMs: performance.now(),
      ...(list.get(target)?.limitCounts ?? { passed: 0, limited: 0 }),
    })
    const first = read()
    await sleep(seconds * 1_000)
    const last = read()
    await running
    const spanS = (last.atMs - first.atMs) / 1_000
    const passed = last.passed - first.passed
    const offered = (passed + last.limited - first.limited) / spanS
    note(`limit ${perSecond}/s: ${Math.round(offered)}/s offered, ${passed} passed in ${spanS.toFixed(2)} s`)
    // One packet more or less stands at the edge of the time.
    return (Math.max(0, Math.abs(passed - perSecond * spanS) - 1) / (perSecond * spanS)) * 100
  } finally {
    path.close()
  }
}
