/** `idsctl confirm` and `idsctl rollback`: the change that is on trial is kept, or taken back at once. */

import type { Command } from 'commander'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { trialDocument } from '../output/trial.js'

interface EndOptions {
  readonly reason?: string
  readonly dryRun?: true
}

export function addConfirmCommand(program: Command, io: Io): void {
  addEnd(program, io, 'confirm', 'keep the change that is on trial').addHelpText(
    'after',
    `
A change made with --confirm is taken back at its deadline, by the kernel itself. This keeps it. From a connection that
the change did not cut: that it arrives is the proof that you are not locked out.

Examples:
  idsctl confirm
  idsctl confirm --dry-run     what is on trial, and until when
Undo:
  the undo of the change itself, as its command says without --confirm`,
  )
}

export function addRollback(program: Command, io: Io): void {
  addEnd(program, io, 'rollback', 'take the change that is on trial back at once').addHelpText(
    'after',
    `
Enforcement is again what it was before the change, at once and everywhere: one word in the kernel says which of the two
is in force.

Examples:
  idsctl rollback
  idsctl rollback --dry-run
Undo:
  make the change again`,
  )
}

function addEnd(program: Command, io: Io, name: 'confirm' | 'rollback', description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--reason <text>', 'why, kept in the audit')
    .option('--dry-run', 'show what is on trial, change nothing')
    .action(async (options: EndOptions, command: Command) => {
      const globals = globalsOf(command)
      const dryRun = options.dryRun === true
      const request = { reason: options.reason ?? '', dryRun, caller: callerName(io) }
      const { trial } = await withClient(globals, (client) => client.call(name, request))
      if (trial === null) throw new Error('the answer of the daemon holds no trial')
      const document = {
        schema: 'idsd.trial.v1',
        ...{ action: name, dry_run: dryRun, trial: trialDocument(trial) },
      }
      printOne(io, globals, document, (style) => {
        const what = style.colors.bold(printable(trial.what))
        const done = name === 'confirm' ? `confirmed: ${what}` : `taken back: ${what}`
        const would = name === 'confirm' ? `would confirm ${what}` : `would take back ${what}`
        const head = dryRun ? `${would}; nothing was changed` : done
        return `${head}\n${fields(
          [
            ['by', printable(trial.by)],
            ['reason', printable(trial.reason)],
            ['left', `${Math.ceil(trial.leftMs / 1000)} s`],
          ],
          style,
        )}`
      })
    })
}
