/** Reads labelled tables one after the other, and measures a model on all of their rows. */

import { openModel } from '../../../daemon/src/score/model.js'
import type { EvaluatedFile, EvaluationResult } from '../output/evaluation.js'
import { openByteSource } from '../table-file/byte-source.js'
import { openScoredTable, type ScoredTable } from '../table-file/scored-table.js'
import { tableNotes } from '../table-file/table-notes.js'
import { untilStopped } from '../table-file/until-stopped.js'
import { createEvaluation } from './evaluation.js'
import { labelColumns } from './label-columns.js'

export interface EvaluationOptions {
  readonly paths: readonly string[]
  readonly modelDir: string
  /** Undefined takes the model's. */
  readonly threshold: number | undefined
  readonly label: string
  readonly family: string | undefined
  readonly benign: readonly string[]
  /** Wall time, ms. */
  readonly nowMs: () => number
  readonly progress: (rows: number, share: number | undefined) => void
}

/**
 * @returns the figures, and what must be told beside them, a line each
 * @throws CliError or IdsdError with the first reason that there are none
 */
export async function runEvaluation(
  options: EvaluationOptions,
): Promise<{ result: EvaluationResult; notes: string[] }> {
  const { paths, nowMs } = options
  // All of them first: one that is not there is told before hours of work.
  const sources = paths.map((path) => openByteSource(path))
  const totalBytes = sources.some((source) => source.totalBytes === 0)
    ? 0
    : sources.reduce((sum, source) => sum + source.totalBytes, 0)
  const model = await openModel(options.modelDir)
  try {
    const { bundle } = model
    const threshold = options.threshold ?? bundle.threshold
    const evaluation = createEvaluation(options.benign, threshold)
    const files: EvaluatedFile[] = []
    const notes: string[] = []
    let familyColumn: string | null = null
    let rowsBefore = 0
    let bytesBefore = 0
    const beganMs = nowMs()
    for (const source of sources) {
      const table = await openScoredTable(source, model)
      const columns = labelColumns(source.name, table.header, options.label, options.family)
      if (columns.family !== -1) familyColumn = table.header[columns.family] as string
      for await (const scored of untilStopped(table.blocks, source.close)) {
        evaluation.add(source.name, scored, columns)
        const share = totalBytes > 0 ? (bytesBefore + source.readBytes()) / totalBytes : undefined
        options.progress(rowsBefore + table.tally.rows, share)
      }
      rowsBefore += table.tally.rows
      bytesBefore += source.totalBytes
      files.push(evaluatedFile(source.name, bundle.features, table))
      notes.push(...tableNotes(source.name, bundle, table))
    }
    const measured = evaluation.measure()
    const withoutLabel = evaluation.withoutLabel()
    if (withoutLabel > 0) notes.push(`rows without a label, which do not count: ${withoutLabel}`)
    if (measured.benign === 0 && measured.rows > 0)
      notes.push(`no row is benign: none is labelled ${options.benign.join(', ')} (--benign names others)`)
    const { name, version, sha256, dir } = bundle
    return {
      result: {
        model: { dir, name, version, sha256 },
        threshold,
        label_column: options.label,
        family_column: familyColumn,
        benign_labels: options.benign,
        files,
        rows_without_label: withoutLabel,
        rows_per_second: Math.round((rowsBefore * 1_000) / Math.max(1, nowMs() - beganMs)),
        ...measured,
      },
      notes,
    }
  } finally {
    for (const source of sources) source.close()
    await model.close()
  }
}

function evaluatedFile(
  file: string,
  features: readonly string[],
  { tally, places }: ScoredTable,
): EvaluatedFile {
  return {
    file,
    rows: tally.rows,
    wrong_rows: tally.wrongRows,
    rows_without_features: tally.withoutFeatures,
    odd_scores: tally.oddScores,
    missing_features: places.missing,
    unused_columns: places.unused.length,
    not_finite: byFeature(features, tally.notFinite),
    below_zero: byFeature(features, tally.belowZero),
  }
}

/** Features without such cells are left out. */
function byFeature(features: readonly string[], counts: Float64Array): Record<string, number> {
  return Object.fromEntries(
    features.flatMap((name, i) => ((counts[i] as number) > 0 ? [[name, counts[i] as number]] : [])),
  )
}
