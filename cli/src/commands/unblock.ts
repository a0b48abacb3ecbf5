/** `idsctl unblock`: lifts blocks. */

import type { Command } from 'commander'
import { parseUnblocked, type Unblocked } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { Decision } from '../contract.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { metWord } from '../output/action.js'
import { blockAgain } from '../output/block-again.js'
import { decisionDocument } from '../output/decision.js'
import { fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import type { Style } from '../output/style.js'
import { byteSize, counted } from '../output/units.js'

export function addUnblock(program: Command, io: Io): void {
  program
    .command('unblock')
    .description('lift every active block of exactly this address or CIDR, or one decision')
    .argument('<address|cidr|id>', 'as idsctl decisions list shows it', parseUnblocked)
    .option('--reason <text>', 'why, kept in the audit')
    .option('--dry-run', 'show what would be lifted, change nothing')
    .addHelpText(
      'after',
      `
An address inside a blocked CIDR is not lifted by itself: unblock the CIDR, or let the address through with
idsctl allow add ADDRESS.

Examples:
  idsctl unblock 203.0.113.7
  idsctl unblock 2001:db8:bad::/48 --dry-run
  idsctl unblock d12`,
    )
    .action(async (unblocked: Unblocked, options: { reason?: string; dryRun?: true }, command: Command) => {
      const globals = globalsOf(command)
      const { reason = '' } = options
      const request = { ...unblocked, reason, dryRun: options.dryRun === true, caller: callerName(io) }
      const { lifted, dryRun, rest } = await withClient(globals, async (client) => {
        const answer = await client.call('unblock', request)
        const targets = answer.dryRun ? [] : [...new Set(answer.lifted.map(({ target }) => target))]
        const checks = await Promise.all(
          targets.map((target) =>
            // The lift is done: what cannot be asked any more does not undo it.
            client.call('checkAllow', { target, callerPeer: '' }).catch(() => ({ blocks: [] })),
          ),
        )
        return { ...answer, rest: checks.flatMap(({ blocks }) => blocks) }
      })
      const undo = dryRun ? [] : lifted.map((decision) => blockAgain(decision, io.nowMs()))
      const document = {
        schema: 'idsd.unblock.v1',
        dry_run: dryRun,
        lifted: lifted.map(decisionDocument),
        still_blocked_by: rest.map(({ id, target }) => ({ id, target })),
        undo,
      }
      printOne(io, globals, document, (style) =>
        [
          ...lifted.map((decision, index) => liftedPage(decision, undo[index], style)),
          ...rest.map(({ id, target }) =>
            style.colors.yellow(`still blocked by ${printable(target)}, decision ${printable(id)}\n`),
          ),
        ].join(''),
      )
    })
}

function liftedPage(
  { id, target, action, packets, bytes }: Decision,
  undo: string | undefined,
  style: Style,
): string {
  const name = `${style.colors.bold(printable(target))}, decision ${printable(id)}`
  const head = undo === undefined ? `would lift ${name}; nothing was changed` : `lifted ${name}`
  const verb = metWord(action)
  const hits =
    packets === 0 ? `nothing was ${verb}` : `${counted(packets, 'packet')}, ${byteSize(bytes)} ${verb}`
  return `${head}\n${fields(
    [
      ['hits', hits],
      ['undo', undo ?? ''],
    ],
    style,
  )}`
}
