/** The thresholds that are fitted to a site: where each is in the configuration, and what it counts. */

import type { Config } from '../config/config.js'
import { valueAt } from '../config/diff-config.js'
import { withValue } from '../config/load-config.js'
import type { DetectorName } from '../detect/evidence.js'

export interface Fitted {
  readonly detector: FittedDetector
  /** Key of the configuration. */
  readonly path: string
  /** Plural, as in `20 ports`. */
  readonly unit: string
  /** Most that the key takes. */
  readonly max: number
}

export const fitted = [
  { detector: 'scan_vertical', path: 'detect.scan_vertical.ports', unit: 'ports', max: 1_000 },
  { detector: 'scan_horizontal', path: 'detect.scan_horizontal.hosts', unit: 'hosts', max: 1_000 },
  { detector: 'slow_scan', path: 'detect.slow_scan.ports', unit: 'closed ports', max: 1_000 },
  { detector: 'login', path: 'detect.login.connections', unit: 'connections', max: 1_000 },
  { detector: 'syn_flood', path: 'detect.syn_flood.syns_per_s', unit: 'SYNs/s', max: 100_000_000 },
  { detector: 'rate', path: 'detect.rate.packets_per_s', unit: 'packets/s', max: 100_000_000 },
  { detector: 'connections', path: 'detect.connections.open', unit: 'open', max: 1_000 },
  { detector: 'udp_flood', path: 'detect.udp_flood.packets_per_s', unit: 'packets/s', max: 100_000_000 },
  { detector: 'icmp_flood', path: 'detect.icmp_flood.packets_per_s', unit: 'packets/s', max: 100_000_000 },
  {
    detector: 'exfiltration',
    path: 'detect.exfiltration.min_bytes',
    unit: 'B',
    max: 1_000_000_000_000_000,
  },
] as const satisfies readonly { detector: DetectorName; path: string; unit: string; max: number }[]

export type FittedDetector = (typeof fitted)[number]['detector']

/** Thresholds by detector, each in the unit of its key. */
export type Thresholds = Readonly<Partial<Record<FittedDetector, number>>>

export function thresholdsOf(config: Config): Record<FittedDetector, number> {
  return Object.fromEntries(fitted.map(({ detector, path }) => [detector, valueAt(config, path)])) as Record<
    FittedDetector,
    number
  >
}

/** What each firing counts. */
export function pointsOf(detect: Config['detect']): Record<FittedDetector, number> {
  return {
    scan_vertical: detect.scanVertical.points,
    scan_horizontal: detect.scanHorizontal.points,
    slow_scan: detect.slowScan.points,
    login: detect.login.points,
    rate: detect.rate.points,
    syn_flood: detect.synFlood.points,
    connections: detect.connections.points,
    udp_flood: detect.udpFlood.points,
    icmp_flood: detect.icmpFlood.points,
    exfiltration: detect.exfiltration.points,
  }
}

/** The same configuration with other thresholds; those that are not named stay. */
export function withThresholds(config: Config, thresholds: Thresholds): Config {
  return fitted.reduce((made, { detector, path }) => {
    const value = thresholds[detector]
    return value === undefined ? made : withValue(made, path, value)
  }, config)
}

/** So many times as high, whole, and no more than the key takes. */
export function scaled({ max }: Pick<Fitted, 'max'>, threshold: number, factor: number): number {
  return Math.min(max, Math.max(2, Math.ceil(threshold * factor)))
}
