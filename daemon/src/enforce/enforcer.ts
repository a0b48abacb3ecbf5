/**
 * The only writer of the blocklist: stores decisions, keeps one map entry for each blocked target, ends what is over,
 * and puts back what somebody else took out.
 */

import type { BlockOrder, BlocksAround, Enforcement } from '../control/enforcement.js'
import { KernelError } from '../errors.js'
import type { BlockList, KernelEntry } from '../kernel/block-list.js'
import { covers, type Target } from '../policy/address.js'
import type { Verdict } from '../policy/verdict.js'
import type { Store } from '../record/store.js'
import { createAllowlist } from './allowlist.js'
import { actionCode, originCode, reasonCode } from './codes.js'
import type { AllowEntry, Decision, DecisionKind, EntryHits, Mode } from './decision.js'
import { createHitLedger, type Reading } from './hit-ledger.js'
import { effectiveAction, isAutomatic, lastEndMs, strongest } from './strongest.js'

export type ChangeKind = 'added' | 'lifted' | 'expired' | 'repaired'

export interface Change {
  readonly kind: ChangeKind
  readonly decision: Decision
  /** Wall time, ms. */
  readonly atMs: number
}

export interface Clock {
  /** Wall time, ms. */
  nowMs(): number
  /** CLOCK_BOOTTIME, us. */
  bootUs(): number
}

export interface EnforcerOptions {
  readonly blockList: BlockList
  readonly store: Pick<
    Store,
    | 'reserveDecision'
    | 'insertDecision'
    | 'endDecision'
    | 'hits'
    | 'saveHits'
    | 'decision'
    | 'activeDecisions'
    | 'addAllow'
    | 'removeAllow'
    | 'allowEntries'
  >
  readonly parseTarget: (text: string, field: string) => Target
  readonly clock: Clock
  readonly mode: Mode
  /** Addresses that guards protect anyway, shown beside the allowlist. */
  readonly automaticAllow: () => readonly AllowEntry[]
  readonly onChange: (change: Change) => void
  /** The mode is another one from here on; entries that the maps refused are repaired later. */
  readonly onMode?: (mode: Mode, before: Mode) => void
}

export interface Enforcer extends Enforcement {
  /**
   * Loads what is stored into the maps: to be called before the programs are attached.
   * @returns decisions that the maps did not take; they are tried again by `reconcile`
   * @throws KernelError when an allow entry finds no room: without it a block would win
   */
  restore(configured: readonly AllowEntry[]): Decision[]
  /** Takes over the allow entries of a changed configuration. */
  setConfiguredAllow(configured: readonly AllowEntry[]): void
  /**
   * An automatic decision. In mode `detect`, and of kind `spoofable` in every mode, its entry only counts.
   * @param onInForce called once the entry is in the map, before anything is stored
   */
  enforce(verdict: Verdict, onInForce?: (decision: Decision) => void): Decision
  /**
   * The decision, not yet over, that already does to this address what `enforce` would do on a verdict of this kind, or
   * more. Default kind: `block`.
   */
  standing(address: string, kind?: Verdict['kind']): Decision | undefined
  /**
   * Ends decisions that are over; entries follow a wall clock that was set.
   * @throws the first fault, after all were tried
   */
  expire(): void
  /**
   * Compares a part of the entries with the maps, repairs them and keeps what they met; all are seen within `parts`
   * calls. @throws the first fault, after the whole part was tried
   */
  reconcile(parts: number): void
  /** Keeps what every entry met, for the next start. @throws StoreError */
  saveHits(): void
  readonly repaired: number
  active(): IterableIterator<Decision>
  readonly activeCount: number
  allowEntries(): AllowEntry[]
  /** What a decision met in all, earlier runs of the daemon included; also of one that has ended. */
  hits(decision: Decision): EntryHits | undefined
  inKernel(decision: Decision): boolean
}

interface Held {
  readonly target: Target
  /** All active decisions of the target, by number. */
  readonly decisions: Map<number, Decision>
  readonly reading: Reading
  /** It has been in the map. */
  isWritten: boolean
}

const maxInside = 1_000
/** A wall clock that moved further against the boot clock was set, ms. */
const maxDriftMs = 1_000

/** Two readings of clocks that are not read at once, us. */
const expiryToleranceUs = 2_000_000

function isSame(found: KernelEntry, wanted: KernelEntry): boolean {
  return (
    found.decision === wanted.decision &&
    found.action === wanted.action &&
    found.origin === wanted.origin &&
    found.reason === wanted.reason &&
    (found.expiresBootUs === 0) === (wanted.expiresBootUs === 0) &&
    Math.abs(found.expiresBootUs - wanted.expiresBootUs) <= expiryToleranceUs
  )
}

/** Runs them all; the first fault is thrown when the last is done. */
function tryAll<T>(items: Iterable<T>, work: (item: T) => void): void {
  const faults: unknown[] = []
  for (const item of items) {
    try {
      work(item)
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 0) throw faults[0]
}

/** As what an automatic decision is made. */
function kindOf(verdict: Verdict['kind'], mode: Mode): DecisionKind {
  if (verdict === 'spoofable') return 'spoofable'
  return mode === 'detect' ? 'would_block' : 'block'
}

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { blockList, store, parseTarget, clock, onChange, automaticAllow } = options
  const held = new Map<string, Held>()
  const byNumber = new Map<number, Held>()
  const wallMinusBootMs = () => clock.nowMs() - clock.bootUs() / 1000
  const hits = createHitLedger({ blockList, store, wallMinusBootMs })
  const allowlist = createAllowlist({ blockList, store, parseTarget })
  let mode = options.mode
  let repaired = 0
  let pending: string[] = []
  let roundSize = 0
  let clockOffsetMs = wallMinusBootMs()

  const write = (entry: Held) => {
    const { target, decisions } = entry
    // A target that is new has met nothing.
    if (decisions.size !== 1 || entry.isWritten) hits.look(entry)
    entry.isWritten = true
    const decision = strongest(decisions.values(), mode)
    if (decision === undefined) {
      blockList.remove(target)
      return
    }
    blockList.set(target, entryOf(decision, decisions.values()))
  }

  /** What the kernel is to hold for the strongest decision of a target. */
  const entryOf = (decision: Decision, all: Iterable<Decision>): KernelEntry => {
    const endMs = lastEndMs(decision, all, mode)
    const leftMs = endMs - clock.nowMs()
    return {
      decision: decision.number,
      action: actionCode(effectiveAction(decision, mode)),
      origin: originCode(decision.origin),
      reason: reasonCode(decision),
      expiresBootUs: endMs === 0 ? 0 : Math.max(1, Math.round(clock.bootUs() + leftMs * 1000)),
    }
  }

  const hold = (decision: Decision): Held => {
    let entry = held.get(decision.target)
    if (entry === undefined) {
      const target = parseTarget(decision.target, 'target')
      entry = { target, decisions: new Map(), reading: { packets: 0, bytes: 0 }, isWritten: false }
      held.set(decision.target, entry)
    }
    entry.decisions.set(decision.number, decision)
    byNumber.set(decision.number, entry)
    return entry
  }

  const letGo = (number: number) => {
    const entry = byNumber.get(number)
    if (entry === undefined) return
    byNumber.delete(number)
    entry.decisions.delete(number)
    hits.forget(number)
    write(entry)
    if (entry.decisions.size === 0) held.delete(entry.target.text)
  }

  /** Stored first, then in the map; what the map does not take is not kept as active. */
  const add = (decision: Omit<Decision, 'number' | 'state' | 'endedAtMs'>): Decision => {
    const stored = store.insertDecision(decision)
    hits.begin(stored.number)
    try {
      write(hold(stored))
    } catch (error) {
      try {
        letGo(stored.number)
      } finally {
        store.endDecision(stored.number, 'lifted', clock.nowMs())
      }
      throw error
    }
    onChange({ kind: 'added', decision: stored, atMs: clock.nowMs() })
    return stored
  }

  /**
   * In the map first: an attack does not wait for the store. Who is killed in between leaves an entry that ends by
   * itself, and that the next start does not take over.
   */
  const addAtOnce = (
    given: Omit<Decision, 'number' | 'state' | 'endedAtMs'>,
    onInForce?: (decision: Decision) => void,
  ): Decision => {
    const decision: Decision = { ...given, number: store.reserveDecision(), state: 'active', endedAtMs: 0 }
    const { number } = decision
    hits.begin(number)
    let stored: Decision
    try {
      write(hold(decision))
      onInForce?.(decision)
      stored = store.insertDecision(decision)
    } catch (error) {
      letGo(number)
      throw error
    }
    if (stored.number !== number) {
      // The store refused it, and it lives on under another number.
      hits.begin(stored.number)
      hold(stored)
      try {
        letGo(number)
      } catch (fault) {
        // The entry still carries the other number: the next comparison puts it right.
        if (!(fault instanceof KernelError)) throw fault
      }
    }
    onChange({ kind: 'added', decision: stored, atMs: clock.nowMs() })
    return stored
  }

  const end = (decision: Decision, state: 'expired' | 'lifted'): Decision => {
    const { number } = decision
    const entry = byNumber.get(number)
    if (entry !== undefined) hits.look(entry)
    const ended = store.endDecision(number, state, clock.nowMs(), entry && hits.of(number))
    letGo(number)
    onChange({ kind: state, decision: ended, atMs: clock.nowMs() })
    return ended
  }

  const draft = (order: BlockOrder): Omit<Decision, 'number' | 'state' | 'endedAtMs'> => ({
    target: order.target.text,
    action: order.action,
    kind: 'block',
    origin: 'operator',
    mode,
    reason: order.reason,
    createdBy: order.createdBy,
    createdAtMs: order.createdAtMs,
    expiresAtMs: order.expiresAtMs,
    evidence: [],
  })

  const reconcileTarget = (entry: Held) => {
    const decision = strongest(entry.decisions.values(), mode)
    if (decision === undefined) {
      // Its last decision ended, but the map did not let it go.
      write(entry)
      held.delete(entry.target.text)
      return
    }
    const found = hits.look(entry)
    if (found !== undefined && isSame(found, entryOf(decision, entry.decisions.values()))) return
    write(entry)
    repaired++
    onChange({ kind: 'repaired', decision, atMs: clock.nowMs() })
  }

  const enforcer: Enforcer = {
    restore(configured) {
      const nowMs = clock.nowMs()
      const unloaded: Decision[] = []
      allowlist.restore(configured)
      for (const decision of store.activeDecisions()) {
        if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) {
          store.endDecision(decision.number, 'expired', decision.expiresAtMs)
          continue
        }
        hold(decision).isWritten = true
      }
      try {
        blockList.setMany(
          [...held.values()].flatMap(({ target, decisions }) => {
            const decision = strongest(decisions.values(), mode)
            return decision === undefined ? [] : [[target, entryOf(decision, decisions.values())] as const]
          }),
        )
      } catch (error) {
        if (!(error instanceof KernelError)) throw error
        // One by one, to know which find no room.
        for (const entry of held.values()) {
          try {
            write(entry)
          } catch (fault) {
            if (!(fault instanceof KernelError)) throw fault
            unloaded.push(...entry.decisions.values())
          }
        }
      }
      return unloaded
    },
    setConfiguredAllow: (configured) => allowlist.setConfigured(configured),
    enforce: ({ kind: verdictKind, source, origin, reason, blockMs, evidence }, onInForce) => {
      const nowMs = clock.nowMs()
      const kind = kindOf(verdictKind, mode)
      const detectors = new Set(evidence.map(({ detector }) => detector))
      return addAtOnce(
        {
          target: source,
          action: kind === 'block' ? 'drop' : 'count',
          kind,
          origin,
          mode,
          reason,
          createdBy: origin === 'model' ? 'model' : [...detectors].join('+'),
          createdAtMs: nowMs,
          expiresAtMs: nowMs + blockMs,
          evidence,
        },
        onInForce,
      )
    },
    standing(address, kind = 'block') {
      const nowMs = clock.nowMs()
      const running = [...(held.get(address)?.decisions.values() ?? [])].filter(
        ({ expiresAtMs }) => expiresAtMs === 0 || expiresAtMs > nowMs,
      )
      const dropping = running.find((decision) => effectiveAction(decision, mode) === 'drop')
      if (dropping !== undefined) return dropping
      const automatic = running.filter(({ origin }) => isAutomatic(origin))
      if (kind === 'spoofable') return automatic[0]
      return mode === 'detect' ? automatic.find((decision) => decision.kind !== 'spoofable') : undefined
    },
    block: (order) => add(draft(order)),
    preview: (order) => ({ ...draft(order), number: 0, state: 'active', endedAtMs: 0 }),
    lift: (decisions) => decisions.map((decision) => end(decision, 'lifted')),
    decision: (number) => byNumber.get(number)?.decisions.get(number) ?? store.decision(number),
    blocksAround(target) {
      const around: { exact: Decision[]; covering: Decision[]; inside: Decision[] } = {
        exact: [...(held.get(target.text)?.decisions.values() ?? [])],
        covering: [],
        inside: [],
      }
      for (const entry of held.values()) {
        if (entry.target.text === target.text) continue
        if (entry.target.isPrefix && covers(entry.target, target))
          around.covering.push(...entry.decisions.values())
        else if (target.isPrefix && around.inside.length < maxInside && covers(target, entry.target)) {
          around.inside.push(...entry.decisions.values())
        }
      }
      const length = (decision: Decision) => held.get(decision.target)?.target.prefix ?? 0
      around.covering.sort((a, b) => length(b) - length(a))
      return around satisfies BlocksAround
    },
    addAllow: (target, entry) => allowlist.add(target, entry),
    removeAllow: (target) => allowlist.remove(target),
    allowEntry: (target) =>
      allowlist.entry(target) ?? automaticAllow().find((entry) => entry.target === target.text),
    coveringAllow: (target) => allowlist.covering(target),
    setMode(next) {
      if (next === mode) return
      const before = mode
      mode = next
      try {
        tryAll(held.values(), write)
      } finally {
        options.onMode?.(next, before)
      }
    },
    changedByMode(next) {
      let changed = 0
      for (const decision of enforcer.active()) {
        if (effectiveAction(decision, mode) !== effectiveAction(decision, next)) changed++
      }
      return changed
    },
    get mode() {
      return mode
    },
    expire() {
      const nowMs = clock.nowMs()
      const over: Decision[] = []
      for (const { decisions } of held.values()) {
        for (const decision of decisions.values()) {
          if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) over.push(decision)
        }
      }
      if (Math.abs(wallMinusBootMs() - clockOffsetMs) > maxDriftMs) {
        clockOffsetMs = wallMinusBootMs()
        tryAll(held.values(), write)
      }
      tryAll(over, (decision) => end(decision, 'expired'))
    },
    reconcile(parts) {
      if (pending.length === 0) {
        pending = [...held.keys()]
        roundSize = pending.length
        repaired += allowlist.repair()
        blockList.refresh()
      }
      const slice = pending.splice(0, Math.max(100, Math.ceil(roundSize / parts)))
      try {
        tryAll(slice, (text) => {
          const entry = held.get(text)
          if (entry !== undefined) reconcileTarget(entry)
        })
      } finally {
        hits.save()
      }
    },
    saveHits() {
      for (const entry of held.values()) hits.look(entry)
      hits.save()
    },
    get repaired() {
      return repaired
    },
    *active() {
      for (const entry of held.values()) yield* entry.decisions.values()
    },
    get activeCount() {
      return byNumber.size
    },
    allowEntries: () => [...allowlist.entries(), ...automaticAllow()],
    hits(decision) {
      const entry = byNumber.get(decision.number)
      if (entry === undefined) return store.hits(decision.number)
      hits.look(entry)
      return hits.of(decision.number)
    },
    inKernel(decision) {
      const entry = byNumber.get(decision.number)
      return entry !== undefined && blockList.get(entry.target)?.decision === decision.number
    },
  }
  return enforcer
}
