/** Bytes of a ring to flows. Pure. Records of an unknown type or version are skipped by their length and counted. */

import { FlowMark, flowOpened, flowRecord, RecordType, wireVersion } from '../kernel/wire.js'
import { addressText } from './address-text.js'
import type { EndReason, FlowRecord, TcpState } from './flow-record.js'

const endReasons: readonly EndReason[] = ['', 'timeout', 'syn', 'icmp', 'pressure', 'flush', 'upgrade']
const tcpStates: readonly TcpState[] = ['none', 'fin1', 'fin2', 'ready']
/** `struct record_header`. */
const headerBytes = 8

export interface DecodedBatch {
  readonly flows: FlowRecord[]
  /** Where each flow's full record begins in the bytes; -1 for `opened`, which has no counters. */
  readonly offsets: number[]
  /** Records that could not be read. */
  readonly unknown: number
}

export interface DecodeOptions {
  /** Added to the kernel's monotonic time to give wall time, us. */
  readonly wallOffsetUs: number
}

/** Decodes whole records laid one after the other. */
export function decodeBatch(bytes: Uint8Array, { wallOffsetUs }: DecodeOptions): DecodedBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flows: FlowRecord[] = []
  const offsets: number[] = []
  let unknown = 0
  for (let at = 0; at < bytes.byteLength; ) {
    if (bytes.byteLength - at < headerBytes) {
      unknown++
      break
    }
    const type = view.getUint8(at)
    const version = view.getUint8(at + 1)
    const length = view.getUint16(at + 2, true)
    if (length < headerBytes || at + length > bytes.byteLength) {
      // Without a length there is no next record: what is left cannot be read.
      unknown++
      break
    }
    if (version !== wireVersion) {
      unknown++
    } else if (type === RecordType.opened && length === flowOpened.size) {
      flows.push(decodeOpened(view, at, wallOffsetUs))
      offsets.push(-1)
    } else if ((type === RecordType.snapshot || type === RecordType.ended) && length === flowRecord.size) {
      flows.push(decodeFull(view, at, wallOffsetUs, type === RecordType.ended ? 'ended' : 'snapshot'))
      offsets.push(at)
    } else {
      unknown++
    }
    at += length
  }
  return { flows, offsets, unknown }
}

function decodeOpened(view: DataView, at: number, wallOffsetUs: number): FlowRecord {
  const get = flowOpened.get
  const marks = get.marks(view, at)
  const firstBackward = (marks & FlowMark.firstBackward) !== 0
  const timeUs = get.timeUs(view, at) + wallOffsetUs
  const flags = get.tcpFlags(view, at)
  return {
    kind: 'opened',
    id: get.id(view, at),
    seq: 0,
    ifindex: get.headerIfindex(view, at),
    src: addressText(view, at + flowOpened.offset.src),
    dst: addressText(view, at + flowOpened.offset.dst),
    srcPort: get.srcPort(view, at),
    dstPort: get.dstPort(view, at),
    protocol: get.protocol(view, at),
    startUs: timeUs,
    lastUs: timeUs,
    packetsFwd: firstBackward ? 0 : 1,
    packetsBwd: firstBackward ? 1 : 0,
    bytesFwd: 0,
    bytesBwd: 0,
    synCount: (flags >> 1) & 1,
    finCount: flags & 1,
    rstCount: (flags >> 2) & 1,
    tcpState: 'none',
    endReason: '',
    pathProven: (marks & FlowMark.pathProven) !== 0,
    isTransit: (marks & FlowMark.transit) !== 0,
    firstBackward,
    firstIngress: (marks & FlowMark.firstIngress) !== 0,
    isContinuation: (marks & FlowMark.continuation) !== 0,
  }
}

function decodeFull(
  view: DataView,
  at: number,
  wallOffsetUs: number,
  kind: 'snapshot' | 'ended',
): FlowRecord {
  const get = flowRecord.get
  const marks = get.flowMarks(view, at)
  const isSwapped = get.flowOrientation(view, at) === 1
  const a = at + flowRecord.offset.keyA
  const b = at + flowRecord.offset.keyB
  const startUs = get.flowStartUs(view, at) + wallOffsetUs
  return {
    kind,
    id: get.flowId(view, at),
    seq: get.flowSeq(view, at),
    ifindex: get.headerIfindex(view, at),
    src: addressText(view, isSwapped ? b : a),
    dst: addressText(view, isSwapped ? a : b),
    srcPort: isSwapped ? get.keyPortB(view, at) : get.keyPortA(view, at),
    dstPort: isSwapped ? get.keyPortA(view, at) : get.keyPortB(view, at),
    protocol: get.keyProtocol(view, at),
    startUs,
    lastUs: startUs + get.flowLastUs(view, at),
    packetsFwd: get.flowDir0Packets(view, at),
    packetsBwd: get.flowDir1Packets(view, at),
    bytesFwd: get.flowDir0Bytes(view, at),
    bytesBwd: get.flowDir1Bytes(view, at),
    synCount: get.flowSyn(view, at),
    finCount: get.flowFin(view, at),
    rstCount: get.flowDir0Rst(view, at) + get.flowDir1Rst(view, at),
    tcpState: tcpStates[get.flowState(view, at)] ?? 'none',
    endReason: kind === 'ended' ? (endReasons[get.flowEndReason(view, at)] ?? '') : '',
    pathProven: (marks & FlowMark.pathProven) !== 0,
    isTransit: (marks & FlowMark.transit) !== 0,
    firstBackward: (marks & FlowMark.firstBackward) !== 0,
    firstIngress: (marks & FlowMark.firstIngress) !== 0,
    isContinuation: (marks & FlowMark.continuation) !== 0,
  }
}
