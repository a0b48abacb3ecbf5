/** Settings in a file of their own: what is asked for, what it changes, and the desk that puts them in force. */

import type { Config } from '../config/config.js'
import type { AllowEntry, Decision } from '../enforce/decision.js'
import type { TrialState } from '../enforce/trial.js'
import type { Caller } from './caller.js'

/** What settings are, and how others take effect; see wiring/settings.ts. */
export interface ApplyDesk {
  readonly now: Config
  /** What `now` would be. @param text undefined: nothing is applied @throws ConfigError */
  with(text: string | undefined, name: string): Config
  readonly applied: string | undefined
  readonly appliedBefore: string | undefined
  /**
   * Puts settings in force and stores them; on trial they are stored when they are confirmed.
   * @throws KernelError, StoreError: then nothing was changed
   */
  apply(text: string | undefined, isTrial: boolean): void
  /** Entries as the configuration makes them. */
  allowEntries(config: Config): readonly AllowEntry[]
}

export interface ApplySource {
  /** Text of the file; '' with one of the others. */
  readonly text: string
  /** Of the file, for the faults. */
  readonly name: string
  /** What was applied before this. */
  readonly isPrevious: boolean
  /** Nothing at all: idsd.toml alone. */
  readonly isClear: boolean
}

export interface ApplyCommand extends ApplySource {
  readonly confirmMs: number
  readonly force: boolean
  readonly reason: string
  readonly dryRun: boolean
  readonly callerPeer: string
  readonly caller: Caller
}

export interface SettingChange {
  /** Dotted path, as in idsd.toml. */
  readonly path: string
  /** As JSON. */
  readonly before: string
  readonly after: string
}

export interface ApplyChange {
  readonly settings: readonly SettingChange[]
  readonly allowAdded: readonly AllowEntry[]
  readonly allowRemoved: readonly AllowEntry[]
  /** Active decisions that the first 100 entries of these would override. */
  readonly overrides: readonly Decision[]
  /** Guards that object, in words. */
  readonly guards: readonly string[]
}

export interface ApplyOutcome extends ApplyChange {
  readonly dryRun: boolean
  readonly trial: TrialState | undefined
  /** Something was applied before: `--previous` leads back to it. Else `--clear` does. */
  readonly hadApplied: boolean
}

export interface ApplyCommands {
  /** @throws ArgumentError `text` with every fault of the file */
  apply(command: ApplyCommand): ApplyOutcome
  /** What it would change; changes nothing. */
  checkApply(source: ApplySource, callerPeer: string): ApplyChange & { readonly next: Config }
}
