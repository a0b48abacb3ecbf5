/**
 * A model bundle: a folder with `model.onnx` and `manifest.json`, which names the features in order and the model's
 * hash. A feature that idsd does not compute is 0 and told; anything else that does not match does not load.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError } from '../errors.js'
import { columnNamed } from './feature-names.js'
import { type Manifest, parseManifest } from './manifest.js'

export interface Bundle extends Manifest {
  readonly dir: string
  /** Indices into `featureColumns`, in the order of `features`; -1 for one that idsd does not compute. */
  readonly columns: readonly number[]
  /** Names of `features` that idsd does not compute. */
  readonly missingFeatures: readonly string[]
  readonly model: Uint8Array
}

/** Reads and checks a bundle. @throws IdsdError `ERR_MODEL` with the first reason not to load it */
export function loadBundle(dir: string): Bundle {
  const manifest = parseManifest(dir, readBundleFile(dir, 'manifest.json').toString('utf8'))
  const columns = manifest.features.map((name) => columnNamed(name) ?? -1)
  const missingFeatures = manifest.features.filter((_, i) => columns[i] === -1)
  if (missingFeatures.length === columns.length) {
    throw new IdsdError(
      'ERR_MODEL',
      `model bundle ${dir}: manifest.json: features: idsd computes none of them, "${missingFeatures[0]}" for one`,
    )
  }
  const model = readBundleFile(dir, 'model.onnx')
  const sha256 = createHash('sha256').update(model).digest('hex')
  if (sha256 !== manifest.sha256) {
    throw new IdsdError(
      'ERR_MODEL',
      `model bundle ${dir}: model.onnx has sha256 ${sha256}, manifest.json says ${manifest.sha256}`,
    )
  }
  return { ...manifest, dir, columns, missingFeatures, model }
}

/** @throws IdsdError `ERR_MODEL` when the file cannot be read; its `cause` has the error of the system */
export function readBundleFile(dir: string, file: string): Buffer {
  try {
    return readFileSync(join(dir, file))
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new IdsdError('ERR_MODEL', `model bundle ${dir}: ${file} cannot be read (${why})`, { cause })
  }
}
