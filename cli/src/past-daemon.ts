/** What idsctl does past a daemon that does not answer: root reads and writes the maps that it pinned. */

import { resolve } from 'node:path'
import type { PastAct } from '../../daemon/src/control/past-act.js'
import type { WrittenWords } from '../../daemon/src/local/written-words.js'
import { callerName, userName } from './caller.js'
import { CliError, EXIT } from './errors.js'
import type { Globals } from './globals.js'
import { type Io, note } from './io.js'

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

/**
 * Writes the words, leaves a note of it for the audit of the daemon that comes, and sees to it that they stay. The act is
 * done by then, so that a note which cannot be left is told and no more.
 * @throws CliError `unreachable` when a daemon that starts goes on writing others
 */
export async function actPast(
  io: Io,
  { socket }: Globals,
  order: Pick<PastAct, 'action' | 'reason' | 'bpffs'>,
  write: () => WrittenWords,
): Promise<void> {
  const { noteAct } = await import('../../daemon/src/local/note-act.js')
  const [user, claim] = [userName(), callerName(io)]
  // Nothing between word and note: a daemon that hangs no more names nobody when it finds the word alone.
  const words = write()
  const { fromUs, toUs, atBootUs, bootId } = words
  try {
    noteAct(socket, {
      ...{ action: order.action, reason: order.reason, bpffs: resolve(order.bpffs) },
      ...{ atMs: io.nowMs(), atBootUs, bootId, uid: process.geteuid?.() ?? 0, user, claim, fromUs, toUs },
    })
  } catch (error) {
    note(io, `the audit will not tell who did this and why: ${(error as Error).message}`)
  }
  try {
    await words.hold()
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_OVERWRITTEN') throw error
    throw new CliError(EXIT.unreachable, `it was written, and does not stay: ${(error as Error).message}`, [
      'say it again in a moment: once idsd runs it answers',
    ])
  }
}
