/**
 * What recording costs the daemon's thread: `node build/bench/store-rows.js [FLOWS]`. Flows as at 20,000 a second, every
 * one with four records while it is open and one at its end, half of their sources forged, go into a database of its own
 * on the disk of the temporary folder, in steps of 20 ms of a simulated clock, as fast as they can.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowRecord } from '../daemon/src/decode/flow-record.js'
import { testFlow } from '../daemon/src/detect/test-flow.js'
import { openStore } from '../daemon/src/record/store.js'
import { quantile } from './measure.js'

const flowsPerStep = 400
const stepMs = 20
/** Steps until a flow ends: 10 s, so that ends meet flows that are written. */
const stepsToEnd = 500
const snapshots = 4

function address(): string {
  const known = Math.random() < 0.5
  const bits = Math.floor(Math.random() * (known ? 2 ** 12 : 2 ** 32))
  return known
    ? `10.0.${bits >>> 8}.${bits & 255}`
    : [24, 16, 8, 0].map((by) => (bits >>> by) & 255).join('.')
}

function flowAt(number: number, nowUs: number): FlowRecord {
  return testFlow({
    ...{
      kind: 'snapshot',
      id: (number % 2) * 2 ** 45 + 2 ** 40 + number,
      seq: 1,
      src: address(),
      dst: address(),
    },
    ...{
      srcPort: 1_024 + (number % 60_000),
      startUs: nowUs,
      packetsFwd: 5,
      packetsBwd: 5,
      bytesFwd: 700,
      bytesBwd: 9_000,
    },
  })
}

function later(flow: FlowRecord, seq: number): FlowRecord {
  return { ...flow, seq, lastUs: flow.startUs + seq * 400, packetsFwd: flow.packetsFwd + seq }
}

async function main(): Promise<void> {
  const flowCount = Number(process.argv[2] ?? 1_000_000)
  const folder = mkdtempSync(join(tmpdir(), 'idsd-bench-'))
  const path = join(folder, 'idsd.db')
  let uptimeMs = 0
  const store = openStore({ path, uptimeMs: () => uptimeMs })
  const open: FlowRecord[][] = []
  const times = { append: [] as number[], slice: [] as number[], checkpoint: [] as number[] }
  let cpuMs = 0
  const timed = (name: keyof typeof times, work: () => void) => {
    const startMs = performance.now()
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    cpuMs += (user + system) / 1_000
    times[name].push(performance.now() - startMs)
  }
  let records = 0
  let rows = 0
  const steps = Math.ceil(flowCount / flowsPerStep)
  for (let step = 0; step < steps; step++) {
    const nowUs = 1_700_000_000_000_000 + step * stepMs * 1_000
    const begun = Array.from({ length: flowsPerStep }, (_, i) =>
      flowAt(step * flowsPerStep + i, nowUs + i * 50),
    )
    open.push(begun.map((flow) => later(flow, snapshots)))
    const ended = (step >= stepsToEnd ? open[step - stepsToEnd]! : []).map(
      (flow): FlowRecord => ({ ...flow, seq: snapshots + 1, kind: 'ended', endReason: 'timeout' }),
    )
    if (step >= stepsToEnd) open[step - stepsToEnd] = []
    const flows = [...begun]
    for (let seq = 2; seq <= snapshots; seq++) flows.push(...begun.map((flow) => later(flow, seq)))
    flows.push(...ended)
    records += flows.length
    const scores = new Float32Array(flows.length).fill(Number.NaN)
    uptimeMs += stepMs
    timed('append', () => store.append({ flows, scores, alerts: [] }))
    // A slice at a time, to see how long each one holds the thread.
    for (let isMore = true; isMore; ) {
      timed('slice', () => {
        const written = store.flush(0)
        isMore = written > 0
        rows += written
      })
    }
    if (step % (1_000 / stepMs) === 0) timed('checkpoint', () => store.checkpoint())
  }
  const { waiting, dropped } = store.flowCounts()
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const line = (name: string, values: readonly number[]) => {
    const at = (share: number) => quantile(values, share).toFixed(2)
    process.stdout.write(
      `${name.padEnd(10)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ms, ${sum(values).toFixed(0)} ms in all\n`,
    )
  }
  for (const name of ['append', 'slice', 'checkpoint'] as const) line(name, times[name])
  const busyMs = sum(times.append) + sum(times.slice) + sum(times.checkpoint)
  const perSecond = (ms: number) => ((rows / ms) * 1_000).toFixed(0)
  process.stdout.write(
    `${rows} rows of ${records} records: ${perSecond(busyMs)} rows/s, ${perSecond(cpuMs)} rows per second of CPU; ` +
      `at 20,000 flows/s ${((100 * cpuMs) / (steps * stepMs)).toFixed(1)} % of a CPU\n` +
      `${waiting} wait, ${dropped} dropped, ${(statSync(path).size / 1e6).toFixed(0)} MB\n`,
  )
  await store.close()
  rmSync(folder, { recursive: true })
}

await main()
