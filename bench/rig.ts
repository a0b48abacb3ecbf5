/** The measured programs, loaded with maps of production sizes, and the plan that gives every frame its source. */

import { type Binding, kernelCall } from '../daemon/src/kernel/binding.js'
import { type BlockList, openBlockList } from '../daemon/src/kernel/block-list.js'
import { type DataPath, type MapSizes, openDataPath } from '../daemon/src/kernel/data-path.js'

/** Programs of bench.bpf.c. */
export type BenchProgram =
  | 'bench_parse'
  | 'bench_bare'
  | 'bench_lookup'
  | 'bench_block'
  | 'bench_ingress'
  | 'bench_sweep'
  | 'bench_generate'
  | 'idsd_ingress'

/** `struct plan` of bench.bpf.c: which source the next frame has. */
export interface Plan {
  /** Sources in the working set. Default 1. */
  readonly count?: number
  /** Number of the first source. Default 0. */
  readonly first?: number
  /** `uniform` and `log` (every octave of the numbers as likely as any other) draw, `sequence` counts on. */
  readonly order?: 'uniform' | 'log' | 'sequence'
  /** Address bits that are always 1, host order. Default 0. */
  readonly set?: number
  /** Address bits that are always 0, host order. Default 0. */
  readonly clear?: number
  /** First address of the generator, host order. */
  readonly net?: number
  /** Where the generator's frames leave. */
  readonly ifindex?: number
}

export interface Run {
  /** CPU time of one run of the program, ns. */
  readonly ns: number
  /** Wall time of one run by the kernel's clock, whole ns. */
  readonly wallNs: number
  /** What the last run returned. */
  readonly result: number
}

export interface Rig {
  readonly binding: Binding
  /** Maps and variables; of the programs it knows only those of bench.bpf.c. */
  readonly path: DataPath
  readonly blockList: BlockList
  programFd(program: BenchProgram): number
  /** Begins a new order of sources. */
  plan(plan: Plan): void
  /** Runs a program `repeat` times. */
  run(program: BenchProgram, frame: Uint8Array, repeat: number): Run
  close(): void
}

export interface RigOptions {
  readonly binding: Binding
  /** Folder that holds `build/`. */
  readonly root: string
  readonly flows?: number
  readonly bulkRingBytes?: number
  /** New flows per second and CPU; 0 = no budget. Default 0. */
  readonly newFlowsPerSecond?: number
  /** Use the maps of this one. */
  readonly shareWith?: Rig
}

/** Room for blocked addresses: the daemon's default. */
const blocks = 262_144
const hashSeed = 0x5eed1d5d

const planOffset = {
  state: 0,
  count: 8,
  first: 12,
  shifts: 16,
  inSequence: 20,
  set: 24,
  net: 28,
  ifindex: 32,
  clear: 36,
}
const planBytes = 64

/** @throws KernelError */
export function openRig(options: RigOptions): Rig {
  const { binding, root, flows = 1024, bulkRingBytes = 1 << 24, newFlowsPerSecond = 0, shareWith } = options
  const sizes: MapSizes = {
    flows,
    tombstones: flows,
    blocks,
    prefixes: 65_536,
    allows: 4_096,
    suspects: 4_096,
    sources: 65_536,
    urgentRingBytes: 1 << 20,
    bulkRingBytes,
  }
  const shared = shareWith === undefined ? {} : { shareWith: shareWith.path, shareFlowsWith: shareWith.path }
  const path = openDataPath({
    ...{ binding, root, sizes, newFlowsPerSecond, hashSeed, ifindex: 1, object: 'build/bench/bench.bpf.o' },
    ...shared,
  })
  const place = path.variable('plan')
  const plan = new DataView(
    kernelCall(() => binding.mapMemory(place.fd)),
    place.offset,
    planBytes,
  )
  const programFd = (program: BenchProgram) => path.programFd(program)
  return {
    binding,
    path,
    blockList: openBlockList({ binding, path, blocks, hashSeed }),
    programFd,
    plan: (next) => writePlan(plan, next),
    run(program, frame, repeat) {
      const { result, cpuNs, durationNs } = kernelCall(() =>
        binding.testRun(programFd(program), frame, undefined, repeat),
      )
      return { ns: cpuNs / repeat, wallNs: durationNs, result }
    },
    close: () => path.close(),
  }
}

function writePlan(
  view: DataView,
  { count = 1, first = 0, order = 'uniform', set = 0, ...rest }: Plan,
): void {
  const isSequence = order === 'sequence'
  view.setBigUint64(planOffset.state, isSequence ? 0n : 0x9e3779b97f4a7c15n, true)
  view.setUint32(planOffset.count, count, true)
  view.setUint32(planOffset.first, first, true)
  view.setUint32(planOffset.shifts, order === 'log' ? Math.log2(count) + 1 : 0, true)
  view.setUint32(planOffset.inSequence, isSequence ? 1 : 0, true)
  // In memory as it stands in the packet.
  view.setUint32(planOffset.set, set, false)
  view.setUint32(planOffset.clear, rest.clear ?? 0, false)
  view.setUint32(planOffset.net, rest.net ?? 0, true)
  view.setUint32(planOffset.ifindex, rest.ifindex ?? 0, true)
}

/** Address of a number, as `spread` of bench.bpf.c makes it: 4 bytes, network order. */
export function sourceBytes(number: number): Uint8Array {
  let h = number
  h ^= h >>> 16
  h = Math.imul(h, 0x7feb352d)
  h ^= h >>> 15
  h = Math.imul(h, 0x846ca68b)
  h ^= h >>> 16
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, h >>> 0, true)
  return bytes
}
