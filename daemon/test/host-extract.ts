/** The host build of the kernel's headers: records of the flows of a capture, for tests. */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { flowRecord } from '../src/kernel/wire.js'
import { root } from './loaded-programs.js'

export const extractProgram = join(root, 'build/host/extract')

/** Why the host build cannot run, or undefined when it can. */
export function hostBuildUnavailable(): string | undefined {
  return existsSync(extractProgram) ? undefined : 'build/host/extract not built: run make'
}

export interface Extracted {
  readonly status: number | null
  /** `struct flow_record`, with `--retransmissions` and 8 bytes more each. */
  readonly records: Uint8Array
  /** Counts and faults, one line each. */
  readonly message: string
}

/**
 * @param args options and files
 * @param input what standard input holds; nothing by default
 */
export function extract(args: readonly string[], input?: Uint8Array, program = extractProgram): Extracted {
  const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 1 << 28, input: input ?? '' })
  return { status, records: stdout, message: stderr.toString() }
}

/**
 * The records of a capture's flows as the kernel would tell them: also those of ICMPv6, none of other protocols.
 * Throws Error when the file is no capture.
 */
export function hostRecords(capture: string, program = extractProgram): Uint8Array {
  const { status, records, message } = extract(['--other-protocols', capture], undefined, program)
  if (status !== 0) throw new Error(message)
  const kept: Uint8Array[] = []
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let at = 0; at < records.length; at += flowRecord.get.headerLength(view, at)) {
    if (isOfKernel(view, at)) kept.push(records.subarray(at, at + flowRecord.size))
  }
  return Uint8Array.from(Buffer.concat(kept))
}

function isOfKernel(view: DataView, at: number): boolean {
  const protocol = flowRecord.get.keyProtocol(view, at)
  // An address of IPv4 is mapped: the third word is 0000ffff.
  const isV4 = view.getUint16(at + flowRecord.offset.keyA + 10) === 0xffff
  return protocol === 6 || protocol === 17 || protocol === (isV4 ? 1 : 58)
}
