/** Takes records of flows and writes a row for each, as fast as the slower of the two. */

import type { RecordSource } from '../../../daemon/src/local/extract.js'
import type { ExtractFacts } from '../../../daemon/src/local/extract-facts.js'
import { onEndSignal } from '../end-signals.js'
import { CliError, EXIT } from '../errors.js'
import { createProgress } from '../export/progress.js'
import { writeFault } from '../export/write-fault.js'
import type { Io } from '../io.js'
import { createFlowReader } from './flow-row.js'
import type { RowFile } from './row-file.js'

/** What a source is told by who reads it. */
export interface Reading {
  /** Aborted when the reading is interrupted: the source ends with an error. */
  readonly signal: AbortSignal
  /** Takes how far the reading is: a share in [0, 1], undefined when it cannot be known; absent when nobody looks. */
  readonly onProgress: ((share: number | undefined) => void) | undefined
}

export interface ExtractRun {
  readonly open: (reading: Reading) => RecordSource
  readonly file: RowFile
  /** Where the rows go; undefined for standard output. */
  readonly path: string | undefined
}

/** A bar appears for what takes longer, ms. */
const progressAfterMs = 1_000

/**
 * @returns how many flows were written, and what was read in all
 * @throws CliError or IdsdError; then no file is left behind
 */
export async function runExtract(
  io: Io,
  { open, file, path }: ExtractRun,
): Promise<{ readonly flows: number; readonly facts: ExtractFacts }> {
  const progress = createProgress(io, { afterMs: progressAfterMs })
  // A bar on the terminal that shows the rows would stand between them.
  const isWatched = io.stderr.isTTY === true && !(path === undefined && io.stdout.isTTY === true)
  const stop = new AbortController()
  const offSignals = onEndSignal(() => stop.abort())
  let flows = 0
  let share: number | undefined
  const onProgress = (reached: number | undefined) => {
    share = reached
    progress.show(flows, share)
  }
  const source = open({ signal: stop.signal, onProgress: isWatched ? onProgress : undefined })
  const { row, read } = createFlowReader()
  let hasBegun = false
  const begin = async () => {
    if (hasBegun) return
    hasBegun = true
    await file.begin()
  }
  try {
    for await (const { bytes, view } of source.chunks()) {
      // Not before there is something: a capture that is none leaves the file alone.
      await begin()
      for (let at = 0; at < bytes.length; flows++) {
        at = read(view, at)
        if (file.add(row)) await file.flush()
      }
      if (stop.signal.aborted) break
      if (isWatched) progress.show(flows, share)
    }
    await begin()
    stop.signal.throwIfAborted()
    await file.finish()
    return { flows, facts: source.facts() }
  } catch (error) {
    if (hasBegun) await file.abandon()
    if (stop.signal.aborted) throw interrupted(path)
    throw writeFault(error) ?? error
  } finally {
    progress.clear()
    offSignals()
  }
}

function interrupted(path: string | undefined): CliError {
  return new CliError(
    EXIT.error,
    `interrupted: ${path === undefined ? 'the output is not whole' : 'no file was written'}`,
  )
}
