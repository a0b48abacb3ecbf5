/** Whether the blocks of a plan would be refused: the same questions that a block is asked, and nothing changes. */

import { ArgumentError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { checkDoing, checkPeer, checkTarget } from './arguments.js'
import type { Commands, CommandsOptions } from './commands.js'

/** Targets of one plan: a request is 64 KiB at most. */
const MAX_PLANNED = 1_000

export function createPlanCommand({
  enforcement,
  parseTarget,
  refusals,
}: CommandsOptions): Pick<Commands, 'checkBlocks'> {
  return {
    checkBlocks: (texts, callerPeer, does) => {
      checkDoing(does)
      if (texts.length === 0 || texts.length > MAX_PLANNED) {
        throw new ArgumentError('targets', `1 to ${MAX_PLANNED} addresses and CIDRs`, `${texts.length}`)
      }
      const peer = checkPeer(callerPeer, parseTarget)
      const targets = new Map<string, Target>()
      for (const text of texts) {
        const target = checkTarget(text, parseTarget)
        targets.set(target.text, target)
      }
      const refused = [...targets.values()].flatMap((target) => {
        const allow = enforcement.coveringAllow(target)
        const objections = refusals(target, peer).filter(({ guard }) => guard !== 'allow')
        const guards = objections.map(({ text }) => text)
        if (allow !== undefined) guards.unshift(`${target.text} is allowed by the entry ${allow.target}`)
        return guards.length === 0 ? [] : [{ target: target.text, guards }]
      })
      return { targets: [...targets.values()], refused }
    },
  }
}
