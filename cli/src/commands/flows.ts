/** `idsctl flows`: what the daemon saw, or sees. */

import type { Command } from 'commander'
import {
  addFilterOptions,
  addPortOption,
  addScoreOptions,
  type FilterOptions,
  filterOf,
} from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { flowKind } from '../output/flow.js'
import { itemPrinter, printList } from '../output/print.js'
import { checkWatch, watch } from '../watch.js'
import { addFlowsExport } from './flows-export.js'

interface FlowsOptions extends FilterOptions {
  readonly follow?: true
}

export function addFlows(program: Command, io: Io): void {
  const flows = program
    .command('flows')
    .description('flows, newest first; with -f, records as they leave the kernel; export writes a file')
    // What stands behind "export" is the export's.
    .enablePositionalOptions()
    .option('-f, --follow', 'go on showing records as they come, until Ctrl-C')
  addFilterOptions(flows, io)
  addPortOption(flows)
  addScoreOptions(flows)
    .addHelpText(
      'after',
      `
One flow appears more than once under -f: at its first packets, as it grows, and when it ends.

Examples:
  idsctl flows --last 20                        the 20 newest
  idsctl flows --since 1h --ip 203.0.113.0/24   of one network in the last hour
  idsctl flows --anomalous --min-score 0.9      what the model thinks an attack
  idsctl flows -f --port 22                     logins as they happen
  idsctl flows -f --last 10                     the 10 newest first, then what comes
  idsctl flows -f -o jsonl | jq .src            as documents, one a line
  idsctl flows export --since 1h -o flows.csv   everything of the last hour, for other programs`,
    )
    .action(async (options: FlowsOptions, command: Command) => {
      const globals = globalsOf(command)
      if (options.follow === true) {
        checkWatch(globals, options, 'flows -f')
        const filter = filterOf(options, io)
        const show = itemPrinter(io, globals, flowKind)
        await watch(io, globals, 'watchFlows', { filter }, ({ flow }) => flow === null || show(flow))
        return
      }
      const filter = filterOf(options, io)
      const answer = await withClient(globals, (client) => client.call('listFlows', { filter }))
      printList(io, globals, flowKind, answer.flows, answer.total, answer.partial)
      if (answer.partial) {
        note(
          io,
          'older flows were not searched: narrow it with --since and --until, or use idsctl flows export',
        )
      }
    })
  addFlowsExport(flows, io)
}
