/** Records of ended flows, compared byte for byte, whoever made them: the loaded programs or the host's. */

import assert from 'node:assert/strict'
import { flowRecord, RecordType } from '../src/kernel/wire.js'

/**
 * What is not compared: the lock, which the kernel holds while it tells and the host has none; the flow id, which
 * names the CPU and the load; the interface, which the host has none of.
 */
const masked: readonly (readonly [offset: number, bytes: number])[] = [
  [flowRecord.offset.flowLock, 4],
  [flowRecord.offset.flowId, 8],
  [flowRecord.offset.headerIfindex, 4],
]

/** One hexadecimal line for each ended flow, in the order of the records. */
export function endedLines(bytes: Uint8Array): string[] {
  const found: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += flowRecord.get.headerLength(view, at)) {
    if (flowRecord.get.headerType(view, at) !== RecordType.ended) continue
    const record = bytes.slice(at, at + flowRecord.size)
    for (const [offset, size] of masked) record.fill(0, offset, offset + size)
    found.push(Buffer.from(record).toString('hex'))
  }
  return found
}

/** @throws AssertionError that names the first record that differs, and its fields */
export function assertSameLines(kernel: readonly string[], host: readonly string[]): void {
  for (const [i, line] of kernel.entries()) {
    const other = host[i]
    if (line !== other && other !== undefined) assert.fail(`record ${i}: ${difference(line, other)}`)
  }
  assert.equal(kernel.length, host.length, 'flows of the kernel, and of the host')
}

/** Names the fields in which two records differ. */
function difference(kernel: string, host: string): string {
  const view = (hex: string) => new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer)
  const [a, b] = [view(kernel), view(host)]
  const fields = Object.entries(flowRecord.get) as [
    string,
    (v: DataView, at: number, index: number) => number,
  ][]
  return fields
    .filter(([, get]) => get(a, 0, 0) !== get(b, 0, 0))
    .map(([name, get]) => `${name}: kernel ${get(a, 0, 0)}, host ${get(b, 0, 0)}`)
    .join('; ')
}
