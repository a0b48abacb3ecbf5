/** The three scans: what each counts, what it keeps together, and its words. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { DetectorName } from './evidence.js'
import type { DetectorOptions, ScanOptions } from './options.js'
import { TCP } from './probe.js'
import type { Group, Probe } from './scan-probe.js'

export interface ScanKind {
  readonly name: DetectorName
  readonly options: (options: DetectorOptions) => ScanOptions
  readonly groupOf: (flow: FlowRecord) => string | number
  /** Distinct within the group. */
  readonly itemOf: (flow: FlowRecord) => string | number
  /**
   * True: the share must hold over everything in the window, not only over the run that fires. Where a source tries many
   * hosts for good reasons, one stretch of dead ones must not make it a scanner.
   */
  readonly isShareOfAll: boolean
  /** True: only what is unanswered or reset counts towards the threshold. */
  readonly isOnlyClosed: boolean
  /** `20 distinct TCP ports of 10.77.0.1`. */
  readonly words: (probes: readonly Probe[], group: Group) => string
}

/** ATT&CK T1046: many ports of one host. */
export const verticalScan: ScanKind = {
  name: 'scan_vertical',
  options: ({ scanVertical }) => scanVertical,
  groupOf: ({ dst }) => dst,
  itemOf: portOf,
  isShareOfAll: false,
  isOnlyClosed: false,
  words: (probes, { key }) => `${probes.length} distinct ${protocolsOf(probes)} ports of ${key}`,
}

/** ATT&CK T1046: one port of many hosts. */
export const horizontalScan: ScanKind = {
  name: 'scan_horizontal',
  options: ({ scanHorizontal }) => scanHorizontal,
  groupOf: portOf,
  itemOf: ({ dst }) => dst,
  isShareOfAll: true,
  isOnlyClosed: false,
  words: (probes) =>
    `${probes.length} distinct hosts on ${protocolsOf(probes)} port ${probes[0]!.flow.dstPort}`,
}

/** ATT&CK T1046: many ports, anywhere, over a long time. */
export const slowScan: ScanKind = {
  name: 'slow_scan',
  options: ({ slowScan }) => slowScan,
  groupOf: () => 0,
  itemOf: portOf,
  isShareOfAll: true,
  isOnlyClosed: true,
  words: (probes) => {
    const hosts = new Set(probes.map(({ flow }) => flow.dst))
    const where = hosts.size === 1 ? [...hosts][0] : `${hosts.size} hosts`
    const closed = probes.filter(({ outcome }) => outcome !== 'answered')
    return `${closed.length} distinct closed ${protocolsOf(closed)} ports of ${where}`
  },
}

export const scanKinds: readonly ScanKind[] = [verticalScan, horizontalScan, slowScan]

function portOf({ protocol, dstPort }: FlowRecord): number {
  return protocol * 65_536 + dstPort
}

function protocolsOf(probes: readonly Probe[]): string {
  const names = new Set(probes.map(({ flow }) => (flow.protocol === TCP ? 'TCP' : 'UDP')))
  return [...names].sort().join(' and ')
}
