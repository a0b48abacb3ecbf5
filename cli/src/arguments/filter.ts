/** The filter that flows, decisions and alerts share: `--since --until --last --ip`, and `--port`. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Filter } from '../contract.js'
import { usageError } from '../errors.js'
import type { Io } from '../io.js'
import { parseMoment } from './moment.js'
import { MAX_LAST_ALERTS, parseLast, parseLastAlerts, parsePort, parseScore } from './number.js'
import { parseTarget } from './target.js'

export interface FilterOptions {
  readonly since?: number
  readonly until?: number
  readonly last?: number
  readonly ip?: string
  readonly port?: number
  readonly minScore?: number
  readonly anomalous?: true
  readonly detector?: string
  readonly severity?: string
}

/** As the contract names them. Source: daemon/src/detect/evidence.ts; a test compares the two. */
export const DETECTORS = [
  ...['scan_vertical', 'scan_horizontal', 'slow_scan', 'login', 'syn_flood', 'rate', 'connections'],
  ...['udp_flood', 'icmp_flood', 'exfiltration', 'model', 'breaker'],
] as const
/** From least to most. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const

/**
 * Time, number and address.
 * @param rows what is listed: of alerts fewer come at once, of an export all
 */
export function addFilterOptions(command: Command, io: Io, rows: 'any' | 'alerts' | 'all' = 'any'): Command {
  const moment = (text: string) => parseMoment(text, io.nowMs())
  const most = rows === 'alerts' ? `, up to ${MAX_LAST_ALERTS}` : ''
  const last = new Option('--last <count>', `at most this many, newest first${most} (default: 100)`)
  return command
    .addOption(
      new Option('--since <time>', 'not older than this: 10m, 1h, 2d ago, or RFC 3339').argParser(moment),
    )
    .addOption(
      new Option('--until <time>', 'not newer than this: 10m, 1h, 2d ago, or RFC 3339').argParser(moment),
    )
    .addOption(
      (rows === 'all' ? last.hideHelp() : last).argParser(rows === 'alerts' ? parseLastAlerts : parseLast),
    )
    .addOption(new Option('--ip <address>', 'only this address or CIDR').argParser(parseTarget))
}

export function addPortOption(command: Command): Command {
  return command.addOption(new Option('--port <port>', 'only this port, at either end').argParser(parsePort))
}

/** What makes a flow stand out. */
export function addScoreOptions(command: Command): Command {
  return command
    .option('--anomalous', 'only flows that the model or a detector named')
    .addOption(
      new Option('--min-score <score>', 'only flows with at least this score, from 0 to 1').argParser(
        parseScore,
      ),
    )
}

export function addAlertOptions(command: Command): Command {
  return command
    .addOption(new Option('--detector <name>', 'only of this detector').choices(DETECTORS))
    .addOption(new Option('--severity <least>', 'only as severe as this, or more').choices(SEVERITIES))
}

/** For lists of decisions: says why there is no such filter and where it is. */
export function refusePortOption(command: Command): Command {
  const refuse = () => {
    throw new InvalidArgumentError(
      'A decision is about an address, whatever the port; what led to it: idsctl alerts --port',
    )
  }
  return command.addOption(new Option('--port <port>').hideHelp().argParser(refuse))
}

/** @throws CliError when the times leave nothing */
export function filterOf(
  { since = 0, until = 0, last = 0, ip = '', port = 0, ...rest }: FilterOptions,
  io: Io,
): Filter {
  const { minScore = 0, anomalous = false, detector = '', severity = '' } = rest
  if (since > io.nowMs()) {
    throw usageError(
      '--since lies in the future: nothing can match',
      'give a time in the past, e.g. --since 1h',
    )
  }
  if (until !== 0 && since >= until) {
    throw usageError(
      '--since is not before --until: nothing can match',
      'swap them; both count back from now, so --since 2h --until 1h is the hour before the last',
    )
  }
  return { sinceMs: since, untilMs: until, last, ip, port, minScore, anomalous, detector, severity }
}
