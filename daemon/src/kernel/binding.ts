/** The TypeScript face of the addon (`daemon/native/`): the only place that loads it. */

import { createRequire } from 'node:module'
import { KernelError } from '../errors.js'
import type { LimiterWords } from './limiters.js'
import type { ListTableFacts } from './list-maps.js'

export interface MapDescription {
  readonly name: string
  /** -1 before load. */
  readonly fd: number
  /** `enum bpf_map_type`. */
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Equal when every field of key and value has the same name, place and size; '' where there are no types. */
  readonly layout: string
}

/** A map that is open, whoever made it. */
export interface MapInfo extends Omit<MapDescription, 'name' | 'fd' | 'layout'> {
  /** The kernel's number of the map: two descriptors with the same one are one map. */
  readonly id: number
}

/** Where the scalars of a struct lie: path, offset and size in bytes. An element of an array is a field of its own. */
export interface StructLayout {
  readonly size: number
  readonly fields: readonly (readonly [path: string, offset: number, bytes: number])[]
}

/** What an object's BTF says. */
export interface TypeTable {
  readonly structs: Readonly<Record<string, StructLayout>>
  /** Values of all enumerators, by their names. */
  readonly enums: Readonly<Record<string, number>>
}

export interface BpfObject {
  /** The value of a global variable, before load. */
  setVariable(name: string, value: Uint8Array): void
  /** Where a global variable lives in a loaded object. */
  variable(name: string): { fd: number; offset: number; size: number }
  setMaxEntries(map: string, entries: number): void
  /** Use a map that another object made instead of an own one. */
  shareMap(map: string, fd: number): void
  /** Whether XDP programs take frames in several buffers (kernel 5.18). */
  setFrags(on: boolean): void
  /** Load these programs and no others. Each costs the verifier's time. */
  setPrograms(names: readonly string[]): void
  load(): void
  maps(): MapDescription[]
  programFd(name: string): number
  /** Bytes of every struct that the object's BTF names. */
  typeSizes(): Record<string, number>
  types(): TypeTable
  close(): void
}

export interface NativeRing {
  /** Copies whole records into `buffer` from `offset` on; returns the bytes written. The rest waits. */
  drain(buffer: Uint8Array, offset: number): number
  /** Calls `onReadable` once, when there is something to read. */
  arm(): void
  close(): void
}

export interface LinkInfo {
  readonly type: number
  readonly id: number
  readonly programId: number
  /** 0 when the interface is gone. */
  readonly ifindex: number
}

export interface InterfaceInfo {
  readonly name: string
  readonly index: number
  /** `ARPHRD_*`; 1 = Ethernet. */
  readonly hardwareType: number
  readonly mtu: number
  readonly up: boolean
}

export interface TestRun {
  readonly result: number
  /** Mean time of one run, by the kernel's wall clock, whole ns. */
  readonly durationNs: number
  /** CPU time of this thread in the call, all runs together, ns. */
  readonly cpuNs: number
  readonly data?: Uint8Array
  readonly context?: Uint8Array
}

/** What came of many frames in one call. */
export interface TestRuns {
  /** Of the frames taken, their headers and padding. */
  readonly bytes: number
  readonly frames: number
  /** Frames among them that are too short to be run. */
  readonly short: number
  /** Frames with the expected verdict. */
  readonly expected: number
  /** Time of the last frame, us; 0 without any. */
  readonly lastUs: number
  /** Index of the first frame with another verdict, and that verdict; -1 without any. */
  readonly firstOther: number
  readonly otherVerdict: number
}

/** One list as the addon takes it: its ranges as in `LoadedList`. */
export interface ListSource {
  readonly decision: number
  /** `enum block_action`. */
  readonly action: number
  readonly expiresBootUs: number
  /** Absent: the list does not limit. */
  readonly limiter?: LimiterWords
  readonly ranges4: Uint32Array
  readonly ranges6: Uint8Array
}

/** The addon. Every call that fails throws an error with `operation`, `errno`, `errnoName`; see `kernelCall`. */
export interface Binding {
  /** With `bytes`, the file's contents, the path only names it. */
  readonly BpfObject: new (
    path: string,
    bytes?: Uint8Array,
  ) => BpfObject
  readonly Ring: new (mapFd: number, largestRecord: number, onReadable?: () => void) => NativeRing
  /** Possible CPUs: the values that a per-CPU map holds for one key. */
  readonly cpus: number
  mapUpdate(fd: number, key: Uint8Array, value: Uint8Array, flags: number): void
  /** Keys and values laid one after the other, `count` of each, in one call of the kernel where it can. */
  mapUpdateBatch(fd: number, keys: Uint8Array, values: Uint8Array, count: number): void
  mapLookup(fd: number, key: Uint8Array): Uint8Array | undefined
  /** Values of many keys, both laid one after the other; of a key that is not there all bytes are 0. */
  mapLookupMany(fd: number, keys: Uint8Array): Uint8Array
  mapDelete(fd: number, key: Uint8Array): boolean
  /**
   * Up to `most` keys behind `after`, laid one after the other; without `after` from the first on. A key that is gone
   * leads on from somewhere near it, or begins anew.
   */
  mapKeys(fd: number, after: Uint8Array | undefined, most: number): Uint8Array
  /** The map's own memory (`BPF_F_MMAPABLE`); stays valid after the map is closed. */
  mapMemory(fd: number): ArrayBuffer
  /** Throws `EINVAL` for what is no map. */
  mapInfo(fd: number): MapInfo
  /** Types of the object that made the map; undefined where it came without. Throws `EPERM` without CAP_SYS_ADMIN. */
  mapTypes(fd: number): TypeTable | undefined
  /** The kernel's number of a program. Throws `EINVAL` for what is none. */
  programId(fd: number): number
  /**
   * Lays lists over each other in another thread and makes a map of them, which the caller closes. Those that limit come
   * first, the strictest first.
   * @returns its descriptor and size; rejects with EINVAL or E2BIG where the lists cannot be a table
   */
  buildListTable(lists: readonly ListSource[]): Promise<ListTableFacts & { readonly fd: number }>
  /**
   * Waits until programs that were taken off have done with the packets they had in hand, some ms. @returns false where
   * the kernel offers no such wait
   */
  waitForPrograms(): boolean
  /** Puts a map into slots of a map of maps, or empties them with `fd` -1; done when no program looks at the old one. */
  swapInner(outerFd: number, slots: readonly number[], fd: number): Promise<void>
  /** Opens the map in a slot; undefined when the slot is empty. */
  openInner(outerFd: number, slot: number): number | undefined
  /** Lines of 64 bytes of a table of lists. */
  readLines(fd: number, first: number, count: number): Uint8Array
  attachXdp(programFd: number, ifindex: number, mode: 'native' | 'generic'): number
  /** @returns a link; needs kernel 6.6 */
  attachTcx(programFd: number, ifindex: number, direction: 'ingress' | 'egress'): number
  attachClsact(programFd: number, ifindex: number, direction: 'ingress' | 'egress'): void
  /** Takes off the filters of both directions. @returns whether there was one */
  detachClsact(ifindex: number): boolean
  linkUpdate(linkFd: number, programFd: number): void
  linkInfo(linkFd: number): LinkInfo
  xdpQuery(ifindex: number): {
    readonly mode: 'none' | 'native' | 'generic' | 'offload' | 'multi'
    readonly programId: number
  }
  programName(programId: number): string | undefined
  pin(fd: number, path: string): void
  openPinned(path: string): number | undefined
  closeFd(fd: number): void
  testRun(
    programFd: number,
    data: Uint8Array | undefined,
    context: Uint8Array | undefined,
    repeat: number,
    flags?: number,
  ): TestRun
  /**
   * Runs the whole frames at the beginning of `frames`, each as `{u64 timeUs; u32 bytes; u32 zero}` and its bytes with
   * zeros up to a multiple of 8. What is left over is the beginning of a frame, or more than `most`.
   * @param clock the 8 bytes that the program reads its time from
   * @param cpu all of it happens there
   * @param shortest a frame with fewer bytes is not run
   * @param largest of a longer frame the first so many bytes are run
   */
  testRunMany(
    programFd: number,
    frames: Uint8Array,
    clock: Uint8Array,
    cpu: number,
    most: number,
    shortest: number,
    largest: number,
    expected: number,
  ): TestRuns
  /** The CPU that this thread runs on at the moment. */
  cpu(): number
  /** Runs a SEC("syscall") program in another thread; gives its context as it left it. */
  runAside(programFd: number, context: Uint8Array): Promise<Uint8Array>
  clocks(): { readonly monotonicUs: number; readonly bootUs: number; readonly wallUs: number }
  interfaces(): InterfaceInfo[]
  /** What an interface says of its driver and of what its card does to packets; undefined what it does not tell. */
  offloads(name: string): {
    readonly driver?: string
    readonly lro?: boolean
    readonly rxVlan?: boolean
  }
  /** Whether something keeps the wall clock, as the kernel knows (adjtimex). */
  isSynchronised(): boolean
  /** A lock that ends with this process; undefined when another process holds it. */
  lockFile(path: string): number | undefined
  sdNotify(state: string): boolean
  /** User and groups of who connected a unix socket (SO_PEERCRED, SO_PEERGROUPS; unix(7)). */
  peer(fd: number): { readonly uid: number; readonly groups: readonly number[] } | undefined
  userByName(
    name: string,
  ): { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | undefined
  userName(uid: number): string | undefined
  /** The group's number. */
  groupByName(name: string): number | undefined
  /** Sets the access list of a file, which no symbolic link is followed to. */
  setAcl(path: string, bytes: Uint8Array): void
  /** Whose right this thread opens and makes files by; (0, 0) is root again. */
  setFileIds(uid: number, gid: number): void
  /** In every thread. After an error some threads may have changed and others not: the process must end. */
  dropPrivileges(uid: number, gid: number, groups: readonly number[], capabilities: readonly number[]): void
  raiseMemlock(): boolean
}

/** Loads the addon. @param root folder that holds `build/` */
export function loadBinding(root: string): Binding {
  return createRequire(import.meta.url)(`${root}/build/native/idsd.node`) as Binding
}

/** Runs a call of the addon; what it throws becomes a KernelError. */
export function kernelCall<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    // A call inside a call has told it already.
    if (error instanceof KernelError) throw error
    if (error instanceof Error && 'errnoName' in error) {
      const native = error as Error & { operation: string; errno: number; errnoName: string; detail: string }
      throw new KernelError(native.operation, native.errno, native.errnoName, native.detail.trim(), {
        cause: error,
      })
    }
    throw error
  }
}

/** The same for a call that answers later. */
export async function kernelAnswer<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    return kernelCall(() => {
      throw error
    })
  }
}
