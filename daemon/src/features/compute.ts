/**
 * Features of full flow records: integers of the kernel in, the corrected CICFlowMeter's columns out. Pure, and without
 * an object per field.
 */

import { FlowMark, flowRecord } from '../kernel/wire.js'
import { featureCount } from './columns.js'

const get = flowRecord.get
const protocolIcmp = 1
const protocolIcmpv6 = 58

/**
 * Sample variance from count, sum and sum of squares of integers; 0 below two values.
 * Doubles cancel for values that hardly differ: then the integers decide, which are exact.
 * @param exactSquares the sum of squares where it may be past 2^53
 */
export function sampleVariance(
  count: number,
  sum: number,
  squares: number,
  exactSquares: () => bigint,
): number {
  if (count < 2) return 0
  const scaled = count * squares
  const difference = scaled - sum * sum
  if (difference > scaled * 1e-4) return difference / (count * (count - 1))
  const exact = BigInt(count) * exactSquares() - BigInt(sum) * BigInt(sum)
  return Number(exact) / (count * (count - 1))
}

function mean(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count
}

/**
 * Writes all columns of one full record, in the order of `featureColumns`.
 * @param view records as they came from the ring
 * @param at where the record begins
 * @param out at least `base + featureCount` long
 */
export function computeFeatures(view: DataView, at: number, out: Float64Array, base = 0): void {
  const u64 = (offset: number) => view.getBigUint64(at + offset, true)
  const offset = flowRecord.offset
  const durationUs = get.flowLastUs(view, at)
  const seconds = durationUs / 1e6
  const fwd = get.flowDir0Packets(view, at)
  const bwd = get.flowDir1Packets(view, at)
  const packets = fwd + bwd
  const fwdBytes = get.flowDir0Bytes(view, at)
  const bwdBytes = get.flowDir1Bytes(view, at)
  const bytes = fwdBytes + bwdBytes
  const fwdSquares = get.flowDir0BytesSq(view, at)
  const bwdSquares = get.flowDir1BytesSq(view, at)
  const fwdMin = fwd === 0 ? 0 : get.flowDir0LenMin(view, at)
  const bwdMin = bwd === 0 ? 0 : get.flowDir1LenMin(view, at)
  const fwdMax = get.flowDir0LenMax(view, at)
  const bwdMax = get.flowDir1LenMax(view, at)
  const lengthVariance = sampleVariance(
    packets,
    bytes,
    fwdSquares + bwdSquares,
    () => u64(offset.flowDir0BytesSq) + u64(offset.flowDir1BytesSq),
  )
  const protocol = get.keyProtocol(view, at)
  const isIcmp = protocol === protocolIcmp || protocol === protocolIcmpv6
  const marks = get.flowMarks(view, at)
  const beganBackward = (marks & FlowMark.firstBackward) !== 0
  const gaps = packets > 1 ? packets - 1 : 0
  const fwdIatTotal = fwd > 1 ? get.flowDir0LastUs(view, at) - get.flowDir0FirstUs(view, at) : 0
  const bwdIatTotal = bwd > 1 ? get.flowDir1LastUs(view, at) - get.flowDir1FirstUs(view, at) : 0
  const psh = [get.flowDir0Psh(view, at), get.flowDir1Psh(view, at)] as const
  const urg = [get.flowDir0Urg(view, at), get.flowDir1Urg(view, at)] as const
  const rst = [get.flowDir0Rst(view, at), get.flowDir1Rst(view, at)] as const
  const subflows = get.flowGaps(view, at)
  const activeCount = get.flowActiveCount(view, at)
  const idleCount = get.flowIdleCount(view, at)
  let i = base

  out[i++] = durationUs
  out[i++] = fwd
  out[i++] = bwd
  out[i++] = fwdBytes
  out[i++] = bwdBytes
  out[i++] = fwdMax
  out[i++] = fwdMin
  out[i++] = mean(fwdBytes, fwd)
  out[i++] = Math.sqrt(sampleVariance(fwd, fwdBytes, fwdSquares, () => u64(offset.flowDir0BytesSq)))
  out[i++] = bwdMax
  out[i++] = bwdMin
  out[i++] = mean(bwdBytes, bwd)
  out[i++] = Math.sqrt(sampleVariance(bwd, bwdBytes, bwdSquares, () => u64(offset.flowDir1BytesSq)))
  out[i++] = durationUs === 0 ? -1 : bytes / seconds
  out[i++] = durationUs === 0 ? -1 : packets / seconds
  out[i++] = mean(durationUs, gaps)
  out[i++] = Math.sqrt(sampleVariance(gaps, durationUs, get.flowIatSq(view, at), () => u64(offset.flowIatSq)))
  out[i++] = get.flowIatMax(view, at)
  out[i++] = packets > 1 ? get.flowIatMin(view, at) : 0
  out[i++] = fwdIatTotal
  out[i++] = mean(fwdIatTotal, fwd > 1 ? fwd - 1 : 0)
  out[i++] = Math.sqrt(
    sampleVariance(fwd - 1, fwdIatTotal, get.flowDir0IatSq(view, at), () => u64(offset.flowDir0IatSq)),
  )
  out[i++] = get.flowDir0IatMax(view, at)
  out[i++] = fwd > 1 ? get.flowDir0IatMin(view, at) : 0
  out[i++] = bwdIatTotal
  out[i++] = mean(bwdIatTotal, bwd > 1 ? bwd - 1 : 0)
  out[i++] = Math.sqrt(
    sampleVariance(bwd - 1, bwdIatTotal, get.flowDir1IatSq(view, at), () => u64(offset.flowDir1IatSq)),
  )
  out[i++] = get.flowDir1IatMax(view, at)
  out[i++] = bwd > 1 ? get.flowDir1IatMin(view, at) : 0
  out[i++] = psh[0]
  out[i++] = psh[1]
  out[i++] = urg[0]
  out[i++] = urg[1]
  out[i++] = rst[0]
  out[i++] = rst[1]
  out[i++] = get.flowDir0HeaderBytes(view, at)
  out[i++] = get.flowDir1HeaderBytes(view, at)
  out[i++] = durationUs === 0 ? 0 : fwd / seconds
  out[i++] = durationUs === 0 ? 0 : bwd / seconds
  out[i++] = fwd === 0 ? bwdMin : bwd === 0 ? fwdMin : Math.min(fwdMin, bwdMin)
  out[i++] = Math.max(fwdMax, bwdMax)
  out[i++] = mean(bytes, packets)
  out[i++] = Math.sqrt(lengthVariance)
  out[i++] = lengthVariance
  out[i++] = get.flowFin(view, at)
  out[i++] = get.flowSyn(view, at)
  out[i++] = rst[0] + rst[1]
  out[i++] = psh[0] + psh[1]
  out[i++] = get.flowAck(view, at)
  out[i++] = urg[0] + urg[1]
  out[i++] = get.flowCwr(view, at)
  out[i++] = get.flowEce(view, at)
  out[i++] = mean(bwd, fwd)
  out[i++] = mean(bytes, packets)
  out[i++] = mean(fwdBytes, fwd)
  out[i++] = mean(bwdBytes, bwd)
  i = bulkFeatures(
    get.flowBulk0Size(view, at),
    get.flowBulk0Packets(view, at),
    get.flowBulk0Count(view, at),
    get.flowBulk0DurationUs(view, at),
    out,
    i,
  )
  i = bulkFeatures(
    get.flowBulk1Size(view, at),
    get.flowBulk1Packets(view, at),
    get.flowBulk1Count(view, at),
    get.flowBulk1DurationUs(view, at),
    out,
    i,
  )
  out[i++] = mean(fwd, subflows)
  out[i++] = mean(fwdBytes, subflows)
  out[i++] = mean(bwd, subflows)
  out[i++] = mean(bwdBytes, subflows)
  out[i++] = get.flowDir0InitWin(view, at)
  out[i++] = get.flowDir1InitWin(view, at)
  out[i++] = get.flowDir0DataPackets(view, at)
  out[i++] = get.flowDir1DataPackets(view, at)
  out[i++] = beganBackward || fwd === 0 ? 0 : get.flowDir0SegMin(view, at)
  i = periodFeatures(
    activeCount,
    get.flowActiveSum(view, at),
    get.flowActiveSq(view, at),
    get.flowActiveMax(view, at),
    activeCount === 0 ? 0 : get.flowActiveMin(view, at),
    () => u64(offset.flowActiveSq),
    out,
    i,
  )
  i = periodFeatures(
    idleCount,
    get.flowIdleSum(view, at),
    get.flowIdleSq(view, at),
    get.flowIdleMax(view, at),
    idleCount === 0 ? 0 : get.flowIdleMin(view, at),
    () => u64(offset.flowIdleSq),
    out,
    i,
  )
  out[i++] = isIcmp ? get.flowIcmpCode(view, at) : -1
  out[i++] = isIcmp ? get.flowIcmpType(view, at) : -1
  out[i++] = isIcmp ? 0 : get.flowConnectionUs(view, at) + durationUs
}

function bulkFeatures(
  size: number,
  packets: number,
  count: number,
  durationUs: number,
  out: Float64Array,
  at: number,
): number {
  out[at] = mean(size, count)
  out[at + 1] = mean(packets, count)
  out[at + 2] = durationUs === 0 ? 0 : size / (durationUs / 1e6)
  return at + 3
}

function periodFeatures(
  count: number,
  sumUs: number,
  squares: number,
  maxUs: number,
  minUs: number,
  exactSquares: () => bigint,
  out: Float64Array,
  at: number,
): number {
  out[at] = mean(sumUs, count)
  out[at + 1] = Math.sqrt(sampleVariance(count, sumUs, squares, exactSquares))
  out[at + 2] = maxUs
  out[at + 3] = minUs
  return at + 4
}

/**
 * Features of many records for one model.
 * @param offsets where the full records begin, n of them
 * @param columns indices into `featureColumns`, in the model's order
 * @returns `Float32Array`, row-major, `[n, columns.length]`
 */
export function featureMatrix(
  view: DataView,
  offsets: readonly number[],
  columns: readonly number[],
): Float32Array {
  const row = new Float64Array(featureCount)
  const matrix = new Float32Array(offsets.length * columns.length)
  let to = 0
  for (const at of offsets) {
    computeFeatures(view, at, row)
    for (const column of columns) matrix[to++] = row[column] as number
  }
  return matrix
}
