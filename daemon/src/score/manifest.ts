/**
 * `manifest.json` of a model bundle, checked. Needed are `name`, `version`, `sha256`, `features` and `threshold`;
 * everything else has a default, and keys that are not known are ignored.
 */

import { IdsdError } from '../errors.js'
import { columnNamed } from './feature-names.js'
import { type SeverityLevel, severityLevels } from './severity.js'

/**
 * What the features mean: the definitions of `features/columns.ts`. Another name stands for other definitions under
 * the same column names.
 */
export const featureSemantics = 'cic-corrected-1'

export interface Manifest {
  readonly name: string
  readonly version: string
  /** What the model is for, in words; '' when it is not said. */
  readonly role: string
  /** What its features mean; that of this idsd when it is not said. */
  readonly semantics: string
  /** Of model.onnx, lower case hex. */
  readonly sha256: string
  /** Feature names in the model's order. */
  readonly features: readonly string[]
  /** Name of the graph's input; undefined: the only one. */
  readonly input: string | undefined
  /** Name of the graph's output; undefined: the only one that can be a score. */
  readonly output: string | undefined
  /** Lowest score that is a hit, in [0, 1]. */
  readonly threshold: number
  /** Ascending. */
  readonly severity: readonly SeverityLevel[]
  /**
   * Looks at a flow that the model was trained on: `ready` (its connection has closed), `end`, or a number of packets.
   * A flow is scored at READY and at its end whatever stands here; a number adds the snapshot that reaches it.
   */
  readonly trainedOnCuts: readonly ('ready' | 'end' | number)[]
  /** Of the benign rows it was trained on, in the order of `features`; undefined when it is not said. */
  readonly medians: readonly number[] | undefined
  /** What it was trained on, as the manifest has it. */
  readonly training: Readonly<Record<string, unknown>>
  /** How it was measured, as the manifest has it. */
  readonly metrics: Readonly<Record<string, unknown>>
}

/**
 * @param dir for messages
 * @param json text of the file
 * @throws IdsdError `ERR_MODEL` with the first fault
 */
export function parseManifest(dir: string, json: string): Manifest {
  const fault = (why: string, cause?: unknown) =>
    new IdsdError('ERR_MODEL', `model bundle ${dir}: ${why}`, { cause })
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw fault('manifest.json is not JSON', cause)
  }
  if (!isObject(parsed)) throw fault('manifest.json: an object is needed')
  const given = parsed
  const wrong = (key: string, why: string) => fault(`manifest.json: ${key}: ${why}`)
  const text = (key: string): string => {
    const value = given[key]
    if (typeof value !== 'string' || value === '') throw wrong(key, 'a text is needed')
    return value
  }
  const textOr = <T>(key: string, otherwise: T) => (given[key] === undefined ? otherwise : text(key))
  const object = (key: string): Record<string, unknown> => {
    const value = given[key] ?? {}
    if (!isObject(value)) throw wrong(key, 'an object is needed')
    return value
  }

  const mediansOf = (): number[] | undefined => {
    if (given.medians === undefined) return undefined
    const byName = object('medians')
    return (given.features as string[]).map((name) => {
      const median = byName[name]
      if (typeof median === 'number') return median
      // What idsd does not compute is 0 in every row.
      if (columnNamed(name) === undefined) return 0
      throw wrong('medians', `a number for "${name}" is needed`)
    })
  }

  if ((given.schema ?? 1) !== 1) throw wrong('schema', `1 is needed, got ${given.schema}`)
  const { features, threshold, trained_on_cuts: cuts = ['ready', 'end'] } = given
  if (
    !Array.isArray(features) ||
    features.length === 0 ||
    !features.every((name) => typeof name === 'string')
  )
    throw wrong('features', 'a list of names is needed')
  const semantics = textOr('semantics', featureSemantics)
  if (semantics !== featureSemantics)
    throw wrong('semantics', `idsd computes ${featureSemantics}, the model was trained on ${semantics}`)
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1))
    throw wrong('threshold', `a number in [0, 1] is needed, got ${String(threshold)}`)
  const severity = severityLevels(given.severity)
  if (typeof severity === 'string') throw wrong('severity', severity)
  if (!Array.isArray(cuts) || !cuts.every(isCut))
    throw wrong('trained_on_cuts', 'a list of "ready", "end" or numbers of packets is needed')
  return {
    name: text('name'),
    version: text('version'),
    role: textOr('role', ''),
    semantics,
    sha256: text('sha256').toLowerCase(),
    features,
    input: textOr('input', undefined),
    output: textOr('output', undefined),
    threshold,
    severity,
    trainedOnCuts: cuts,
    medians: mediansOf(),
    training: object('training'),
    metrics: object('metrics'),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCut(value: unknown): value is 'ready' | 'end' | number {
  return value === 'ready' || value === 'end' || (Number.isSafeInteger(value) && (value as number) > 0)
}
