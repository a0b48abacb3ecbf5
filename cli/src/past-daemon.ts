/** What idsctl does past a daemon that does not answer: root reads and writes the maps that it pinned. */

import { CliError, EXIT } from './errors.js'
import type { Globals } from './globals.js'

/**
 * Whether the pinned maps of this machine are to be asked instead. A daemon that answers with a fault of its own is no
 * better than one that does not answer.
 */
export function isSilent(error: unknown, { address }: Pick<Globals, 'address'>): error is CliError {
  // Those maps are of another machine.
  if (!(error instanceof CliError) || address !== undefined) return false
  return error.exitCode === EXIT.unreachable || error.exitCode === EXIT.error
}

/**
 * Opens the pins.
 * @param fault what the daemon's silence was
 * @throws CliError with the code of the fault when the caller may not open them, or there are none
 */
export async function openPastDaemon<Pinned extends { readonly names: readonly string[] }>(
  bpffs: string,
  fault: CliError,
  open: () => Pinned,
): Promise<Pinned> {
  const { isForbidden } = await import('../../daemon/src/local/panic.js')
  let pinned: Pinned
  try {
    pinned = open()
  } catch (error) {
    if (!isForbidden(error)) throw error
    throw new CliError(fault.exitCode, fault.message, [
      'the maps in the kernel can be written past the daemon, by root: run the same through sudo',
      ...fault.hints,
    ])
  }
  if (pinned.names.length > 0) return pinned
  throw new CliError(fault.exitCode, fault.message, [
    `no programs of idsd are pinned below ${bpffs} either: nothing is enforced from there`,
    'another folder of pins (paths.bpffs): --bpffs PATH',
    ...fault.hints,
  ])
}
