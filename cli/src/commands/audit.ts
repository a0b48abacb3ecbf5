/** `idsctl audit`: who wanted to change what, why, and what came of it. */

import type { Command } from 'commander'
import { addFilterOptions, type FilterOptions, filterOf } from '../arguments/filter.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { auditKind } from '../output/audit.js'
import { printList } from '../output/print.js'

export function addAudit(program: Command, io: Io): void {
  const audit = program
    .command('audit')
    .description('what operators changed: who, what, why, before and after, newest first')
  addFilterOptions(audit, io)
    .addHelpText(
      'after',
      `
Every request that wanted to change something is kept, also what a guard refused, what was forced, and what failed. A
dry run changes nothing and is not kept. --ip takes rows of exactly that target.

Examples:
  idsctl audit --since 1d
  idsctl audit --ip 203.0.113.7 --last 5
  idsctl audit --since 7d -o jsonl | jq 'select(.outcome == "forced")'`,
    )
    .action(async (options: FilterOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = { filter: filterOf(options, io) }
      const { rows, total } = await withClient(globals, (client) => client.call('listAudit', request))
      printList(io, globals, auditKind, rows, total)
    })
}
