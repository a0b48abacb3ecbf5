/** `idsctl plan block`. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { DURATION_FORMS, durationMs } from '../arguments/duration.js'
import { parseTarget } from '../arguments/target.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { blockPlanDocument, blockPlanPage } from '../output/block-plan.js'
import { printOne } from '../output/print.js'
import { sshPeer } from '../ssh-peer.js'
import { PLAN_WAIT_MS } from './plan.js'

export function addPlanBlock(plan: Command, io: Io): void {
  addAgainst(
    plan
      .command('block')
      .description('what blocks of these addresses and CIDRs would have dropped')
      .argument('<address|cidr...>', 'IPv4 or IPv6, up to 1,000 of them', collectTarget),
  )
    .addHelpText(
      'after',
      `
Hit are the packets of recorded flows that the kernel would have judged by a blocked address, in both directions; what
an allow entry covers passes and is told apart. A flow counts whole, by its last packet. Live are addresses with an open
flow that proved its path: they would notice. Bytes on the wire are a lower bound where headers carry options.

Examples:
  idsctl plan block 203.0.113.7
  idsctl plan block 203.0.113.0/24 2001:db8:bad::/48 --against 7d
  idsctl plan block 198.51.100.0/24 -o json | jq -r '.addresses[] | select(.live) | .address'`,
    )
    .action(async (targets: string[], options: { against: number }, command: Command) => {
      const globals = globalsOf(command)
      const request = { targets, sinceMs: io.nowMs() - options.against, callerPeer: sshPeer(io) }
      const found = await withClient(globals, (client) => client.call('planBlock', request, PLAN_WAIT_MS))
      const document = blockPlanDocument(targets, found)
      printOne(io, globals, document, (style) => blockPlanPage(targets, found, style))
    })
}

/** `--against`, in ms. */
export function addAgainst(command: Command): Command {
  return command.addOption(
    new Option('--against <time>', `how much of the recorded past to look at: ${DURATION_FORMS}`)
      .argParser(parseAgainst)
      .default(86_400_000, '24h'),
  )
}

function parseAgainst(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  return ms
}

function collectTarget(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), parseTarget(text)]
}
