/** Thresholds of the detectors, in one place with their defaults. */

import { ArgumentError } from '../errors.js'

export interface DetectorOptions {
  /** Distinct ports of one host that make a scan. Default 20. */
  readonly scanPorts: number
  /** Within this time, ms. Default 15,000. */
  readonly scanWindowMs: number
  /** Share of them that must be unanswered or refused, in (0, 1]. Default 0.8. */
  readonly scanUnansweredShare: number
  /** A port is unanswered when nothing came back for so long, ms. Default 1,000. */
  readonly answerTimeoutMs: number
  /** What a kernel estimate must exceed `scanPorts` by, as a factor >= 1. Default 1.25. */
  readonly estimateFactor: number
  readonly scanPoints: number
  /** Connections to one login port of one host that make a brute force. Default 10. */
  readonly loginConnections: number
  /** Within this time, ms. Default 60,000. */
  readonly loginWindowMs: number
  /** Each shorter than this, ms. Default 5,000. */
  readonly loginMaxMs: number
  /** Each with less payload back than this, bytes. Default 4,096. */
  readonly loginMaxBytesBack: number
  /** TCP ports where people log in. Default 21, 22, 23, 2323, 3389 and 5900. */
  readonly loginPorts: readonly number[]
  readonly loginPoints: number
  /** Lowest score that is evidence, in [0, 1]; a bundle's manifest names its own. Default 1. */
  readonly modelThreshold: number
  readonly modelPoints: number
  /** Sources held at most; the least recent leaves first. Default 65,536. */
  readonly maxSources: number
  /** Ports under watch for all sources together; beyond it the least recent source leaves. Default 131,072. */
  readonly maxProbes: number
}

/** Source: the issue of the first detectors; ports after IANA, 2323 is the second telnet port of Mirai. */
export const DETECTOR_DEFAULTS: DetectorOptions = {
  scanPorts: 20,
  scanWindowMs: 15_000,
  scanUnansweredShare: 0.8,
  answerTimeoutMs: 1_000,
  estimateFactor: 1.25,
  scanPoints: 60,
  loginConnections: 10,
  loginWindowMs: 60_000,
  loginMaxMs: 5_000,
  loginMaxBytesBack: 4_096,
  loginPorts: [21, 22, 23, 2323, 3389, 5900],
  loginPoints: 60,
  modelThreshold: 1,
  modelPoints: 5,
  maxSources: 65_536,
  maxProbes: 131_072,
}

/** @throws ArgumentError naming the first option that is out of range */
export function completeOptions(given: Partial<DetectorOptions>): DetectorOptions {
  const options = { ...DETECTOR_DEFAULTS, ...given }
  const { loginPorts, ...numbers } = options
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value > 0)) throw new ArgumentError(`detect.${name}`, 'a number above 0', String(value))
  }
  check(
    'scanUnansweredShare',
    options.scanUnansweredShare <= 1,
    'a share in (0, 1]',
    options.scanUnansweredShare,
  )
  check('estimateFactor', options.estimateFactor >= 1, 'a factor of at least 1', options.estimateFactor)
  check('scanPorts', options.scanPorts <= MAX_COUNT, `at most ${MAX_COUNT}`, options.scanPorts)
  check(
    'loginConnections',
    options.loginConnections <= MAX_COUNT,
    `at most ${MAX_COUNT}`,
    options.loginConnections,
  )
  for (const port of loginPorts) {
    check('loginPorts', Number.isInteger(port) && port > 0 && port < 65_536, 'ports from 1 to 65535', port)
  }
  return options
}

/** Highest count a window may ask for; a window keeps four times as many at most. */
export const MAX_COUNT = 1_000

function check(name: string, holds: boolean, expected: string, got: number): void {
  if (!holds) throw new ArgumentError(`detect.${name}`, expected, String(got))
}
