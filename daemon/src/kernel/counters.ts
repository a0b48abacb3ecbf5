/** The kernel's counters, added up over CPUs. They go on over daemons, as long as programs are attached or pinned. */

import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { carried, counters, cpuState, EndReason, Loss, RecordType, Unparsed } from './wire.js'

export interface KernelCounters {
  /** Index direction * 2 + dropped; direction 0 ingress, 1 egress. */
  readonly packets: readonly number[]
  /** Frame bytes, the same index. */
  readonly bytes: readonly number[]
  /** Dropped packets, index origin * 8 + reason. */
  readonly dropped: readonly number[]
  readonly lost: Readonly<Record<keyof typeof Loss, number>>
  readonly unparsed: Readonly<Record<keyof typeof Unparsed, number>>
  readonly records: Readonly<Record<keyof typeof RecordType, number>>
  readonly wouldDrop: number
  readonly allowed: number
  /** Packets that hit an entry past its end. */
  readonly expiredHits: number
  /** Packets that hit an entry whose lease is over. */
  readonly lapsedHits: number
  readonly exemptNd: number
  /** Packets kept back by a rate limit. */
  readonly limited: number
  /** SYN packets kept back by a SYN drop. */
  readonly synDropped: number
  /** Packets that an entry let pass for their flow's sake. */
  readonly sparedFlows: number
  /** Answers sent: RST or ICMP code 13. */
  readonly rejected: number
  readonly newFlows: number
  readonly transit: number
  /** Flows by why they ended. */
  readonly ended: Readonly<Record<keyof typeof EndReason, number>>
}

const base = cpuState.size - counters.size
const carriedBase = carried.size - counters.size

/** Sum of the counters of all CPUs, and of what earlier daemons handed on. @throws KernelError */
export function readCounters(binding: Binding, path: DataPath): KernelCounters {
  const fd = path.fd('cpu')
  const bytes = kernelCall(() => binding.mapLookup(fd, new Uint8Array(4))) as Uint8Array
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stride = bytes.byteLength / binding.cpus
  const handedOn = kernelCall(() => binding.mapLookup(path.fd('carried'), new Uint8Array(4))) as Uint8Array
  const handedView = new DataView(handedOn.buffer, handedOn.byteOffset, handedOn.byteLength)
  const sum = (read: (v: DataView, at: number) => number) => {
    let total = read(handedView, carriedBase)
    for (let cpu = 0; cpu < binding.cpus; cpu++) total += read(view, cpu * stride + base)
    return total
  }
  const list = (length: number, read: (v: DataView, at: number, index: number) => number) =>
    Array.from({ length }, (_unused, index) => sum((v, at) => read(v, at, index)))
  const named = <Names extends Readonly<Record<string, number>>>(
    names: Names,
    read: (v: DataView, at: number, index: number) => number,
  ) =>
    Object.fromEntries(
      Object.entries(names)
        .filter(([name]) => name !== 'max')
        .map(([name, index]) => [name, sum((v, at) => read(v, at, index))]),
    ) as Record<keyof Names, number>

  const get = counters.get
  return {
    packets: list(4, get.packets),
    bytes: list(4, get.bytes),
    dropped: list(64, get.dropped),
    lost: named(Loss, get.lost),
    unparsed: named(Unparsed, get.unparsed),
    records: named(RecordType, get.records),
    wouldDrop: sum(get.wouldDrop),
    allowed: sum(get.allowed),
    expiredHits: sum(get.expiredHits),
    lapsedHits: sum(get.lapsedHits),
    exemptNd: sum(get.exemptNd),
    limited: sum(get.limited),
    synDropped: sum(get.synDropped),
    sparedFlows: sum(get.sparedFlows),
    rejected: sum(get.rejected),
    newFlows: sum(get.newFlows),
    transit: sum(get.transit),
    ended: named(EndReason, get.ended),
  }
}

/** Flows in an interface's table now. */
export function readFlowCount(binding: Binding, path: DataPath): number {
  const bytes = kernelCall(() => binding.mapLookup(path.fd('flow_count'), new Uint8Array(4))) as Uint8Array
  const view = new DataView(bytes.buffer)
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
}
