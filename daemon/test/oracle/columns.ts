/** The 82 columns of a flow, computed from all of its packets at once, each as its definition says it. */

import { type Flow, isForward } from './flows.js'
import type { Packet } from './packets.js'

/** A silence longer than this begins another subflow, and ends a bulk, us. */
const subflowGapUs = 1_000_000
/** A silence longer than this is idle time, us. */
const idleGapUs = 5_000_000
/** Packets with payload that make a bulk. */
const bulkPackets = 4

/** @returns values by CIC-IDS2017 name; times in us, lengths in bytes, rates per second */
export function columnsOf(flow: Flow): Map<string, number> {
  const { packets } = flow
  const first = packets[0] as Packet
  const last = packets.at(-1) as Packet
  const forward = packets.filter((packet) => isForward(flow, packet))
  const backward = packets.filter((packet) => !isForward(flow, packet))
  const beganForward = isForward(flow, first)
  const durationUs = last.timeUs - first.timeUs
  const perSecond = (amount: number, without: number) =>
    durationUs === 0 ? without : amount / (durationUs / 1e6)
  const payloads = packets.map((packet) => packet.payloadBytes)
  const all = statistics(payloads)
  const subflows = gaps(packets).filter((gap) => gap > subflowGapUs).length
  const { active, idle } = activity(packets)
  const columns = new Map<string, number>()
  const set = (values: Record<string, number>) => {
    for (const [name, value] of Object.entries(values)) columns.set(name, value)
  }

  set({
    'Flow Duration': durationUs,
    'Flow Bytes/s': perSecond(sum(payloads), -1),
    'Flow Packets/s': perSecond(packets.length, -1),
    'Total Fwd Packets': forward.length,
    'Total Backward Packets': backward.length,
    'Down/Up Ratio': ratio(backward.length, forward.length),
    'Min Packet Length': all.min,
    'Max Packet Length': all.max,
    'Packet Length Mean': all.mean,
    'Packet Length Std': all.std,
    'Packet Length Variance': all.std ** 2,
    'Average Packet Size': sum(payloads) / packets.length,
    Init_Win_bytes_forward: beganForward ? first.window : 0,
    Init_Win_bytes_backward: backward.find(({ window }) => window !== 0)?.window ?? 0,
    act_data_pkt_fwd: withPayload(forward),
    'Bwd Act Data Pkts': withPayload(backward),
    min_seg_size_forward: beganForward ? Math.min(...forward.map(({ headerBytes }) => headerBytes)) : 0,
    'ICMP Code': first.icmpCode,
    'ICMP Type': first.icmpType,
    'Total Connection Flow Time': [6, 17].includes(flow.protocol) ? last.timeUs - flow.connectionStartUs : 0,
  })
  set(spread('Flow IAT', gaps(packets)))
  set(spread('Active', active))
  set(spread('Idle', idle))
  for (const [name, letter] of Object.entries({
    FIN: 'F',
    SYN: 'S',
    RST: 'R',
    PSH: 'P',
    ACK: 'A',
    URG: 'U',
    CWE: 'C',
    ECE: 'E',
  })) {
    set({ [`${name} Flag Count`]: withFlag(packets, letter) })
  }
  for (const [way, mine] of [
    ['Fwd', forward],
    ['Bwd', backward],
  ] as const) {
    const lengths = mine.map((packet) => packet.payloadBytes)
    const bulk = bulks(packets, (packet) => isForward(flow, packet) === (way === 'Fwd'))
    set({
      [`Total Length of ${way} Packets`]: sum(lengths),
      ...spread(`${way} Packet Length`, lengths),
      [`Avg ${way} Segment Size`]: statistics(lengths).mean,
      [`${way} IAT Total`]: sum(gaps(mine)),
      ...spread(`${way} IAT`, gaps(mine)),
      [`${way} PSH Flags`]: withFlag(mine, 'P'),
      [`${way} URG Flags`]: withFlag(mine, 'U'),
      [`${way} RST Flags`]: withFlag(mine, 'R'),
      [`${way} Header Length`]: sum(mine.map((packet) => packet.headerBytes)),
      [`${way} Packets/s`]: perSecond(mine.length, 0),
      [`Subflow ${way} Packets`]: ratio(mine.length, subflows),
      [`Subflow ${way} Bytes`]: ratio(sum(lengths), subflows),
      [`${way} Avg Bytes/Bulk`]: ratio(bulk.bytes, bulk.count),
      [`${way} Avg Packets/Bulk`]: ratio(bulk.packets, bulk.count),
      [`${way} Avg Bulk Rate`]: ratio(bulk.bytes, bulk.durationUs / 1e6),
    })
  }
  return columns
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** 0 where there is nothing to divide by. */
function ratio(amount: number, by: number): number {
  return by === 0 ? 0 : amount / by
}

function withFlag(packets: readonly Packet[], letter: string): number {
  return packets.filter(({ flags }) => flags.includes(letter)).length
}

function withPayload(packets: readonly Packet[]): number {
  return packets.filter(({ payloadBytes }) => payloadBytes >= 1).length
}

/** Times between successive packets, us; one less than there are packets. */
function gaps(packets: readonly Packet[]): number[] {
  return packets.slice(1).map(({ timeUs }, i) => timeUs - (packets[i] as Packet).timeUs)
}

/** All 0 of nothing. The deviation is that of a sample, 0 of one value. */
function statistics(values: readonly number[]) {
  if (values.length === 0) return { min: 0, max: 0, mean: 0, std: 0 }
  const mean = sum(values) / values.length
  const squares = sum(values.map((value) => (value - mean) ** 2))
  const std = values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1))
  return { min: Math.min(...values), max: Math.max(...values), mean, std }
}

function spread(name: string, values: readonly number[]): Record<string, number> {
  const { min, max, mean, std } = statistics(values)
  return { [`${name} Mean`]: mean, [`${name} Std`]: std, [`${name} Max`]: max, [`${name} Min`]: min }
}

/** Periods between idle gaps, without the last one and without those of no length; and the gaps. */
function activity(packets: readonly Packet[]) {
  const active: number[] = []
  const idle: number[] = []
  let since = (packets[0] as Packet).timeUs
  for (const [i, gap] of gaps(packets).entries()) {
    if (gap <= idleGapUs) continue
    const until = (packets[i] as Packet).timeUs
    if (until > since) active.push(until - since)
    idle.push(gap)
    since = until + gap
  }
  return { active, idle }
}

/**
 * Runs of at least four packets of one direction, each at most a second after the last, without a packet of the
 * other direction in between. Packets without payload do not count, on either side.
 */
function bulks(packets: readonly Packet[], isMine: (packet: Packet) => boolean) {
  const runs: Packet[][] = []
  let othersUs = 0
  for (const packet of packets.filter(({ payloadBytes }) => payloadBytes > 0)) {
    if (!isMine(packet)) {
      othersUs = packet.timeUs
      continue
    }
    const run = runs.at(-1)
    const goesOn =
      run !== undefined &&
      packet.timeUs - (run.at(-1) as Packet).timeUs <= subflowGapUs &&
      // At the very time at which the run began, the other side does not break it.
      othersUs <= (run[0] as Packet).timeUs
    if (goesOn) run.push(packet)
    else runs.push([packet])
  }
  const found = runs.filter((each) => each.length >= bulkPackets)
  return {
    count: found.length,
    packets: sum(found.map((each) => each.length)),
    bytes: sum(found.flat().map((packet) => packet.payloadBytes)),
    durationUs: sum(found.map((each) => (each.at(-1) as Packet).timeUs - (each[0] as Packet).timeUs)),
  }
}
