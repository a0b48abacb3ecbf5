/** The loaded programs of one interface: knobs set, maps sized or shared, links attached and pinned. */

import { randomInt } from 'node:crypto'
import { IdsdError, KernelError } from '../errors.js'
import type { Binding, BpfObject, MapDescription } from './binding.js'
import { kernelCall } from './binding.js'
import { firstFreeId, type IdSource, readIdSource, writeIdSource } from './carried.js'
import { type Description, describe, writeDescription } from './description.js'
import { type Earlier, goingOn } from './earlier.js'
import { interfaceMaps } from './map-fates.js'
import { config, limiter, structSizes } from './wire.js'

/** Sizes of the maps, in entries unless the name says otherwise. Fixed at load. */
export interface MapSizes {
  readonly flows: number
  readonly tombstones: number
  /** The exact set has 15/8 of this many ways. A power of two. */
  readonly blocks: number
  readonly prefixes: number
  readonly allows: number
  readonly suspects: number
  /** Rate limits, the one that stands for none included. Default 4,096; at most 65,536. */
  readonly limiters?: number
  /** A power of two. */
  readonly sources: number
  readonly urgentRingBytes: number
  readonly bulkRingBytes: number
}

const defaultLimiters = 4096

export interface DataPathOptions {
  readonly binding: Binding
  /** Folder that holds `build/`. */
  readonly root: string
  readonly sizes: MapSizes
  readonly ifindex: number
  /** New flows per second and CPU; 0 = no budget. */
  readonly newFlowsPerSecond: number
  /** Unpredictable; the same for all interfaces of one daemon. With maps that go on, theirs goes on too. */
  readonly hashSeed: number
  /** Maps of this one are used instead of own ones, but for the flow table. */
  readonly shareWith?: DataPath
  /** The flow table of this one is used too: the same interface came back under another index. */
  readonly shareFlowsWith?: DataPath
  /** What an earlier daemon left pinned: maps of the same layout go on. */
  readonly earlier?: EarlierMaps
  /** Time comes from the packets of a capture. */
  readonly replay?: boolean
  /** BPF object below `root`. Default `build/bpf/idsd.bpf.o`; another one holds the same maps and more programs. */
  readonly object?: string
  /** Contents of the object, read before: its file may be out of reach by then. */
  readonly objectBytes?: Uint8Array
  /** Programs to load. Default: all of the object. */
  readonly programs?: readonly string[]
  /** False: load as on kernels before 5.18, whose XDP knows no frames in several buffers. Default true. */
  readonly frags?: boolean
}

/** BPF object of the daemon, below the folder that holds `build/`. */
export const objectFile = 'build/bpf/idsd.bpf.o'

/** Whose maps may go on. */
export interface EarlierMaps {
  /** For the flow maps: of the same interface. */
  readonly own: Earlier | undefined
  /** For the others; of no meaning with `shareWith`. */
  readonly shared: Earlier | undefined
}

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
  /** Seed of the exact set and of the table of sources. */
  readonly hashSeed: number
  /** How its maps are laid out. */
  readonly description: Description & { readonly incarnation: number }
  /** Names of its maps. */
  readonly maps: readonly string[]
  /** Maps that an earlier daemon made and that go on. */
  readonly goesOn: ReadonlySet<string>
  fd(map: string): number
  maxEntries(map: string): number
  programFd(program: string): number
  variable(name: string): { fd: number; offset: number; size: number }
  close(): void
}

/** Without maps that go on: one base for all interfaces of a daemon; the next start's lies above what this one uses. */
function freshFlowIdBase(): number {
  return (Math.floor(Date.now() / 1000) % 2 ** 28) * 2 ** 17
}

/** What the programs begin with, and the maps that they take over. */
interface Beginning extends IdSource {
  /** Descriptors of maps made before, by name: of this daemon's other interfaces, or of an earlier daemon. */
  readonly taken: ReadonlyMap<string, number>
  readonly goesOn: ReadonlySet<string>
}

function beginning(
  options: DataPathOptions,
  maps: readonly MapDescription[],
  description: Description,
): Beginning {
  const { binding, shareWith, shareFlowsWith, earlier } = options
  const taken = new Map<string, number>()
  const goesOn = new Set<string>()
  const own = goingOn(earlier?.own, maps, description)
  const shared =
    shareWith === undefined ? goingOn(earlier?.shared, maps, description) : new Map<string, number>()
  for (const { name } of maps.filter((map) => !map.name.includes('.'))) {
    const isOwn = interfaceMaps.has(name)
    const owner = isOwn ? shareFlowsWith : shareWith
    const fd = owner === undefined ? (isOwn ? own : shared).get(name) : owner.fd(name)
    if (fd === undefined) continue
    taken.set(name, fd)
    if (owner === undefined) goesOn.add(name)
  }
  if (shareWith !== undefined)
    return { flowIdBase: shareWith.flowIdBase, hashSeed: shareWith.hashSeed, taken, goesOn }
  const before = readIdSource(binding, earlier?.shared, description)
  // Where the counters go on, so do the ids.
  const isOn = goesOn.has('cpu') && before !== undefined
  const flowIdBase = isOn
    ? before.flowIdBase
    : Math.max(freshFlowIdBase(), firstFreeId(binding, earlier?.shared, description))
  return { flowIdBase, hashSeed: before?.hashSeed ?? options.hashSeed, taken, goesOn }
}

function configBytes(
  options: DataPathOptions,
  frags: boolean,
  { flowIdBase, hashSeed }: IdSource,
): Uint8Array {
  const bytes = new Uint8Array(config.size)
  const view = new DataView(bytes.buffer)
  const budgetNs =
    options.newFlowsPerSecond === 0 ? 0 : Math.max(1, Math.round(1e9 / options.newFlowsPerSecond))
  config.set.flowIdBase(view, 0, flowIdBase)
  config.set.budgetNs(view, 0, budgetNs)
  config.set.budgetBurstNs(view, 0, 100_000_000)
  config.set.ifindex(view, 0, options.ifindex)
  config.set.bucketMask(view, 0, bucketsFor(options.sizes.blocks) - 1)
  config.set.hashSeed(view, 0, hashSeed)
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
  object.setMaxEntries('limiters', sizes.limiters ?? defaultLimiters)
  object.setMaxEntries('sources', sizes.sources)
  object.setMaxEntries('urgent_ring', sizes.urgentRingBytes)
  object.setMaxEntries('bulk_ring', sizes.bulkRingBytes)
}

interface Opened {
  readonly object: BpfObject
  readonly description: DataPath['description']
  readonly begun: Beginning
}

function openObject(options: DataPathOptions, frags: boolean): Opened {
  const file = `${options.root}/${options.object ?? objectFile}`
  const object = new options.binding.BpfObject(file, options.objectBytes)
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
  const maps = object.maps()
  const incarnation = options.shareWith?.description.incarnation ?? randomInt(1, 2 ** 48 - 1)
  const description = { ...describe(object, maps), incarnation }
  const begun = beginning(options, maps, description)
  object.setVariable('config', configBytes(options, frags, begun))
  object.setFrags(frags)
  if (options.programs !== undefined) object.setPrograms(options.programs)
  for (const [name, fd] of begun.taken) object.shareMap(name, fd)
  object.load()
  return { object, description, begun }
}

/** Tells the next daemon how the maps are laid out and where flow ids begin. */
function leaveWord(
  { binding }: DataPathOptions,
  { description, begun }: Opened,
  fd: (map: string) => number,
): void {
  writeDescription(
    kernelCall(() => binding.mapMemory(fd('described'))),
    description,
  )
  writeIdSource(binding, fd('carried'), begun)
}

/**
 * Loads the programs for one interface; nothing is attached yet.
 * Kernels that refuse frames in several buffers get the programs without them.
 * @throws KernelError with the verifier's last words in the message
 */
export function openDataPath(options: DataPathOptions): DataPath {
  options.binding.raiseMemlock()
  let frags = options.frags ?? true
  let opened: Opened
  try {
    opened = kernelCall(() => openObject(options, frags))
  } catch (error) {
    if (!frags || !(error instanceof KernelError) || !['EINVAL', 'E2BIG'].includes(error.errnoName))
      throw error
    frags = false
    opened = kernelCall(() => openObject(options, false))
  }
  const { object, description, begun } = opened
  const maps = new Map(object.maps().map((map) => [map.name, map]))
  const need = (name: string) => {
    const map = maps.get(name)
    if (map === undefined) throw new IdsdError('ERR_WIRE', `the BPF object has no map ${name}: run make`)
    return map
  }
  if (options.shareWith === undefined) leaveWord(options, opened, (map) => need(map).fd)
  return {
    ifindex: options.ifindex,
    flowIdBase: begun.flowIdBase,
    hashSeed: begun.hashSeed,
    frags,
    description,
    maps: [...maps.keys()].filter((name) => !name.includes('.')),
    goesOn: begun.goesOn,
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
    limiters: (sizes.limiters ?? defaultLimiters) * limiter.size,
    rings: sizes.urgentRingBytes + sizes.bulkRingBytes,
  }
}
