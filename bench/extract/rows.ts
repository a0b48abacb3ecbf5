/** The rows of extract: one capture in memory, one CPU, our own programs and others. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchContext } from '../kernel-rows.js'
import { openBenchCaptures } from './capture.js'
import { createOwnRuns, measureOwn, ownRows } from './own-rows.js'
import { measurePeers, peerHeads, peerRows } from './peer-rows.js'

export const extractRows: readonly string[] = [...ownRows, ...peerRows]

const mostRounds = 3

export function measureExtract(context: BenchContext): void {
  if (!extractRows.some(context.wants)) return
  const captures = openBenchCaptures(`${context.root}/build`, peerHeads)
  const { whole, conversations } = captures
  const rounds = Math.min(context.rounds, mostRounds)
  const each = (whole.packets / conversations).toFixed(1)
  context.note(
    `capture: ${whole.packets} packets, ${Math.round(whole.bytes / 1e6)} MB, ${conversations} conversations of ${each}`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'idsd-bench-'))
  try {
    const runs = createOwnRuns(context.root, captures, folder)
    // Brings the capture into memory.
    runs.extract_read()
    measureOwn(context, runs, whole.packets, rounds)
    measurePeers(context, runs, { captures, folder, rounds })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
