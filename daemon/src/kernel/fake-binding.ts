/** For tests: the addon without a kernel. Maps are what their type says, packets there are none. */

import type { Binding, BpfObject, InterfaceInfo, MapDescription } from './binding.js'
import { carried } from './wire.js'

type MapKind = 'hash' | 'trie' | 'array'

interface FakeMap {
  readonly name: string
  readonly kind: MapKind
  readonly keySize: number
  readonly valueSize: number
  maxEntries: number
  readonly values: Map<string, { readonly key: Uint8Array; value: Uint8Array }>
  memory: ArrayBuffer | undefined
}

export interface FakeBinding extends Binding {
  /** Maps that are open, by descriptor. */
  readonly maps: ReadonlyMap<number, FakeMap>
  /** What `interfaces` answers. */
  present: InterfaceInfo[]
  /** Locks that another process holds, by path. */
  readonly foreignLocks: Set<string>
  /** Locks that this process holds, by descriptor. */
  readonly locks: ReadonlyMap<number, string>
  /** Loaded objects that were not closed. */
  readonly loaded: number
  /** What the next load throws. */
  loadFault: Error | undefined
  readonly time: { monotonicUs: number; bootUs: number; wallUs: number }
}

/** Name, kind, bytes of key and value. */
const kinds: readonly (readonly [string, MapKind, number, number])[] = [
  ['flows', 'hash', 40, 384],
  ['tombstones', 'hash', 40, 32],
  ['flow_count', 'array', 4, 16],
  ['scratch', 'array', 4, 8],
  ['attached', 'hash', 4, 4],
  ['carried', 'array', 4, carried.size],
  ['described', 'array', 4, 8],
  ['block_tags', 'array', 4, 64],
  ['block_entries', 'array', 4, 64],
  ['prefixes4', 'trie', 8, 64],
  ['prefixes6', 'trie', 20, 64],
  ['block_bits', 'array', 4, 8],
  ['allows4', 'trie', 8, 8],
  ['allows6', 'trie', 20, 8],
  ['listed', 'array', 4, 4],
  ['limiters', 'array', 4, 48],
  ['settings', 'array', 4, 64],
  ['suspects', 'hash', 16, 4],
  ['sources', 'array', 4, 64],
  ['urgent_ring', 'array', 0, 0],
  ['bulk_ring', 'array', 0, 0],
]

const fixedSizes: Readonly<Record<string, number>> = { block_bits: 2 ** 18, attached: 2, described: 2 ** 13 }

function fault(operation: string, errno: number, errnoName: string): Error {
  return Object.assign(new Error(operation), { operation, errno, errnoName, detail: '' })
}

/** The key of a trie with fewer bits. */
function shortened(key: Uint8Array, bits: number): Uint8Array {
  const short = key.map((byte, i) =>
    i < 4 ? 0 : byte & (0xff00 >> Math.min(8, Math.max(0, bits - (i - 4) * 8))),
  )
  new DataView(short.buffer).setUint32(0, bits, true)
  return short
}

const prefixOf = (key: Uint8Array) => new DataView(key.buffer, key.byteOffset).getUint32(0, true)

export function createFakeBinding(): FakeBinding {
  const maps = new Map<number, FakeMap>()
  const locks = new Map<number, string>()
  const foreignLocks = new Set<string>()
  let lastFd = 10
  let loaded = 0
  const mapOf = (fd: number): FakeMap => {
    const map = maps.get(fd)
    if (map === undefined) throw fault('open map', 9, 'EBADF')
    return map
  }

  class FakeObject implements BpfObject {
    readonly #sizes = new Map<string, number>()
    readonly #fds = new Map<string, number>()
    #isLoaded = false
    setVariable(): void {}
    variable = () => ({ fd: 0, offset: 0, size: 0 })
    setMaxEntries(map: string, entries: number): void {
      this.#sizes.set(map, entries)
    }
    shareMap(map: string, fd: number): void {
      this.#fds.set(map, fd)
    }
    setFrags(): void {}
    setPrograms(): void {}
    load(): void {
      if (binding.loadFault !== undefined) throw binding.loadFault
      for (const [name, kind, keySize, valueSize] of kinds) {
        if (this.#fds.has(name)) continue
        const maxEntries = this.#sizes.get(name) ?? fixedSizes[name] ?? 1
        this.#fds.set(name, ++lastFd)
        maps.set(lastFd, {
          name,
          kind,
          keySize,
          valueSize,
          maxEntries,
          values: new Map(),
          memory: undefined,
        })
      }
      this.#isLoaded = true
      loaded++
    }
    maps(): MapDescription[] {
      return kinds.map(([name, , keySize, valueSize]) => {
        const fd = this.#fds.get(name) ?? -1
        const maxEntries = maps.get(fd)?.maxEntries ?? 1
        return { name, fd, type: 0, keySize, valueSize, maxEntries, flags: 0, layout: '' }
      })
    }
    programFd = () => 1
    typeSizes = () => ({})
    types = () => ({ structs: {}, enums: {} })
    close(): void {
      if (this.#isLoaded) loaded--
      this.#isLoaded = false
    }
  }

  const refuse = (): never => {
    throw fault('not in a fake', 38, 'ENOSYS')
  }

  const binding: FakeBinding = {
    maps,
    locks,
    foreignLocks,
    present: [],
    loadFault: undefined,
    time: { monotonicUs: 1_000_000_000, bootUs: 1_000_000_000, wallUs: 1_700_000_000_000_000 },
    get loaded() {
      return loaded
    },
    BpfObject: FakeObject,
    Ring: class {
      drain = () => 0
      arm(): void {}
      close(): void {}
    },
    cpus: 1,
    mapUpdate(fd, key, value) {
      const map = mapOf(fd)
      const name = key.toString()
      const isFull = map.values.size >= map.maxEntries
      // A full trie refuses what it holds too (kernels before 6.13), a full hash only what is new.
      if (isFull && map.kind === 'trie') throw fault(`update map ${map.name}`, 28, 'ENOSPC')
      if (isFull && !map.values.has(name)) throw fault(`update map ${map.name}`, 7, 'E2BIG')
      map.values.set(name, { key: key.slice(), value: value.slice() })
    },
    mapUpdateBatch(fd, keys, values, count) {
      const [keyBytes, valueBytes] = [keys.length / count, values.length / count]
      for (let i = 0; i < count; i++) {
        const key = keys.slice(i * keyBytes, (i + 1) * keyBytes)
        binding.mapUpdate(fd, key, values.slice(i * valueBytes, (i + 1) * valueBytes), 0)
      }
    },
    mapLookup(fd, key) {
      const map = mapOf(fd)
      if (map.kind === 'array') return new Uint8Array(map.valueSize)
      if (map.kind === 'hash') return map.values.get(key.toString())?.value.slice()
      for (let length = prefixOf(key); length >= 0; length--) {
        const found = map.values.get(shortened(key, length).toString())
        if (found !== undefined) return found.value.slice()
      }
      return undefined
    },
    mapLookupMany(fd, keys) {
      const { keySize, valueSize } = mapOf(fd)
      const values = new Uint8Array((keys.length / keySize) * valueSize)
      for (let i = 0; i < keys.length / keySize; i++) {
        const value = binding.mapLookup(fd, keys.slice(i * keySize, (i + 1) * keySize))
        if (value !== undefined) values.set(value, i * valueSize)
      }
      return values
    },
    mapDelete: (fd, key) => mapOf(fd).values.delete(key.toString()),
    mapKeys(fd, after, most) {
      const all = [...mapOf(fd).values.values()].map(({ key }) => key)
      const start = after === undefined ? 0 : all.findIndex((key) => key.toString() === after.toString()) + 1
      return Uint8Array.from(all.slice(start, start + most).flatMap((key) => [...key]))
    },
    mapMemory(fd) {
      const map = mapOf(fd)
      map.memory ??= new ArrayBuffer(map.maxEntries * map.valueSize)
      return map.memory
    },
    mapInfo: refuse,
    mapTypes: () => undefined,
    programId: refuse,
    waitForPrograms: () => true,
    buildListTable: refuse,
    swapInner: refuse,
    openInner: () => undefined,
    readLines: refuse,
    attachXdp: refuse,
    attachTcx: refuse,
    attachClsact: refuse,
    detachClsact: () => false,
    linkUpdate: refuse,
    linkInfo: refuse,
    xdpQuery: () => ({ mode: 'none', programId: 0 }),
    programName: () => undefined,
    pin: refuse,
    openPinned: () => undefined,
    closeFd: (fd) => void locks.delete(fd),
    testRun: (_program, _data, context) => ({
      result: 0,
      durationNs: 0,
      cpuNs: 0,
      ...(context === undefined ? {} : { context: context.slice() }),
    }),
    testRunMany: refuse,
    cpu: () => 0,
    runAside: (_program, context) => Promise.resolve(context.slice()),
    clocks: () => ({ ...binding.time }),
    interfaces: () => binding.present.map((info) => ({ ...info })),
    lockFile(path) {
      if (foreignLocks.has(path) || [...locks.values()].includes(path)) return undefined
      locks.set(++lastFd, path)
      return lastFd
    },
    offloads: () => ({}),
    isSynchronised: () => true,
    sdNotify: () => false,
    peer: () => undefined,
    userByName: () => undefined,
    userName: () => undefined,
    groupByName: () => undefined,
    setAcl: refuse,
    setFileIds: refuse,
    dropPrivileges: refuse,
    raiseMemlock: () => true,
  }
  return binding
}

export function fakeInterface(name: string, index: number, hardwareType = 1): InterfaceInfo {
  return { name, index, hardwareType, mtu: 1500, up: true }
}
