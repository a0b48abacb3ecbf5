/** `idsctl plan import`. */

import type { Command } from 'commander'
import type { ListFormat } from '../../../daemon/src/lists/list-reader.js'
import { addAgainst, PLAN_WAIT_MS } from '../arguments/against.js'
import { type ActionOptions, addAction, listAction } from '../arguments/block-action.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { importMessages } from '../list-file/list-messages.js'
import { addListFormat, addListName } from '../list-file/list-options.js'
import { readList } from '../list-file/read-list.js'
import { blockPlanDocument, blockPlanPage } from '../output/block-plan.js'
import { printOne } from '../output/print.js'
import { counted } from '../output/units.js'
import { sshPeer } from '../ssh-peer.js'

interface PlanImportOptions extends ActionOptions {
  readonly list: string
  readonly format: ListFormat
  readonly column?: string
  readonly against: number
}

export function addPlanImport(plan: Command, io: Io): void {
  addAgainst(
    addListFormat(
      addAction(
        addListName(
          plan
            .command('import')
            .description('what an import of a list would have dropped')
            .argument('<file>', 'the list; - is standard input'),
        ),
      ),
    ),
  )
    .addHelpText(
      'after',
      `
As plan block, of all entries of the file, and as sure: what an allow entry covers passes and is told apart, and live
are addresses with an open flow that proved its path. Bad lines are left out, and so is what a guard refuses: both are
told. Where a list of that name is in force, the plan is of all entries of the new one, those that both hold too.

Examples:
  idsctl plan import firehol_level1.netset --list firehol
  idsctl plan import hosting.netset --list hosting --action syn-drop
  idsctl plan import feed.csv --list feed --against 7d -o json | jq .live_total`,
    )
    .action(async (path: string, options: PlanImportOptions, command: Command) => {
      const does = listAction(options)
      const globals = globalsOf(command)
      const { name, reader } = await readList(io, path, options)
      if (reader.builder.count === 0) {
        throw new CliError(EXIT.error, `${name} holds nothing that can be listed`, [
          ...reader.faults.map(({ line, text }) => `line ${line}: ${text}`),
        ])
      }
      const header = {
        ...does,
        ...{ name: options.list, source: name, sinceMs: io.nowMs() - options.against },
        ...{ callerPeer: sshPeer(io), caller: callerName(io), dryRun: true },
      }
      const found = await withClient(globals, (client) =>
        client.send('planImport', importMessages(header, reader.builder.packed()), PLAN_WAIT_MS),
      )
      const targets = [`the list ${options.list}`]
      printOne(io, globals, blockPlanDocument(targets, found), (style) =>
        blockPlanPage(targets, found, style),
      )
      if (reader.faultCount > 0) note(io, `${counted(reader.faultCount, 'bad line')} left out`)
    })
}
