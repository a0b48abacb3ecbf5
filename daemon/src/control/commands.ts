/** A request from outside becomes an operator's decision: checked, guarded, audited, then handed to enforce. */

import type { Breakers } from '../breakers.js'
import type { Action, AllowEntry, Decision, Mode } from '../enforce/decision.js'
import type { Panic, PanicState } from '../enforce/panic.js'
import type { Target } from '../policy/address.js'
import type { BreakerState } from '../policy/breaker.js'
import type { Refusal } from '../policy/guards.js'
import { createAllowCommands } from './allow-commands.js'
import type { AuditRow } from './audit-row.js'
import { createBlockCommands } from './block-commands.js'
import { createBreakerCommand } from './breaker-command.js'
import type { Caller } from './caller.js'
import type { Enforcement, ParseTarget } from './enforcement.js'
import { createModeCommand } from './mode-command.js'
import { createPanicCommand } from './panic-command.js'
import { createPlanCommand } from './plan-command.js'

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
  /** Why; '' where none is given. */
  readonly reason: string
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
  /** How long, ms; 0 = until it is taken out. */
  readonly ttlMs: number
  /** Never block, but go on telling what detectors find. */
  readonly isLogOnly: boolean
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface AddAllowOutcome {
  readonly entry: AllowEntry
  /** Blocks of this target and inside it, which end with it: lifted, or in a dry run to be lifted. */
  readonly lifted: readonly Decision[]
  /** Blocks that stay and that the entry overrides: wider than it, so they hold around it, or of a list. */
  readonly overrides: readonly Decision[]
  readonly dryRun: boolean
}

export interface RemoveAllowCommand {
  readonly target: string
  /** Why; '' where none is given. */
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface RemoveAllowOutcome {
  readonly entry: AllowEntry
  readonly dryRun: boolean
}

export interface AllowCheck {
  /** The entry that covers the whole target; an automatic one where no other does. */
  readonly entry: AllowEntry | undefined
  /** Shorter entries that cover it too, the longest first. */
  readonly wider: readonly AllowEntry[]
  /** What would happen to its packets without `entry`, or happens where there is none, in a sentence. */
  readonly otherwise: string
  /** Guards that would refuse a block, in words. */
  readonly guards: readonly string[]
  /** Active blocks of exactly this target or covering it. */
  readonly blocks: readonly Decision[]
}

export interface SetModeCommand {
  readonly mode: Mode
  /** Why; '' where none is given. */
  readonly reason: string
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

export interface SetPanicCommand {
  /** True stops all enforcement, false resumes it. */
  readonly isOn: boolean
  /** How long, ms; 0 = until it is ended. */
  readonly forMs: number
  /** Why; '' where none is given. */
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface SetPanicOutcome {
  readonly before: PanicState | undefined
  readonly after: PanicState | undefined
  /** Active decisions that drop, but for the panic. */
  readonly decisionsDropping: number
  readonly dryRun: boolean
}

export interface ResumeOriginCommand {
  /** A detector, or `model`. */
  readonly origin: string
  /** Why; '' where none is given. */
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface ResumeOriginOutcome {
  /** The trip that ends. */
  readonly tripped: BreakerState
  readonly dryRun: boolean
}

export interface BlocksCheck {
  /** Parsed, each once. */
  readonly targets: readonly Target[]
  /** Those that an allow entry or a guard would refuse, with why, in words. */
  readonly refused: readonly { readonly target: string; readonly guards: readonly string[] }[]
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
  /** Changes nothing. @param targets 1 to 1,000 @throws ArgumentError `targets`, `caller_peer` */
  checkBlocks(targets: readonly string[], callerPeer: string): BlocksCheck
  /** Outlasts a restart. */
  setPanic(command: SetPanicCommand): SetPanicOutcome
  /** Gives a tripped origin its power to block back. @throws NotFoundError when its breaker is not tripped */
  resumeOrigin(command: ResumeOriginCommand): ResumeOriginOutcome
}

export interface CommandsOptions {
  readonly enforcement: Enforcement
  readonly panic: Pick<Panic, 'state' | 'begin' | 'end'>
  /** Default: no breaker is ever tripped. */
  readonly breakers?: Pick<Breakers, 'states' | 'reset'>
  /** Guards that object to a block of `target`; `callerPeer` is a canonical address or ''. */
  readonly refusals: (target: Target, callerPeer: string) => readonly Refusal[]
  readonly audit: (row: AuditRow) => void
  readonly parseTarget: ParseTarget
  /** Wall time, ms since 1970. */
  readonly nowMs: () => number
}

export function createCommands(options: CommandsOptions): Commands {
  return {
    ...createBlockCommands(options),
    ...createAllowCommands(options),
    ...createModeCommand(options),
    ...createPlanCommand(options),
    ...createPanicCommand(options),
    ...createBreakerCommand(options),
  }
}
