/** Flows with their columns from three sources: the slow reference, the host build, the loaded programs. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressBytes } from '../../../lab/packet.js'
import { encodePcap } from '../../../lab/pcap.js'
import { decodeBatch } from '../../src/decode/batch.js'
import type { RecordKind } from '../../src/decode/flow-record.js'
import { featureColumns } from '../../src/features/columns.js'
import { computeFeatures } from '../../src/features/compute.js'
import { sweepTombstones } from '../../src/kernel/sweep.js'
import { extractProgram, hostRecords } from '../host-extract.js'
import type { LoadedPrograms } from '../loaded-programs.js'
import { columnsOf } from './columns.js'
import { type Flow, flowsOf } from './flows.js'
import { packetsOf, type TimedFrame } from './scene.js'

export { hostBuildUnavailable } from '../host-extract.js'

/** One flow. */
export interface Row {
  /** Addresses as hexadecimal digits, ports, protocol, times of the first and last packet, us. */
  readonly key: string
  /** By CIC-IDS2017 name. */
  readonly columns: ReadonlyMap<string, number>
}

/** In order of end where flows have the same key. */
export function oracleRows(frames: readonly TimedFrame[]): Row[] {
  return flowsOf(packetsOf(frames)).map(oracleRow)
}

export function oracleRow(flow: Flow): Row {
  return {
    key: [
      flow.src,
      flow.srcPort,
      flow.dst,
      flow.dstPort,
      flow.protocol,
      flow.packets[0]?.timeUs,
      flow.packets.at(-1)?.timeUs,
    ].join(' '),
    columns: columnsOf(flow),
  }
}

export interface HostBuild {
  rows(frames: readonly TimedFrame[]): Row[]
  /** The record of every flow, those that are open at the end flushed. */
  records(frames: readonly TimedFrame[]): Uint8Array
  close(): void
}

/** @param program another build of the same program */
export function openHostBuild(program = extractProgram): HostBuild {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-oracle-'))
  const capture = join(folder, 'capture')
  const run = (frames: readonly TimedFrame[]) => {
    writeFileSync(capture, encodePcap(frames))
    return hostRecords(capture, program)
  }
  return {
    rows: (frames) => rowsOf(run(frames)),
    records: run,
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface KernelRun {
  /** Time between two sweeps, us. Default: none. */
  readonly sweepEveryUs?: number
  /** True for a frame that goes out. Default: all come in. */
  readonly isEgress?: (frame: Uint8Array) => boolean
}

/** Runs the frames through programs that know no flow, and leaves them so. */
export function kernelRows(
  programs: LoadedPrograms,
  frames: readonly TimedFrame[],
  { sweepEveryUs = Number.POSITIVE_INFINITY, isEgress = () => false }: KernelRun = {},
): Row[] {
  let sweptUs = frames[0]?.timeUs ?? 0
  for (const { data, timeUs } of frames) {
    if (timeUs - sweptUs > sweepEveryUs) {
      programs.sweep(timeUs)
      sweptUs = timeUs
    }
    if (isEgress(data)) programs.egress(data, timeUs)
    // A test run refuses less than an Ethernet header.
    else if (data.length >= 14) programs.ingress(data, timeUs)
  }
  const lastUs = frames.at(-1)?.timeUs ?? 0
  programs.sweep(lastUs, { flush: true })
  const left = sweepTombstones(programs.binding, programs.path, true, lastUs + 3600e6)
  if (left !== 0) throw new Error(`${left} tombstones left an hour after the last packet`)
  return rowsOf(programs.records())
}

/** @param kind of the records that are wanted; others are left out */
export function rowsOf(bytes: Uint8Array, kind: Exclude<RecordKind, 'opened'> = 'ended'): Row[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { flows, offsets, unknown } = decodeBatch(bytes, { wallOffsetUs: 0 })
  if (unknown !== 0) throw new Error(`${unknown} records of an unknown kind`)
  return flows.flatMap((flow, i) => {
    if (flow.kind !== kind) return []
    const values = new Float64Array(featureColumns.length)
    computeFeatures(view, offsets[i] as number, values)
    const { src, srcPort, dst, dstPort, protocol, startUs, lastUs } = flow
    return {
      key: [digits(src), srcPort, digits(dst), dstPort, protocol, startUs, lastUs].join(' '),
      columns: new Map(featureColumns.map(({ name }, at) => [name, values[at] as number])),
    }
  })
}

/** An address as the keys of rows have it. */
export function digits(address: string): string {
  return Buffer.from(addressBytes(address)).toString('hex')
}
