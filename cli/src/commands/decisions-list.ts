/** `idsctl decisions list`. */

import type { Command } from 'commander'
import { addFilterOptions, type FilterOptions, filterOf, refusePortOption } from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { decisionKind } from '../output/decision.js'
import { printList } from '../output/print.js'

interface ListOptions extends FilterOptions {
  readonly all?: true
}

export function addDecisionsList(decisions: Command, io: Io): void {
  const list = decisions
    .command('list')
    .description('active decisions, newest first')
    .option('--all', 'also what has expired or was lifted')
  addFilterOptions(list, io)
  refusePortOption(list)
    .addHelpText(
      'after',
      `
Examples:
  idsctl decisions list --ip 203.0.113.0/24          in one network
  idsctl decisions list --all --since 2d             what was decided in the last two days
  idsctl decisions list --last 1000 -o jsonl | jq -r .target`,
    )
    .action(async (options: ListOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = { filter: filterOf(options, io), all: options.all === true }
      const answer = await withClient(globals, (client) => client.call('listDecisions', request))
      printList(io, globals, decisionKind, answer.decisions, answer.total)
    })
}
