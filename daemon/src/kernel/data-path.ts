/** The loaded programs of one interface: knobs set, maps sized or shared, links attached and pinned. */

import { IdsdError, KernelError } from '../errors.js'
import type { Binding, BpfObject } from './binding.js'
import { kernelCall } from './binding.js'
import { config, structSizes } from './wire.js'

/** Sizes of the maps, in entries unless the name says otherwise. Fixed at load. */
export interface MapSizes {
  readonly flows: number
  readonly tombstones: number
  /** The exact set has 15/8 of this many ways. A power of two. */
  readonly blocks: number
  readonly prefixes: number
  readonly allows: number
  readonly suspects: number
  /** A power of two. */
  readonly sources: number
  readonly urgentRingBytes: number
  readonly bulkRingBytes: number
}

export interface DataPathOptions {
  readonly binding: Binding
  /** Folder that holds `build/`. */
  readonly root: string
  readonly sizes: MapSizes
  readonly ifindex: number
  /** New flows per second and CPU; 0 = no budget. */
  readonly newFlowsPerSecond: number
  /** Unpredictable; the same for all interfaces of one daemon. */
  readonly hashSeed: number
  /** Maps of this one are used instead of own ones, but for the flow table. */
  readonly shareWith?: DataPath
  /** The flow table of this one is used too: the same interface came back under another index. */
  readonly shareFlowsWith?: DataPath
  /** Time comes from the packets of a capture. */
  readonly replay?: boolean
  /** BPF object below `root`. Default `build/bpf/idsd.bpf.o`; another one holds the same maps and more programs. */
  readonly object?: string
  /** Programs to load. Default: all of the object. */
  readonly programs?: readonly string[]
  /** False: load as on kernels before 5.18, whose XDP knows no frames in several buffers. Default true. */
  readonly frags?: boolean
}

/** Maps that belong to one interface; all others are shared by the daemon's interfaces. */
const flowMaps = new Set(['flows', 'tombstones', 'flow_count', 'scratch'])

/** Addresses that a bucket holds, and the words of its cache line. */
export const bucketWays = 15
export const bucketWords = 16

/** About half of the ways are in use at full size, so that a bucket overflows for few addresses. */
export function bucketsFor(blocks: number): number {
  return Math.max(16, (blocks * 2) / bucketWords)
}

export interface DataPath {
  readonly ifindex: number
  /** Counter half of the first flow id. */
  readonly flowIdBase: number
  /** Frames in several buffers pass through XDP whole. */
  readonly frags: boolean
  fd(map: string): number
  maxEntries(map: string): number
  programFd(program: string): number
  variable(name: string): { fd: number; offset: number; size: number }
  close(): void
}

/** One base for all interfaces of a daemon, whose counter is shared; the next start's lies above what this one uses. */
function flowIdBase({ shareWith }: DataPathOptions): number {
  return shareWith?.flowIdBase ?? (Math.floor(Date.now() / 1000) % 2 ** 28) * 2 ** 17
}

function configBytes(options: DataPathOptions, frags: boolean, base: number): Uint8Array {
  const bytes = new Uint8Array(config.size)
  const view = new DataView(bytes.buffer)
  const budgetNs =
    options.newFlowsPerSecond === 0 ? 0 : Math.max(1, Math.round(1e9 / options.newFlowsPerSecond))
  config.set.flowIdBase(view, 0, base)
  config.set.budgetNs(view, 0, budgetNs)
  config.set.budgetBurstNs(view, 0, 100_000_000)
  config.set.ifindex(view, 0, options.ifindex)
  config.set.bucketMask(view, 0, bucketsFor(options.sizes.blocks) - 1)
  config.set.hashSeed(view, 0, options.hashSeed)
  config.set.flowCapacity(view, 0, options.sizes.flows)
  config.set.sourceMask(view, 0, options.sizes.sources - 1)
  config.set.replay(view, 0, options.replay === true ? 1 : 0)
  config.set.frags(view, 0, frags ? 1 : 0)
  return bytes
}

function setSizes(object: BpfObject, sizes: MapSizes): void {
  const buckets = bucketsFor(sizes.blocks)
  object.setMaxEntries('flows', sizes.flows)
  object.setMaxEntries('tombstones', sizes.tombstones)
  object.setMaxEntries('block_tags', buckets)
  object.setMaxEntries('block_entries', buckets * bucketWays)
  for (const map of ['prefixes4', 'prefixes6']) object.setMaxEntries(map, sizes.prefixes)
  for (const map of ['allows4', 'allows6']) object.setMaxEntries(map, sizes.allows)
  object.setMaxEntries('suspects', sizes.suspects)
  object.setMaxEntries('sources', sizes.sources)
  object.setMaxEntries('urgent_ring', sizes.urgentRingBytes)
  object.setMaxEntries('bulk_ring', sizes.bulkRingBytes)
}

function openObject(options: DataPathOptions, frags: boolean, base: number): BpfObject {
  const object = new options.binding.BpfObject(`${options.root}/${options.object ?? 'build/bpf/idsd.bpf.o'}`)
  const sizes = object.typeSizes()
  for (const [name, bytes] of Object.entries(structSizes)) {
    if (sizes[name] !== undefined && sizes[name] !== bytes) {
      throw new IdsdError(
        'ERR_WIRE',
        `struct ${name}: the BPF object has ${sizes[name]} bytes, the daemon ${bytes}: run make`,
      )
    }
  }
  setSizes(object, options.sizes)
  object.setVariable('config', configBytes(options, frags, base))
  object.setFrags(frags)
  if (options.programs !== undefined) object.setPrograms(options.programs)
  for (const { name } of object.maps()) {
    const owner = flowMaps.has(name) ? options.shareFlowsWith : options.shareWith
    if (owner !== undefined && !name.includes('.')) object.shareMap(name, owner.fd(name))
  }
  object.load()
  return object
}

/**
 * Loads the programs for one interface; nothing is attached yet.
 * Kernels that refuse frames in several buffers get the programs without them.
 * @throws KernelError with the verifier's last words in the message
 */
export function openDataPath(options: DataPathOptions): DataPath {
  options.binding.raiseMemlock()
  const base = flowIdBase(options)
  let frags = options.frags ?? true
  let object: BpfObject
  try {
    object = kernelCall(() => openObject(options, frags, base))
  } catch (error) {
    if (!frags || !(error instanceof KernelError) || !['EINVAL', 'E2BIG'].includes(error.errnoName))
      throw error
    frags = false
    object = kernelCall(() => openObject(options, false, base))
  }
  const maps = new Map(object.maps().map((map) => [map.name, map]))
  const need = (name: string) => {
    const map = maps.get(name)
    if (map === undefined) throw new IdsdError('ERR_WIRE', `the BPF object has no map ${name}: run make`)
    return map
  }
  return {
    ifindex: options.ifindex,
    flowIdBase: base,
    frags,
    fd: (map) => need(map).fd,
    maxEntries: (map) => need(map).maxEntries,
    programFd: (program) => kernelCall(() => object.programFd(program)),
    variable: (name) => kernelCall(() => object.variable(name)),
    close: () => object.close(),
  }
}

/**
 * Memory that the maps take, bytes: kernel bookkeeping of a hash element included, prefixes as if full.
 * @param interfaces each has a flow table and tombstones of its own
 */
export function mapBytes(sizes: MapSizes, interfaces: number): Readonly<Record<string, number>> {
  const hash = (entries: number, key: number, value: number) =>
    entries * (48 + Math.ceil(key / 8) * 8 + value + 16)
  return {
    flows: interfaces * hash(sizes.flows, 40, 384),
    tombstones: interfaces * hash(sizes.tombstones, 40, 32),
    blocks: bucketsFor(sizes.blocks) * bucketWays * 64 + bucketsFor(sizes.blocks) * 64,
    prefixes: sizes.prefixes * 2 * 160 + 2 ** 21,
    allows: sizes.allows * 2 * 96,
    sources: sizes.sources * 64,
    rings: sizes.urgentRingBytes + sizes.bulkRingBytes,
  }
}
