/** For tests: ONNX models of a few nodes, written byte by byte, and bundles around them. */

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

type Field = readonly [number: number, value: number | string | readonly Field[]]

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0))
    rest >>>= 7
  } while (rest > 0)
  return bytes
}

/** Protocol buffers: numbers as varints, texts and messages with their length. Source: protobuf.dev, encoding. */
function encode(fields: readonly Field[]): number[] {
  return fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number << 3), ...varint(value)]
    const body = typeof value === 'string' ? [...Buffer.from(value)] : encode(value)
    return [...varint((number << 3) | 2), ...varint(body.length), ...body]
  })
}

/** Types of values. Source: onnx/onnx.proto, TensorProto.DataType. */
export const elementType = { float32: 1, int64: 7, float64: 11 } as const

/** A tensor of the graph's face; a text is a size that may vary. */
function tensor(name: string, type: number, shape: readonly (number | string)[]): Field[] {
  const sizes = shape.map((size): Field => [1, [typeof size === 'number' ? [1, size] : [2, size]]])
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, sizes],
          ],
        ],
      ],
    ],
  ]
}

/** A sequence of maps from number to probability, as ZipMap gives it. */
function maps(name: string): Field[] {
  const map: Field[] = [
    [1, elementType.int64],
    [2, [[1, [[1, elementType.float32]]]]],
  ]
  return [
    [1, name],
    [2, [[4, [[1, [[5, map]]]]]]],
  ]
}

function node(
  type: string,
  from: readonly string[],
  to: string,
  attributes: readonly Field[] = [],
  domain = '',
): Field {
  return [
    1,
    [
      ...from.map((name): Field => [1, name]),
      [2, to],
      [4, type],
      ...attributes,
      ...(domain === '' ? [] : [[7, domain] as const]),
    ],
  ]
}

function intAttribute(name: string, value: number): Field {
  return [
    5,
    [
      [1, name],
      [3, value],
      [20, 2],
    ],
  ]
}

function intsAttribute(name: string, ...values: readonly number[]): Field {
  return [5, [[1, name], ...values.map((value): Field => [8, value]), [20, 7]]]
}

function graphOf(
  nodes: readonly Field[],
  inputs: readonly Field[][],
  outputs: readonly Field[][],
): Uint8Array {
  const graph: Field[] = [
    ...nodes,
    [2, 'tiny'],
    ...inputs.map((value): Field => [11, value]),
    ...outputs.map((value): Field => [12, value]),
  ]
  const opsets: Field[] = [
    [
      8,
      [
        [1, ''],
        [2, 13],
      ],
    ],
    [
      8,
      [
        [1, 'ai.onnx.ml'],
        [2, 1],
      ],
    ],
  ]
  return Uint8Array.from(encode([[1, 8], [7, graph], ...opsets]))
}

const meanOf = (width: number, to: string, keepdims: number) => ({
  node: node('ReduceMean', ['x'], to, [intsAttribute('axes', 1), intAttribute('keepdims', keepdims)]),
  input: tensor('x', elementType.float32, ['N', width]),
})

/**
 * Means of the rows of `[N, width]`; with `sigmoid` through 1 / (1 + e^-x). Field numbers: onnx/onnx.proto.
 * @param isColumn the output is `[N, 1]` instead of `[N]`
 * @param rows rows that it takes at once; 'N' for any number
 * @param type of the output
 */
export function meanModel(
  width: number,
  {
    sigmoid = true,
    isColumn = false,
    rows = 'N' as number | string,
    type = elementType.float32 as number,
  } = {},
): Uint8Array {
  const mean = meanOf(width, sigmoid ? 'mean' : 'raw', isColumn ? 1 : 0)
  return graphOf(
    [
      mean.node,
      ...(sigmoid ? [node('Sigmoid', ['mean'], 'raw')] : []),
      type === elementType.float32
        ? node('Identity', ['raw'], 'score')
        : node('Cast', ['raw'], 'score', [intAttribute('to', type)]),
    ],
    [tensor('x', elementType.float32, [rows, width])],
    [tensor('score', type, isColumn ? [rows, 1] : [rows])],
  )
}

/**
 * A classifier as others export it: `label`, int64 `[N]`, and `probabilities`, `[N, 2]`, whose second column is
 * 1 / (1 + e^-2m) for rows of mean m; or `[N, 3]`, or zipped into maps.
 */
export function classModel(
  width: number,
  { classes = 2, isZipped = false }: { classes?: 2 | 3; isZipped?: boolean } = {},
): Uint8Array {
  const mean = meanOf(width, 'mean', 1)
  const nodes = [
    mean.node,
    node('Neg', ['mean'], 'minus'),
    node('Concat', classes === 2 ? ['minus', 'mean'] : ['minus', 'mean', 'mean'], 'both', [
      intAttribute('axis', 1),
    ]),
    node('Softmax', ['both'], isZipped ? 'plain' : 'probabilities', [intAttribute('axis', 1)]),
    node('ArgMax', [isZipped ? 'plain' : 'probabilities'], 'label', [
      intAttribute('axis', 1),
      intAttribute('keepdims', 0),
    ]),
    ...(isZipped
      ? [
          node(
            'ZipMap',
            ['plain'],
            'probabilities',
            [intsAttribute('classlabels_int64s', 0, 1)],
            'ai.onnx.ml',
          ),
        ]
      : []),
  ]
  const probabilities = isZipped
    ? maps('probabilities')
    : tensor('probabilities', elementType.float32, ['N', classes])
  return graphOf(nodes, [mean.input], [tensor('label', elementType.int64, ['N']), probabilities])
}

/** A graph of two inputs, `x` and `y`, and two outputs that may both be the score. */
export function doubleModel(width: number, { inputs = 2 } = {}): Uint8Array {
  const names = ['x', 'y'].slice(0, inputs)
  return graphOf(
    [
      ...names.map((name) =>
        node('ReduceMean', [name], `mean-${name}`, [intsAttribute('axes', 1), intAttribute('keepdims', 0)]),
      ),
      node('Sigmoid', [`mean-${names[0]}`], 'one'),
      node('Sigmoid', [`mean-${names.at(-1)}`], 'two'),
    ],
    names.map((name) => tensor(name, elementType.float32, ['N', width])),
    [tensor('one', elementType.float32, ['N']), tensor('two', elementType.float32, ['N'])],
  )
}

/** A folder with `model.onnx` and a manifest that fits it, but for what is changed. */
export function tinyBundle(
  t: TestContext,
  { manifest = {}, model = meanModel(2) }: { manifest?: Record<string, unknown>; model?: Uint8Array } = {},
): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-bundle-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'model.onnx'), model)
  const fitting = {
    schema: 1,
    name: 'tiny',
    version: '1',
    sha256: createHash('sha256').update(model).digest('hex'),
    features: ['Flow Duration', 'Total Fwd Packets'],
    threshold: 0.75,
    input: 'x',
    output: 'score',
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...fitting, ...manifest }))
  return folder
}
