/** One flow as a record from the kernel tells it: the type that every later room takes. */

export type RecordKind = 'opened' | 'snapshot' | 'ended'

/** Why a flow ended; '' while it is open. */
export type EndReason = '' | 'timeout' | 'syn' | 'icmp' | 'pressure' | 'flush' | 'upgrade'

export type TcpState = 'none' | 'fin1' | 'fin2' | 'ready'

export interface FlowRecord {
  readonly kind: RecordKind
  /** Unique while the database lives; below 2^53. */
  readonly id: number
  /** Counts the records of this flow from 0, over both rings. */
  readonly seq: number
  readonly ifindex: number
  /** Addresses in canonical text; the flow's own direction, not the packet's. */
  readonly src: string
  readonly dst: string
  readonly srcPort: number
  readonly dstPort: number
  /** IP protocol number. */
  readonly protocol: number
  /** Wall time of the first and last packet, microseconds since 1970. */
  readonly startUs: number
  readonly lastUs: number
  readonly packetsFwd: number
  readonly packetsBwd: number
  /** L4 payload, bytes. */
  readonly bytesFwd: number
  readonly bytesBwd: number
  readonly synCount: number
  readonly finCount: number
  readonly rstCount: number
  readonly tcpState: TcpState
  readonly endReason: EndReason
  /** An acknowledgement number proved that the source receives what is sent to it. */
  readonly pathProven: boolean
  /** Entered by another attached interface: counted, never judged. */
  readonly isTransit: boolean
  /** The first packet seen came from `dst`. */
  readonly firstBackward: boolean
  /** The first packet came in by the interface (false: it went out). */
  readonly firstIngress: boolean
  /** This is a continuation of a flow that was split at 120 s. */
  readonly isContinuation: boolean
}
