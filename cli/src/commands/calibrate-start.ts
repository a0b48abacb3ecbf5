/** `idsctl calibrate start`. */

import type { Command } from 'commander'
import { parseFor } from '../arguments/duration.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { calibrationChangeDocument } from '../output/calibration.js'
import { startedPage } from '../output/calibration-page.js'
import { printOne } from '../output/print.js'

interface StartOptions {
  readonly for?: number
  readonly reason: string
  readonly force?: true
  readonly dryRun?: true
}

export function addCalibrateStart(calibrate: Command, io: Io): void {
  calibrate
    .command('start')
    .description('begin to learn; the mode becomes detect')
    .option('--for <time>', 'how long; without it calibrate.for_s, a day', parseFor)
    .option('--reason <text>', 'why, for the audit', '')
    .option('--force', 'throw away what is being learnt, and begin anew')
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
Take a time that has seen everything that is usual here: a day, better one with the backup in it. What operators blocked
still drops. Sources that fire a detector or are blocked do not shape the model's threshold. A restart of idsd goes on with
what was learnt; the time during which it was down does not count.

Examples:
  idsctl calibrate start --for 24h
  idsctl calibrate start --for 7d --reason 'new site'
  idsctl calibrate start --dry-run`,
    )
    .action(async (options: StartOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = {
        ...{ forMs: options.for ?? 0, reason: options.reason, caller: callerName(io) },
        ...{ force: options.force === true, dryRun: options.dryRun === true },
      }
      const change = await withClient(globals, (client) => client.call('startCalibration', request))
      printOne(io, globals, calibrationChangeDocument('start', change), (style) => startedPage(change, style))
    })
}
