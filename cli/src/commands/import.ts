/** `idsctl import`: takes a list of addresses and prefixes in place of the one of that name. */

import { type Command, Option } from 'commander'
import type { ListFormat } from '../../../daemon/src/lists/list-reader.js'
import { parseTarget as parseAddress } from '../../../daemon/src/policy/address.js'
import { type ActionOptions, addAction, listAction } from '../arguments/block-action.js'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { DURATION_FORMS, parseTtl } from '../arguments/duration.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { ImportListAnswer } from '../contract.js'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { importMessages, lineOf } from '../list-file/list-messages.js'
import {
  addListFormat,
  addListName,
  LIST_ACTIONS_HELP,
  LIST_FORMATS_HELP,
} from '../list-file/list-options.js'
import { readList } from '../list-file/read-list.js'
import { importAgain, importDocument, importPage, type RefusedLine } from '../output/list-import.js'
import { printOne } from '../output/print.js'
import { counted } from '../output/units.js'
import { sshPeer } from '../ssh-peer.js'

interface ImportOptions extends ConfirmOption, ActionOptions {
  readonly list: string
  readonly ttl?: number
  readonly format: ListFormat
  readonly column?: string
  readonly reason?: string
  readonly force?: true
  readonly dryRun?: true
}

/** A long list is checked, stored and loaded for some seconds. */
export const IMPORT_WAIT_MS = 120_000

export function addImport(program: Command, io: Io): void {
  const command = addListName(
    program
      .command('import')
      .description('drop what a list names, or do less: a file, or - for standard input')
      .argument('<file>', 'the list; - is standard input'),
  ).addOption(
    new Option('--ttl <time>', `how long: ${DURATION_FORMS}; default: until removed`).argParser(parseTtl),
  )
  addConfirm(addListFormat(addAction(command)))
    .option('--reason <text>', 'why, kept in the audit')
    .option('--force', 'also what a guard refuses (allow entries always win)')
    .option('--dry-run', 'check and show, change nothing')
    .addHelpText(
      'after',
      `${LIST_ACTIONS_HELP}
${LIST_FORMATS_HELP}
The list of that name is replaced as a whole, and what both hold is dropped without a gap. Bad lines are told by number
and skipped, what is good is in, and the command ends with 1. So it is with what covers own addresses, the gateway, a
resolver or your session, and with prefixes shorter than /8 and /16: --force takes them too. Without --ttl, decisions of
CrowdSec end with the one that ends first.

${CONFIRM_HELP}
While a list is on trial no other is imported or removed.

Examples:
  idsctl import firehol_level1.netset --list firehol --dry-run
  curl -s https://www.spamhaus.org/drop/drop.txt | idsctl import - --list drop --ttl 2d
  cscli decisions list -o json | idsctl import - --list crowdsec
  idsctl import feed.csv.gz --list feed --column src_ip --action observe
  idsctl import hosting.netset --list hosting --action limit --rate 10Mbit
  idsctl import scanners.txt --list scanners --action syn-drop
  idsctl import feed.txt --list feed --confirm 90s
Undo:
  idsctl lists rm NAME`,
    )
    .action(async (path: string, options: ImportOptions, self: Command) => {
      const does = listAction(options)
      const globals = globalsOf(self)
      const { name, reader } = await readList(io, path, options)
      const { builder, faults, faultCount, shortestMs } = reader
      const ttlMs = options.ttl ?? Math.ceil(shortestMs / 1_000) * 1_000
      const dryRun = options.dryRun === true
      const bad = badLines(faultCount, builder.count)
      if (builder.count === 0) {
        throw new CliError(EXIT.error, `${name} holds nothing that can be listed`, [
          ...faults.map(({ line, text }) => `line ${line}: ${text}`),
          'nothing was changed',
        ])
      }
      const header = {
        ...{ name: options.list, ttlMs, reason: options.reason ?? '', force: options.force === true, dryRun },
        ...does,
        source: name,
        confirmMs: options.confirm ?? 0,
        callerPeer: sshPeer(io),
        caller: callerName(io),
      } as const
      const made = await withClient(globals, (client) =>
        client.send('importList', importMessages(header, builder.packed()), IMPORT_WAIT_MS),
      )
      if (made.list === null) throw new Error('the answer of the daemon holds no list')
      const refused = made.refused.map(
        ({ target, guard }): RefusedLine => ({
          line: lineOf(builder, parseAddress(target, 'target')),
          target,
          guard,
        }),
      )
      refused.sort((a, b) => a.line - b.line)
      const undo = dryRun ? null : undoOf(made, options.list, io.nowMs())
      const told = {
        faults,
        faultCount,
        refused,
        format: reader.format,
        isForced: options.force === true,
        undo,
      }
      printOne(io, globals, importDocument(made, told), (style) => importPage(made, told, io.nowMs(), style))
      if (options.ttl === undefined && shortestMs > 0)
        note(
          io,
          `no --ttl: the list ends with the decision that ends first, in ${counted(ttlMs / 1_000, 'second')}`,
        )
      const isLeftOut = made.refusedTotal > 0 && options.force !== true
      if (bad !== '' || isLeftOut) {
        const left = isLeftOut ? `${counted(made.refusedTotal, 'entry')} refused` : ''
        throw new CliError(EXIT.error, [bad, left].filter((text) => text !== '').join(', '), [
          dryRun ? 'the rest would be in force' : 'the rest is in force',
        ])
      }
    })
}

function undoOf({ trial, before }: ImportListAnswer, list: string, nowMs: number): string {
  if (trial !== null) return 'idsctl rollback'
  return before === null ? `idsctl lists rm ${list}` : importAgain(before, nowMs)
}

function badLines(faultCount: number, good: number): string {
  return faultCount === 0 ? '' : `${counted(faultCount, 'bad line')} skipped, ${counted(good, 'entry')} good`
}
