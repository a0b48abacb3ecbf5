/** `idsctl decisions`: what is blocked, or was, and why. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addDecisionsGet } from './decisions-get.js'
import { addDecisionsList } from './decisions-list.js'
import { addDecisionsWatch } from './decisions-watch.js'

export function addDecisions(program: Command, io: Io): void {
  const decisions = program
    .command('decisions')
    .description('what is blocked, or was, and why: list, get, watch')
    .addHelpText(
      'after',
      `
Examples:
  idsctl decisions list          what is blocked now
  idsctl decisions get d12       everything about one, with its evidence
  idsctl decisions watch         additions and ends as they happen`,
    )
  addDecisionsList(decisions, io)
  addDecisionsGet(decisions, io)
  addDecisionsWatch(decisions, io)
}
