/**
 * Runs frames through the loaded programs without an interface: a test instrument. Time comes from the frames, records
 * leave by the same rings.
 */

import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath, MapSizes } from './data-path.js'
import { openDataPath } from './data-path.js'
import { openRing } from './ring.js'
import { sweepFlows, sweepTombstones } from './sweep.js'

export const xdpDrop = 1
export const xdpPass = 2

export interface Replay {
  readonly path: DataPath
  /** Runs one frame through ingress at a time; returns the XDP verdict. Frames below 14 bytes cannot be run. */
  ingress(frame: Uint8Array, timeUs: number): number
  /** Runs one frame through egress at a time; returns the TC verdict. */
  egress(frame: Uint8Array, timeUs: number): number
  /** Ends what is over at this time, or everything. Returns flows ended. */
  sweep(timeUs: number, options?: { flush?: boolean; pressure?: boolean }): number
  /** Bytes of the records since the last call. */
  records(): Uint8Array
  close(): void
}

export interface ReplayOptions {
  readonly binding: Binding
  readonly root: string
  readonly sizes: MapSizes
  /** Default 0: no budget. */
  readonly newFlowsPerSecond?: number
  /** False: the real clock, strict lengths. Default true. */
  readonly replay?: boolean
  readonly hashSeed?: number
}

/** Loads a data path of its own. @throws KernelError */
export function openReplay({
  binding,
  root,
  sizes,
  newFlowsPerSecond = 0,
  replay = true,
  hashSeed = 1,
}: ReplayOptions): Replay {
  const path = openDataPath({ binding, root, sizes, ifindex: 1, newFlowsPerSecond, hashSeed, replay })
  const place = path.variable('replay_us')
  const clock = new BigUint64Array(binding.mapMemory(place.fd), place.offset, 1)
  const ring = openRing({ binding, path })
  const programs = {
    ingress: path.programFd('idsd_ingress'),
    egress: path.programFd('idsd_egress'),
  }
  let chunks: Uint8Array[] = []
  let runs = 0

  const take = () => {
    for (;;) {
      const { bytes } = ring.drain()
      if (bytes.length === 0) return
      chunks.push(bytes.slice())
    }
  }
  const run = (program: number, frame: Uint8Array, timeUs: number) => {
    clock[0] = BigInt(timeUs)
    if (++runs % 1024 === 0) take()
    return kernelCall(() => binding.testRun(program, frame, undefined, 1)).result
  }
  return {
    path,
    ingress: (frame, timeUs) => run(programs.ingress, frame, timeUs),
    egress: (frame, timeUs) => run(programs.egress, frame, timeUs),
    sweep(timeUs, { flush = false, pressure = false } = {}) {
      clock[0] = BigInt(timeUs)
      let ended = 0
      for (;;) {
        const result = sweepFlows(binding, path, { nowUs: timeUs, flush, pressure })
        ended += result.ended
        take()
        if (!result.isRingFull) break
      }
      sweepTombstones(binding, path, false, timeUs)
      return ended
    },
    records() {
      take()
      const bytes = Buffer.concat(chunks)
      chunks = []
      return new Uint8Array(bytes)
    },
    close() {
      ring.close()
      path.close()
    },
  }
}
