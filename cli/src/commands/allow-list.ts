/** `idsctl allow list`. */

import type { Command } from 'commander'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowKind } from '../output/allow.js'
import { printList } from '../output/print.js'

export function addAllowList(allow: Command, io: Io): void {
  allow
    .command('list')
    .description('all entries: of the operator, of the configuration, automatic')
    .addHelpText(
      'after',
      `
Examples:
  idsctl allow list
  idsctl allow list -o jsonl | jq -r 'select(.source == "operator") | .target'`,
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const { entries } = await withClient(globals, (client) => client.call('listAllow', {}))
      printList(io, globals, allowKind, entries, entries.length)
    })
}
