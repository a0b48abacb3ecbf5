/** `idsctl decisions watch`: additions and ends as they happen. */

import type { Command } from 'commander'
import { addFilterOptions, type FilterOptions, filterOf, refusePortOption } from '../arguments/filter.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { decisionEventKind } from '../output/decision.js'
import { itemPrinter } from '../output/print.js'
import { checkWatch, watch } from '../watch.js'

export function addDecisionsWatch(decisions: Command, io: Io): void {
  const command = decisions
    .command('watch')
    .description('decisions as they are added, lifted, expire or are repaired, until Ctrl-C')
  addFilterOptions(command, io)
  refusePortOption(command)
    .addHelpText(
      'after',
      `
Examples:
  idsctl decisions watch
  idsctl decisions watch --since 1h             the last hour first, then what comes
  idsctl decisions watch -o jsonl | jq -r 'select(.kind == "added") | .decision.target'`,
    )
    .action(async (options: FilterOptions, self: Command) => {
      const globals = globalsOf(self)
      checkWatch(globals, options, 'decisions watch')
      const filter = filterOf(options, io)
      await watch(io, globals, 'watchDecisions', { filter }, itemPrinter(io, globals, decisionEventKind))
    })
}
