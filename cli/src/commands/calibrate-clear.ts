/** `idsctl calibrate clear`. */

import type { Command } from 'commander'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { calibrationChangeDocument } from '../output/calibration.js'
import { clearedPage } from '../output/calibration-page.js'
import { printOne } from '../output/print.js'

export function addCalibrateClear(calibrate: Command, io: Io): void {
  calibrate
    .command('clear')
    .description('take the fitted thresholds out of force: those of the file and the defaults hold again')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
A model that could block because it was calibrated cannot any more. What was learnt is kept: idsctl calibrate finish --apply
puts it in force again.

Examples:
  idsctl calibrate clear --dry-run
  idsctl calibrate clear`,
    )
    .action(async ({ reason, dryRun = false }: { reason: string; dryRun?: boolean }, command: Command) => {
      const globals = globalsOf(command)
      const request = { reason, dryRun, caller: callerName(io) }
      const change = await withClient(globals, (client) => client.call('clearCalibration', request))
      printOne(io, globals, calibrationChangeDocument('clear', change), (style) => clearedPage(change, style))
    })
}
