/** `idsctl panic`: stops all enforcement, with the daemon or without it. */

import type { Command } from 'commander'
import { parseFor } from '../arguments/duration.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { panicChangeDocument, panicChangePage } from '../output/panic-page.js'
import { printOne } from '../output/print.js'
import { defaultBpffs, setPanic } from '../set-panic.js'

interface PanicOptions {
  readonly for?: number
  readonly reason: string
  readonly bpffs: string
  readonly dryRun?: true
}

export function addPanic(program: Command, io: Io): void {
  program
    .command('panic')
    .description('stop all enforcement at once: nothing is dropped any more; works with the daemon dead')
    .option('--for <time>', 'end by itself after this; without it, until idsctl resume', parseFor)
    .option('--reason <text>', 'why, for the audit', '')
    .option('--bpffs <path>', "folder of the daemon's pins (paths.bpffs)", defaultBpffs)
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
One write into the kernel's maps, and every packet passes, from what you blocked too. Decisions go on being made and
recorded; what would have been dropped is counted. It is shown by idsctl status and told by the metric idsd_panic. It
outlasts a restart of the daemon, and with --for it ends by itself, whether or not a daemon lives.

When the daemon does not answer within --timeout, root writes into the pinned maps past it: the daemon takes that over
once it is back, and a note beside its socket tells it who did it and why, for the audit. idsctl resume ends the panic,
in the same two ways.

Examples:
  idsctl panic --for 10m            look for ten minutes whether idsd is the culprit
  idsctl panic --reason 'ticket 4711'
  sudo idsctl panic                 idsd is dead or hangs, and its blocks hurt
  idsctl panic --dry-run            how many decisions would no longer drop`,
    )
    .action(async (options: PanicOptions, command: Command) => {
      const globals = globalsOf(command)
      const { reason, bpffs } = options
      const dryRun = options.dryRun === true
      const order = { isOn: true, forMs: options.for ?? 0, reason, bpffs, dryRun }
      const outcome = await setPanic(io, globals, order)
      const nowMs = io.nowMs()
      printOne(io, globals, panicChangeDocument(order, outcome, nowMs), (style) =>
        panicChangePage(order, outcome, nowMs, style),
      )
    })
}
