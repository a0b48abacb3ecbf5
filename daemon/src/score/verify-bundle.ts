/** Checks a bundle one thing after the other, as far as it goes: for `idsctl model verify`. No daemon is needed. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError } from '../errors.js'
import { type Bundle, loadBundle, readBundleFile } from './bundle.js'
import { type Model, openBundle } from './model.js'
import { outsideRow } from './outside-record.js'

/** In the order in which they are made. */
export type BundleCheckName = 'files' | 'features' | 'graph' | 'scores'

export interface BundleCheck {
  readonly name: BundleCheckName
  /** `skipped`: an earlier one failed, or there is nothing to check. */
  readonly result: 'ok' | 'failed' | 'skipped'
  /** What was found, in words. */
  readonly text: string
}

/** Largest difference of a score to the one that check.json has. Source: `PARITY_LIMIT` of training/train.py. */
const tolerance = 1e-5
const notReached = 'an earlier check failed'

/** @returns every check once, in order; never throws for a faulty bundle */
export async function verifyBundle(dir: string): Promise<readonly BundleCheck[]> {
  let bundle: Bundle
  try {
    bundle = loadBundle(dir)
  } catch (error) {
    return [
      { name: 'files', result: 'failed', text: messageOf(error) },
      ...(['features', 'graph', 'scores'] as const).map((name) => skipped(name, notReached)),
    ]
  }
  const files: BundleCheck = {
    name: 'files',
    result: 'ok',
    text: `manifest.json of ${bundle.name} ${bundle.version}; model.onnx has the sha256 that it names`,
  }
  const { missingFeatures } = bundle
  const features: BundleCheck =
    missingFeatures.length === 0
      ? { name: 'features', result: 'ok', text: `idsd computes all ${bundle.features.length}` }
      : {
          name: 'features',
          result: 'failed',
          text: `idsd does not compute ${missingFeatures.join(', ')}: always 0 in live flows`,
        }
  let model: Model
  try {
    model = await openBundle(bundle)
  } catch (error) {
    const text = messageOf(error)
    return [files, features, { name: 'graph', result: 'failed', text }, skipped('scores', notReached)]
  }
  try {
    const { input, output } = model
    const width = bundle.columns.length
    const text = `loads and runs: float32 [N, ${width}] into ${input}, scores out of ${output}`
    return [files, features, { name: 'graph', result: 'ok', text }, await scoresCheck(model)]
  } finally {
    await model.close()
  }
}

function skipped(name: BundleCheckName, text: string): BundleCheck {
  return { name, result: 'skipped', text }
}

function messageOf(error: unknown): string {
  if (error instanceof IdsdError) return error.message
  throw error
}

/** Whether the rows of check.json get the scores that stand there. Features stand in the model's order, or by name. */
async function scoresCheck(model: Model): Promise<BundleCheck> {
  const { dir, features, sha256 } = model.bundle
  if (!existsSync(join(dir, 'check.json'))) return skipped('scores', 'there is no check.json')
  const failed = (text: string): BundleCheck => ({ name: 'scores', result: 'failed', text })
  let check: unknown
  try {
    check = JSON.parse(readBundleFile(dir, 'check.json').toString('utf8'))
  } catch (error) {
    return failed(`check.json cannot be read: ${(error as Error).message}`)
  }
  const { sha256: made = sha256, rows } = (check ?? {}) as { sha256?: unknown; rows?: unknown }
  if (made !== sha256) return failed(`check.json is of another model, sha256 ${String(made)}`)
  if (!Array.isArray(rows) || rows.length === 0) return failed('check.json: rows: a list is needed')
  const expected: number[] = []
  const matrix = new Float32Array(rows.length * features.length)
  for (const [i, row] of (rows as readonly unknown[]).entries()) {
    const { features: given, score } = (row ?? {}) as { features?: unknown; score?: unknown }
    const values = rowOf(features, given)
    if (values === undefined || typeof score !== 'number')
      return failed(`check.json: rows[${i}]: ${features.length} features and a score are needed`)
    matrix.set(values, i * features.length)
    expected.push(score)
  }
  const scores = await model.score(matrix)
  const distances = expected.map((score, i) => Math.abs((scores[i] as number) - score))
  // NaN is no distance, and must not pass.
  const worst = distances.findIndex((distance) => !(distance <= tolerance))
  if (worst !== -1)
    return failed(`row ${worst} of check.json has score ${expected[worst]}, the model gives ${scores[worst]}`)
  const largest = Math.max(...distances).toExponential(1)
  return {
    name: 'scores',
    result: 'ok',
    text: `${rows.length} rows of check.json get their scores, to ${largest}`,
  }
}

function rowOf(features: readonly string[], given: unknown): ArrayLike<number> | undefined {
  if (Array.isArray(given)) {
    const isRow = given.length === features.length && given.every((value) => typeof value === 'number')
    return isRow ? given : undefined
  }
  if (typeof given !== 'object' || given === null) return undefined
  return outsideRow(features, given as Record<string, unknown>).row
}
