/** `idsctl allow rm`. */

import type { Command } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { fields, shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'

export function addAllowRm(allow: Command, io: Io): void {
  allow
    .command('rm')
    .description('take an entry out of the allowlist')
    .argument('<address|cidr>', 'exactly as idsctl allow list shows it', parseTarget)
    .option('--dry-run', 'show the entry, change nothing')
    .addHelpText(
      'after',
      `
Entries of the configuration file and automatic ones (own addresses, gateway, resolvers) are not removed here.

Examples:
  idsctl allow rm 198.51.100.20
  idsctl allow rm 2001:db8:1::/48 --dry-run`,
    )
    .action(async (target: string, options: { dryRun?: true }, command: Command) => {
      const globals = globalsOf(command)
      const request = { target, dryRun: options.dryRun === true, caller: callerName(io) }
      const { entry, dryRun } = await withClient(globals, (client) => client.call('removeAllow', request))
      if (entry === null) throw new Error('the answer of the daemon holds no entry')
      const reason = entry.reason === '' ? '' : ` --reason ${shellWord(entry.reason)}`
      const undo = dryRun ? null : `idsctl allow add ${shellWord(entry.target)}${reason}`
      const document = { schema: 'idsd.allow_remove.v1', dry_run: dryRun, entry: allowDocument(entry), undo }
      printOne(io, globals, document, (style) => {
        const name = style.colors.bold(printable(entry.target))
        const head = dryRun
          ? `would remove ${name}; nothing was changed`
          : `removed ${name} from the allowlist`
        return `${head}\n${fields(
          [
            ['reason', printable(entry.reason)],
            ['undo', undo ?? ''],
          ],
          style,
        )}`
      })
    })
}
