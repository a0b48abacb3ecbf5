/** The form of a row of docs/features.md: its section, where its values come from, and short ways to write rows. */

import type { ColumnName } from './columns.js'
import type { Difference } from './differences.js'

/** Sections of the page, in its order. */
export const groups = {
  size: 'Packets and payload',
  rate: 'Rates',
  gap: 'Gaps between packets',
  flag: 'TCP flags',
  header: 'Headers and windows',
  bulk: 'Bulks',
  subflow: 'Subflows',
  period: 'Active and idle periods',
  icmp: 'ICMP',
  connection: 'Connections',
} as const

/** A section of the page. */
export type Group = keyof typeof groups

/** What is read from a packet: fields, and the standard that defines them. */
export const sources = {
  time: ['time of the packet', 'clock of the capture or of the kernel, whole microseconds'],
  packet: ['packet', 'every packet of the flow, the first included'],
  payload: [
    'L4 payload length',
    'IPv4 total length and header length (RFC 791, 3.1) or IPv6 payload length and extension headers (RFC 8200, 3 and 4), ' +
      'without the TCP header (data offset, RFC 9293, 3.1) or the 8 bytes of the UDP header (RFC 768); ICMP: 0',
  ],
  header: ['L4 header length', 'TCP data offset times 4 (RFC 9293, 3.1); UDP: 8 (RFC 768); ICMP: 0'],
  flags: [
    'TCP flags',
    'control bits of the TCP header (RFC 9293, 3.1; CWR and ECE: RFC 3168, 6.1); others have none',
  ],
  window: ['TCP window', 'the 16 bits of the header (RFC 9293, 3.1), not scaled (RFC 7323, 2); others: 0'],
  icmp: ['ICMP type and code', 'first packet of the flow (RFC 792; ICMPv6: RFC 4443, 2.1)'],
  sequence: ['TCP sequence and acknowledgement numbers', 'of the TCP header (RFC 9293, 3.1)'],
} as const satisfies Readonly<Record<string, readonly [name: string, fields: string]>>

/** Something that is read from a packet. */
export type Source = keyof typeof sources

/** One column of the page. */
export interface ColumnDoc {
  readonly group: Group
  /** How it is computed, with the value where there is nothing to compute. */
  readonly formula: string
  readonly source: readonly Source[]
  /** Fields of `struct flow` in bpf/wire.h, or of its key; none: not computed from the record. */
  readonly from: readonly string[]
  readonly differs: readonly Difference[]
}

/** One row. */
export function doc(
  group: Group,
  formula: string,
  source: readonly Source[],
  from: readonly string[],
  differs: readonly Difference[] = [],
): ColumnDoc {
  return { group, formula, source, from, differs }
}

/** Two rows from one text, for both directions. `d` is the field of the direction and `b` of its bulk. */
export function pair<Forward extends ColumnName, Backward extends ColumnName>(
  forward: Forward,
  backward: Backward,
  write: (way: 'forward' | 'backward', d: string, b: string) => ColumnDoc,
): Readonly<Record<Forward | Backward, ColumnDoc>> {
  return {
    [forward]: write('forward', 'dir[0]', 'bulk[0]'),
    [backward]: write('backward', 'dir[1]', 'bulk[1]'),
  } as Record<Forward | Backward, ColumnDoc>
}

/** Differences that only the forward column has. */
export function onlyForward(
  way: 'forward' | 'backward',
  ...differs: readonly Difference[]
): readonly Difference[] {
  return way === 'forward' ? differs : []
}
