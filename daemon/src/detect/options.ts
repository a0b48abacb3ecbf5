/** Thresholds of the detectors, in one place with their defaults. */

import { ArgumentError } from '../errors.js'

/** What makes a scan. */
export interface ScanOptions {
  /** Distinct ports, or hosts. */
  readonly count: number
  /** Within this time, ms. */
  readonly windowMs: number
  /** Share of them that must be unanswered or reset, in (0, 1]. */
  readonly unansweredShare: number
  /** Points of a firing; 0: an alert only. */
  readonly points: number
}

export interface LoginOptions {
  /** Connections to one login port of one host that make a brute force. Default 10. */
  readonly connections: number
  /** Within this time, ms. Default 60,000. */
  readonly windowMs: number
  /** Each shorter than this, ms. Default 5,000. */
  readonly maxMs: number
  /** Each with less payload back than this, bytes. Default 4,096. */
  readonly maxBytesBack: number
  /** TCP ports where people log in. Default 21, 22, 23, 2323, 3389 and 5900. */
  readonly ports: readonly number[]
  readonly points: number
}

export interface FloodOptions {
  /** Packets (of `synFlood`: SYNs) per second. Default 1,000. */
  readonly perSecond: number
  /** Sustained for so long, ms, at least 100. Default 2,000. */
  readonly windowMs: number
  readonly points: number
}

export interface RateOptions extends FloodOptions {
  /** And so many times the rate that the source had before. Default 5. */
  readonly factor: number
}

export interface ConnectionsOptions {
  /** Connections of one source to one port of one host, open at once. Default 100. */
  readonly open: number
  /** Share of them that must be idle, in (0, 1]. Default 0.8. */
  readonly idleShare: number
  /** An idle one was open for at least this, ms. Default 5,000. */
  readonly idleMs: number
  /** An idle one sent less payload than this, bytes, and got none. Default 1,024. */
  readonly maxBytes: number
  /** While the state lasts it fires once in this time, ms. Default 10,000. */
  readonly windowMs: number
  readonly points: number
}

export interface ExfiltrationOptions {
  /** Bytes out of one internal host must exceed its own past by this factor. Default 10. */
  readonly factor: number
  /** And be at least so many. Default 100,000,000. */
  readonly minBytes: number
  /** Within this time, ms. Default 300,000. */
  readonly windowMs: number
  /** Windows of past that a host must have. Default 3. */
  readonly pastWindows: number
  /** Addresses and prefixes of internal hosts; empty: those of RFC 1918 and RFC 4193. Own addresses always are. */
  readonly internal: readonly string[]
  readonly points: number
}

export interface DetectorOptions {
  /** Ports of one host. Default 20 in 15,000 ms, share 0.8. */
  readonly scanVertical: ScanOptions
  /** Hosts on one port. Default 20 in 60,000 ms, share 0.8. */
  readonly scanHorizontal: ScanOptions
  /** Closed ports over all hosts. Default 40 in 600,000 ms, share 0.8. */
  readonly slowScan: ScanOptions
  readonly login: LoginOptions
  readonly synFlood: FloodOptions
  readonly rate: RateOptions
  readonly connections: ConnectionsOptions
  readonly udpFlood: FloodOptions
  readonly icmpFlood: FloodOptions
  readonly exfiltration: ExfiltrationOptions
  /** A packet is unanswered when nothing came back for so long, ms. Default 1,000. */
  readonly answerTimeoutMs: number
  /** What a kernel estimate must exceed a threshold by, as a factor >= 1. Default 1.25. */
  readonly estimateFactor: number
  /** Lowest score that is evidence, in [0, 1]; a bundle's manifest names its own. Default 1. */
  readonly modelThreshold: number
  readonly modelPoints: number
  /** Sources held at most; the least recent leaves first. Default 65,536. */
  readonly maxSources: number
  /** Ports and hosts under watch for all sources together; beyond it the least recent source leaves. Default 262,144. */
  readonly maxProbes: number
  /** Flows whose growth between records is followed. Default 262,144. */
  readonly maxFlows: number
}

/** What may be given: each table whole or in part. */
export type GivenOptions = {
  readonly [Name in keyof DetectorOptions]?: DetectorOptions[Name] extends number
    ? number
    : Partial<DetectorOptions[Name]>
}

/** Source: the issues of the detectors; ports after IANA, 2323 is the second telnet port of Mirai. */
export const DETECTOR_DEFAULTS: DetectorOptions = {
  scanVertical: { count: 20, windowMs: 15_000, unansweredShare: 0.8, points: 60 },
  scanHorizontal: { count: 20, windowMs: 60_000, unansweredShare: 0.8, points: 60 },
  slowScan: { count: 40, windowMs: 600_000, unansweredShare: 0.8, points: 60 },
  login: {
    connections: 10,
    windowMs: 60_000,
    maxMs: 5_000,
    maxBytesBack: 4_096,
    ports: [21, 22, 23, 2323, 3389, 5900],
    points: 60,
  },
  synFlood: { perSecond: 1_000, windowMs: 2_000, points: 60 },
  rate: { perSecond: 1_000, windowMs: 2_000, factor: 5, points: 30 },
  connections: { open: 100, idleShare: 0.8, idleMs: 5_000, maxBytes: 1_024, windowMs: 10_000, points: 60 },
  udpFlood: { perSecond: 1_000, windowMs: 2_000, points: 60 },
  icmpFlood: { perSecond: 1_000, windowMs: 2_000, points: 60 },
  exfiltration: {
    factor: 10,
    minBytes: 100_000_000,
    windowMs: 300_000,
    pastWindows: 3,
    internal: [],
    points: 0,
  },
  answerTimeoutMs: 1_000,
  estimateFactor: 1.25,
  modelThreshold: 1,
  modelPoints: 5,
  maxSources: 65_536,
  maxProbes: 262_144,
  maxFlows: 262_144,
}

/** Highest count a window may ask for; a window keeps four times as many at most. */
export const MAX_COUNT = 1_000

/** Windows of a flood are cut into ten slots; shorter ones than this would be finer than the records. */
const MIN_FLOOD_MS = 100

/** @throws ArgumentError naming the first option that is out of range */
export function completeOptions(given: GivenOptions): DetectorOptions {
  const options = Object.fromEntries(
    Object.entries(DETECTOR_DEFAULTS).map(([name, value]) => {
      const own = given[name as keyof DetectorOptions]
      return [name, typeof value === 'object' ? { ...value, ...(own as object) } : (own ?? value)]
    }),
  ) as unknown as DetectorOptions
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number') checkNumber(name, value)
    else for (const [inner, one] of Object.entries(value)) checkNumber(`${name}.${inner}`, one)
  }
  check('estimateFactor', options.estimateFactor >= 1, 'a factor of at least 1', options.estimateFactor)
  for (const name of ['scanVertical', 'scanHorizontal', 'slowScan'] as const) {
    checkShare(`${name}.unansweredShare`, options[name].unansweredShare)
    checkCount(`${name}.count`, options[name].count)
  }
  checkCount('login.connections', options.login.connections)
  checkCount('connections.open', options.connections.open)
  checkShare('connections.idleShare', options.connections.idleShare)
  for (const name of ['synFlood', 'rate', 'udpFlood', 'icmpFlood'] as const) {
    const { windowMs } = options[name]
    check(`${name}.windowMs`, windowMs >= MIN_FLOOD_MS, `at least ${MIN_FLOOD_MS} ms`, windowMs)
  }
  for (const port of options.login.ports) {
    check('login.ports', Number.isInteger(port) && port > 0 && port < 65_536, 'ports from 1 to 65535', port)
  }
  return options
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'object') return
  const isPoints = name.endsWith('.points')
  const isGood = isPoints ? (value as number) >= 0 : (value as number) > 0
  if (!isGood) {
    throw new ArgumentError(
      `detect.${name}`,
      isPoints ? 'a number from 0' : 'a number above 0',
      String(value),
    )
  }
}

function checkShare(name: string, share: number): void {
  check(name, share <= 1, 'a share in (0, 1]', share)
}

function checkCount(name: string, count: number): void {
  check(name, count <= MAX_COUNT, `at most ${MAX_COUNT}`, count)
}

function check(name: string, holds: boolean, expected: string, got: number): void {
  if (!holds) throw new ArgumentError(`detect.${name}`, expected, String(got))
}
