/** `idsctl status`: one page about the running daemon. */

import type { Command } from 'commander'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { printOne } from '../output/print.js'
import { statusDocument } from '../output/status-document.js'
import { statusPage } from '../output/status-page.js'

export function addStatus(program: Command, io: Io): void {
  program
    .command('status')
    .description('one page about the running daemon')
    .addHelpText(
      'after',
      `
Examples:
  idsctl status                        mode, interfaces, traffic, losses, maps, warnings
  idsctl status -o json | jq .lost     losses by cause, as numbers`,
    )
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const status = await withClient(globals, (client) => client.call('getStatus', {}))
      printOne(io, globals, statusDocument(status), (style) => statusPage(status, io.nowMs(), style))
    })
}
