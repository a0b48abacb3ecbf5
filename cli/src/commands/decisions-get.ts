/** `idsctl decisions get`: one decision with everything that led to it. */

import type { Command } from 'commander'
import { parseDecisionId } from '../arguments/target.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { decisionDocument } from '../output/decision.js'
import { decisionPage } from '../output/decision-page.js'
import { printOne } from '../output/print.js'

export function addDecisionsGet(decisions: Command, io: Io): void {
  decisions
    .command('get')
    .description('one decision: who, when, why, its evidence and flows, its hits, how to undo it')
    .argument('<id>', 'as idsctl decisions list shows it', parseDecisionId)
    .addHelpText(
      'after',
      `
Examples:
  idsctl decisions get d12
  idsctl decisions get d12 -o json | jq '.evidence[].flows[].src_port'`,
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const decision = await withClient(globals, (client) => client.call('getDecision', { id }))
      printOne(io, globals, decisionDocument(decision), (style) => decisionPage(decision, io.nowMs(), style))
    })
}
