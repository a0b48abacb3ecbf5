/** `idsctl plan mode`. */

import { Argument, type Command } from 'commander'
import { addAgainst, PLAN_WAIT_MS } from '../arguments/against.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { modePlanDocument, modePlanPage } from '../output/mode-plan.js'
import { printOne } from '../output/print.js'

export function addPlanMode(plan: Command, io: Io): void {
  addAgainst(
    plan
      .command('mode')
      .description('what the other mode would have done to what automatic decisions met')
      .addArgument(new Argument('<mode>', 'the mode to look at').choices(['prevent', 'detect'])),
  )
    .addHelpText(
      'after',
      `
In detect the entry of an automatic decision counts what it would have dropped, in the kernel and to the packet. That
count is the plan of prevent; the plan of detect is what was dropped. Who stops when nobody answers would have sent less.
Standing decisions that were made to drop and only count change at once with the mode. What an allow entry covers by now is
shown and not in the sum. It is an upper bound ("at most") where policy.ladder or policy.unproven_ladder have steps that let a
part pass. Apart from it are decisions that would limit only, because their evidence may be forged, and those of an origin
whose breaker is tripped: they count in every mode, until idsctl resume ORIGIN.

Examples:
  idsctl plan mode prevent
  idsctl plan mode prevent --against 7d -o json | jq '.decisions[] | select(.live) | .decision.target'`,
    )
    .action(async (mode: 'prevent' | 'detect', options: { against: number }, command: Command) => {
      const globals = globalsOf(command)
      const request = {
        mode: mode === 'detect' ? ('MODE_DETECT' as const) : ('MODE_PREVENT' as const),
        sinceMs: io.nowMs() - options.against,
      }
      const found = await withClient(globals, (client) => client.call('planMode', request, PLAN_WAIT_MS))
      printOne(io, globals, modePlanDocument(found), (style) => modePlanPage(found, io.nowMs(), style))
    })
}
