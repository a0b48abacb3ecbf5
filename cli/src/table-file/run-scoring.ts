/** Reads a table, scores its rows with a model, and writes them with their scores. */

import type { Writable } from 'node:stream'
import type { Severity } from '../../../daemon/src/detect/evidence.js'
import { openModel } from '../../../daemon/src/score/model.js'
import { severityOf } from '../../../daemon/src/score/severity.js'
import { createTextFile } from '../export/text-file.js'
import { writeFault } from '../export/write-fault.js'
import { count, counted } from '../output/units.js'
import { openByteSource } from './byte-source.js'
import { createScoredCsv } from './scored-csv.js'
import { openScoredTable } from './scored-table.js'
import { tableNotes } from './table-notes.js'
import { untilStopped } from './until-stopped.js'

export interface ScoringOptions {
  /** Of the table; `-` is standard input. */
  readonly path: string
  /** A file, which is replaced, or a stream, which is left open. */
  readonly to: string | Writable
  readonly modelDir: string
  /** Lowest score that is a hit; undefined takes the model's. */
  readonly threshold: number | undefined
  /** Wall time, ms. */
  readonly nowMs: () => number
  readonly progress: (rows: number, share: number | undefined) => void
}

/**
 * @returns what must be told of it, a line each, and the rows that were left out
 * @throws CliError or IdsdError; then no file is left behind
 */
export async function runScoring(options: ScoringOptions): Promise<{ notes: string[]; wrongRows: number }> {
  const { to, nowMs } = options
  const source = openByteSource(options.path)
  try {
    const model = await openModel(options.modelDir)
    try {
      const { bundle } = model
      const threshold = options.threshold ?? bundle.threshold
      let hits = 0
      const verdict = (score: number): Severity | 'pass' => {
        if (score < threshold) return 'pass'
        hits++
        return severityOf(bundle.severity, score)
      }
      const beganMs = nowMs()
      const table = await openScoredTable(source, model)
      const { tally } = table
      const csv = createScoredCsv(table)
      const file = createTextFile(to)
      try {
        let isOpen = false
        for await (const scored of untilStopped(table.blocks, source.close)) {
          // Only from here on does a signal leave time to remove it. The block of the header is always there.
          if (!isOpen) {
            isOpen = true
            await file.open()
            await file.put(csv.header)
          }
          await file.put(csv.rows(scored, verdict))
          const share = source.totalBytes > 0 ? source.readBytes() / source.totalBytes : undefined
          options.progress(tally.rows, share)
        }
        await file.finish()
      } catch (error) {
        await file.abandon()
        throw writeFault(error) ?? error
      }
      const notes = tableNotes(source.name, bundle, table)
      if (csv.replaced.length > 0)
        notes.push(`${source.name}: its own ${csv.replaced.join(' and ')} made way for those of this model`)
      const rate = Math.round((tally.rows * 1_000) / Math.max(1, nowMs() - beganMs))
      notes.push(
        `${counted(tally.scored, 'flow')} scored by ${bundle.name} ${bundle.version}, ` +
          `${counted(hits, 'hit')} from ${threshold}, ${count(rate)} rows/s` +
          (typeof to === 'string' ? `, written to ${to}` : ''),
      )
      return { notes, wrongRows: tally.wrongRows }
    } finally {
      await model.close()
    }
  } finally {
    source.close()
  }
}
