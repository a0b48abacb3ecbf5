/** `idsctl block`: drops, or counts, an address or a prefix in the kernel. */

import { type Command, Option } from 'commander'
import { DURATION_FORMS, parseTtl } from '../arguments/duration.js'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { Decision } from '../contract.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import type { Style } from '../output/style.js'
import { localTime } from '../output/time.js'
import { relative } from '../output/units.js'
import { explainRefusal } from '../refusal.js'
import { sshPeer } from '../ssh-peer.js'

interface BlockOptions {
  readonly ttl?: number
  readonly reason?: string
  readonly action: 'drop' | 'count'
  readonly force?: true
  readonly dryRun?: true
}

export function addBlock(program: Command, io: Io): void {
  program
    .command('block')
    .description('drop all packets from and to an address or a CIDR')
    .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget)
    .addOption(
      new Option('--ttl <time>', `how long: ${DURATION_FORMS}; default: until unblocked`).argParser(parseTtl),
    )
    .option('--reason <text>', 'why, shown in lists and kept in the audit')
    .addOption(
      new Option('--action <action>', 'drop, or count and let pass')
        .choices(['drop', 'count'])
        .default('drop'),
    )
    .option('--force', 'block although a guard refuses (an allow entry always wins)')
    .option('--dry-run', 'check and show, change nothing')
    .addHelpText(
      'after',
      `
A block without --ttl stays until it is unblocked, also over a reboot. Refused, without --force: what covers an own
address, the gateway, a resolver, loopback, multicast, or the far end of an operator's session, yours first.

Examples:
  idsctl block 203.0.113.7 --ttl 1h --reason 'port scan'
  idsctl block 2001:db8:bad::/48 --dry-run      would it be refused, and why
  idsctl block 198.51.100.0/24 --action count   see what it would drop: idsctl decisions get ID
Undo:
  idsctl unblock 203.0.113.7`,
    )
    .action(async (target: string, options: BlockOptions, command: Command) => {
      const globals = globalsOf(command)
      const callerPeer = sshPeer(io)
      const force = options.force === true
      const { decision, dryRun, overridden } = await withClient(globals, (client) =>
        client
          .call('block', {
            target,
            ttlMs: options.ttl ?? 0,
            reason: options.reason ?? '',
            action: options.action === 'count' ? 'ACTION_COUNT' : 'ACTION_DROP',
            force,
            dryRun: options.dryRun === true,
            callerPeer,
            caller: callerName(io),
          })
          .catch((error: unknown) => explainRefusal(error, client, { target, callerPeer, force })),
      )
      if (decision === null) throw new Error('the answer of the daemon holds no decision')
      const undo = dryRun ? null : `idsctl unblock ${decision.id}`
      const document = {
        schema: 'idsd.block.v1',
        dry_run: dryRun,
        decision: decisionDocument(decision),
        overridden,
        undo,
      }
      printOne(io, globals, document, (style) => blockPage(decision, overridden, undo, io.nowMs(), style))
      if (decision.expiresAtMs === 0 && globals.output !== 'table') note(io, ENDLESS)
    })
}

const ENDLESS = 'no --ttl: the block stays until it is unblocked'

function blockPage(
  decision: Decision,
  overridden: readonly string[],
  undo: string | null,
  nowMs: number,
  style: Style,
): string {
  const { id, target, reason, action, expiresAtMs, inKernel } = decision
  const { colors } = style
  const verb = action === 'ACTION_COUNT' ? 'count (not drop)' : 'block'
  const done = action === 'ACTION_COUNT' ? 'counting (not dropping)' : 'blocked'
  const name = colors.bold(printable(target))
  const head =
    undo === null
      ? `would ${verb} ${name}; nothing was changed`
      : `${done} ${name}, decision ${printable(id)}`
  const until =
    expiresAtMs === 0
      ? `unblocked by hand: without --ttl a block stays`
      : `${localTime(expiresAtMs)} (${relative(expiresAtMs, nowMs)})`
  const facts: Field[] = [
    ['until', until],
    ['reason', printable(reason)],
    ...overridden.map((guard): Field => ['forced', colors.yellow(printable(guard))]),
    [
      'warning',
      undo !== null && !inKernel
        ? colors.yellow('another block of this target is in force; this one takes over when that one ends')
        : '',
    ],
    ['undo', undo ?? ''],
  ]
  return `${head}\n${fields(facts, style)}`
}
