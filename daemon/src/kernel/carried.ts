/** What daemons hand on besides their maps: the counters of maps that went, and where flow ids began. */

import { KernelError } from '../errors.js'
import type { Binding, StructLayout } from './binding.js'
import { kernelCall } from './binding.js'
import type { Description } from './description.js'
import type { Earlier } from './earlier.js'
import { createStructConverter } from './struct-converter.js'
import { carried, counters, cpuState, settings } from './wire.js'

/** Base and seed of the programs that an earlier daemon loaded. */
export interface IdSource {
  readonly flowIdBase: number
  readonly hashSeed: number
}

const key = new Uint8Array(4)
const countersInCpu = cpuState.size - counters.size
const countersInCarried = carried.size - counters.size

/** Room for the flows that programs make between a look at their counter and the switch. */
const flowsMeanwhile = 2 ** 24

/** Where flow ids of earlier programs began; undefined where they did not tell. */
export function readIdSource(
  binding: Binding,
  earlier: Earlier | undefined,
  description: Description,
): IdSource | undefined {
  const view = earlier && inOwnLayout(binding, earlier, 'carried', 'carried', description)[0]
  if (view === undefined || carried.get.isSet(view, 0) !== 1) return undefined
  return { flowIdBase: carried.get.flowIdBase(view, 0), hashSeed: carried.get.hashSeed(view, 0) }
}

/** Ids from here on are of no flow of the earlier programs, whose counters do not go on; 0 where they did not tell. */
export function firstFreeId(
  binding: Binding,
  earlier: Earlier | undefined,
  description: Description,
): number {
  const source = readIdSource(binding, earlier, description)
  if (source === undefined || earlier === undefined) return 0
  const made = inOwnLayout(binding, earlier, 'cpu', 'cpu_slot', description).map((view) =>
    cpuState.get.nextFlow(view, 0),
  )
  return source.flowIdBase + Math.max(0, ...made) + flowsMeanwhile
}

/** Notes for the next daemon where flow ids begin. */
export function writeIdSource(binding: Binding, fd: number, { flowIdBase, hashSeed }: IdSource): void {
  change(binding, fd, (view) => {
    carried.set.flowIdBase(view, 0, flowIdBase)
    carried.set.hashSeed(view, 0, hashSeed)
    carried.set.isSet(view, 0, 1)
  })
}

/** A panic, a trial and the beat are as they were; what is loaded is written by who loads it. */
const settingsThatGoOn = ['beatNs', 'leaseNs', 'panicUntilNs', 'trialUntilNs'] as const

/** Copies them into settings that are made anew, before anything is loaded or attached. */
export function carrySettings(
  binding: Binding,
  earlier: Earlier | undefined,
  path: { fd(map: string): number; readonly description: Description },
): void {
  const before = earlier && inOwnLayout(binding, earlier, 'settings', 'settings', path.description)[0]
  if (before === undefined) return
  const after = new DataView(kernelCall(() => binding.mapMemory(path.fd('settings'))))
  for (const word of settingsThatGoOn) {
    const at = settings.offset[word]
    after.setBigUint64(at, before.getBigUint64(at, true), true)
  }
}

/**
 * Adds what earlier programs counted in maps that do not go on, and takes it out of those: it is counted once, also by
 * a daemon that is killed and starts again. Nobody may count there any more.
 */
export function carryCounters(
  binding: Binding,
  earlier: Earlier,
  path: { fd(map: string): number; readonly description: Description },
): void {
  const views = (['cpu', 'carried'] as const).flatMap((map) => {
    if (earlier.info(map)?.id === kernelCall(() => binding.mapInfo(path.fd(map))).id) return []
    const at = map === 'cpu' ? countersInCpu : countersInCarried
    const struct = map === 'cpu' ? 'cpu_slot' : 'carried'
    const found = inOwnLayout(binding, earlier, map, struct, path.description)
    return found.map((view) => ({ view, at, map }))
  })
  const words = Array.from({ length: counters.size / 8 }, (_unused, i) =>
    views.reduce((sum, { view, at }) => sum + view.getBigUint64(at + i * 8, true), 0n),
  )
  if (words.every((word) => word === 0n)) return
  addToCarried(binding, path.fd('carried'), words)
  for (const map of new Set(views.map(({ map }) => map))) {
    const fd = earlier.fd(map) as number
    const value = kernelCall(() => binding.mapLookup(fd, key)) as Uint8Array
    kernelCall(() => binding.mapUpdate(fd, key, new Uint8Array(value.length), 0))
  }
}

/** Counts what user space did in the programs' stead. @param words to add, in the order of `struct counters` */
export function addToCarried(binding: Binding, fd: number, words: readonly bigint[]): void {
  change(binding, fd, (view) => {
    for (const [i, word] of words.entries()) {
      const at = countersInCarried + i * 8
      view.setBigUint64(at, view.getBigUint64(at, true) + word, true)
    }
  })
}

function change(binding: Binding, fd: number, work: (view: DataView) => void): void {
  const value = kernelCall(() => binding.mapLookup(fd, key)) as Uint8Array
  work(new DataView(value.buffer, value.byteOffset, value.byteLength))
  kernelCall(() => binding.mapUpdate(fd, key, value, 0))
}

/** The first value of an earlier map, of each CPU where it has several; none where it cannot be read. */
function inOwnLayout(
  binding: Binding,
  earlier: Earlier,
  map: string,
  struct: string,
  { structs }: Description,
): DataView[] {
  const fd = earlier.fd(map)
  const from: StructLayout | undefined = earlier.description?.structs[struct]
  const to = structs[struct]
  const size = earlier.info(map)?.valueSize
  if (fd === undefined || from === undefined || to === undefined || from.size !== size) return []
  const convert = createStructConverter(from, to)
  const stride = Math.ceil(size / 8) * 8
  try {
    const bytes = kernelCall(() => binding.mapLookup(fd, key)) ?? new Uint8Array()
    const values = bytes.length === size ? 1 : Math.floor(bytes.length / stride)
    return Array.from({ length: values }, (_unused, i) => new DataView(convert(bytes, i * stride).buffer))
  } catch (error) {
    // A map of this name that takes other keys.
    if (error instanceof KernelError || error instanceof RangeError) return []
    throw error
  }
}
