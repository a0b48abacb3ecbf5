/**
 * What a block or a list does: `--action` and `--rate`, and `--spare-flows` of a block. Taken by `idsctl block`, `import`,
 * and their plans.
 */

import { type Command, Option } from 'commander'
import { usageError } from '../errors.js'
import { parseRate, RATE_FORMS, type Rate } from './rate.js'

/** What may be asked for, weakest first; `count` is an older word for `observe`. */
const ACTIONS = {
  observe: 'ACTION_COUNT',
  count: 'ACTION_COUNT',
  limit: 'ACTION_LIMIT',
  'syn-drop': 'ACTION_SYN_DROP',
  drop: 'ACTION_DROP',
  reject: 'ACTION_REJECT',
} as const

export interface ActionOptions {
  readonly action: keyof typeof ACTIONS
  readonly rate?: Rate
}

export interface BlockActionOptions extends ActionOptions {
  readonly spareFlows?: true
}

export function addBlockAction(command: Command): Command {
  return addAction(command).option(
    '--spare-flows',
    'let packets of proven flows pass, and of those that this side opened',
  )
}

/** `--action` and `--rate`. */
export function addAction(command: Command): Command {
  return command
    .addOption(
      new Option('--action <action>', 'what is done, see below')
        .choices(Object.keys(ACTIONS))
        .default('drop'),
    )
    .addOption(
      new Option('--rate <rate>', `with --action limit: ${RATE_FORMS}, per second`).argParser(parseRate),
    )
}

/** Fields of a request. @throws CliError where options contradict each other, with how to mend it */
export function blockAction(options: BlockActionOptions) {
  return { ...listAction(options), sparesFlows: options.spareFlows === true }
}

/** The same of a list, which spares no flows. */
export function listAction(options: ActionOptions) {
  checkAction(options)
  return { action: ACTIONS[options.action], ...limitOf(options) }
}

function checkAction({ action, rate, spareFlows }: BlockActionOptions): void {
  if (action === 'limit' && rate === undefined) {
    throw usageError('--action limit needs a rate', `name what may pass per second: --rate ${RATE_FORMS}`)
  }
  if (action !== 'limit' && rate !== undefined) {
    throw usageError(
      `--rate is for --action limit, and the action is ${action}`,
      'leave out --rate, or add --action limit',
    )
  }
  if (spareFlows && ACTIONS[action] === 'ACTION_COUNT') {
    throw usageError(
      `--action ${action} lets everything pass: there is nothing to spare`,
      'leave out --spare-flows',
    )
  }
}

function limitOf({ rate }: ActionOptions) {
  if (rate === undefined) return {}
  const unit = rate.unit === 'bits' ? 'LIMIT_UNIT_BITS' : 'LIMIT_UNIT_PACKETS'
  return { limit: { unit, perSecond: rate.perSecond } } as const
}
