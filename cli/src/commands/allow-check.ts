/** `idsctl allow check`: would a block of this address stand, and what holds now. */

import type { Command } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { withClient } from '../client.js'
import type { AllowCheck } from '../contract.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { allowDocument } from '../output/allow.js'
import { decisionDocument } from '../output/decision.js'
import { type Field, fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import type { Style } from '../output/style.js'
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
        guards: check.guards,
        blocks: check.blocks.map(decisionDocument),
      }
      printOne(io, globals, document, (style) => checkPage(target, check, style))
    })
}

function checkPage(target: string, { allowed, entry, guards, blocks }: AllowCheck, style: Style): string {
  const name = style.colors.bold(target)
  const why = entry === null || entry.reason === '' ? '' : ` (${entry.reason})`
  const otherwise = guards.length > 0 ? 'a block would be refused without --force' : 'a block would hold'
  const head = allowed
    ? `${name} is allowed by ${printable(`${entry?.target ?? 'an entry'}${why}`)}`
    : `${name} is not allowed: ${blocks.length > 0 ? 'it is blocked' : otherwise}`
  const facts: Field[] = [
    ...guards.map((guard): Field => ['guarded', printable(guard)]),
    ...blocks.map(
      (block): Field => [
        allowed ? 'overridden' : 'blocked by',
        printable(`${block.id} ${block.target} (${block.reason})`),
      ],
    ),
  ]
  return `${head}\n${fields(facts, style)}`
}
