/**
 * Where a graph takes the features and gives the score, from what it says of its inputs and outputs. Works for graphs
 * that others exported: any names, a score per row or the probabilities of two classes.
 */

import type { InferenceSession } from 'onnxruntime-node'

type Value = InferenceSession.ValueMetadata

/** A place of the graph, or why there is none. */
export type Place = { readonly name: string } | { readonly problem: string }

/**
 * @param name as the manifest names it; undefined takes the only one
 * @param width features of the bundle
 */
export function inputPlace(inputs: readonly Value[], name: string | undefined, width: number): Place {
  const [first] = inputs
  const value = name === undefined ? first : inputs.find((input) => input.name === name)
  if (value === undefined)
    return { problem: `model.onnx has inputs ${namesOf(inputs)}, manifest.json names ${name}` }
  if (inputs.length > 1) {
    return { problem: `model.onnx has inputs ${namesOf(inputs)}: one is needed, float32 [N, ${width}]` }
  }
  if (!value.isTensor || value.type !== 'float32') {
    const what = value.isTensor ? value.type : 'no tensor'
    return { problem: `input ${value.name} is ${what}: float32 [N, ${width}] is needed` }
  }
  const [rows, columns] = value.shape
  if (typeof rows === 'number' && rows > 0)
    return { problem: `input ${value.name} takes ${rows} rows at a time: export it with any number of rows` }
  if (typeof columns === 'number' && columns > 0 && columns !== width)
    return { problem: `input ${value.name} takes ${columns} features, manifest.json names ${width}` }
  return { name: value.name }
}

/** @param name as the manifest names it; undefined takes the only output that can be a score */
export function outputPlace(outputs: readonly Value[], name: string | undefined): Place {
  if (name !== undefined) {
    const value = outputs.find((output) => output.name === name)
    if (value === undefined)
      return { problem: `model.onnx has outputs ${namesOf(outputs)}, manifest.json names ${name}` }
    const problem = noScore(value)
    return problem === undefined ? { name } : { problem }
  }
  const able = outputs.filter((output) => noScore(output) === undefined)
  if (able.length === 1) return { name: (able[0] as Value).name }
  if (able.length > 1)
    return { problem: `outputs ${namesOf(able)} may be the score: manifest.json must name one as output` }
  return { problem: outputs.map(noScore).join('; ') }
}

function namesOf(values: readonly Value[]): string {
  return values.map(({ name }) => name).join(', ')
}

/** Why an output cannot be a score; undefined when it can. */
function noScore(output: Value): string | undefined {
  const { name } = output
  if (!output.isTensor) {
    return (
      `output ${name} is a sequence or a map, as ZipMap makes it: export the probabilities as a tensor ` +
      `(skl2onnx: options={'zipmap': False}; others: zipmap=False)`
    )
  }
  if (output.type === 'float64' || output.type === 'float16')
    return `output ${name} is ${output.type}: export the model in float32`
  if (output.type !== 'float32') return `output ${name} is ${output.type}: labels are not scores`
  const columns = output.shape.length > 1 ? output.shape.at(-1) : 1
  if (output.shape.length > 2 || (typeof columns === 'number' && columns > 2)) {
    const shape = output.shape.map((size) => (typeof size === 'number' && size < 0 ? 'N' : size)).join(', ')
    return `output ${name} is [${shape}]: a score, [N] or [N, 1], or the probabilities of two classes, [N, 2], is needed`
  }
  return undefined
}
