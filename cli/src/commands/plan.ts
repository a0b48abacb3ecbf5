/** `idsctl plan`: what a change would have done to the recorded traffic, before anything changes. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addPlanApply } from './plan-apply.js'
import { addPlanBlock } from './plan-block.js'
import { addPlanImport } from './plan-import.js'
import { addPlanMode } from './plan-mode.js'

export function addPlan(program: Command, io: Io): void {
  const plan = program
    .command('plan')
    .description(
      'what a block, an import, a mode or settings would have hit in the recorded traffic; changes nothing',
    )
    .addHelpText(
      'after',
      `
A plan is answered from what idsd recorded: it waits up to 10 minutes for it, or --timeout if that is longer.

Examples:
  idsctl plan block 203.0.113.0/24
  idsctl plan import drop.txt --list drop
  idsctl plan mode prevent --against 7d
  idsctl plan apply site.toml`,
    )
  addPlanApply(plan, io)
  addPlanBlock(plan, io)
  addPlanImport(plan, io)
  addPlanMode(plan, io)
}
