/** Runs the sweep programs: ends flows that no packet will end, and drops tombstones that are over. */

import type { Binding } from './binding.js'
import { kernelAnswer, kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { sweepArgs } from './wire.js'

export interface SweepOptions {
  /** Time to sweep at, us; 0 = the kernel's clock. */
  readonly nowUs?: number
  /** End every flow. */
  readonly flush?: boolean
  /** The table is nearly full: end quiet flows too. */
  readonly pressure?: boolean
}

export interface SweepResult {
  readonly visited: number
  readonly ended: number
  /** The ring filled up before all was told: read it and sweep again. */
  readonly isRingFull: boolean
}

/** Parts of one sweep at most, and how long the reader has for each, ms. */
const maxTurns = 20
const readingMs = 50

function args({ nowUs = 0, flush = false, pressure = false }: SweepOptions, tombstones: number): Uint8Array {
  const bytes = new Uint8Array(sweepArgs.size)
  const view = new DataView(bytes.buffer)
  sweepArgs.set.nowUs(view, 0, nowUs)
  sweepArgs.set.flush(view, 0, flush ? 1 : 0)
  sweepArgs.set.pressure(view, 0, pressure ? 1 : 0)
  sweepArgs.set.tombstones(view, 0, tombstones)
  return bytes
}

function run(
  binding: Binding,
  path: DataPath,
  program: 'idsd_sweep' | 'idsd_tombstones',
  input: Uint8Array,
): DataView {
  const { context } = kernelCall(() => binding.testRun(path.programFd(program), undefined, input, 0))
  return new DataView((context as Uint8Array).buffer)
}

export function sweepFlows(binding: Binding, path: DataPath, options: SweepOptions = {}): SweepResult {
  const out = run(binding, path, 'idsd_sweep', args(options, 0))
  return {
    visited: sweepArgs.get.visited(out, 0),
    ended: sweepArgs.get.ended(out, 0),
    isRingFull: sweepArgs.get.ringFull(out, 0) !== 0,
  }
}

/** @param needRoom drop long quiet TCP tombstones too @returns tombstones left */
export function sweepTombstones(binding: Binding, path: DataPath, needRoom: boolean, nowUs = 0): number {
  const out = run(binding, path, 'idsd_tombstones', args({ nowUs }, needRoom ? 2 : 1))
  return sweepArgs.get.tombstonesLeft(out, 0)
}

/**
 * Both sweeps of one table, off the main thread. When a sweep has filled its part of the ring it goes on when that was
 * read.
 * @param pressure whether the table is too full, asked before each part and after it
 * @param needRoom drop long quiet TCP tombstones too
 * @returns tombstones left
 */
export async function sweepAside(
  binding: Binding,
  path: DataPath,
  { hasFlows, pressure, needRoom }: { hasFlows: boolean; pressure: () => boolean; needRoom: boolean },
): Promise<number> {
  const run = (program: 'idsd_sweep' | 'idsd_tombstones', input: Uint8Array) =>
    kernelAnswer(() => binding.runAside(path.programFd(program), input))
  for (let turn = 0; hasFlows && turn < maxTurns; turn++) {
    const isPressed = pressure()
    const answer = await run('idsd_sweep', args({ pressure: isPressed }, 0))
    const isRingFull = sweepArgs.get.ringFull(new DataView(answer.buffer), 0) !== 0
    // No more is ended early than has to be: whoever reads it has enough to do.
    if (!isRingFull || (isPressed && !pressure())) break
    await new Promise((resolve) => setTimeout(resolve, readingMs))
  }
  const out = await run('idsd_tombstones', args({}, needRoom ? 2 : 1))
  return sweepArgs.get.tombstonesLeft(new DataView(out.buffer), 0)
}
