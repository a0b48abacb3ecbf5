/** `idsctl flows`: what the daemon saw, or sees. */

import type { Command } from 'commander'
import { addFilterOptions, addPortOption, type FilterOptions, filterOf } from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { flowKind } from '../output/flow.js'
import { itemPrinter, printList } from '../output/print.js'
import { checkWatch, watch } from '../watch.js'

interface FlowsOptions extends FilterOptions {
  readonly follow?: true
}

export function addFlows(program: Command, io: Io): void {
  const flows = program
    .command('flows')
    .description('flows, newest first; with -f, records as they leave the kernel')
    .option('-f, --follow', 'go on showing records as they come, until Ctrl-C')
  addFilterOptions(flows, io)
  addPortOption(flows)
    .addHelpText(
      'after',
      `
One flow appears more than once under -f: at its first packets, as it grows, and when it ends.

Examples:
  idsctl flows --last 20                        the 20 newest
  idsctl flows --since 1h --ip 203.0.113.0/24   of one network in the last hour
  idsctl flows -f --port 22                     logins as they happen
  idsctl flows -f --last 10                     the 10 newest first, then what comes
  idsctl flows -f -o jsonl | jq .src            as documents, one a line`,
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
      printList(io, globals, flowKind, answer.flows, answer.total)
    })
}
