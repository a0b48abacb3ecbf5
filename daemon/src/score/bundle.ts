/**
 * A model bundle: a folder with `model.onnx` and `manifest.json`, which names the features in order and the model's
 * hash. What does not match does not load.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError } from '../errors.js'
import { featureIndex } from '../features/columns.js'

export interface Bundle {
  readonly name: string
  readonly version: string
  readonly sha256: string
  /** Feature names in the model's order. */
  readonly features: readonly string[]
  /** Indices into `featureColumns`, the same order. */
  readonly columns: readonly number[]
  readonly input: string
  readonly output: string
  /** Lowest score that is a hit, in [0, 1]. */
  readonly threshold: number
  readonly model: Uint8Array
}

function fault(dir: string, why: string, cause?: unknown): IdsdError {
  return new IdsdError('ERR_MODEL', `model bundle ${dir}: ${why}`, { cause })
}

function read(dir: string, file: string): Buffer {
  try {
    return readFileSync(join(dir, file))
  } catch (cause) {
    throw fault(dir, `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, cause)
  }
}

function parse(dir: string, text: string): Record<string, unknown> {
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch (cause) {
    throw fault(dir, 'manifest.json is not JSON', cause)
  }
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
    throw fault(dir, 'manifest.json: an object is needed')
  }
  return manifest as Record<string, unknown>
}

/** Reads and checks a bundle. @throws IdsdError `ERR_MODEL` with the first reason not to load it */
export function loadBundle(dir: string): Bundle {
  const manifest = parse(dir, read(dir, 'manifest.json').toString('utf8'))
  const text = (key: string): string => {
    const value = manifest[key]
    if (typeof value !== 'string' || value === '') throw fault(dir, `manifest.json: ${key}: a text is needed`)
    return value
  }
  if (manifest.schema !== 1) throw fault(dir, `manifest.json: schema: 1 is needed, got ${manifest.schema}`)
  const features = manifest.features
  if (
    !Array.isArray(features) ||
    features.length === 0 ||
    !features.every((name) => typeof name === 'string')
  ) {
    throw fault(dir, 'manifest.json: features: a list of names is needed')
  }
  const columns = (features as string[]).map((name) => {
    const index = featureIndex(name)
    if (index === undefined) throw fault(dir, `manifest.json: features: idsd does not compute "${name}"`)
    return index
  })
  const threshold = manifest.threshold
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) {
    throw fault(dir, `manifest.json: threshold: a number in [0, 1] is needed, got ${String(threshold)}`)
  }
  const model = read(dir, 'model.onnx')
  const sha256 = createHash('sha256').update(model).digest('hex')
  if (sha256 !== text('sha256')) {
    throw fault(dir, `model.onnx has sha256 ${sha256}, manifest.json says ${text('sha256')}`)
  }
  return {
    name: text('name'),
    version: text('version'),
    sha256,
    features: features as string[],
    columns,
    input: text('input'),
    output: text('output'),
    threshold,
    model,
  }
}
