/** `idsctl confirm` and `idsctl rollback`: the change that is on trial is kept, or taken back at once. */

import type { Command } from 'commander'
import { endTrial } from '../end-trial.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { printOne } from '../output/print.js'
import { trialEndDocument, trialEndPage } from '../output/trial-end.js'
import { defaultBpffs } from '../set-panic.js'

interface EndOptions {
  readonly reason: string
  readonly bpffs: string
  readonly dryRun?: true
}

export function addConfirmCommand(program: Command, io: Io): void {
  addEnd(program, io, 'confirm', 'keep the change that is on trial').addHelpText(
    'after',
    `
A change made with --confirm is taken back at its deadline, by the kernel itself. This keeps it. From a connection that
the change did not cut: that it arrives is the proof that you are not locked out. It takes a daemon that answers: without
one the change goes at its deadline.

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
is in force. When the daemon does not answer within --timeout, root writes that word past it: the daemon forgets the change
once it is back, and keeps in the audit who did it and why.

Examples:
  idsctl rollback
  sudo idsctl rollback         the daemon is dead, and the change hurts
  idsctl rollback --dry-run
Undo:
  make the change again`,
  )
}

function addEnd(program: Command, io: Io, name: 'confirm' | 'rollback', description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--reason <text>', 'why, kept in the audit', '')
    .option('--bpffs <path>', "folder of the daemon's pins (paths.bpffs)", defaultBpffs)
    .option('--dry-run', 'show what is on trial, change nothing')
    .action(async (options: EndOptions, command: Command) => {
      const globals = globalsOf(command)
      const { reason, bpffs } = options
      const order = { name, reason, bpffs, dryRun: options.dryRun === true }
      const outcome = await endTrial(io, globals, order)
      const nowMs = io.nowMs()
      printOne(io, globals, trialEndDocument(order, outcome, nowMs), (style) =>
        trialEndPage(order, outcome, style),
      )
    })
}
