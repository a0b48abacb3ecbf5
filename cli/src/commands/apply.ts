/** `idsctl apply`: settings of a file take effect, all of them or none. */

import type { Command } from 'commander'
import { type ApplyOptions, addApplySource, applySource } from '../arguments/apply-source.js'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { changeDocument, changeFields } from '../output/apply.js'
import { fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { trialDocument, trialFields } from '../output/trial.js'
import { sshPeer } from '../ssh-peer.js'

interface Options extends ApplyOptions, ConfirmOption {
  readonly force?: true
  readonly reason?: string
  readonly dryRun?: true
}

export function addApply(program: Command, io: Io): void {
  addConfirm(
    addApplySource(
      program.command('apply').description('put the tables [policy], [allow] and [lists] of a file in force'),
    ),
  )
    .option('--force', 'apply although a guard refuses')
    .option('--reason <text>', 'why, kept in the audit')
    .option('--dry-run', 'check and show, change nothing')
    .addHelpText(
      'after',
      `
All of the file takes effect, or nothing: every fault in it is named. A key of it stands in the place of the same key of
/etc/idsd/idsd.toml, over a restart and a reload too, until something else is applied; keys that it does not name stay
with idsd.toml. [allow] entries stand beside those of idsctl allow add. The lists of [lists] are files that idsd imports
again and again, on trial only once they are confirmed; a command is taken from idsd.toml alone.

Refused, without --force: an entry that lets everything through, and the loss of an entry that keeps a block from dropping
an own address, the gateway, a resolver or an operator's session, yours first.

${CONFIRM_HELP}

Examples:
  idsctl plan apply site.toml              whom it would have blocked, before anything changes
  idsctl apply site.toml --confirm 90s
  idsctl confirm
  idsctl apply --clear --dry-run           what idsd.toml alone would be
Undo:
  idsctl apply --previous`,
    )
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const globals = globalsOf(command)
      const dryRun = options.dryRun === true
      const source = applySource(file, options)
      const request = {
        ...source,
        confirmMs: options.confirm ?? 0,
        ...{ force: options.force === true, reason: options.reason ?? '', dryRun },
        ...{ callerPeer: sshPeer(io), caller: callerName(io) },
      }
      const { change, trial, hadApplied } = await withClient(globals, (client) =>
        client.call('apply', request),
      )
      const back = hadApplied ? 'idsctl apply --previous' : 'idsctl apply --clear'
      const undo = dryRun ? null : trial === null ? back : 'idsctl rollback'
      const document = {
        schema: 'idsd.apply.v1',
        dry_run: dryRun,
        ...changeDocument(change),
        trial: trialDocument(trial),
        undo,
      }
      printOne(io, globals, document, (style) => {
        const name = style.colors.bold(printable(wordsOf(source)))
        const head = dryRun ? `would apply ${name}; nothing was changed` : `applied ${name}`
        return `${head}\n${fields(
          [...changeFields(change, style), ...trialFields(trial, dryRun, style), ['undo', undo ?? '']],
          style,
        )}`
      })
    })
}

/** What was applied, in words. */
export function wordsOf({ name, previous }: { readonly name: string; readonly previous: boolean }): string {
  if (name !== '') return name
  return previous ? 'what was applied before' : 'nothing: idsd.toml alone'
}
