/** `idsctl resume`: ends a panic, or the trip of one origin's breaker. */

import type { Command } from 'commander'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { usageError } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { breakerResetDocument, breakerResetPage } from '../output/breaker-page.js'
import { panicChangeDocument, panicChangePage } from '../output/panic-page.js'
import { printOne } from '../output/print.js'
import { defaultBpffs, setPanic } from '../set-panic.js'

interface ResumeOptions {
  readonly reason: string
  readonly bpffs: string
  readonly dryRun?: true
}

export function addResume(program: Command, io: Io): void {
  program
    .command('resume')
    .description(
      'end a panic, which works with the daemon dead, or the trip of an origin: what is blocked drops again',
    )
    .argument('[origin]', 'a detector, or model: only its breaker is closed, a panic goes on')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--bpffs <path>', "folder of the daemon's pins (paths.bpffs)", defaultBpffs)
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
Every decision that is active drops again at once, those that were made in the meantime too: idsctl decisions list shows
them. When the daemon does not answer, root writes into the pinned maps past it, as with idsctl panic.

With an origin: a breaker takes a detector, or the model, the power to block when it blocked the wrong ones (idsctl
status names those that are tripped, and why). Closed by hand, it blocks again at once, and its next trip is a short one.

Examples:
  idsctl resume
  idsctl resume --dry-run      how many decisions would drop again
  idsctl resume model          the model may block again: you saw to what it had blocked
  idsctl resume login --dry-run
  sudo idsctl resume           the daemon is dead: programs and blocks in the kernel go on`,
    )
    .action(async (origin: string | undefined, options: ResumeOptions, command: Command) => {
      const globals = globalsOf(command)
      if (origin !== undefined) return resumeOrigin(io, command, origin, options)
      const { reason, bpffs } = options
      const order = { isOn: false, forMs: 0, reason, bpffs, dryRun: options.dryRun === true }
      const outcome = await setPanic(io, globals, order)
      const nowMs = io.nowMs()
      printOne(io, globals, panicChangeDocument(order, outcome, nowMs), (style) =>
        panicChangePage(order, outcome, nowMs, style),
      )
    })
}

async function resumeOrigin(
  io: Io,
  command: Command,
  origin: string,
  { reason, dryRun = false }: { readonly reason: string; readonly dryRun?: boolean },
): Promise<void> {
  if (command.getOptionValueSource('bpffs') === 'cli')
    throw usageError('--bpffs reaches a panic only, and an origin is named', `idsctl resume ${origin}`)
  const globals = globalsOf(command)
  const request = { origin, reason, dryRun, caller: callerName(io) }
  const { tripped } = await withClient(globals, (client) => client.call('resumeOrigin', request))
  printOne(io, globals, breakerResetDocument(tripped, dryRun), (style) =>
    breakerResetPage(tripped, dryRun, style),
  )
}
