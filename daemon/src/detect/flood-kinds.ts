/** The three floods: their thresholds and their words. */

import type { DetectorOptions, FloodOptions } from './options.js'

export interface FloodKind {
  readonly name: 'syn_flood' | 'udp_flood' | 'icmp_flood'
  readonly options: (options: DetectorOptions) => FloodOptions
  /** What is counted. */
  readonly unit: string
  /** What is wrong with what is counted. */
  readonly explanation: string
}

export const SYN_FLOOD = 0
export const UDP_FLOOD = 1
export const ICMP_FLOOD = 2

/** By the numbers above. */
export const floodKinds: readonly FloodKind[] = [
  {
    name: 'syn_flood',
    options: ({ synFlood }) => synFlood,
    unit: 'SYNs',
    explanation: 'without an answer, reset, or with the answer not acknowledged',
  },
  {
    name: 'udp_flood',
    options: ({ udpFlood }) => udpFlood,
    unit: 'UDP packets',
    explanation: 'without an answer',
  },
  {
    name: 'icmp_flood',
    options: ({ icmpFlood }) => icmpFlood,
    unit: 'ICMP packets',
    explanation: 'without an answer',
  },
]
