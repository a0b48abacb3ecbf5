/** The loaded BPF programs without an interface, for tests: frames in, verdicts, counters and flows out. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DecodedBatch } from '../src/decode/batch.js'
import { decodeBatch } from '../src/decode/batch.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import { type Binding, kernelCall, loadBinding } from '../src/kernel/binding.js'
import type { MapSizes } from '../src/kernel/data-path.js'
import { openReplay, type Replay, type ReplayOptions } from '../src/kernel/replay.js'

/** Folder that holds `build/`. */
export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Why programs cannot be loaded here, or undefined when they can. */
export function loadUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'BPF programs need Linux'
  if (process.getuid?.() !== 0) return 'loading BPF programs needs root'
  const missing = ['build/bpf/idsd.bpf.o', 'build/native/idsd.node'].filter(
    (file) => !existsSync(join(root, file)),
  )
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not built: run make`
}

/** TC_ACT_SHOT (linux/pkt_cls.h). */
export const tcDrop = 2
export { tcPass } from '../src/kernel/replay.js'

export const smallSizes: MapSizes = {
  flows: 4096,
  tombstones: 4096,
  blocks: 1024,
  prefixes: 1024,
  allows: 256,
  suspects: 64,
  sources: 64,
  urgentRingBytes: 1 << 18,
  bulkRingBytes: 1 << 20,
}

/** A field of `struct __sk_buff` that a test run of a TC program may set, with its offset (linux/bpf.h). */
const skbFields = { ingressIfindex: 36, gsoSegs: 164, gsoSize: 176 } as const
const skbBytes = 192

export interface LoadedPrograms extends Replay {
  readonly binding: Binding
  /** Runs one egress frame with fields of its socket buffer set. Returns the TC verdict. */
  egressWith(frame: Uint8Array, timeUs: number, skb: Partial<Record<keyof typeof skbFields, number>>): number
  /** The records since the last call. */
  decoded(): DecodedBatch & { readonly bytes: Uint8Array; readonly view: DataView }
  /** Flows of the records since the last call. */
  flows(): FlowRecord[]
}

export function openPrograms(options: Omit<Partial<ReplayOptions>, 'binding' | 'root'> = {}): LoadedPrograms {
  const binding = loadBinding(root)
  const replay = openReplay({ binding, root, sizes: smallSizes, ...options })
  const place = replay.path.variable('replay_us')
  const clock = new BigUint64Array(binding.mapMemory(place.fd), place.offset, 1)
  const decoded = () => {
    const bytes = replay.records()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return { bytes, view, ...decodeBatch(bytes, { wallOffsetUs: 0 }) }
  }
  return {
    ...replay,
    binding,
    egressWith(frame, timeUs, skb) {
      clock[0] = BigInt(timeUs)
      const context = new Uint8Array(skbBytes)
      const view = new DataView(context.buffer)
      for (const [name, value] of Object.entries(skb)) {
        view.setUint32(skbFields[name as keyof typeof skbFields], value, true)
      }
      return kernelCall(() => binding.testRun(replay.path.programFd('idsd_egress'), frame, context, 1)).result
    },
    decoded,
    flows: () => decoded().flows,
  }
}
