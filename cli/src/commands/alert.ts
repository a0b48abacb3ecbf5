/** `idsctl alert`: one alert. */

import type { Command } from 'commander'
import { parseAlertId } from '../arguments/target.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { alertDocument } from '../output/alert.js'
import { alertPage } from '../output/alert-page.js'
import { printOne } from '../output/print.js'

export function addAlert(program: Command, io: Io): void {
  const alert = program
    .command('alert')
    .description('one alert: show')
    .addHelpText(
      'after',
      `
Examples:
  idsctl alert show a7
  idsctl alerts                  all of them, newest first`,
    )
  alert
    .command('show')
    .description('what was seen, of whom, what came of it, and the flows behind it')
    .argument('<id>', 'as idsctl alerts shows it', parseAlertId)
    .addHelpText(
      'after',
      `
Examples:
  idsctl alert show a7
  idsctl alert show a7 -o json | jq -r '.flows[].community_id'     the same flows in other tools`,
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const found = await withClient(globals, (client) => client.call('getAlert', { id }))
      printOne(io, globals, alertDocument(found), (style) => alertPage(found, io.nowMs(), style))
    })
}
