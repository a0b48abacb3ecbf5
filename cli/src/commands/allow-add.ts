/** `idsctl allow add`. */

import type { Command } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields, shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'

interface AddOptions {
  readonly reason?: string
  readonly dryRun?: true
}

export function addAllowAdd(allow: Command, io: Io): void {
  allow
    .command('add')
    .description('let an address or a CIDR through, whatever is blocked')
    .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget)
    .option('--reason <text>', 'why, shown in lists and kept in the audit')
    .option('--dry-run', 'show which blocks it would override, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  idsctl allow add 198.51.100.20 --reason 'monitoring'
  idsctl allow add 2001:db8:1::/48 --dry-run
Undo:
  idsctl allow rm 198.51.100.20`,
    )
    .action(async (target: string, options: AddOptions, command: Command) => {
      const globals = globalsOf(command)
      const request = {
        target,
        reason: options.reason ?? '',
        dryRun: options.dryRun === true,
        caller: callerName(io),
      }
      const { entry, overrides, dryRun } = await withClient(globals, (client) =>
        client.call('addAllow', request),
      )
      if (entry === null) throw new Error('the answer of the daemon holds no entry')
      const undo = dryRun || entry.source === 'config' ? null : `idsctl allow rm ${shellWord(entry.target)}`
      const document = {
        schema: 'idsd.allow_add.v1',
        dry_run: dryRun,
        entry: allowDocument(entry),
        overrides: overrides.map(decisionDocument),
        undo,
      }
      printOne(io, globals, document, (style) => {
        const name = style.colors.bold(printable(entry.target))
        const facts: Field[] = [
          ['reason', printable(entry.reason)],
          ['source', entry.source === 'operator' ? '' : printable(entry.source)],
          ...overrides.map(
            (block): Field => ['overrides', printable(`${block.id} ${block.target} (${block.reason})`)],
          ),
          ['undo', undo ?? ''],
        ]
        const head = dryRun ? `would allow ${name}; nothing was changed` : `allowed ${name}`
        return `${head}\n${fields(facts, style)}`
      })
    })
}
