/** `idsctl lists rm`. */

import type { Command } from 'commander'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { parseListName } from '../list-file/list-options.js'
import { importAgain } from '../output/list-import.js'
import { listDocument } from '../output/lists.js'
import { fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { trialDocument, trialFields } from '../output/trial.js'
import { count, counted } from '../output/units.js'
import { IMPORT_WAIT_MS } from './import.js'

interface RmOptions extends ConfirmOption {
  readonly reason?: string
  readonly dryRun?: true
}

export function addListsRm(lists: Command, io: Io): void {
  addConfirm(
    lists
      .command('rm')
      .description('take an imported list out')
      .argument('<name>', 'as idsctl lists shows it', parseListName),
  )
    .option('--reason <text>', 'why, kept in the audit')
    .option('--dry-run', 'show the list, change nothing')
    .addHelpText(
      'after',
      `
What another list holds too, or what is blocked by itself, stays. A list that the configuration imports on a schedule
comes back at its next turn: take it out there too.

${CONFIRM_HELP}

Examples:
  idsctl lists rm firehol --dry-run
  idsctl export --list firehol > firehol.txt && idsctl lists rm firehol`,
    )
    .action(async (name: string, options: RmOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = {
        ...{ name, reason: options.reason ?? '', dryRun: options.dryRun === true },
        ...{ confirmMs: options.confirm ?? 0, caller: callerName(io) },
      }
      const { list, dryRun, trial } = await withClient(globals, (client) =>
        client.call('removeList', request, IMPORT_WAIT_MS),
      )
      if (list === null) throw new Error('the answer of the daemon holds no list')
      const undone = trial === null ? importAgain(list, io.nowMs()) : 'idsctl rollback'
      const undo = dryRun ? null : undone
      const document = {
        schema: 'idsd.list_remove.v1',
        ...{ dry_run: dryRun, list: listDocument(list), trial: trialDocument(trial), undo },
      }
      printOne(io, globals, document, (style) => {
        const what = `${style.colors.bold(printable(name))}, ${counted(list.entries, 'entry')}`
        const head = dryRun ? `would remove ${what}; nothing was changed` : `removed ${what}`
        return `${head}\n${fields(
          [
            ['hits', `${count(list.packets)} packets, ${count(list.droppedPackets)} of them dropped`],
            ...trialFields(trial, dryRun, style),
            ['undo', undo ?? ''],
          ],
          style,
        )}`
      })
    })
}
