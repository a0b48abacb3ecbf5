/** `idsctl block`: drops, rejects, limits or observes an address or a prefix in the kernel. */

import { type Command, Option } from 'commander'
import { addBlockAction, type BlockActionOptions, blockAction } from '../arguments/block-action.js'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { DURATION_FORMS, parseTtl } from '../arguments/duration.js'
import { parseTarget } from '../arguments/target.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { Decision, Trial } from '../contract.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { actionText } from '../output/action.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import type { Style } from '../output/style.js'
import { localTime } from '../output/time.js'
import { trialDocument, trialFields } from '../output/trial.js'
import { relative } from '../output/units.js'
import { explainRefusal } from '../refusal.js'
import { sshPeer } from '../ssh-peer.js'

interface BlockOptions extends ConfirmOption, BlockActionOptions {
  readonly ttl?: number
  readonly reason?: string
  readonly force?: true
  readonly dryRun?: true
}

export function addBlock(program: Command, io: Io): void {
  const command = program
    .command('block')
    .description('drop all packets from and to an address or a CIDR, or do less')
    .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget)
    .addOption(
      new Option('--ttl <time>', `how long: ${DURATION_FORMS}; default: until unblocked`).argParser(parseTtl),
    )
    .option('--reason <text>', 'why, shown in lists and kept in the audit')
  addConfirm(addBlockAction(command))
    .option('--force', 'block although a guard refuses (an allow entry always wins)')
    .option('--dry-run', 'check and show, change nothing')
    .addHelpText(
      'after',
      `
Actions, from the weakest:
  observe    count what arrives and leaves, drop nothing (also: count)
  limit      keep back what arrives over --rate, in packets or bits of IP per second
  syn-drop   keep back SYNs that arrive: no new TCP connection from there
  drop       keep back everything, both ways
  reject     the same, and answer what arrives: RST for TCP, ICMP "administratively prohibited" for the rest
With --spare-flows a flood in somebody's name harms his connections least: use it with limit and syn-drop.

A block without --ttl stays until it is unblocked, also over a reboot. Refused, without --force: what covers an own
address, the gateway, a resolver, loopback, multicast, or the far end of an operator's session, yours first.

${CONFIRM_HELP}

Examples:
  idsctl block 203.0.113.7 --ttl 1h --reason 'port scan'
  idsctl block 2001:db8:bad::/48 --dry-run      would it be refused, and why
  idsctl block 198.51.100.0/24 --action observe see what it would drop: idsctl decisions get ID
  idsctl block 198.51.100.9 --action limit --rate 100pps --spare-flows --ttl 10m
  idsctl block 198.51.100.0/24 --action limit --rate 10Mbit
  idsctl block 203.0.113.7 --action reject      tell them at once, so that they need not wait
  idsctl block 198.51.100.0/22 --confirm 90s    if it locks you out, it lasts 90 s
Undo:
  idsctl unblock 203.0.113.7`,
    )
    .action(async (target: string, options: BlockOptions, self: Command) => {
      const action = blockAction(options)
      const globals = globalsOf(self)
      const callerPeer = sshPeer(io)
      const force = options.force === true
      const { decision, dryRun, overridden, trial } = await withClient(globals, (client) =>
        client
          .call('block', {
            target,
            ttlMs: options.ttl ?? 0,
            reason: options.reason ?? '',
            ...action,
            force,
            dryRun: options.dryRun === true,
            callerPeer,
            confirmMs: options.confirm ?? 0,
            caller: callerName(io),
          })
          .catch((error: unknown) => explainRefusal(error, client, { target, callerPeer, force })),
      )
      if (decision === null) throw new Error('the answer of the daemon holds no decision')
      const undone = trial === null ? `idsctl unblock ${decision.id}` : 'idsctl rollback'
      const undo = dryRun ? null : undone
      const document = {
        schema: 'idsd.block.v1',
        dry_run: dryRun,
        decision: decisionDocument(decision),
        overridden,
        trial: trialDocument(trial),
        undo,
      }
      printOne(io, globals, document, (style) =>
        blockPage(decision, overridden, trial, undo, io.nowMs(), style),
      )
      if (decision.expiresAtMs === 0 && globals.output !== 'table') note(io, ENDLESS)
    })
}

const CAREFUL = 'a prefix holds many: --confirm 90s takes it back by itself, should it lock you out'

const ENDLESS = 'no --ttl: the block stays until it is unblocked'

const VERBS: Readonly<Record<string, readonly [string, string]>> = {
  ACTION_COUNT: ['count (not drop)', 'counting (not dropping)'],
  ACTION_LIMIT: ['limit', 'limited'],
  ACTION_SYN_DROP: ['drop SYNs of', 'dropping SYNs of'],
  ACTION_REJECT: ['reject', 'rejected'],
}

function blockPage(
  decision: Decision,
  overridden: readonly string[],
  trial: Trial | null,
  undo: string | null,
  nowMs: number,
  style: Style,
): string {
  const { id, target, reason, action, expiresAtMs, inKernel } = decision
  const { colors } = style
  const [verb, done] = VERBS[action] ?? ['block', 'blocked']
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
    ['action', action === 'ACTION_DROP' && !decision.sparesFlows ? '' : actionText(decision)],
    ['until', until],
    ['reason', printable(reason)],
    ...overridden.map((guard): Field => ['forced', colors.yellow(printable(guard))]),
    [
      'warning',
      undo !== null && !inKernel
        ? colors.yellow('another block of this target is in force; this one takes over when that one ends')
        : '',
    ],
    ...trialFields(trial, undo === null, style),
    ['hint', trial === null && target.includes('/') ? CAREFUL : ''],
    ['undo', undo ?? ''],
  ]
  return `${head}\n${fields(facts, style)}`
}
