/** `idsctl allow add`. */

import { type Command, Option } from 'commander'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { DURATION_FORMS, parseTtl } from '../arguments/duration.js'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { blockAgain } from '../output/block-again.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields, shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { localTime } from '../output/time.js'
import { trialDocument, trialFields } from '../output/trial.js'

interface AddOptions extends ConfirmOption {
  readonly reason?: string
  readonly ttl?: number
  readonly logOnly?: true
  readonly force?: true
  readonly dryRun?: true
}

export function addAllowAdd(allow: Command, io: Io): void {
  addConfirm(
    allow
      .command('add')
      .description('let an address or a CIDR through, whatever is blocked')
      .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget),
  )
    .option('--reason <text>', 'why, shown in lists and kept in the audit')
    .addOption(
      new Option('--ttl <time>', `how long: ${DURATION_FORMS}; default: until removed`).argParser(parseTtl),
    )
    .option('--log-only', 'never block, but go on telling what detectors find')
    .option('--force', 'also where the allowlist would then let most addresses through')
    .option('--dry-run', 'show which blocks it would lift and override, change nothing')
    .addHelpText(
      'after',
      `
Blocks of exactly this and inside it are lifted, yours too; a wider one stays and holds around it. What detectors find
about an allowed source is no alert, unless the entry is --log-only. An entry with which the allowlist covers more than half
of all IPv4 addresses, or of the IPv6 addresses in use, is refused: exit code 3.

${CONFIRM_HELP}

Examples:
  idsctl allow add 198.51.100.20 --reason 'monitoring'
  idsctl allow add 198.51.100.20 --ttl 2h --log-only
  idsctl allow add 2001:db8:1::/48 --dry-run
Undo:
  idsctl allow rm 198.51.100.20`,
    )
    .action(async (target: string, options: AddOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = {
        target,
        reason: options.reason ?? '',
        ttlMs: options.ttl ?? 0,
        logOnly: options.logOnly === true,
        force: options.force === true,
        dryRun: options.dryRun === true,
        confirmMs: options.confirm ?? 0,
        caller: callerName(io),
      }
      const { entry, lifted, overrides, dryRun, trial, overridden } = await withClient(globals, (client) =>
        client.call('addAllow', request),
      )
      if (entry === null) throw new Error('the answer of the daemon holds no entry')
      const undone = trial === null ? `idsctl allow rm ${shellWord(entry.target)}` : 'idsctl rollback'
      const undo = dryRun || entry.source === 'config' ? null : undone
      const again = dryRun || trial !== null ? [] : lifted.map((decision) => blockAgain(decision, io.nowMs()))
      const document = {
        schema: 'idsd.allow_add.v1',
        dry_run: dryRun,
        entry: allowDocument(entry),
        lifted: lifted.map(decisionDocument),
        overrides: overrides.map(decisionDocument),
        overridden,
        trial: trialDocument(trial),
        undo,
        undo_lifted: again,
      }
      printOne(io, globals, document, (style) => {
        const name = style.colors.bold(printable(entry.target))
        const facts: Field[] = [
          ['reason', printable(entry.reason)],
          ['source', entry.source === 'operator' ? '' : printable(entry.source)],
          ['until', entry.expiresAtMs === 0 ? '' : localTime(entry.expiresAtMs)],
          ['alerts', entry.logOnly ? 'as for any other address' : 'none about this source'],
          ...lifted.map(
            (block): Field => [
              dryRun ? 'would lift' : 'lifted',
              printable(`${block.id} ${block.target} (${block.reason})`),
            ],
          ),
          ...overrides.map(
            (block): Field => ['overrides', printable(`${block.id} ${block.target} (${block.reason})`)],
          ),
          ...overridden.map((text): Field => ['forced', printable(text)]),
          ...trialFields(trial, dryRun, style),
          ['undo', undo ?? ''],
          ...again.map((line): Field => ['', line]),
        ]
        const head = dryRun ? `would allow ${name}; nothing was changed` : `allowed ${name}`
        return `${head}\n${fields(facts, style)}`
      })
    })
}
