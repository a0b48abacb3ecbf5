/** Tombstones of flows that cannot go on: their continuations keep direction, connection time and proof of path. */

import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import type { Earlier } from './earlier.js'
import { createStructConverter } from './struct-converter.js'
import { FlowMark, flowCounts, flowRecord, tombstone } from './wire.js'

const tcp = 6
const udp = 17
/** Bytes of `struct flow_key`, and where its protocol and the flow lie in a record. */
const keyBytes = flowRecord.offset.flowStartUs - flowRecord.offset.keyA
const protocolAt = flowRecord.offset.keyProtocol - flowRecord.offset.keyA
const flowAt = flowRecord.offset.flowStartUs
/** Keys that are listed at once. */
const sliceKeys = 1024
/** `BPF_NOEXIST` of linux/bpf.h. */
const onlyNew = 1

/** What reads a flow of an earlier layout. */
export interface FlowReader {
  /** Key and flow in the layout of this idsd, laid as in `struct flow_record`; undefined for one that is over. */
  read(key: Uint8Array): { readonly record: Uint8Array; readonly key: Uint8Array } | undefined
}

/** @returns undefined where the earlier flows cannot be read */
export function createFlowReader(binding: Binding, earlier: Earlier, path: DataPath): FlowReader | undefined {
  const fd = earlier.fd('flows')
  const info = earlier.info('flows')
  const before = earlier.description?.structs
  const after = path.description.structs
  if (fd === undefined || info === undefined || !before?.flow || !before.flow_key) return undefined
  if (!after.flow || !after.flow_key || after.flow_key.size !== keyBytes) return undefined
  if (info.keySize !== before.flow_key.size || info.valueSize !== before.flow.size) return undefined
  const convertKey = createStructConverter(before.flow_key, after.flow_key)
  const convertFlow = createStructConverter(before.flow, after.flow)
  return {
    read(oldKey) {
      const value = kernelCall(() => binding.mapLookup(fd, oldKey))
      if (value === undefined) return undefined
      const record = new Uint8Array(flowRecord.size)
      const key = convertKey(oldKey)
      record.set(key, flowRecord.offset.keyA)
      record.set(convertFlow(value), flowAt)
      const marks = flowRecord.get.flowMarks(new DataView(record.buffer), 0)
      return (marks & FlowMark.dead) === 0 ? { record, key } : undefined
    },
  }
}

/** Leaves a tombstone of a flow where there is none. @returns whether there was room */
export function bury(binding: Binding, path: DataPath, key: Uint8Array, record: Uint8Array): boolean {
  const protocol = key[protocolAt]
  if (protocol !== tcp && protocol !== udp) return true
  const flow = new DataView(record.buffer, record.byteOffset)
  const { get } = flowRecord
  const grave = new Uint8Array(tombstone.size)
  const view = new DataView(grave.buffer)
  tombstone.set.lastUs(view, 0, get.flowStartUs(flow, 0) + get.flowLastUs(flow, 0))
  tombstone.set.startUs(view, 0, get.flowStartUs(flow, 0))
  tombstone.set.connectionUs(view, 0, get.flowConnectionUs(flow, 0))
  tombstone.set.egressIsn(view, 0, get.flowEgressIsn(flow, 0))
  tombstone.set.state(view, 0, get.flowState(flow, 0))
  tombstone.set.orientation(view, 0, get.flowOrientation(flow, 0))
  tombstone.set.marks(view, 0, get.flowMarks(flow, 0))
  return put(binding, path.fd('tombstones'), key, grave)
}

/**
 * Tombstones of all flows and all tombstones that an earlier idsd holds: to be left before its programs are switched.
 * @returns how many found no room
 */
export function buryAll(binding: Binding, earlier: Earlier, path: DataPath): number {
  const reader = createFlowReader(binding, earlier, path)
  let lost = 0
  if (reader !== undefined) {
    for (const oldKey of keysOf(binding, earlier, 'flows')) {
      const found = reader.read(oldKey)
      if (found !== undefined && !bury(binding, path, found.key, found.record)) lost++
    }
  }
  lost += moveTombstones(binding, earlier, path)
  const counts = new Uint8Array(flowCounts.size)
  flowCounts.set.hasTombstones(new DataView(counts.buffer), 0, 1)
  kernelCall(() => binding.mapUpdate(path.fd('flow_count'), new Uint8Array(4), counts, 0))
  return lost
}

function moveTombstones(binding: Binding, earlier: Earlier, path: DataPath): number {
  const before = earlier.description?.structs
  const after = path.description.structs
  const info = earlier.info('tombstones')
  const fd = earlier.fd('tombstones')
  if (!before?.tombstone || !before.flow_key || !after.tombstone || !after.flow_key) return 0
  if (info?.keySize !== before.flow_key.size || info.valueSize !== before.tombstone.size) return 0
  const convertKey = createStructConverter(before.flow_key, after.flow_key)
  const convert = createStructConverter(before.tombstone, after.tombstone)
  let lost = 0
  for (const oldKey of keysOf(binding, earlier, 'tombstones')) {
    const value = kernelCall(() => binding.mapLookup(fd as number, oldKey))
    if (value !== undefined && !put(binding, path.fd('tombstones'), convertKey(oldKey), convert(value)))
      lost++
  }
  return lost
}

/** Programs change the map meanwhile, so that a key may come twice; it ends all the same. */
function* keysOf(binding: Binding, earlier: Earlier, map: string): Generator<Uint8Array> {
  const fd = earlier.fd(map)
  const info = earlier.info(map)
  if (fd === undefined || info === undefined || info.keySize === 0) return
  let after: Uint8Array | undefined
  for (let left = 2 * info.maxEntries; left > 0; ) {
    const keys = kernelCall(() => binding.mapKeys(fd, after, sliceKeys))
    if (keys.length === 0) return
    for (let at = 0; at < keys.length; at += info.keySize) yield keys.slice(at, at + info.keySize)
    after = keys.slice(keys.length - info.keySize)
    left -= keys.length / info.keySize
  }
}

/** @returns false where the map is full */
function put(binding: Binding, fd: number, key: Uint8Array, value: Uint8Array): boolean {
  try {
    kernelCall(() => binding.mapUpdate(fd, key, value, onlyNew))
    return true
  } catch (error) {
    const { errnoName } = error as { errnoName?: string }
    if (errnoName === 'EEXIST') return true
    if (errnoName === 'E2BIG' || errnoName === 'ENOSPC') return false
    throw error
  }
}
