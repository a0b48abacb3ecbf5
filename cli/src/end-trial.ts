/** Keeps the change that is on trial, or takes it back: through the daemon; the latter past one that does not answer too. */

import { callerName } from './caller.js'
import { withClient } from './client.js'
import type { Trial } from './contract.js'
import { CliError, EXIT } from './errors.js'
import type { Globals } from './globals.js'
import { idsdRoot } from './host-program.js'
import type { Io } from './io.js'
import { actPast, isSilent, openPastDaemon } from './past-daemon.js'

export interface TrialEndOrder {
  readonly name: 'confirm' | 'rollback'
  readonly reason: string
  readonly dryRun: boolean
  /** Folder of the daemon's pins. */
  readonly bpffs: string
}

export interface TrialEndOutcome {
  /** Undefined past the daemon: the maps know only until when. */
  readonly trial: Trial | undefined
  /** How much of its time was left, ms. */
  readonly leftMs: number
  /** What the daemon's silence was, and whose programs were reached past it; undefined when it answered. */
  readonly past: { readonly problem: string; readonly interfaces: readonly string[] } | undefined
}

/** @throws CliError `notFound` when no change is on trial, `unreachable` when only a daemon could do it and none answers */
export async function endTrial(io: Io, globals: Globals, order: TrialEndOrder): Promise<TrialEndOutcome> {
  const { name, reason, dryRun } = order
  try {
    const request = { reason, dryRun, caller: callerName(io) }
    const { trial } = await withClient(globals, (client) => client.call(name, request))
    if (trial === null) throw new Error('the answer of the daemon holds no trial')
    return { trial, leftMs: trial.leftMs, past: undefined }
  } catch (error) {
    if (!isSilent(error, globals)) throw error
    if (name === 'confirm') throw await unkept(order, error)
    return rollBackInMaps(io, globals, order, error)
  }
}

async function rollBackInMaps(
  io: Io,
  globals: Globals,
  { bpffs, dryRun, reason }: TrialEndOrder,
  fault: CliError,
): Promise<TrialEndOutcome> {
  const { openPinnedTrial } = await import('../../daemon/src/local/trial.js')
  const pinned = await openPastDaemon(bpffs, fault, () => openPinnedTrial({ root: idsdRoot(), bpffs }))
  const { names, leftMs, isConfirmed } = pinned
  if (leftMs === 0) {
    const why = isConfirmed ? 'the change was confirmed' : 'no change is on trial'
    throw new CliError(EXIT.notFound, `${why}: there is nothing to roll back`, [
      `${fault.message}; so say the maps of ${names.join(', ')}`,
    ])
  }
  if (!dryRun) await actPast(io, globals, { action: 'rollback', reason, bpffs }, pinned.rollBack)
  return { trial: undefined, leftMs, past: { problem: fault.message, interfaces: names } }
}

/** The programs could go on, but nobody would know at the next boot what they do and why. */
async function unkept({ bpffs }: TrialEndOrder, fault: CliError): Promise<CliError> {
  const { openPinnedTrial } = await import('../../daemon/src/local/trial.js')
  let left = ''
  try {
    const { leftMs } = openPinnedTrial({ root: idsdRoot(), bpffs })
    if (leftMs > 0) left = ` in ${Math.ceil(leftMs / 1000)} s`
  } catch {
    // Who may not look at the maps is told the rest.
  }
  return new CliError(fault.exitCode, fault.message, [
    `only idsd can keep a change: what is on trial is taken back${left}, unless idsd starts and is told before that`,
    ...fault.hints,
  ])
}
