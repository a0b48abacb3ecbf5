/** `idsctl allow`: addresses that no block touches. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addAllowAdd } from './allow-add.js'
import { addAllowCheck } from './allow-check.js'
import { addAllowList } from './allow-list.js'
import { addAllowRm } from './allow-rm.js'

export function addAllow(program: Command, io: Io): void {
  const allow = program
    .command('allow')
    .description('addresses that no block touches: add, rm, list, check')
    .addHelpText(
      'after',
      `
An allow entry wins over every block, whatever the lengths: an allowed address inside a blocked CIDR passes.

Examples:
  idsctl allow add 198.51.100.20 --reason 'monitoring'
  idsctl allow check 198.51.100.20
  idsctl allow list
  idsctl allow rm 198.51.100.20`,
    )
  addAllowAdd(allow, io)
  addAllowRm(allow, io)
  addAllowList(allow, io)
  addAllowCheck(allow, io)
}
