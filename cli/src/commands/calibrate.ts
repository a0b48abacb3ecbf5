/** `idsctl calibrate`: thresholds that fit this site. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addCalibrateCancel } from './calibrate-cancel.js'
import { addCalibrateClear } from './calibrate-clear.js'
import { addCalibrateFinish } from './calibrate-finish.js'
import { addCalibrateStart } from './calibrate-start.js'
import { addCalibrateStatus } from './calibrate-status.js'

export function addCalibrate(program: Command, io: Io): void {
  const calibrate = program
    .command('calibrate')
    .description('learn what is usual here, and set thresholds for as many alerts as you can bear')
    .addHelpText(
      'after',
      `
While it learns, the mode is detect: nothing that idsd decides by itself drops. It measures how high every detector would
have fired and how the model scores this site's flows. Then finish shows thresholds for a stated number of alerts in 10,000
flows, and whom they would have hit; only finish --apply puts them in force. A model whose threshold was fitted to the site
may block by itself; another bundle may not, until it was calibrated too.

Examples:
  idsctl calibrate start --for 24h      one whole day
  idsctl calibrate status               how far it is
  idsctl calibrate finish               what it found, and what it proposes; changes nothing
  idsctl calibrate finish --apply       in force from here on
  idsctl mode prevent                   and now it may drop`,
    )
  addCalibrateStart(calibrate, io)
  addCalibrateStatus(calibrate, io)
  addCalibrateFinish(calibrate, io)
  addCalibrateCancel(calibrate, io)
  addCalibrateClear(calibrate, io)
}
