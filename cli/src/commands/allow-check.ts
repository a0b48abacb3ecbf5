/** `idsctl allow check`: would a block of this address stand, and what holds now. */

import type { Command } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { withClient } from '../client.js'
import type { AllowCheck, AllowEntry } from '../contract.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import type { Style } from '../output/style.js'
import { localTime } from '../output/time.js'
import { sshPeer } from '../ssh-peer.js'

export function addAllowCheck(allow: Command, io: Io): void {
  allow
    .command('check')
    .description('which entry allows an address, which guards protect it, which blocks cover it')
    .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget)
    .addHelpText(
      'after',
      `
Examples:
  idsctl allow check 198.51.100.20
  idsctl allow check 198.51.100.20 -o json | jq .allowed`,
    )
    .action(async (target: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const request = { target, callerPeer: sshPeer(io) }
      const check = await withClient(globals, (client) => client.call('checkAllow', request))
      const document = {
        schema: 'idsd.allow_check.v1',
        target,
        allowed: check.allowed,
        entry: check.entry === null ? null : allowDocument(check.entry),
        wider: check.wider.map(allowDocument),
        otherwise: check.otherwise,
        guards: check.guards,
        blocks: check.blocks.map(decisionDocument),
      }
      printOne(io, globals, document, (style) => checkPage(target, check, style))
    })
}

function checkPage(target: string, check: AllowCheck, style: Style): string {
  const { allowed, entry, wider, guards, blocks, otherwise } = check
  const name = style.colors.bold(target)
  const facts: Field[] = [
    ...(entry === null ? [] : entryFacts(entry)),
    ...wider.map((each): Field => ['and by', printable(`${each.target} (${each.reason})`)]),
    [entry === null ? 'so' : 'without it', printable(otherwise)],
    ...guards.map((guard): Field => ['guarded', printable(guard)]),
    ...blocks.map(
      (block): Field => [
        allowed ? 'overridden' : 'blocked by',
        printable(`${block.id} ${block.target} (${block.reason})`),
      ],
    ),
  ]
  return `${headline(name, check)}\n${fields(facts, style)}`
}

function headline(name: string, { allowed, entry, guards, blocks }: AllowCheck): string {
  if (allowed) return `${name} is allowed by ${entryText(entry)}`
  if (blocks.length > 0) return `${name} is not allowed: it is blocked`
  if (entry !== null) return `${name} is guarded by the automatic entry ${entryText(entry)}`
  const otherwise = guards.length > 0 ? 'a block would be refused without --force' : 'a block would hold'
  return `${name} is not allowed: ${otherwise}`
}

function entryText(entry: AllowEntry | null): string {
  if (entry === null) return 'an entry'
  return printable(entry.reason === '' ? entry.target : `${entry.target} (${entry.reason})`)
}

function entryFacts({ source, createdBy, expiresAtMs, logOnly }: AllowEntry): Field[] {
  return [
    ['source', printable(source === 'operator' ? `operator, ${createdBy}` : source)],
    ['until', expiresAtMs === 0 ? '' : localTime(expiresAtMs)],
    ['alerts', source === 'automatic' ? '' : logOnly ? 'as for any other address' : 'none about this source'],
  ]
}
