import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { FlowMark, flowRecord } from '../kernel/wire.js'
import { featureColumns, featureCount, featureIndex } from './columns.js'
import { computeFeatures, featureMatrix, sampleVariance } from './compute.js'

const { set } = flowRecord
type Write = (view: DataView) => void

function record(write: Write): DataView {
  const view = new DataView(new ArrayBuffer(flowRecord.size))
  set.keyProtocol(view, 0, 6)
  write(view)
  return view
}

function featuresOf(write: Write): (name: string) => number {
  const out = new Float64Array(featureCount)
  computeFeatures(record(write), 0, out)
  return (name) => {
    const index = featureIndex(name)
    assert.ok(index !== undefined, `no column ${name}`)
    return out[index] as number
  }
}

/** Payloads of one direction, as the kernel adds them up. */
function lengths(view: DataView, dir: 0 | 1, values: readonly number[]): void {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  if (dir === 0) {
    set.flowDir0Packets(view, 0, values.length)
    set.flowDir0Bytes(view, 0, sum)
    set.flowDir0BytesSq(view, 0, squares)
    set.flowDir0LenMin(view, 0, Math.min(...values))
    set.flowDir0LenMax(view, 0, Math.max(...values))
  } else {
    set.flowDir1Packets(view, 0, values.length)
    set.flowDir1Bytes(view, 0, sum)
    set.flowDir1BytesSq(view, 0, squares)
    set.flowDir1LenMin(view, 0, Math.min(...values))
    set.flowDir1LenMax(view, 0, Math.max(...values))
  }
}

function near(got: number, expected: number): void {
  assert.ok(
    Math.abs(got - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${got} instead of ${expected}`,
  )
}

describe('the features of a record', () => {
  const rows: readonly (readonly [name: string, write: Write, expected: Record<string, number>])[] = [
    [
      'one packet has no rates and no gaps',
      (view) => lengths(view, 0, [100]),
      {
        'Flow Duration': 0,
        'Flow Bytes/s': -1,
        'Flow Packets/s': -1,
        'Fwd Packets/s': 0,
        'Bwd Packets/s': 0,
        'Fwd Packet Length Std': 0,
        'Fwd Packet Length Mean': 100,
        'Flow IAT Min': 0,
        'Fwd IAT Total': 0,
        'Min Packet Length': 100,
        'Down/Up Ratio': 0,
        'Total Connection Flow Time': 0,
      },
    ],
    [
      'a direction without packets is 0 everywhere',
      (view) => {
        lengths(view, 1, [7, 9])
        // What the kernel leaves where there is no packet is not read.
        set.flowDir0LenMin(view, 0, 5)
        set.flowDir0SegMin(view, 0, 20)
        set.flowDir0IatMin(view, 0, 5)
      },
      {
        'Fwd Packet Length Min': 0,
        'Fwd Packet Length Mean': 0,
        'Fwd IAT Min': 0,
        'Avg Fwd Segment Size': 0,
        'Down/Up Ratio': 0,
        min_seg_size_forward: 0,
        'Min Packet Length': 7,
        'Max Packet Length': 9,
      },
    ],
    [
      'means and sample deviations of lengths, per direction and together',
      (view) => {
        lengths(view, 0, [0, 10, 20])
        lengths(view, 1, [1000])
        set.flowLastUs(view, 0, 2_000_000)
      },
      {
        'Fwd Packet Length Mean': 10,
        'Fwd Packet Length Std': 10,
        'Bwd Packet Length Std': 0,
        'Packet Length Mean': 257.5,
        'Packet Length Variance': 245_091.666_666_666_66,
        'Packet Length Std': Math.sqrt(245_091.666_666_666_66),
        'Average Packet Size': 257.5,
        'Flow Bytes/s': 515,
        'Flow Packets/s': 2,
        'Fwd Packets/s': 1.5,
        'Down/Up Ratio': 1 / 3,
      },
    ],
    [
      'gaps of the flow and of each direction',
      (view) => {
        lengths(view, 0, [1, 1, 1])
        lengths(view, 1, [1])
        // Times 0, 10, 40 forward and 20 backward.
        set.flowLastUs(view, 0, 40)
        set.flowIatSq(view, 0, 100 + 100 + 400)
        set.flowIatMin(view, 0, 10)
        set.flowIatMax(view, 0, 20)
        set.flowDir0FirstUs(view, 0, 0)
        set.flowDir0LastUs(view, 0, 40)
        set.flowDir0IatSq(view, 0, 100 + 900)
        set.flowDir0IatMin(view, 0, 10)
        set.flowDir0IatMax(view, 0, 30)
        set.flowDir1FirstUs(view, 0, 20)
        set.flowDir1LastUs(view, 0, 20)
      },
      {
        'Flow IAT Mean': 40 / 3,
        'Flow IAT Std': Math.sqrt((600 - 1600 / 3) / 2),
        'Flow IAT Max': 20,
        'Flow IAT Min': 10,
        'Fwd IAT Total': 40,
        'Fwd IAT Mean': 20,
        'Fwd IAT Std': Math.sqrt(200),
        'Bwd IAT Total': 0,
        'Bwd IAT Mean': 0,
      },
    ],
    [
      'bulks by their count, and their rate by their time',
      (view) => {
        set.flowBulk0Size(view, 0, 6000)
        set.flowBulk0Packets(view, 0, 9)
        set.flowBulk0Count(view, 0, 2)
        set.flowBulk0DurationUs(view, 0, 500_000)
        set.flowBulk1Size(view, 0, 100)
        set.flowBulk1Count(view, 0, 1)
      },
      {
        'Fwd Avg Bytes/Bulk': 3000,
        'Fwd Avg Packets/Bulk': 4.5,
        'Fwd Avg Bulk Rate': 12_000,
        'Bwd Avg Bytes/Bulk': 100,
        'Bwd Avg Bulk Rate': 0,
      },
    ],
    [
      'subflows by the gaps of more than a second, and 0 without one',
      (view) => {
        lengths(view, 0, [10, 10, 10])
        lengths(view, 1, [5])
        set.flowGaps(view, 0, 2)
      },
      {
        'Subflow Fwd Packets': 1.5,
        'Subflow Fwd Bytes': 15,
        'Subflow Bwd Packets': 0.5,
        'Subflow Bwd Bytes': 2.5,
      },
    ],
    ['no gap', (view) => lengths(view, 0, [10]), { 'Subflow Fwd Packets': 0, 'Subflow Fwd Bytes': 0 }],
    [
      'active and idle periods',
      (view) => {
        set.flowActiveCount(view, 0, 2)
        set.flowActiveSum(view, 0, 30)
        set.flowActiveSq(view, 0, 100 + 400)
        set.flowActiveMin(view, 0, 10)
        set.flowActiveMax(view, 0, 20)
        set.flowIdleMin(view, 0, 9)
      },
      {
        'Active Mean': 15,
        'Active Std': Math.sqrt(50),
        'Active Min': 10,
        'Active Max': 20,
        'Idle Mean': 0,
        'Idle Std': 0,
        'Idle Min': 0,
      },
    ],
    [
      'the smallest header counts only when the flow began forward',
      (view) => {
        lengths(view, 0, [1])
        set.flowDir0SegMin(view, 0, 20)
      },
      { min_seg_size_forward: 20 },
    ],
    [
      'a flow that began backward',
      (view) => {
        lengths(view, 0, [1])
        set.flowDir0SegMin(view, 0, 20)
        set.flowMarks(view, 0, FlowMark.firstBackward)
      },
      { min_seg_size_forward: 0 },
    ],
    [
      'ICMP',
      (view) => {
        set.keyProtocol(view, 0, 1)
        set.flowIcmpType(view, 0, 3)
        set.flowIcmpCode(view, 0, 13)
        set.flowLastUs(view, 0, 5)
        set.flowConnectionUs(view, 0, 7)
      },
      { 'ICMP Type': 3, 'ICMP Code': 13, 'Total Connection Flow Time': 0 },
    ],
    [
      'TCP has no ICMP type, and the time of its earlier parts',
      (view) => {
        set.flowLastUs(view, 0, 5)
        set.flowConnectionUs(view, 0, 2 ** 40)
      },
      { 'ICMP Type': -1, 'ICMP Code': -1, 'Total Connection Flow Time': 2 ** 40 + 5 },
    ],
    [
      'flags of both directions',
      (view) => {
        set.flowDir0Psh(view, 0, 1)
        set.flowDir1Psh(view, 0, 2)
        set.flowDir0Urg(view, 0, 3)
        set.flowDir1Urg(view, 0, 4)
        set.flowDir0Rst(view, 0, 5)
        set.flowDir1Rst(view, 0, 6)
        set.flowFin(view, 0, 7)
        set.flowSyn(view, 0, 8)
        set.flowAck(view, 0, 9)
        set.flowCwr(view, 0, 10)
        set.flowEce(view, 0, 11)
      },
      {
        'Fwd PSH Flags': 1,
        'Bwd PSH Flags': 2,
        'Fwd URG Flags': 3,
        'Bwd URG Flags': 4,
        'PSH Flag Count': 3,
        'URG Flag Count': 7,
        'RST Flag Count': 11,
        'FIN Flag Count': 7,
        'SYN Flag Count': 8,
        'ACK Flag Count': 9,
        'CWE Flag Count': 10,
        'ECE Flag Count': 11,
      },
    ],
  ]
  for (const [name, write, expected] of rows) {
    test(`are right: ${name}`, () => {
      const value = featuresOf(write)
      for (const [column, want] of Object.entries(expected)) near(value(column), want)
    })
  }

  test('are finite in every column, whatever the record holds', () => {
    const random = createRandom(5)
    const out = new Float64Array(featureCount)
    for (let round = 0; round < 2000; round++) {
      const bytes = new Uint8Array(flowRecord.size).map(() => (random.next() < 0.5 ? 0 : random.below(256)))
      computeFeatures(new DataView(bytes.buffer), 0, out)
      for (const [i, value] of out.entries()) {
        // The root of what can only be negative in bytes that no kernel wrote.
        if (featureColumns[i]?.name.endsWith('Std')) continue
        assert.ok(Number.isFinite(value), `${featureColumns[i]?.name} is ${value}`)
      }
    }
  })

  test('are written where they are asked for, and nowhere else', () => {
    const out = new Float64Array(featureCount + 6).fill(-7)
    computeFeatures(
      record((view) => lengths(view, 0, [1])),
      0,
      out,
      3,
    )
    assert.deepEqual([...out.subarray(0, 3), ...out.subarray(featureCount + 3)], [-7, -7, -7, -7, -7, -7])
    assert.ok(!out.subarray(3, featureCount + 3).includes(-7))
  })

  test('stand in a matrix by row, in the order that the model asks for', () => {
    const view = new DataView(new ArrayBuffer(2 * flowRecord.size + 64))
    const offsets = [64, 64 + flowRecord.size]
    set.flowDir0Packets(view, 64, 3)
    set.flowDir1Packets(view, 64, 4)
    set.flowDir0Packets(view, 64 + flowRecord.size, 5)
    set.flowDir1Packets(view, 64 + flowRecord.size, 6)
    const columns = ['Total Backward Packets', 'Total Fwd Packets'].map(
      (name) => featureIndex(name) as number,
    )
    assert.deepEqual(featureMatrix(view, offsets, columns), Float32Array.of(4, 3, 6, 5))
    assert.equal(featureMatrix(view, [], columns).length, 0)
  })

  test('have names of their own, and the duplicate of CIC-IDS2017 means the same column', () => {
    assert.equal(new Set(featureColumns.map((column) => column.name)).size, featureCount)
    assert.equal(featureIndex('Fwd Header Length.1'), featureIndex('Fwd Header Length'))
    assert.equal(featureIndex('Destination Port'), undefined)
  })
})

describe('the sample variance', () => {
  /** From the values themselves, in whole numbers. */
  const exact = (values: readonly number[]) => {
    const n = BigInt(values.length)
    const sum = values.reduce((total, value) => total + BigInt(value), 0n)
    const squares = values.reduce((total, value) => total + BigInt(value) ** 2n, 0n)
    const numerator = n * squares - sum * sum
    const denominator = n * (n - 1n)
    // Enough digits below the point for values near 0.
    const variance = Number((numerator * 10n ** 12n) / denominator) / 1e12
    return { count: values.length, sum: Number(sum), squares, variance }
  }
  const check = (values: readonly number[]) => {
    const { count, sum, squares, variance } = exact(values)
    const got = sampleVariance(count, sum, Number(squares), () => squares)
    assert.ok(Math.abs(got - variance) <= 1e-9 * Math.max(1e-3, variance), `${got} instead of ${variance}`)
  }

  test('of fewer than two values is 0', () => {
    for (const count of [-1, 0, 1])
      assert.equal(
        sampleVariance(count, 5, 25, () => 25n),
        0,
      )
  })

  for (const [name, values] of [
    ['two values', [1, 3]],
    ['equal values', new Array<number>(5000).fill(1448)],
    ['one that differs by 1 among many', [...new Array<number>(100_000).fill(65_535), 65_534]],
    ['a period with a jitter of 1 us', Array.from({ length: 1200 }, (_, i) => 100_000 + (i % 2))],
    ['two long gaps that differ by 1 us', [59_999_999, 60_000_000]],
    ['squares past 2^53', [119_000_000, 119_000_001, 119_000_000]],
    ['one long gap among many of none', [...new Array<number>(1000).fill(0), 120_000_000]],
  ] as const) {
    test(`of ${name} is that of whole numbers`, () => check(values))
  }

  test('of random values near each other is that of whole numbers', () => {
    const random = createRandom(3)
    for (let round = 0; round < 300; round++) {
      const base = random.below(10 ** (1 + random.below(8)))
      const spread = 1 + random.below(10 ** random.below(6))
      check(Array.from({ length: 2 + random.below(200) }, () => base + random.below(spread)))
    }
  })
})
