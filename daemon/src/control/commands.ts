/** What requests from outside may ask for, what they are answered, and what it takes to do it. */

import type { Breakers } from '../breakers.js'
import type { Calibration } from '../calibrate/calibration.js'
import type { Action, AllowEntry, Decision, Limit, Mode } from '../enforce/decision.js'
import type { Panic, PanicState } from '../enforce/panic.js'
import type { Trial, TrialState } from '../enforce/trial.js'
import type { Target } from '../policy/address.js'
import type { BreakerState } from '../policy/breaker.js'
import type { Refusal } from '../policy/guards.js'
import type { ApplyCommands, ApplyDesk } from './apply-order.js'
import type { AuditRow } from './audit-row.js'
import type { CalibrateCommands } from './calibrate-order.js'
import type { Caller } from './caller.js'
import type { BlockOrder, Enforcement, ParseTarget } from './enforcement.js'

export interface BlockCommand {
  /** On trial for so long, unless it is confirmed, ms; absent or 0 = for good. */
  readonly confirmMs?: number
  /** Address or CIDR as the caller wrote it. */
  readonly target: string
  /** Length of the block, ms; 0 = until unblocked. */
  readonly ttlMs: number
  /** '' takes the default reason. */
  readonly reason: string
  readonly action: Action
  /** Of action `limit`, and only there. */
  readonly limit?: Limit
  /** Packets of proven flows, and of those that our side opened, pass. */
  readonly sparesFlows?: true
  /** Overrides every guard but the allowlist. */
  readonly force: boolean
  readonly dryRun: boolean
  /** Far end of the caller's own session; '' when there is none. */
  readonly callerPeer: string
  readonly caller: Caller
}

export interface BlockOutcome {
  /** That it is on trial for, or in a dry run would be; undefined or absent: it is for good. */
  readonly trial?: TrialState | undefined
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
  /** On trial for so long, unless it is confirmed, ms; absent or 0 = for good. */
  readonly confirmMs?: number
  readonly target: string
  readonly reason: string
  /** How long, ms; 0 = until it is taken out. */
  readonly ttlMs: number
  /** Never block, but go on telling what detectors find. */
  readonly isLogOnly: boolean
  /** Also where the allowlist would let most addresses through. */
  readonly force?: boolean
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface AddAllowOutcome {
  /** That it is on trial for, or in a dry run would be; undefined or absent: it is for good. */
  readonly trial?: TrialState | undefined
  readonly entry: AllowEntry
  /** Blocks of this target and inside it, which end with it: lifted, or in a dry run to be lifted. */
  readonly lifted: readonly Decision[]
  /** What force overrode, in words; absent: nothing. */
  readonly overridden?: readonly string[]
  /** Blocks that stay and that the entry overrides: wider than it, so they hold around it, or of a list. */
  readonly overrides: readonly Decision[]
  readonly dryRun: boolean
}

export interface RemoveAllowCommand {
  /** On trial for so long, unless it is confirmed, ms; absent or 0 = for good. */
  readonly confirmMs?: number
  readonly target: string
  /** Why; '' where none is given. */
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface RemoveAllowOutcome {
  /** That it is on trial for, or in a dry run would be; undefined or absent: it is for good. */
  readonly trial?: TrialState | undefined
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
  /** On trial for so long, unless it is confirmed, ms; absent or 0 = for good. */
  readonly confirmMs?: number
  readonly mode: Mode
  /** Why; '' where none is given. */
  readonly reason: string
  /** `prevent` while this site is learnt: the learning ends. */
  readonly force?: boolean
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface SetModeOutcome {
  /** That it is on trial for, or in a dry run would be; undefined or absent: it is for good. */
  readonly trial?: TrialState | undefined
  readonly before: Mode
  readonly mode: Mode
  /** Active decisions that drop from here on and only counted before, or the reverse. */
  readonly decisionsChanged: number
  /** What force overrode, in words; absent: nothing. */
  readonly overridden?: readonly string[]
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

export interface EndTrialCommand {
  /** True: what is on trial holds from here on. False: it is gone at once. */
  readonly isKept: boolean
  /** Why; '' where none is given. */
  readonly reason: string
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface EndTrialOutcome {
  /** As it was. */
  readonly trial: TrialState
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
export interface Commands extends CalibrateCommands, ApplyCommands {
  block(command: BlockCommand): BlockOutcome
  unblock(command: UnblockCommand): UnblockOutcome
  addAllow(command: AddAllowCommand): AddAllowOutcome
  removeAllow(command: RemoveAllowCommand): RemoveAllowOutcome
  checkAllow(target: string, callerPeer: string): AllowCheck
  /**
   * Holds until the next start, or a reload of a file that names another mode than before.
   * @throws RefusedError for `prevent` while this site is learnt: a start would go on learning in `detect`
   */
  setMode(command: SetModeCommand): SetModeOutcome
  /**
   * Changes nothing. @param targets 1 to 1,000
   * @throws ArgumentError `targets`, `caller_peer`, `limit`, `spares_flows`
   */
  checkBlocks(
    targets: readonly string[],
    callerPeer: string,
    does: Pick<BlockOrder, 'action' | 'limit' | 'sparesFlows'>,
  ): BlocksCheck
  /** Outlasts a restart. */
  setPanic(command: SetPanicCommand): SetPanicOutcome
  /** @throws NotFoundError when nothing is on trial */
  endTrial(command: EndTrialCommand): EndTrialOutcome
  /** Gives a tripped origin its power to block back. @throws NotFoundError when its breaker is not tripped */
  resumeOrigin(command: ResumeOriginCommand): ResumeOriginOutcome
}

export interface CommandsOptions {
  readonly enforcement: Enforcement
  readonly panic: Pick<Panic, 'state' | 'begin' | 'end'>
  /** Absent: nothing can be on trial. */
  readonly trial?: Pick<Trial, 'state' | 'change' | 'begin' | 'confirm' | 'rollback' | 'watch'>
  /** Absent: no settings can be applied. */
  readonly settings?: ApplyDesk
  /** Default: no breaker is ever tripped. */
  readonly breakers?: Pick<Breakers, 'states' | 'reset'>
  /** Absent: nothing is learnt. */
  readonly calibration?: Calibration
  /** How long it learns when it is not told, ms. */
  readonly calibrateForMs?: () => number
  /** Guards that object to a block of `target`; `callerPeer` is a canonical address or ''. */
  readonly refusals: (target: Target, callerPeer: string) => readonly Refusal[]
  /** What imported lists do to a target, in words; undefined when none holds it. Default: there are no lists. */
  readonly listed?: (target: Target) => string | undefined
  readonly audit: (row: AuditRow) => void
  readonly parseTarget: ParseTarget
  /** Wall time, ms since 1970. */
  readonly nowMs: () => number
}
