/** What control needs from the rooms that decide and enforce; daemon.ts hands it over. */

import type { Action, AllowEntry, Decision, Limit, Mode } from '../enforce/decision.js'
import type { Target } from '../policy/address.js'

/** @throws ArgumentError naming `field` when `text` is neither an address nor a CIDR */
export type ParseTarget = (text: string, field: string) => Target

/** An operator's block before it has a number. */
export interface BlockOrder {
  readonly target: Target
  readonly action: Action
  /** Of action `limit`. */
  readonly limit?: Limit
  readonly sparesFlows?: true
  readonly reason: string
  readonly createdBy: string
  /** Wall time, ms. */
  readonly createdAtMs: number
  /** Wall time, ms; 0 = until unblocked. */
  readonly expiresAtMs: number
}

/** Active decisions by how they lie to a target. */
export interface BlocksAround {
  /** Of exactly this target. */
  readonly exact: readonly Decision[]
  /** Of a shorter prefix that holds it, longest prefix first. */
  readonly covering: readonly Decision[]
  /** Of addresses and longer prefixes inside it, at most 1,000. */
  readonly inside: readonly Decision[]
}

export interface Enforcement {
  readonly mode: Mode
  /** Whether a trial that runs has another allow entry of exactly this target, or none. */
  onTrial(target: Target): boolean
  /** The generations that an active decision is in. */
  membership(decision: Decision): 'both' | 'confirmed' | 'trial'
  /**
   * Automatic decisions of kind `block` drop in mode `prevent` and count in mode `detect`; all others go on as they
   * are. @throws the first fault of the kernel, after all entries were tried: the mode has changed nevertheless
   */
  setMode(mode: Mode): void
  /** Active decisions whose packets would be dropped in the other mode and are not in this one, or the reverse. */
  changedByMode(mode: Mode): number
  /** Active decisions that keep packets back in this mode, but for a panic. */
  readonly droppingCount: number
  /** Stores the decision and writes its map entry. @throws KernelError when the map takes no more */
  block(order: BlockOrder): Decision
  /** The decision that `block` would make, numbered 0; changes nothing. */
  preview(order: BlockOrder): Decision
  /** Ends active decisions and takes out their entries; returns them as they are afterwards. */
  lift(decisions: readonly Decision[], endedBy: string): readonly Decision[]
  /** Any decision, ended ones too. */
  decision(number: number): Decision | undefined
  blocksAround(target: Target): BlocksAround
  /** Stores and loads an allow entry; one of the same target is replaced. */
  addAllow(target: Target, entry: AllowEntry): AllowEntry
  /** All that are in force, automatic ones too. */
  allowEntries(): readonly AllowEntry[]
  removeAllow(target: Target, entry: AllowEntry, removedBy: string): void
  /** The entry of exactly this target: operator's or configured before an automatic one. */
  allowEntry(target: Target): AllowEntry | undefined
  /** The longest entry in the kernel's allow map that covers the whole target, itself included. */
  coveringAllow(target: Target): AllowEntry | undefined
  /** All of them, the longest first. */
  allowChain(target: Target): readonly AllowEntry[]
}
