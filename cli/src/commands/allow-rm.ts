/** `idsctl allow rm`. */

import type { Command } from 'commander'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { AllowEntry } from '../contract.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { fields, shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { trialDocument, trialFields } from '../output/trial.js'
import { ttlText } from '../output/units.js'

interface RmOptions extends ConfirmOption {
  readonly reason?: string
  readonly dryRun?: true
}

export function addAllowRm(allow: Command, io: Io): void {
  addConfirm(
    allow
      .command('rm')
      .description('take an entry out of the allowlist')
      .argument('<address|cidr>', 'exactly as idsctl allow list shows it', parseTarget),
  )
    .option('--reason <text>', 'why, kept in the audit')
    .option('--dry-run', 'show the entry, change nothing')
    .addHelpText(
      'after',
      `
Entries of the configuration file and automatic ones (own addresses, gateway, resolvers) are not removed here.

${CONFIRM_HELP}

Examples:
  idsctl allow rm 198.51.100.20
  idsctl allow rm 2001:db8:1::/48 --dry-run`,
    )
    .action(async (target: string, options: RmOptions, command: Command) => {
      const globals = globalsOf(command)
      const { reason: why = '' } = options
      const request = {
        ...{ target, reason: why, dryRun: options.dryRun === true, caller: callerName(io) },
        confirmMs: options.confirm ?? 0,
      }
      const { entry, dryRun, trial } = await withClient(globals, (client) =>
        client.call('removeAllow', request),
      )
      if (entry === null) throw new Error('the answer of the daemon holds no entry')
      const undone = trial === null ? allowAgain(entry, io.nowMs()) : 'idsctl rollback'
      const undo = dryRun ? null : undone
      const document = {
        schema: 'idsd.allow_remove.v1',
        ...{ dry_run: dryRun, entry: allowDocument(entry), trial: trialDocument(trial), undo },
      }
      printOne(io, globals, document, (style) => {
        const name = style.colors.bold(printable(entry.target))
        const head = dryRun
          ? `would remove ${name}; nothing was changed`
          : `removed ${name} from the allowlist`
        return `${head}\n${fields(
          [['reason', printable(entry.reason)], ...trialFields(trial, dryRun, style), ['undo', undo ?? '']],
          style,
        )}`
      })
    })
}

/** The command that makes the same entry again, for the rest of its time. */
function allowAgain({ target, reason, expiresAtMs, logOnly }: AllowEntry, nowMs: number): string {
  const why = reason === '' ? '' : ` --reason ${shellWord(reason)}`
  const ttl = expiresAtMs === 0 ? '' : ` --ttl ${ttlText(expiresAtMs - nowMs)}`
  return `idsctl allow add ${shellWord(target)}${why}${ttl}${logOnly ? ' --log-only' : ''}`
}
