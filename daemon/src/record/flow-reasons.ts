/** Which detectors cite a flow, as bits of a column. */

import type { DetectorName } from '../detect/evidence.js'

/** Places in this list are stored: add at the end only. */
const NAMES = [
  'scan_vertical',
  'login',
  'model',
  'scan_horizontal',
  'slow_scan',
  'syn_flood',
  'rate',
  'connections',
  'udp_flood',
  'icmp_flood',
  'exfiltration',
  'breaker',
] as const satisfies readonly DetectorName[]

const BITS: Readonly<Record<DetectorName, number>> = Object.fromEntries(
  NAMES.map((name, place) => [name, 1 << place]),
) as Record<(typeof NAMES)[number], number>

/** The bit of one detector. */
export function reasonBit(detector: DetectorName): number {
  return BITS[detector]
}

/** The detectors of the bits; bits of detectors that this idsd does not know are passed over. */
export function readReasons(bits: number): DetectorName[] {
  return bits === 0 ? [] : NAMES.filter((name) => (bits & BITS[name]) !== 0)
}
