/** `idsctl lists`: imported lists and what each is worth. */

import type { Command } from 'commander'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { listKind } from '../output/lists.js'
import { printList } from '../output/print.js'
import { scheduledDocument, scheduledInWords } from '../output/scheduled.js'
import { addListsRm } from './lists-rm.js'

export function addLists(program: Command, io: Io): void {
  const lists = program
    .command('lists')
    .description('imported lists: how many entries, what they met, when they end')
    .addHelpText(
      'after',
      `
Hits are packets of what a list holds that no allow entry covers, and of a list that drops SYNs the SYNs; dropped are those
that were kept back. What several lists hold counts for each of them. A list that met nothing for long is worth nothing
here. Of lists that idsd imports by itself, it says which fail, why, and when they are tried again; -o json has all of them
under scheduled.

Examples:
  idsctl lists
  idsctl lists -o json | jq -r '.lists[] | select(.hits == 0) | .name'
  idsctl lists -o json | jq '.scheduled[] | select(.failed_times > 0)'
  idsctl lists rm old-feed`,
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const { lists: found, scheduled } = await withClient(globals, (client) => client.call('listLists', {}))
      const more = { scheduled: scheduled.map(scheduledDocument) }
      printList(io, globals, listKind, found, found.length, undefined, more)
      if (globals.output === 'json') return
      for (const one of scheduled) {
        const words = scheduledInWords(
          one,
          found.some(({ name }) => name === one.name),
          io.nowMs(),
        )
        if (words !== undefined) note(io, words)
      }
    })
  addListsRm(lists, io)
}
