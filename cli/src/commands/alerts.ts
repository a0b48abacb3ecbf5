/** `idsctl alerts`: what the detectors and the model found, decided on or not. */

import { Argument, type Command } from 'commander'
import {
  addAlertOptions,
  addFilterOptions,
  addPortOption,
  type FilterOptions,
  filterOf,
} from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { alertKind } from '../output/alert.js'
import { itemPrinter, printList } from '../output/print.js'
import { checkWatch, watch } from '../watch.js'

interface AlertsOptions extends FilterOptions {
  readonly follow?: true
}

export function addAlerts(program: Command, io: Io): void {
  const alerts = program
    .command('alerts')
    .description('what the detectors and the model found, newest first; with -f, as they are raised')
    .addArgument(new Argument('[what]', 'list, which is the default').choices(['list']))
    .option('-f, --follow', 'go on showing alerts as they are raised, until Ctrl-C')
  addAlertOptions(alerts)
  addFilterOptions(alerts, io, 'alerts')
  addPortOption(alerts)
    .addHelpText(
      'after',
      `
An alert is about the source that it names; "to ADDRESS" is a victim of many sources that nobody can name. Alerts come
with their flows, so at most 500 at once; --until goes on behind the last one.

Examples:
  idsctl alerts --since 1h
  idsctl alerts -f --severity high              as they are raised, the grave ones
  idsctl alerts --detector login --last 20
  idsctl alerts --ip 203.0.113.7 -o json | jq '.alerts[].text'
  idsctl alert show a7                          one, with the flows behind it
  idsctl decisions get d12                      what was decided on an alert`,
    )
    .action(async (_what: string | undefined, options: AlertsOptions, command: Command) => {
      const globals = globalsOf(command)
      if (options.follow === true) {
        checkWatch(globals, options, 'alerts -f')
        const filter = filterOf(options, io)
        const show = itemPrinter(io, globals, alertKind)
        await watch(io, globals, 'watchAlerts', { filter }, ({ alert }) => alert === null || show(alert))
        return
      }
      const filter = filterOf(options, io)
      const answer = await withClient(globals, (client) => client.call('listAlerts', { filter }))
      printList(io, globals, alertKind, answer.alerts, answer.total)
    })
}
