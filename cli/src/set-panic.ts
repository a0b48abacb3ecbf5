/** Stops or resumes all enforcement: through the daemon, or past one that does not answer. */

import { callerName } from './caller.js'
import { withClient } from './client.js'
import type { Panic } from './contract.js'
import type { CliError } from './errors.js'
import type { Globals } from './globals.js'
import { idsdRoot } from './host-program.js'
import type { Io } from './io.js'
import { actPast, isSilent, openPastDaemon } from './past-daemon.js'

export interface PanicOrder {
  readonly isOn: boolean
  /** How long, ms; 0 = until it is ended. */
  readonly forMs: number
  readonly reason: string
  readonly dryRun: boolean
  /** Folder of the daemon's pins. */
  readonly bpffs: string
}

export interface PanicOutcome {
  readonly dryRun: boolean
  readonly before: Panic | null
  readonly after: Panic | null
  /** Undefined when the daemon did not answer. */
  readonly decisionsDropping: number | undefined
  /** What the daemon's silence was, and whose programs were reached past it; undefined when it answered. */
  readonly past: { readonly problem: string; readonly interfaces: readonly string[] } | undefined
}

/** Where idsd pins by default. */
export const defaultBpffs = '/sys/fs/bpf/idsd'

/** @throws CliError also when neither the daemon nor the maps are to be had */
export async function setPanic(io: Io, globals: Globals, order: PanicOrder): Promise<PanicOutcome> {
  const { isOn, forMs, reason, dryRun } = order
  const request = { on: isOn, forMs, reason, dryRun, caller: callerName(io) }
  try {
    const answer = await withClient(globals, (client) => client.call('setPanic', request))
    return { ...answer, past: undefined }
  } catch (error) {
    if (!isSilent(error, globals)) throw error
    return setInMaps(io, globals, order, error)
  }
}

async function setInMaps(
  io: Io,
  globals: Globals,
  order: PanicOrder,
  fault: CliError,
): Promise<PanicOutcome> {
  const { isOn, forMs, reason, dryRun, bpffs } = order
  const { openPinnedPanic } = await import('../../daemon/src/local/panic.js')
  const pinned = await openPastDaemon(bpffs, fault, () => openPinnedPanic({ root: idsdRoot(), bpffs }))
  const nowMs = io.nowMs()
  const state = (leftMs: number, sinceMs: number, by: string, why: string): Panic | null => {
    if (leftMs === 0) return null
    return { sinceMs, untilMs: leftMs === Number.POSITIVE_INFINITY ? 0 : nowMs + leftMs, by, reason: why }
  }
  const before = state(pinned.leftMs, 0, '', '')
  const lastingMs = forMs === 0 ? Number.POSITIVE_INFINITY : forMs
  if (!dryRun && (isOn || before !== null)) {
    const act = { action: isOn ? 'panic' : 'resume', reason, bpffs } as const
    await actPast(io, globals, act, () => pinned.set(isOn ? lastingMs : 0))
  }
  return {
    dryRun,
    before,
    after: isOn ? state(lastingMs, nowMs, callerName(io), reason) : null,
    decisionsDropping: undefined,
    past: { problem: fault.message, interfaces: pinned.names },
  }
}
