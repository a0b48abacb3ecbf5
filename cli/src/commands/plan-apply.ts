/** `idsctl plan apply`. */

import type { Command } from 'commander'
import { addAgainst, PLAN_WAIT_MS } from '../arguments/against.js'
import { type ApplyOptions, addApplySource, applySource } from '../arguments/apply-source.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { applyPlanDocument, applyPlanPage } from '../output/apply-plan.js'
import { printOne } from '../output/print.js'
import { refusePlan } from '../refuse-plan.js'
import { sshPeer } from '../ssh-peer.js'
import { wordsOf } from './apply.js'

interface Options extends ApplyOptions {
  readonly against: number
}

export function addPlanApply(plan: Command, io: Io): void {
  addAgainst(
    addApplySource(
      plan
        .command('apply')
        .description('what an apply would change, and whom its settings would have blocked'),
    ),
  )
    .addHelpText(
      'after',
      `
[policy]: the recorded alerts are counted once more, by the points of the settings in force and by those of the file:
sources that reach a block by one of them only are shown. It leaves out what proof of path, guards and earlier blocks did: at
most so many. MET is what the kernel counted on earlier decisions against them.
[allow]: who is kept back now and would be freed, and who would be hit where an entry goes.
[lists]: files are read as an import would read them, for operators only; commands are not run. A list that the file names no
more stays in force as it is.
Hit and freed are packets of recorded flows that would be kept back and are not now, and the reverse. When a guard would
refuse the file, the plan is printed all the same and ends with 3, as idsctl apply would.

Examples:
  idsctl plan apply site.toml
  idsctl plan apply site.toml --against 7d -o json | jq -r '.more[].source'`,
    )
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const globals = globalsOf(command)
      const source = applySource(file, options)
      const request = { ...source, sinceMs: io.nowMs() - options.against, callerPeer: sshPeer(io) }
      const found = await withClient(globals, (client) => client.call('planApply', request, PLAN_WAIT_MS))
      printOne(io, globals, applyPlanDocument(found), (style) =>
        applyPlanPage(wordsOf(source), found, io.nowMs(), style),
      )
      refusePlan('the apply', found.change?.guards ?? [])
    })
}
