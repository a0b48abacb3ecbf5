/** An ONNX session over one bundle. The only importer of onnxruntime-node, which is loaded with the first model. */

import { IdsdError } from '../errors.js'
import { type Bundle, loadBundle } from './bundle.js'
import { inputPlace, outputPlace } from './score-output.js'

export interface Model {
  readonly bundle: Bundle
  /** Where the graph takes the features and gives the score. */
  readonly input: string
  readonly output: string
  /**
   * @param matrix `Float32Array`, row-major, `[n, bundle.columns.length]`
   * @returns `Float32Array` of n scores; of two classes the second's probability
   * @throws IdsdError `ERR_MODEL` when the model's answer has another shape
   */
  score(matrix: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** More than one, so that a graph that cannot take a batch does not load. */
const trialRows = 2

/** Loads a bundle and tries it on rows of zeros. @throws IdsdError `ERR_MODEL` */
export async function openModel(dir: string): Promise<Model> {
  return await openBundle(loadBundle(dir))
}

/** Opens a bundle that was read and tries it on rows of zeros. @throws IdsdError `ERR_MODEL` */
export async function openBundle(bundle: Bundle): Promise<Model> {
  const fail = (why: string, cause?: unknown) =>
    new IdsdError('ERR_MODEL', `model bundle ${bundle.dir}: ${why}`, { cause })
  const { InferenceSession, Tensor } = await import('onnxruntime-node').catch((cause) => {
    throw fail(`onnxruntime-node does not load: ${String(cause)}`, cause)
  })
  const width = bundle.columns.length
  const session = await InferenceSession.create(bundle.model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause) => {
    throw fail(`model.onnx does not load: ${String(cause)}`, cause)
  })
  try {
    const input = inputPlace(session.inputMetadata, bundle.input, width)
    if ('problem' in input) throw fail(input.problem)
    const output = outputPlace(session.outputMetadata, bundle.output)
    if ('problem' in output) throw fail(output.problem)

    const score = async (matrix: Float32Array): Promise<Float32Array> => {
      const rows = matrix.length / width
      if (rows === 0) return new Float32Array(0)
      const feeds = { [input.name]: new Tensor('float32', matrix, [rows, width]) }
      const answer = await session.run(feeds, [output.name]).catch((cause) => {
        throw fail(`a batch of ${rows} flows with ${width} features does not run: ${String(cause)}`, cause)
      })
      const data: unknown = answer[output.name]?.data
      if (data instanceof Float32Array && data.length === rows) return data
      if (data instanceof Float32Array && data.length === 2 * rows)
        return Float32Array.from({ length: rows }, (_, row) => data[2 * row + 1] as number)
      throw fail(`${output.name}: one score, or the probabilities of two classes, is needed for each flow`)
    }

    const trial = await score(new Float32Array(trialRows * width))
    const odd = trial.find((value) => !isScore(value))
    if (odd !== undefined) throw fail(`scores must be in [0, 1], got ${odd}`)
    return { bundle, input: input.name, output: output.name, score, close: () => session.release() }
  } catch (error) {
    await session.release()
    throw error
  }
}

/** Whether a model's answer for a flow is a probability. */
export function isScore(value: number): boolean {
  return value >= 0 && value <= 1
}
