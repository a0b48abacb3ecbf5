/** Open flows as the kernel's table holds them, read and written by tests; and the host build's steps on the same bytes. */

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { flowRecord, RecordType, wireVersion } from '../src/kernel/wire.js'
import { type LoadedPrograms, root } from './loaded-programs.js'
import type { Packet } from './oracle/packets.js'

/** Bytes of a record before the key, and before the flow. */
const keyAt = flowRecord.offset.keyA
const flowAt = flowRecord.offset.flowStartUs
const program = join(root, 'build/host/step')

/** Why the host's steps cannot run, or undefined when they can. */
export function stepUnavailable(): string | undefined {
  return existsSync(program) ? undefined : 'build/host/step not built: run make'
}

/**
 * The open flow of a packet, as a record of the snapshot kind without time and interface.
 * @returns undefined when the table has none
 */
export function readOpenFlow({ binding, path }: LoadedPrograms, packet: Packet): Uint8Array | undefined {
  const ends = [
    [packet.src, packet.srcPort],
    [packet.dst, packet.dstPort],
  ] as const
  for (const [a, b] of [ends, [ends[1], ends[0]] as const]) {
    const key = keyBytes(a, b, packet.protocol)
    const flow = binding.mapLookup(path.fd('flows'), key)
    if (flow !== undefined) return recordOf(key, flow)
  }
  return undefined
}

/** Puts the flow of a record into the table. */
export function writeOpenFlow({ binding, path }: LoadedPrograms, record: Uint8Array): void {
  const any = 0
  binding.mapUpdate(path.fd('flows'), record.slice(keyAt, flowAt), record.slice(flowAt), any)
}

type End = readonly [address: string, port: number]

/** `struct flow_key` with these ends in this order. */
function keyBytes(a: End, b: End, protocol: number): Uint8Array {
  const key = Buffer.alloc(flowAt - keyAt)
  for (const [i, [address, port]] of [a, b].entries()) {
    const bytes = Buffer.from(address, 'hex')
    if (bytes.length === 4) key.writeUInt16BE(0xffff, i * 16 + 10)
    bytes.copy(key, i * 16 + 16 - bytes.length)
    key.writeUInt16BE(port, 32 + i * 2)
  }
  key[36] = protocol
  return key
}

function recordOf(key: Uint8Array, flow: Uint8Array): Uint8Array {
  const record = new Uint8Array(flowRecord.size)
  const view = new DataView(record.buffer)
  flowRecord.set.headerType(view, 0, RecordType.snapshot)
  flowRecord.set.headerVersion(view, 0, wireVersion)
  flowRecord.set.headerLength(view, 0, flowRecord.size)
  record.set(key, keyAt)
  record.set(flow, flowAt)
  return record
}

/** One packet for a flow that is there. */
export interface FlowStep {
  readonly timeUs: number
  readonly data: Uint8Array
  /** True when it goes out. */
  readonly isEgress: boolean
  /** Payload of each segment that the network card makes of it, bytes; 0: it stays one packet. */
  readonly segmentBytes: number
}

/** @returns records of the flows that ended, in order, and last that of the open one */
export function stepOnHost(record: Uint8Array, steps: readonly FlowStep[]): Uint8Array[] {
  const parts: Uint8Array[] = [record]
  for (const { timeUs, data, isEgress, segmentBytes } of steps) {
    const head = Buffer.alloc(16)
    head.writeBigUInt64LE(BigInt(timeUs), 0)
    head.writeUInt32LE(data.length, 8)
    head.writeUInt16LE(segmentBytes, 12)
    head.writeUInt8(isEgress ? 1 : 0, 14)
    parts.push(head, data)
  }
  const out = execFileSync(program, { input: Buffer.concat(parts), maxBuffer: 1 << 24 })
  return Array.from({ length: out.length / flowRecord.size }, (_, i) =>
    Uint8Array.from(out.subarray(i * flowRecord.size, (i + 1) * flowRecord.size)),
  )
}

/** The same through the loaded programs, from the state of the record on; rings are emptied before. */
export function stepInKernel(
  programs: LoadedPrograms,
  record: Uint8Array,
  steps: readonly FlowStep[],
  packet: Packet,
): Uint8Array[] {
  programs.records()
  writeOpenFlow(programs, record)
  for (const { timeUs, data, isEgress, segmentBytes } of steps) {
    if (segmentBytes > 0) programs.egressWith(data, timeUs, { gsoSize: segmentBytes, gsoSegs: 2 })
    else if (isEgress) programs.egress(data, timeUs)
    else programs.ingress(data, timeUs)
  }
  const ended = programs.records()
  const found: Uint8Array[] = []
  const view = new DataView(ended.buffer, ended.byteOffset, ended.byteLength)
  for (let at = 0; at < ended.length; at += flowRecord.get.headerLength(view, at)) {
    if (flowRecord.get.headerType(view, at) === RecordType.ended)
      found.push(ended.slice(at, at + flowRecord.size))
  }
  const open = readOpenFlow(programs, packet)
  return open === undefined ? found : [...found, open]
}
