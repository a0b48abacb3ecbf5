/** `--against`: how much of the recorded past a plan looks at. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { DURATION_FORMS, durationMs } from './duration.js'

/** A plan reads all recorded flows of its time between other work of the daemon: it is waited for so long, ms. */
export const PLAN_WAIT_MS = 600_000

/** `--against`, in ms. */
export function addAgainst(command: Command): Command {
  return command.addOption(
    new Option('--against <time>', `how much of the recorded past to look at: ${DURATION_FORMS}`)
      .argParser(parseAgainst)
      .default(86_400_000, '24h'),
  )
}

function parseAgainst(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  return ms
}
