/** `make bench`: measures the data path against the parse-only program, writes build/bench.json. Run as root. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, release } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadBinding } from '../daemon/src/kernel/binding.js'
import { extractRows, measureExtract } from './extract/rows.js'
import { type BenchContext, measureBlockStage, measureFlood, measureFlows } from './kernel-rows.js'
import { limitRunsRow, measureLimitRuns } from './limit-two-cpus.js'
import { listRows, measureLists } from './list-rows.js'
import { costRows, measureCost } from './live/daemon-cost.js'
import { latencyRows, measureLatency } from './live/latency.js'
import { limitRow, measureLimit } from './live/limit-accuracy.js'
import { measurePipeline, pipelineRow } from './live/pipeline-flows.js'
import { measureTimeToBlock, timeToBlockRows } from './live/time-to-block.js'
import type { AbsentRow, Row } from './measure.js'
import { formatAbsent, formatHeader, formatRow } from './table.js'
import { measureVeth } from './veth-row.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const output = `${root}/build/bench.json`

const rowNames = [
  ...['parser', 'drop_exact_100k', 'lookup_exact_100k', 'pass_100k_10k', 'flow_1', 'flow_4k', 'flow_64k'],
  ...['new_flow_budget', 'new_flow_full', 'sweep_1m', 'drop_vs_iptables_10k'],
  ...listRows,
  ...extractRows,
  ...[...latencyRows, ...costRows, ...timeToBlockRows, limitRunsRow, limitRow, pipelineRow],
] as const

const help = `usage: node build/bench/main.js [--only NAME,..] [--rounds N] [--seconds N]

Measures the packet path and writes build/bench.json. Ends with 1 when a goal is missed. Needs root.

  --only NAME,..  these rows only: ${rowNames.join(' ')}
  --rounds N      rounds of each row, 1 to 1000 (default 11; sweep and iptables take 5 at most, extract 3)
  --seconds N     how long pipeline_flows lasts (default 180, for which its goal is set)
  --help          this text
`

function fail(message: string): never {
  process.stderr.write(`bench: ${message}\n`)
  process.exit(2)
}

function readArguments(): { only: readonly string[]; rounds: number; seconds: number } {
  let values: { only?: string; rounds?: string; seconds?: string; help?: boolean }
  try {
    const options = {
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      help: { type: 'boolean' },
    } as const
    values = parseArgs({ options }).values
  } catch (error) {
    fail(`${(error as Error).message}\n${help}`)
  }
  if (values.help === true) {
    process.stdout.write(help)
    process.exit(0)
  }
  const only = values.only?.split(',') ?? rowNames
  for (const name of only) {
    if (!rowNames.some((known) => known === name))
      fail(`--only: no row ${name}; rows: ${rowNames.join(', ')}`)
  }
  const rounds = Number(values.rounds ?? 11)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000)
    fail(`--rounds: 1 to 1000, got ${values.rounds}`)
  const seconds = Number(values.seconds ?? 180)
  if (!(seconds >= 5 && seconds <= 86_400)) fail(`--seconds: 5 to 86400, got ${values.seconds}`)
  return { only, rounds, seconds }
}

/** Keeps this thread, and what it starts, on these CPUs. */
function stayOn(cpus: string): void {
  const { status } = spawnSync('taskset', ['-cp', cpus, String(process.pid)])
  if (status !== 0) process.stderr.write('bench: no taskset: the kernel may move the bench between CPUs\n')
}

function machine(): { cpu: string; kernel: string; cores: number } {
  const cpu = /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch
  return { cpu, kernel: release(), cores: availableParallelism() }
}

function commit(): string | null {
  const { status, stdout } = spawnSync('git', ['-c', 'safe.directory=*', '-C', root, 'rev-parse', 'HEAD'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : null
}

async function main(): Promise<number> {
  const { only, rounds, seconds } = readArguments()
  if (process.getuid?.() !== 0) fail('needs root: make bench')
  const facts = { schema: 1, machine: machine(), commit: commit() }
  // On one CPU per-CPU memory and caches stay the same.
  const lastCpu = availableParallelism() - 1
  stayOn(`${lastCpu}`)
  const rows: Row[] = []
  const absent: AbsentRow[] = []
  const context: BenchContext = {
    binding: loadBinding(root),
    root,
    rounds,
    wants: (name) => only.includes(name),
    emit(row) {
      rows.push(row)
      process.stdout.write(`${formatRow(row)}\n`)
    },
    absent(name, why) {
      absent.push({ name, why })
      process.stdout.write(`${formatAbsent({ name, why })}\n`)
    },
    note: (text) => process.stdout.write(`  ${text}\n`),
  }
  const { cpu, kernel, cores } = facts.machine
  process.stdout.write(`${cpu}, ${cores} CPUs, kernel ${kernel}\n`)
  const load = loadavg()[0]!
  if (load > 0.5) {
    process.stdout.write(
      `load average ${load.toFixed(1)}: whoever shares the caches slows the rows that miss them\n`,
    )
  }
  process.stdout.write(`\n${formatHeader()}\n`)
  measureBlockStage(context)
  measureFlows(context)
  measureFlood(context)
  await measureLists(context)
  await measureVeth(context)
  measureExtract(context)
  // The daemon and its packets share all CPUs, as they do for its users.
  stayOn(`0-${lastCpu}`)
  await measureLatency(context)
  await measureCost(context)
  await measureTimeToBlock(context)
  await measureLimitRuns(context)
  await measureLimit(context)
  await measurePipeline(context, seconds)
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, `${JSON.stringify({ ...facts, rows, absent }, null, 2)}\n`)
  const missed = rows.filter(({ ok }) => !ok).map(({ name }) => name)
  process.stdout.write(`\n${missed.length === 0 ? 'every goal is met' : `missed: ${missed.join(', ')}`}\n`)
  if (absent.length > 0) process.stdout.write(`absent: ${absent.map(({ name }) => name).join(', ')}\n`)
  return missed.length === 0 ? 0 : 1
}

process.exitCode = await main()
