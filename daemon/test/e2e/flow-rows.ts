/** Flows with all their features from two sides: what `extract` writes of a capture, what idsctl exports of a daemon. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeBatch } from '../../src/decode/batch.js'
import { featureColumns } from '../../src/features/columns.js'
import { computeFeatures } from '../../src/features/compute.js'
import { flowRecord } from '../../src/kernel/wire.js'
import { root } from './harness.js'

/** One flow that is over. */
export interface FlowRow {
  /** Source, source port, destination, destination port, protocol. */
  readonly tuple: string
  /** Since 1970, us. */
  readonly startUs: number
  readonly lastUs: number
  /** What is told of it besides features, by the names of an export. */
  readonly told: ReadonlyMap<string, string>
  /** By CIC-IDS2017 name; empty when none were kept. */
  readonly features: ReadonlyMap<string, number>
}

/** A flow of a capture, from which also follows what a rate is a rate of. */
export interface ExtractedRow extends FlowRow {
  /** Payload bytes in bulks, forward and backward. */
  readonly bulkBytes: readonly [number, number]
}

const extractProgram = join(root, 'build/host/extract')
/** Room for the records of one capture, bytes. */
const maxRecordBytes = 64 * 1024 * 1024
/** What an export and a record both tell, and what does not depend on where the packets were seen. */
const toldFields = [
  ...['packets_fwd', 'packets_bwd', 'bytes_fwd', 'bytes_bwd', 'tcp_state', 'first_backward'],
  ...['is_continuation', 'syn_count', 'fin_count', 'rst_count'],
] as const

/** Why no capture can be extracted; undefined when one can. */
export function extractMissing(): string | undefined {
  return existsSync(extractProgram) ? undefined : 'build/host/extract is not built: run make'
}

/** Every flow of a capture; `extract` reads no ICMPv6 by itself. */
export function extractedRows(capture: string): ExtractedRow[] {
  const bytes = execFileSync(extractProgram, [capture], { maxBuffer: maxRecordBytes, stdio: 'pipe' })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { flows, offsets, unknown } = decodeBatch(bytes, { wallOffsetUs: 0 })
  if (unknown > 0) throw new Error(`${capture}: ${unknown} records cannot be read`)
  return flows.map((flow, i) => {
    const at = offsets[i] as number
    const values = new Float64Array(featureColumns.length)
    computeFeatures(view, at, values)
    const told: Record<(typeof toldFields)[number], string | number | boolean> = {
      packets_fwd: flow.packetsFwd,
      packets_bwd: flow.packetsBwd,
      bytes_fwd: flow.bytesFwd,
      bytes_bwd: flow.bytesBwd,
      tcp_state: flow.tcpState,
      first_backward: flow.firstBackward,
      is_continuation: flow.isContinuation,
      syn_count: flow.synCount,
      fin_count: flow.finCount,
      rst_count: flow.rstCount,
    }
    return {
      tuple: [flow.src, flow.srcPort, flow.dst, flow.dstPort, flow.protocol].join(' '),
      startUs: flow.startUs,
      lastUs: flow.lastUs,
      told: new Map(toldFields.map((name) => [name, String(told[name])])),
      features: new Map(featureColumns.map(({ name }, column) => [name, values[column] as number])),
      bulkBytes: [flowRecord.get.flowBulk0Size(view, at), flowRecord.get.flowBulk1Size(view, at)],
    }
  })
}

/** A flow of an export, which may go on. */
export interface ExportedRow extends FlowRow {
  readonly interface: string
  readonly isOver: boolean
}

/** Every flow of a CSV file of `idsctl flows export --features`. */
export function exportedRows(path: string): ExportedRow[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const names = header.split(',')
  return lines.map((line) => {
    const cells = new Map(line.split(',').map((cell, i) => [names[i] as string, cell]))
    const cell = (name: string) => cells.get(name) ?? ''
    return {
      interface: cell('interface'),
      isOver: cell('end_reason') !== '',
      tuple: ['src', 'src_port', 'dst', 'dst_port', 'protocol'].map(cell).join(' '),
      startUs: microseconds(cell('start')),
      lastUs: microseconds(cell('last')),
      told: new Map(toldFields.map((name) => [name, cell(name)])),
      features: new Map(
        featureColumns.flatMap(({ name }) =>
          cell(name) === '' ? [] : [[name, Number(cell(name))] as const],
        ),
      ),
    }
  })
}

/** `2031-05-04T12:30:00.123456Z` as us since 1970. */
function microseconds(text: string): number {
  const [seconds = '', fraction = ''] = text.replace('Z', '').split('.')
  return Date.parse(`${seconds}Z`) * 1_000 + Number(fraction.padEnd(6, '0'))
}
