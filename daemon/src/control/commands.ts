/** A request from outside becomes an operator's decision: checked, guarded, audited, then handed to enforce. */

import type { Action, AllowEntry, Decision, Mode } from '../enforce/decision.js'
import type { Target } from '../policy/address.js'
import type { Refusal } from '../policy/guards.js'
import { createAllowCommands } from './allow-commands.js'
import type { AuditRow } from './audit-row.js'
import { createBlockCommands } from './block-commands.js'
import type { Caller } from './caller.js'
import type { Enforcement, ParseTarget } from './enforcement.js'
import { createModeCommand } from './mode-command.js'

export interface BlockCommand {
  /** Address or CIDR as the caller wrote it. */
  readonly target: string
  /** Length of the block, ms; 0 = until unblocked. */
  readonly ttlMs: number
  /** '' takes the default reason. */
  readonly reason: string
  readonly action: Action
  /** Overrides every guard but the allowlist. */
  readonly force: boolean
  readonly dryRun: boolean
  /** Far end of the caller's own session; '' when there is none. */
  readonly callerPeer: string
  readonly caller: Caller
}

export interface BlockOutcome {
  /** Numbered 0 in a dry run. */
  readonly decision: Decision
  readonly dryRun: boolean
  /** What force overrode, in words. */
  readonly overridden: readonly string[]
}

export interface UnblockCommand {
  /** Address or CIDR; '' when `decisionNumber` is given. */
  readonly target: string
  /** 0 when `target` is given. */
  readonly decisionNumber: number
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface UnblockOutcome {
  readonly lifted: readonly Decision[]
  readonly dryRun: boolean
}

export interface AddAllowCommand {
  readonly target: string
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface AddAllowOutcome {
  readonly entry: AllowEntry
  /** Active blocks that the entry overrides; a block that is wider than the entry still holds around it. */
  readonly overrides: readonly Decision[]
  readonly dryRun: boolean
}

export interface RemoveAllowCommand {
  readonly target: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface RemoveAllowOutcome {
  readonly entry: AllowEntry
  readonly dryRun: boolean
}

export interface AllowCheck {
  /** The entry that covers the whole target. */
  readonly entry: AllowEntry | undefined
  /** Guards that would refuse a block, in words. */
  readonly guards: readonly string[]
  /** Active blocks of exactly this target or covering it. */
  readonly blocks: readonly Decision[]
}

export interface SetModeCommand {
  readonly mode: Mode
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface SetModeOutcome {
  readonly before: Mode
  readonly mode: Mode
  /** Active decisions that drop from here on and only counted before, or the reverse. */
  readonly decisionsChanged: number
  readonly dryRun: boolean
}

/**
 * What a request may do. All of them throw ArgumentError with the name of the proto field, RefusedError when a guard
 * or the allowlist objects, NotFoundError when there is nothing to undo, KernelError when the kernel does not comply.
 */
export interface Commands {
  block(command: BlockCommand): BlockOutcome
  unblock(command: UnblockCommand): UnblockOutcome
  addAllow(command: AddAllowCommand): AddAllowOutcome
  removeAllow(command: RemoveAllowCommand): RemoveAllowOutcome
  checkAllow(target: string, callerPeer: string): AllowCheck
  /** Holds until the next start, or a reload of a file that names another mode than before. */
  setMode(command: SetModeCommand): SetModeOutcome
}

export interface CommandsOptions {
  readonly enforcement: Enforcement
  /** Guards that object to a block of `target`; `callerPeer` is a canonical address or ''. */
  readonly refusals: (target: Target, callerPeer: string) => readonly Refusal[]
  readonly audit: (row: AuditRow) => void
  readonly parseTarget: ParseTarget
  /** Wall time, ms since 1970. */
  readonly nowMs: () => number
}

export function createCommands(options: CommandsOptions): Commands {
  return { ...createBlockCommands(options), ...createAllowCommands(options), ...createModeCommand(options) }
}
