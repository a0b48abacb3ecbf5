/** For tests: ONNX models of one or two nodes, written byte by byte, and bundles around them. */

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

/** A float tensor of the graph's face: `[N, width]`, or `[N]` without a width. */
function face(name: string, width?: number): Field[] {
  const rows: Field = [1, [[2, 'N']]]
  const columns: Field[] = width === undefined ? [] : [[1, [[1, width]]]]
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, 1],
            [2, [rows, ...columns]],
          ],
        ],
      ],
    ],
  ]
}

const int = 2
const ints = 7

/** Means of the rows of `[N, width]`; with `sigmoid` through 1 / (1 + e^-x). Field numbers: onnx/onnx.proto. */
export function meanModel(width: number, { sigmoid = true } = {}): Uint8Array {
  const mean: Field[] = [
    [1, 'x'],
    [2, sigmoid ? 'mean' : 'score'],
    [4, 'ReduceMean'],
    [
      5,
      [
        [1, 'axes'],
        [8, 1],
        [20, ints],
      ],
    ],
    [
      5,
      [
        [1, 'keepdims'],
        [3, 0],
        [20, int],
      ],
    ],
  ]
  const squash: Field[] = [
    [1, 'mean'],
    [2, 'score'],
    [4, 'Sigmoid'],
  ]
  const graph: Field[] = [
    [1, mean],
    ...(sigmoid ? [[1, squash] as const] : []),
    [2, 'tiny'],
    [11, face('x', width)],
    [12, face('score')],
  ]
  return Uint8Array.from(
    encode([
      [1, 8],
      [7, graph],
      [
        8,
        [
          [1, ''],
          [2, 13],
        ],
      ],
    ]),
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
