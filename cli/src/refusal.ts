/** A block that a guard refused: every guard, and the way round it where there is one. */

import type { DaemonClient } from './client.js'
import { CliError, EXIT } from './errors.js'
import { shellWord } from './output/page.js'
import { printable } from './output/printable.js'

/** What was asked for. */
export interface RefusedBlock {
  readonly target: string
  readonly callerPeer: string
  readonly force: boolean
}

/**
 * Asks the daemon what protects the target and throws the refusal with it. An allow entry wins over `--force`; the
 * guards do not.
 * @throws CliError always; another error than a refusal is thrown on as it is
 */
export async function explainRefusal(
  error: unknown,
  client: DaemonClient,
  { target, callerPeer, force }: RefusedBlock,
): Promise<never> {
  if (!(error instanceof CliError) || error.exitCode !== EXIT.refused) throw error
  const check = await client.call('checkAllow', { target, callerPeer }).catch(() => undefined)
  const options = { cause: error }
  if (check?.allowed === true && check.entry !== null) {
    const { entry } = check
    const why = entry.reason === '' ? '' : ` (${entry.reason})`
    const message = `block of ${target} refused: it is allowed by the entry ${entry.target}${why}`
    throw new CliError(
      EXIT.refused,
      message,
      [
        'an allow entry wins over every block, --force does not override it; remove it first:',
        entry.source === 'config'
          ? '  take it out of /etc/idsd/idsd.toml, then: sudo systemctl reload idsd'
          : `  idsctl allow rm ${shellWord(entry.target)}`,
      ],
      options,
    )
  }
  if (check === undefined || check.guards.length === 0 || force) throw error
  throw new CliError(
    EXIT.refused,
    `block of ${target} refused`,
    [...check.guards.map((guard) => `- ${printable(guard)}`), '--force overrides'],
    options,
  )
}
