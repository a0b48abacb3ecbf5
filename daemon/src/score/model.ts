/** An ONNX session over one bundle. The only importer of onnxruntime-node. */

import { InferenceSession, Tensor } from 'onnxruntime-node'
import { IdsdError } from '../errors.js'
import { type Bundle, loadBundle } from './bundle.js'

export interface Model {
  readonly bundle: Bundle
  /**
   * @param matrix `Float32Array`, row-major, `[n, bundle.columns.length]`
   * @returns `Float32Array` of n scores in [0, 1]
   * @throws IdsdError `ERR_MODEL` when the model's answer has another shape
   */
  score(matrix: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

/** Loads a bundle and tries it on one row. @throws IdsdError `ERR_MODEL` */
export async function openModel(dir: string): Promise<Model> {
  const bundle = loadBundle(dir)
  const width = bundle.columns.length
  let session: InferenceSession
  try {
    session = await InferenceSession.create(bundle.model, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    })
  } catch (cause) {
    throw new IdsdError('ERR_MODEL', `model bundle ${dir}: model.onnx does not load: ${String(cause)}`, {
      cause,
    })
  }
  const fail = (why: string, cause?: unknown) =>
    new IdsdError('ERR_MODEL', `model bundle ${dir}: ${why}`, { cause })
  if (!session.inputNames.includes(bundle.input) || !session.outputNames.includes(bundle.output)) {
    await session.release()
    throw fail(
      `model.onnx has inputs ${session.inputNames.join(', ')} and outputs ${session.outputNames.join(', ')}, ` +
        `manifest.json names ${bundle.input} and ${bundle.output}`,
    )
  }

  const score = async (matrix: Float32Array): Promise<Float32Array> => {
    const rows = matrix.length / width
    if (rows === 0) return new Float32Array(0)
    const input = { [bundle.input]: new Tensor('float32', matrix, [rows, width]) }
    let data: unknown
    try {
      data = (await session.run(input, [bundle.output]))[bundle.output]?.data
    } catch (cause) {
      throw fail(`a batch of ${rows} flows with ${width} features does not run: ${String(cause)}`, cause)
    }
    if (!(data instanceof Float32Array) || data.length !== rows) {
      throw fail(`${bundle.output}: ${rows} float32 values are needed for ${rows} flows`)
    }
    return data
  }

  try {
    const [trial] = await score(new Float32Array(width))
    if (!(trial !== undefined && trial >= 0 && trial <= 1))
      throw fail(`scores must be in [0, 1], got ${trial}`)
  } catch (error) {
    await session.release()
    throw error
  }
  return { bundle, score, close: () => session.release() }
}
