/** `idsctl alerts`: what the detectors and the model found, decided on or not. */

import { Argument, type Command } from 'commander'
import { addFilterOptions, addPortOption, type FilterOptions, filterOf } from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { alertKind } from '../output/alert.js'
import { printList } from '../output/print.js'

export function addAlerts(program: Command, io: Io): void {
  const alerts = program
    .command('alerts')
    .description('what the detectors and the model found, newest first')
    .addArgument(new Argument('[what]', 'list, which is the default').choices(['list']))
  addFilterOptions(alerts, io)
  addPortOption(alerts)
    .addHelpText(
      'after',
      `
Examples:
  idsctl alerts --since 1h
  idsctl alerts --ip 203.0.113.7 -o json | jq '.alerts[].text'
  idsctl decisions get ID        what was decided on an alert`,
    )
    .action(async (_what: string | undefined, options: FilterOptions, command: Command) => {
      const globals = globalsOf(command)
      const filter = filterOf(options, io)
      const answer = await withClient(globals, (client) => client.call('listAlerts', { filter }))
      printList(io, globals, alertKind, answer.alerts, answer.total)
    })
}
