/** `idsctl plan block`. */

import type { Command } from 'commander'
import { addAgainst, PLAN_WAIT_MS } from '../arguments/against.js'
import { addBlockAction, type BlockActionOptions, blockAction } from '../arguments/block-action.js'
import { parseTarget } from '../arguments/target.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { blockPlanDocument, blockPlanPage } from '../output/block-plan.js'
import { printOne } from '../output/print.js'
import { refusePlan } from '../refuse-plan.js'
import { sshPeer } from '../ssh-peer.js'

interface Options extends BlockActionOptions {
  readonly against: number
}

export function addPlanBlock(plan: Command, io: Io): void {
  addAgainst(
    addBlockAction(
      plan
        .command('block')
        .description('what blocks of these addresses and CIDRs would have dropped')
        .argument('<address|cidr...>', 'IPv4 or IPv6, up to 1,000 of them', collectTarget),
    ),
  )
    .addHelpText(
      'after',
      `
Hit are the packets of recorded flows that the kernel would have judged by a blocked address, in both directions; what
an allow entry covers passes and is told apart. A flow counts whole, by its last packet. Live are addresses with an open
flow that proved its path: they would notice. Bytes on the wire are a lower bound where headers carry options.

How sure the number is depends on the action, and is said ("at most", or bound in a document):
  drop, reject   exact: all packets of these flows, both ways
  observe        exact: so many would be counted, and none dropped
  limit          at most what arrived: what is within --rate passes
  syn-drop       at most the SYNs of the connections that they began
  --spare-flows  at most: without the flows that this side opened, or that were proven before
When a guard or an allow entry would refuse a block, the plan is printed all the same and ends with 3, as the block would.

Examples:
  idsctl plan block 203.0.113.7
  idsctl plan block 203.0.113.7 --action limit --rate 100pps --spare-flows
  idsctl plan block 203.0.113.0/24 2001:db8:bad::/48 --against 7d
  idsctl plan block 198.51.100.0/24 -o json | jq -r '.addresses[] | select(.live) | .address'`,
    )
    .action(async (targets: string[], options: Options, command: Command) => {
      const action = blockAction(options)
      const globals = globalsOf(command)
      const time = { sinceMs: io.nowMs() - options.against, callerPeer: sshPeer(io) }
      const request = { targets, ...time, ...action }
      const found = await withClient(globals, (client) => client.call('planBlock', request, PLAN_WAIT_MS))
      const document = blockPlanDocument(targets, found)
      printOne(io, globals, document, (style) => blockPlanPage(targets, found, style))
      refusePlan(
        'the block',
        found.refused.flatMap(({ guards }) => guards),
      )
    })
}

function collectTarget(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), parseTarget(text)]
}
