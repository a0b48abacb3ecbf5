/** Columns of flows as large as a flow can be, against whole numbers of any size. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { flowRecord } from '../kernel/wire.js'
import { featureCount, featureIndex } from './columns.js'
import { computeFeatures } from './compute.js'

const { offset, set } = flowRecord

/** So many times one value: payloads in bytes, gaps in us. */
type Values = readonly (readonly [times: number, value: number])[]

interface Sums {
  readonly count: bigint
  readonly sum: bigint
  readonly squares: bigint
}

function sumsOf(values: Values): Sums {
  const total = (of: (value: bigint) => bigint) =>
    values.reduce((sum, [times, value]) => sum + BigInt(times) * of(BigInt(value)), 0n)
  return { count: total(() => 1n), sum: total((value) => value), squares: total((value) => value * value) }
}

function together(a: Sums, b: Sums): Sums {
  return { count: a.count + b.count, sum: a.sum + b.sum, squares: a.squares + b.squares }
}

/** Thirty digits behind the point before it becomes a number. */
function quotient(above: bigint, below: bigint): number {
  const digits = 10n ** 30n
  return Number((above * digits) / below) / 1e30
}

function meanOf({ count, sum }: Sums): number {
  return count === 0n ? 0 : quotient(sum, count)
}

/** Of a sample. */
function varianceOf({ count, sum, squares }: Sums): number {
  return count < 2n ? 0 : quotient(count * squares - sum * sum, count * (count - 1n))
}

interface LargeFlow {
  readonly forward: Values
  readonly backward: Values
  /** Gaps inside the forward direction; as many as packets there but one. */
  readonly gaps: Values
}

function columnsOf({ forward, backward, gaps }: LargeFlow): (name: string) => number {
  const view = new DataView(new ArrayBuffer(flowRecord.size))
  const wide = (at: number, value: bigint) => {
    assert.equal(BigInt.asUintN(64, value), value, 'a sum that the kernel has no room for')
    view.setBigUint64(at, value, true)
  }
  set.keyProtocol(view, 0, 6)
  const [there, back, between] = [forward, backward, gaps].map(sumsOf) as [Sums, Sums, Sums]
  set.flowDir0Packets(view, 0, Number(there.count))
  set.flowDir1Packets(view, 0, Number(back.count))
  wide(offset.flowDir0Bytes, there.sum)
  wide(offset.flowDir1Bytes, back.sum)
  wide(offset.flowDir0BytesSq, there.squares)
  wide(offset.flowDir1BytesSq, back.squares)
  wide(offset.flowDir0IatSq, between.squares)
  set.flowDir0LastUs(view, 0, Number(between.sum))
  set.flowLastUs(view, 0, Number(between.sum))
  const out = new Float64Array(featureCount)
  computeFeatures(view, 0, out)
  return (name) => out[featureIndex(name) as number] as number
}

function check(flow: LargeFlow, text: string): void {
  const value = columnsOf(flow)
  const [forward, backward, gaps] = [flow.forward, flow.backward, flow.gaps].map(sumsOf) as [Sums, Sums, Sums]
  const all = together(forward, backward)
  const expected: Record<string, number> = {
    'Total Length of Fwd Packets': Number(forward.sum),
    'Fwd Packet Length Mean': meanOf(forward),
    'Fwd Packet Length Std': Math.sqrt(varianceOf(forward)),
    'Bwd Packet Length Mean': meanOf(backward),
    'Bwd Packet Length Std': Math.sqrt(varianceOf(backward)),
    'Packet Length Mean': meanOf(all),
    'Packet Length Variance': varianceOf(all),
    'Packet Length Std': Math.sqrt(varianceOf(all)),
    'Fwd IAT Mean': meanOf(gaps),
    'Fwd IAT Std': Math.sqrt(varianceOf(gaps)),
    'Down/Up Ratio': quotient(backward.count, forward.count),
    'Flow Bytes/s': gaps.sum === 0n ? -1 : quotient(all.sum * 1_000_000n, gaps.sum),
  }
  for (const [name, want] of Object.entries(expected)) {
    const have = value(name)
    assert.ok(Math.abs(have - want) <= 1e-9 * Math.abs(want), `${text}: ${name} is ${have}, not ${want}`)
  }
}

/** Most packets of a flow, both directions together (bpf/flow.h), and most time between its first and last, us. */
const [mostPackets, mostUs] = [0xfff0_0000, 120_000_000]

describe('the columns of a flow as large as it can be', () => {
  const rows: readonly (readonly [name: string, flow: LargeFlow])[] = [
    [
      'the largest payload in every packet',
      { forward: [[mostPackets, 65_535]], backward: [], gaps: [[mostPackets - 1, 0]] },
    ],
    [
      'one packet that differs by one byte',
      {
        forward: [
          [mostPackets - 2, 65_535],
          [1, 65_534],
        ],
        backward: [[1, 65_535]],
        gaps: [[mostPackets - 2, 0]],
      },
    ],
    [
      'half full and half empty',
      {
        forward: [
          [2 ** 30, 65_535],
          [2 ** 30, 0],
        ],
        backward: [[2 ** 30, 1_460]],
        gaps: [[2 ** 31 - 1, 0]],
      },
    ],
    [
      'one silence as long as the flow',
      {
        forward: [[2 ** 31, 1]],
        backward: [],
        gaps: [
          [2 ** 31 - 2, 0],
          [1, mostUs],
        ],
      },
    ],
    [
      'a gap of one microsecond everywhere but in one place',
      {
        forward: [[mostUs, 1_460]],
        backward: [[2, 0]],
        gaps: [
          [mostUs - 2, 1],
          [1, 2],
        ],
      },
    ],
    ['two packets, two minutes', { forward: [[2, 65_535]], backward: [], gaps: [[1, mostUs]] }],
  ]
  for (const [name, flow] of rows) test(`are exact: ${name}`, () => check(flow, name))

  test('are exact whatever it carried', () => {
    const random = createRandom(7)
    const upTo = (most: number) => Math.floor(2 ** (random.next() * Math.log2(most + 1)))
    const payload = () => random.pick([0, 1, 1_459, 1_460, 65_535, random.below(65_536)])
    for (let round = 0; round < 3_000; round++) {
      const counts = Array.from({ length: 4 }, () => upTo(mostPackets / 4))
      const [a, b, c, d] = counts as [number, number, number, number]
      const base = payload()
      const near = Math.min(65_535, base + random.pick([0, 1, random.below(65_536)]))
      const gap = upTo(mostUs / (a + b + 1))
      check(
        {
          forward: [
            [a, base],
            [b, near],
          ],
          backward: [
            [c, payload()],
            [d, near],
          ],
          gaps: [
            [a + b - 2, Math.min(gap, Math.floor(mostUs / 2 / (a + b)))],
            [1, upTo(mostUs / 2)],
          ],
        },
        `round ${round}`,
      )
    }
  })
})
