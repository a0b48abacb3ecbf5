/** `idsctl calibrate cancel`. */

import type { Command } from 'commander'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { calibrationChangeDocument } from '../output/calibration.js'
import { cancelledPage } from '../output/calibration-page.js'
import { printOne } from '../output/print.js'

export function addCalibrateCancel(calibrate: Command, io: Io): void {
  calibrate
    .command('cancel')
    .description('throw away what was learnt')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
What is in force stays in force. The mode stays detect: idsctl mode prevent gives it back.

Examples:
  idsctl calibrate cancel --dry-run
  idsctl calibrate cancel`,
    )
    .action(async ({ reason, dryRun = false }: { reason: string; dryRun?: boolean }, command: Command) => {
      const globals = globalsOf(command)
      const request = { reason, dryRun, caller: callerName(io) }
      const change = await withClient(globals, (client) => client.call('cancelCalibration', request))
      printOne(io, globals, calibrationChangeDocument('cancel', change), (style) =>
        cancelledPage(change, style),
      )
    })
}
