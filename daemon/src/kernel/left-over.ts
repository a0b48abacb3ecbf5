/**
 * What an earlier idsd of another layout still held when its programs were switched: records that nobody read, and flows,
 * which end with the reason `upgrade`. Told a slice at a time; a flow leaves the old table when its slice was taken, so
 * that who is killed in between tells at most one slice twice, and none is lost.
 */

import { rmSync } from 'node:fs'
import type { Binding, NativeRing } from './binding.js'
import { kernelCall } from './binding.js'
import { lastFoldersOf } from './bpffs.js'
import { addToCarried, carryCounters } from './carried.js'
import type { DataPath } from './data-path.js'
import type { Description } from './description.js'
import { type Earlier, openEarlier } from './earlier.js'
import { bury, createFlowReader } from './graves.js'
import type { RecordBatch } from './ring.js'
import { createStructConverter } from './struct-converter.js'
import { counters, EndReason, FlowMark, flowOpened, flowRecord, RecordType, wireVersion } from './wire.js'

export interface LeftOver {
  /** The next slice; the one before is done with. Undefined when all is told. */
  next(): RecordBatch | undefined
  close(): void
}

/** Where the programs of an interface run, and its pins. */
export interface LeftOverPlace {
  readonly path: DataPath
  readonly pinFolder: string
}

const sliceFlows = 512
const ringBufferBytes = 256 << 10
/** Longest record that another idsd may have left, bytes. */
const largestRecord = 4096
const ringbufType = 27

/**
 * Takes over the counters of all sets that gave way, at once; what else they hold is told by `next`.
 * @param known as in `openEarlier`
 * @throws KernelError
 */
export function openLeftOver(
  binding: Binding,
  places: readonly LeftOverPlace[],
  known?: ReadonlyMap<number, Description>,
): LeftOver {
  const open = places.flatMap(({ path, pinFolder }) =>
    lastFoldersOf(pinFolder).flatMap((folder) => {
      const earlier = openEarlier(binding, folder, known)
      if (earlier === undefined) removeFolder(folder)
      return earlier === undefined ? [] : [{ path, earlier }]
    }),
  )
  for (const { path, earlier } of open) carryCounters(binding, earlier, path)
  const slices = allSlices(binding, open)
  return {
    next: () => {
      const { value, done } = slices.next()
      return done === true ? undefined : value
    },
    close() {
      slices.return(undefined)
      for (const { earlier } of open) earlier.close()
    },
  }
}

function* allSlices(
  binding: Binding,
  open: readonly { readonly path: DataPath; readonly earlier: Earlier }[],
): Generator<RecordBatch, undefined> {
  for (const { path, earlier } of open) {
    for (const ring of ['urgent_ring', 'bulk_ring']) yield* unreadRecords(binding, earlier, path, ring)
    yield* endedFlows(binding, earlier, path)
    earlier.close()
    removeFolder(earlier.folder)
  }
  return undefined
}

/** Without the right to remove them they hold memory, and the next start goes through them: there is nothing in them. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw error
  }
}

function* unreadRecords(
  binding: Binding,
  earlier: Earlier,
  path: DataPath,
  map: string,
): Generator<RecordBatch, undefined> {
  const fd = earlier.fd(map)
  const info = earlier.info(map)
  if (fd === undefined || info?.type !== ringbufType) return undefined
  if (info.id === kernelCall(() => binding.mapInfo(path.fd(map))).id) return undefined
  const convert = createRecordConverter(earlier, path)
  const ring: NativeRing = kernelCall(() => new binding.Ring(fd, largestRecord))
  try {
    const buffer = new Uint8Array(ringBufferBytes)
    for (let left = 2 * info.maxEntries; left > 0; ) {
      const used = kernelCall(() => ring.drain(buffer, 0))
      if (used === 0) return undefined
      left -= used
      yield batchOf(convert(buffer.subarray(0, used)))
    }
  } finally {
    ring.close()
  }
  return undefined
}

/** A record that cannot be read stays as it is: it is counted where it is decoded. */
function createRecordConverter(earlier: Earlier, path: DataPath): (bytes: Uint8Array) => Uint8Array[] {
  const before = earlier.description?.structs ?? {}
  const after = path.description.structs
  const of = (name: string) => {
    const [from, to] = [before[name], after[name]]
    return from && to ? { size: from.size, convert: createStructConverter(from, to) } : undefined
  }
  const opened = of('flow_opened')
  const full = of('flow_record')
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const out: Uint8Array[] = []
    for (let at = 0; at + 8 <= bytes.length; ) {
      const length = view.getUint16(at + 2, true)
      if (length < 8 || at + length > bytes.length) break
      const kind = view.getUint8(at) === RecordType.opened ? opened : full
      const record = bytes.slice(at, at + length)
      out.push(kind?.size === length ? withHeader(kind.convert(record)) : record)
      at += length
    }
    return out
  }
}

/** Version and length are those of the layout that the record has from here on. */
function withHeader(record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer)
  const header = view.getUint8(0) === RecordType.opened ? flowOpened : flowRecord
  header.set.headerVersion(view, 0, wireVersion)
  header.set.headerLength(view, 0, record.length)
  return record
}

function* endedFlows(binding: Binding, earlier: Earlier, path: DataPath): Generator<RecordBatch, undefined> {
  const fd = earlier.fd('flows')
  const info = earlier.info('flows')
  if (fd === undefined || info === undefined) return undefined
  if (info.id === kernelCall(() => binding.mapInfo(path.fd('flows'))).id) return undefined
  const reader = createFlowReader(binding, earlier, path)
  if (reader === undefined) return undefined
  // Those that cannot be deleted do not keep the daemon busy for ever.
  for (let left = 2 * info.maxEntries; left > 0; left -= sliceFlows) {
    const keys = kernelCall(() => binding.mapKeys(fd, undefined, sliceFlows))
    if (keys.length === 0) return undefined
    const records: Uint8Array[] = []
    let ended = 0
    for (let at = 0; at < keys.length; at += info.keySize) {
      const found = reader.read(keys.slice(at, at + info.keySize))
      if (found === undefined) continue
      ended++
      // It began while the programs were switched.
      bury(binding, path, found.key, found.record)
      const view = new DataView(found.record.buffer)
      if ((flowRecord.get.flowMarks(view, 0) & FlowMark.transit) === 0)
        records.push(endRecord(binding, path, found.record))
    }
    yield batchOf(records)
    countEnded(binding, path, ended, records.length)
    for (let at = 0; at < keys.length; at += info.keySize)
      kernelCall(() => binding.mapDelete(fd, keys.slice(at, at + info.keySize)))
  }
  return undefined
}

function endRecord(binding: Binding, path: DataPath, record: Uint8Array): Uint8Array {
  const view = new DataView(record.buffer)
  flowRecord.set.headerType(view, 0, RecordType.ended)
  flowRecord.set.headerIfindex(view, 0, path.ifindex)
  flowRecord.set.timeUs(view, 0, Math.round(binding.clocks().monotonicUs))
  flowRecord.set.flowEndReason(view, 0, EndReason.upgrade)
  return withHeader(record)
}

function countEnded(binding: Binding, path: DataPath, ended: number, told: number): void {
  const words = new Array<bigint>(counters.size / 8).fill(0n)
  words[counters.offset.ended / 8 + EndReason.upgrade] = BigInt(ended)
  words[counters.offset.records / 8 + RecordType.ended] = BigInt(told)
  addToCarried(binding, path.fd('carried'), words)
}

function batchOf(records: readonly Uint8Array[]): RecordBatch {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const record of records) {
    bytes.set(record, at)
    at += record.length
  }
  return { bytes, view: new DataView(bytes.buffer), isMoreWaiting: false }
}
