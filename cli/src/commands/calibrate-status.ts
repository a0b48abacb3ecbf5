/** `idsctl calibrate status`. */

import type { Command } from 'commander'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { calibrationDocument } from '../output/calibration.js'
import { calibrationPage } from '../output/calibration-page.js'
import { printOne } from '../output/print.js'

export function addCalibrateStatus(calibrate: Command, io: Io): void {
  calibrate
    .command('status')
    .description('what is being learnt, and what is in force')
    .addHelpText(
      'after',
      `
Examples:
  idsctl calibrate status
  idsctl calibrate status -o json | jq '.run.flows'`,
    )
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      const request = { propose: false, alerts: 0, include: [], exclude: [] }
      const found = await withClient(globals, (client) => client.call('getCalibration', request))
      printOne(io, globals, calibrationDocument(found.status), (style) =>
        calibrationPage(found.status, style),
      )
    })
}
