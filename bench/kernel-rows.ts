/** The rows that BPF_PROG_TEST_RUN can measure: each beside the parse-only program, in the same round. */

import { type Binding, kernelCall } from '../daemon/src/kernel/binding.js'
import { readFlowCount } from '../daemon/src/kernel/counters.js'
import { openRing } from '../daemon/src/kernel/ring.js'
import { sweepArgs } from '../daemon/src/kernel/wire.js'
import { tcpPacket } from '../lab/packet.js'
import { type Round, type Row, type RowFacts, summarize } from './measure.js'
import { type BenchProgram, openRig, type Plan, type Rig, sourceBytes } from './rig.js'

export interface BenchContext {
  readonly binding: Binding
  /** Folder that holds `build/`. */
  readonly root: string
  readonly rounds: number
  /** Is this row asked for? */
  wants(name: string): boolean
  emit(row: Row): void
  /** What the row compares with is not there. */
  absent(name: string, why: string): void
  /** A sentence below the row. */
  note(text: string): void
}

export interface Subject extends Omit<RowFacts, 'unit'> {
  readonly program: BenchProgram
  /** Default: the parse-only program. */
  readonly base?: BenchProgram
  readonly frame: Uint8Array
  readonly plan: Plan
  /** What every run must return: 1 = XDP_DROP, 2 = XDP_PASS. */
  readonly verdict: 1 | 2
  /** Runs in a round. Default 300 000. */
  readonly repeat?: number
  /** Runs before the first round. Default one round's. */
  readonly warmUp?: number
  /** Done before each run of the program, not measured. */
  readonly before?: () => void
}

const drop = 1
const pass = 2
const addresses = { src: '10.0.0.1', dst: '10.77.0.1', srcPort: 40_000, dstPort: 80 }
const data = tcpPacket({ ...addresses, flags: 'PA', payload: 'twenty bytes of data' })
const syn = tcpPacket({ ...addresses, flags: 'S' })

/** Numbers from here on are nobody's that is blocked. */
const legitimate = 0x8000_0000
const blocked = 100_000
const prefixes = 10_000
const tableFlows = 1_048_576
/** The daemon's default budget of new flows per second and CPU. */
const defaultBudget = 50_000

/** Measures a program beside the parse-only one, round by round. */
export function compare(context: BenchContext, rig: Rig, subject: Subject): void {
  if (!context.wants(subject.name)) return
  const { program, frame, plan, repeat = 300_000, warmUp = repeat, before } = subject
  const run = (runs: number) => {
    before?.()
    const { ns, result } = rig.run(program, frame, runs)
    if (result !== subject.verdict)
      throw new Error(`${subject.name}: verdict ${result}, not ${subject.verdict}`)
    return ns
  }
  rig.plan(plan)
  for (let left = warmUp; left > 0; left -= repeat) run(Math.min(left, repeat))
  const rounds: Round[] = []
  for (let round = 0; round < context.rounds; round++) {
    const base = rig.run(subject.base ?? 'bench_parse', frame, repeat).ns
    rounds.push({ base, value: run(repeat) })
  }
  context.emit(summarize({ ...subject, unit: 'ns' }, rounds))
}

/** Blocked and passing packets before 100,000 addresses and 10,000 prefixes. */
export function measureBlockStage(context: BenchContext): void {
  const names = ['parser', 'drop_exact_100k', 'lookup_exact_100k', 'pass_100k_10k']
  if (!names.some(context.wants)) return
  const rig = openRig(context)
  const { bootUs } = context.binding.clocks()
  const entry = { action: 1, origin: 1, reason: 1, expiresBootUs: bootUs + 3_600_000_000 }
  const add = (decision: number, bytes: Uint8Array, prefix: number) => {
    const isPrefix = prefix < 32
    const text = `${bytes.join('.')}${isPrefix ? `/${prefix}` : ''}`
    rig.blockList.set({ family: 4, bytes, prefix, text, isPrefix }, { ...entry, decision })
  }
  compare(context, rig, {
    ...{ name: 'parser', goal: null, program: 'bench_parse', base: 'bench_bare', frame: data, verdict: pass },
    plan: { count: blocked },
  })
  for (let i = 0; i < blocked; i++) add(i, sourceBytes(i), 32)
  const exact = { frame: data, plan: { count: blocked }, verdict: drop } as const
  compare(context, rig, { name: 'drop_exact_100k', goal: 4.5, program: 'bench_ingress', ...exact })
  compare(context, rig, { name: 'lookup_exact_100k', goal: 2.6, program: 'bench_lookup', ...exact })
  if (context.wants('pass_100k_10k')) {
    // Blocked prefixes are in even /24s, the legitimate sources in odd ones: the same words of the bitmap, no hit.
    for (let i = 0; i < prefixes; i++) {
      const bytes = sourceBytes(blocked + i)
      bytes.set([bytes[2]! & 0xfe, 0], 2)
      add(blocked + i, bytes, 24)
    }
  }
  compare(context, rig, {
    ...{ name: 'pass_100k_10k', goal: 1.6, program: 'bench_block', frame: data, verdict: pass },
    plan: { first: legitimate, count: 0x7fff_ffff, set: 0x100 },
  })
  rig.close()
}

/** Established flows through the whole of ingress, nothing loaded in the block stage, snapshots drained. */
export function measureFlows(context: BenchContext): void {
  const sizes = [
    { name: 'flow_1', goal: 3.8, plan: { count: 1 } },
    { name: 'flow_4k', goal: 4.6, plan: { count: 4_096, order: 'log' } },
    { name: 'flow_64k', goal: 7, plan: { count: 65_536, order: 'log' } },
  ] as const
  for (const { name, goal, plan } of sizes.filter((size) => context.wants(size.name))) {
    const rig = openRig({ ...context, flows: tableFlows / 8, bulkRingBytes: 1 << 26 })
    const drain = openDrain(context, rig)
    compare(context, rig, {
      ...{ name, goal, plan, program: 'bench_ingress', frame: data, verdict: pass },
      ...{ warmUp: plan.count === 1 ? 300_000 : 4_000_000, before: drain.all },
    })
    drain.close()
    rig.close()
  }
}

/** A spoofed flood against a table of 1,048,576 flows, and the sweep of that table. */
export function measureFlood(context: BenchContext): void {
  if (!['new_flow_budget', 'new_flow_full', 'sweep_1m'].some(context.wants)) return
  const rig = openRig({ ...context, flows: tableFlows, bulkRingBytes: 1 << 26 })
  const drain = openDrain(context, rig)
  const batch = Math.floor(tableFlows / 10)
  /** Time at which each tenth of the table was complete, us. */
  const marks: number[] = []
  let next = 0
  const fill = (flows: number) => {
    rig.plan({ order: 'sequence', first: next })
    rig.run('bench_ingress', syn, flows)
    next += flows
    drain.all()
    marks.push(context.binding.clocks().monotonicUs + 1)
  }
  for (let i = 0; i < 9; i++) fill(batch)

  const budget = openRig({
    ...{ ...context, flows: tableFlows, newFlowsPerSecond: defaultBudget },
    shareWith: rig,
  })
  const flood = { program: 'bench_ingress', frame: syn, verdict: pass } as const
  compare(context, budget, {
    ...{ ...flood, name: 'new_flow_budget', goal: 6, before: drain.all, repeat: 500_000 },
    plan: { order: 'sequence', first: legitimate },
  })
  budget.close()
  fill(tableFlows - readFlowCount(context.binding, rig.path))
  compare(context, rig, {
    ...{ ...flood, name: 'new_flow_full', goal: 16, before: drain.all },
    plan: { order: 'sequence', first: legitimate + 0x2000_0000 },
  })
  if (context.wants('sweep_1m')) measureSweep(context, rig, { marks, fill, drain: drain.all })
  drain.close()
  rig.close()
}

interface Filled {
  readonly marks: number[]
  fill(flows: number): void
  drain(): void
}

/** Sweeps at a time at which the oldest tenth is just over; then that tenth is made anew. */
function measureSweep(context: BenchContext, rig: Rig, { marks, fill, drain }: Filled): void {
  const rounds: Round[] = []
  for (let round = 0; round < Math.min(context.rounds, 5); round++) {
    const input = new Uint8Array(sweepArgs.size)
    sweepArgs.set.nowUs(new DataView(input.buffer), 0, marks.shift()! + 120_000_000)
    drain()
    const { cpuNs, context: output } = kernelCall(() =>
      context.binding.testRun(rig.programFd('bench_sweep'), undefined, input, 0),
    )
    const view = new DataView(output!.buffer)
    const ended = sweepArgs.get.ended(view, 0)
    if (sweepArgs.get.ringFull(view, 0) !== 0) throw new Error('sweep_1m: the ring was full')
    rounds.push({ base: null, value: cpuNs / 1e6 })
    fill(ended)
  }
  context.emit(summarize({ name: 'sweep_1m', unit: 'ms', goal: null }, rounds))
}

/** Empties the rings, as the daemon would. */
function openDrain({ binding }: BenchContext, rig: Rig): { all(): void; close(): void } {
  const ring = openRing({ binding, path: rig.path })
  return {
    all() {
      while (ring.drain().bytes.length > 0);
    },
    close: () => ring.close(),
  }
}
