/** `idsctl calibrate finish`. */

import { type Command, InvalidArgumentError } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { calibrationChangeDocument, proposalDocument } from '../output/calibration.js'
import { printOne } from '../output/print.js'
import { appliedPage, proposalPage } from '../output/proposal-page.js'

interface FinishOptions {
  readonly alerts: number
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly apply?: true
  readonly force?: true
  readonly reason: string
  readonly dryRun?: true
}

/** What is read and computed may be much: it is waited for so long, ms. */
const WAIT_MS = 60_000

export function addCalibrateFinish(calibrate: Command, io: Io): void {
  calibrate
    .command('finish')
    .description('what was learnt, the thresholds it asks for, and whom they hit; --apply puts them in force')
    .option('--alerts <number>', 'alerts in 10,000 flows, of each detector and of the model', parseAlerts, 1)
    .option('--include <target>', 'address or CIDR that is ours: nothing may fire on it', collect, [])
    .option('--exclude <target>', 'address or CIDR whose doings do not count', collect, [])
    .option('--apply', 'put the proposed thresholds in force')
    .option('--force', 'although too little was learnt; kept in the audit')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--dry-run', 'with --apply: change nothing')
    .addHelpText(
      'after',
      `
Without --apply nothing changes, and learning goes on. A detector's threshold is raised where it would fire more often than
asked for, and never lowered; the model's moves both ways, but not below 0.5.

Who fired at a threshold in force is left out, unless he was in proven two-way traffic for breaker.known_good_s (known) or
you name him with --include (named). No known source counts for more than half of the alerts, so that one alone moves
nothing; on what a named one did, nothing may fire.

Keys that the configuration file names stay as they are: the table says "file". idsctl calibrate clear undoes.

Examples:
  idsctl calibrate finish
  idsctl calibrate finish --alerts 0.5 --include 192.0.2.40
  idsctl calibrate finish --include 192.0.2.40 --apply
  idsctl calibrate finish -o json | jq '.thresholds[] | select(.before != .proposed)'`,
    )
    .action(async (options: FinishOptions, command: Command) => {
      const globals = globalsOf(command)
      const { alerts, reason } = options
      const question = { alerts, include: [...options.include], exclude: [...options.exclude] }
      if (options.apply !== true) {
        const request = { propose: true, ...question }
        const found = await withClient(globals, (client) => client.call('getCalibration', request, WAIT_MS))
        printOne(io, globals, proposalDocument(found), (style) => proposalPage(found, style))
        return
      }
      const request = {
        ...{ ...question, reason, caller: callerName(io), forMs: 0 },
        ...{ force: options.force === true, dryRun: options.dryRun === true },
      }
      const change = await withClient(globals, (client) => client.call('applyCalibration', request, WAIT_MS))
      printOne(io, globals, calibrationChangeDocument('apply', change), (style) => appliedPage(change, style))
    })
}

function parseAlerts(text: string): number {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 1_000) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 1000, such as 1 or 0.5.')
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, parseTarget(text)]
}
