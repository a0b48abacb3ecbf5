/** `idsctl plan apply`. */

import type { Command } from 'commander'
import { type ApplyOptions, addApplySource, applySource } from '../arguments/apply-source.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { applyPlanDocument, applyPlanPage } from '../output/apply-plan.js'
import { printOne } from '../output/print.js'
import { sshPeer } from '../ssh-peer.js'
import { wordsOf } from './apply.js'
import { PLAN_WAIT_MS } from './plan.js'
import { addAgainst } from './plan-block.js'

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
The recorded alerts are counted once more, by the points of the settings in force and by those of the file: sources that
reach a block by one of them only are shown, and what a block of the new ones would have met in the recorded flows. It
leaves out what proof of path, guards and earlier blocks did: an upper bound. What a scheduled list holds is known when it
is read: idsctl plan import FILE shows whom it would hit.

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
    })
}
