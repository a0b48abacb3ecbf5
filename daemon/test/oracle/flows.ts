/**
 * Packets to flows, the slow way: every flow keeps its packets. Written from the definitions of the corrected
 * CICFlowMeter (github.com/GintsEngelen/CICFlowMeter at 4dd5319), apart from the kernel programs.
 */

import type { Packet } from './packets.js'

/** One finished flow with everything that it saw. */
export interface Flow {
  readonly src: string
  readonly srcPort: number
  readonly dst: string
  readonly dstPort: number
  readonly protocol: number
  /** In order of arrival; at least one. */
  readonly packets: readonly Packet[]
  /** Start of the connection, of which this flow may be a later part, us. */
  readonly connectionStartUs: number
  /** True when it goes on where a flow was split at its age, with that flow's direction. */
  readonly isContinuation: boolean
  readonly end: 'age' | 'syn' | 'icmp' | 'capture'
}

interface OpenFlow extends Omit<Flow, 'end'> {
  readonly packets: Packet[]
  state: 'none' | 'fin1' | 'fin2' | 'ready'
}

/** Age from the first packet above which the next packet begins another flow, us. */
const maxAgeUs = 120_000_000
/** Silence after which a UDP dialogue is over, us. */
const udpSilenceUs = 120_000_000

/**
 * @param packets in order of arrival
 * @returns flows in the order in which they end, then those open at the end
 */
export function flowsOf(packets: readonly Packet[]): Flow[] {
  const table = new Map<string, OpenFlow>()
  const ended: Flow[] = []
  const begin = (flow: OpenFlow) => table.set(keyOf(flow), flow)

  for (const packet of packets) {
    const flow = table.get(keyOf(packet)) ?? table.get(keyOf(reversed(packet)))
    if (flow === undefined) {
      begin(freshFlow(packet))
      continue
    }
    const end = endOf(flow, packet)
    if (end === undefined) {
      add(flow, packet)
      continue
    }
    table.delete(keyOf(flow))
    ended.push(finished(flow, end))
    begin(goesOn(flow, packet) ? continuation(flow, packet) : freshFlow(packet))
  }
  return [...ended, ...[...table.values()].map((flow) => finished(flow, 'capture'))]
}

/** Whether a packet is of the flow's own direction. Ports do not matter. */
export function isForward(flow: Pick<Flow, 'src'>, packet: Packet): boolean {
  return packet.src === flow.src
}

type Ends = Pick<Packet, 'src' | 'srcPort' | 'dst' | 'dstPort' | 'protocol'>

function keyOf({ src, srcPort, dst, dstPort, protocol }: Ends): string {
  return [src, srcPort, dst, dstPort, protocol].join(' ')
}

function reversed({ src, srcPort, dst, dstPort, protocol }: Ends): Ends {
  return { src: dst, srcPort: dstPort, dst: src, dstPort: srcPort, protocol }
}

/** Why this packet is not of this flow; undefined when it is. */
function endOf(flow: OpenFlow, packet: Packet): Flow['end'] | undefined {
  const first = flow.packets[0] as Packet
  if (isRestart(flow, packet)) return 'syn'
  if (packet.timeUs - first.timeUs > maxAgeUs) return 'age'
  if (packet.icmpType < 0) return undefined
  return packet.icmpType !== first.icmpType && packet.icmpCode !== first.icmpCode ? 'icmp' : undefined
}

function isRestart(flow: OpenFlow, packet: Packet): boolean {
  return flow.state === 'ready' && packet.flags.includes('S')
}

/** Whether the packet that ended a flow goes on with the same connection. */
function goesOn(flow: OpenFlow, packet: Packet): boolean {
  if (packet.protocol === 6) return !isRestart(flow, packet)
  const last = flow.packets.at(-1) as Packet
  return packet.protocol === 17 && packet.timeUs - last.timeUs <= udpSilenceUs
}

function freshFlow(packet: Packet): OpenFlow {
  const isAnswer = packet.flags.includes('S') && packet.flags.includes('A')
  const { src, srcPort, dst, dstPort, protocol } = isAnswer ? reversed(packet) : packet
  return {
    ...{ src, srcPort, dst, dstPort, protocol },
    packets: [packet],
    connectionStartUs: packet.timeUs,
    isContinuation: false,
    state: 'none',
  }
}

function continuation(flow: OpenFlow, packet: Packet): OpenFlow {
  return { ...flow, packets: [packet], isContinuation: true, state: 'none' }
}

function finished({ state: _, ...flow }: OpenFlow, end: Flow['end']): Flow {
  return { ...flow, end }
}

/**
 * A packet that is not the first of its flow. Time inside a flow never runs backward: what comes with a time from before
 * the last packet counts at the time of the last.
 */
function add(flow: OpenFlow, packet: Packet): void {
  const last = flow.packets.at(-1) as Packet
  flow.packets.push({ ...packet, timeUs: Math.max(packet.timeUs, last.timeUs) })
  const { flags } = packet
  if (flags.includes('F')) {
    const fins = flow.packets.filter((each) => each.flags.includes('F'))
    const isBothWays = new Set(fins.map((each) => isForward(flow, each))).size === 2
    if (flow.state === 'none') flow.state = 'fin1'
    else if (flow.state === 'fin1' && isBothWays) flow.state = 'fin2'
  } else if (flags.includes('R')) {
    flow.state = 'ready'
  } else if (flags.includes('A') && flow.state === 'fin2') {
    flow.state = 'ready'
  }
}
