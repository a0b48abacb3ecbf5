/**
 * The only writer of the blocklist: stores decisions, keeps one map entry for each blocked target, ends what is over,
 * and puts back what somebody else took out.
 */

import type { BlockOrder, BlocksAround, Enforcement } from '../control/enforcement.js'
import type { DetectorName } from '../detect/evidence.js'
import { KernelError } from '../errors.js'
import type { BlockList, KernelEntry } from '../kernel/block-list.js'
import { covers, type Target } from '../policy/address.js'
import { type Led, leadOf } from '../policy/lead.js'
import type { Verdict } from '../policy/verdict.js'
import type { Store } from '../record/store.js'
import { createAllowlist } from './allowlist.js'
import { actionCode, originCode, reasonCode } from './codes.js'
import type { AllowEntry, Decision, DecisionKind, EntryHits, Mode } from './decision.js'
import { createHitLedger, type Reading } from './hit-ledger.js'
import { effectiveAction, isAutomatic, lastEndMs, leasedFromMs, strongest } from './strongest.js'

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
  /** Entries that somebody else had put into the maps and that were taken out, in words. */
  readonly onStrays?: (strays: readonly string[]) => void
  /** Allow entries whose time is over and that were taken out. */
  readonly onAllowEnd?: (ended: readonly AllowEntry[]) => void
  /** The mode is another one from here on; entries that the maps refused are repaired later. */
  readonly onMode?: (mode: Mode, before: Mode) => void
  /** Origins whose decisions only count in every mode: see Breaker. Default: there are none. */
  readonly tripped?: ReadonlySet<DetectorName>
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
  /**
   * Writes the entries anew after origins were tripped, or are no longer.
   * @throws the first fault of the kernel, after all were tried
   */
  applyTrips(): void
  /** Keeps what every entry met, for the next start. @throws StoreError */
  saveHits(): void
  readonly repaired: number
  active(): IterableIterator<Decision>
  readonly activeCount: number
  allowEntries(): AllowEntry[]
  /** The longest allow entry that covers the address asks for silence: its evidence is no alert. */
  isSilent(address: string): boolean
  /** What a decision met in all, earlier runs of the daemon included; also of one that has ended. */
  hits(decision: Decision): EntryHits | undefined
  inKernel(decision: Decision): boolean
  /** From when on its entry needs the daemon's beat, as in `KernelEntry`; undefined also without an entry. */
  leasedFromBootUs(decision: Decision): number | undefined
  /** What the map is to hold for exactly this target; undefined when nothing. */
  wanted(target: string): KernelEntry | undefined
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
/**
 * Keys of each trie that are looked at in one call of `reconcile`, at least and at most: a key costs some 2 us, so that
 * with more than so many times `parts` a round takes longer.
 */
const [leastStrayKeys, mostStrayKeys] = [1_000, 20_000] as const
/** A wall clock that moved further against the boot clock was set, ms. */
const maxDriftMs = 1_000

/** Two readings of clocks that are not read at once, us. */
const expiryToleranceUs = 2_000_000

/** Whether an entry does what is wanted; ends may lie 2 s apart. */
export function isSame(found: KernelEntry, wanted: KernelEntry): boolean {
  return (
    found.decision === wanted.decision &&
    found.action === wanted.action &&
    found.origin === wanted.origin &&
    found.reason === wanted.reason &&
    (found.expiresBootUs === 0) === (wanted.expiresBootUs === 0) &&
    Math.abs(found.expiresBootUs - wanted.expiresBootUs) <= expiryToleranceUs &&
    isSameLease(found.leasedFromBootUs, wanted.leasedFromBootUs)
  )
}

function isSameLease(found: number | undefined, wanted: number | undefined): boolean {
  if (found === undefined || wanted === undefined) return found === wanted
  return (found === 0) === (wanted === 0) && Math.abs(found - wanted) <= expiryToleranceUs
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
  if (verdict !== 'block') return verdict
  return mode === 'detect' ? 'would_block' : 'block'
}

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { blockList, store, parseTarget, clock, onChange, automaticAllow, tripped = new Set() } = options
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

  const isTripped = (decision: Led) => {
    const lead = tripped.size === 0 ? undefined : leadOf(decision)
    return lead !== undefined && tripped.has(lead)
  }
  const inMode =
    (whole: Mode) =>
    (decision: Led): Mode =>
      isTripped(decision) ? 'detect' : whole
  const modeOf = (decision: Led) => inMode(mode)(decision)

  const write = (entry: Held) => {
    const { target, decisions } = entry
    // A target that is new has met nothing.
    if (decisions.size !== 1 || entry.isWritten) hits.look(entry)
    entry.isWritten = true
    const decision = strongest(decisions.values(), modeOf)
    if (decision === undefined) {
      blockList.remove(target)
      return
    }
    blockList.set(target, entryOf(decision, decisions.values()))
  }

  /** What the kernel is to hold for the strongest decision of a target. */
  const entryOf = (decision: Decision, given: Iterable<Decision>): KernelEntry => {
    // Gone through twice.
    const all = [...given]
    const endMs = lastEndMs(decision, all, modeOf)
    const bootUsAt = (wallMs: number) =>
      Math.max(1, Math.round(clock.bootUs() + (wallMs - clock.nowMs()) * 1000))
    const leasedMs = leasedFromMs(decision, all, modeOf)
    const isLeased = leasedMs !== undefined && (endMs === 0 || leasedMs < endMs)
    return {
      decision: decision.number,
      action: actionCode(effectiveAction(decision, modeOf)),
      origin: originCode(decision.origin),
      reason: reasonCode(decision),
      expiresBootUs: endMs === 0 ? 0 : bootUsAt(endMs),
      ...(isLeased ? { leasedFromBootUs: leasedMs === 0 ? 0 : bootUsAt(leasedMs) } : {}),
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
    const decision = strongest(entry.decisions.values(), modeOf)
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
      allowlist.restore(configured, nowMs)
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
            const decision = strongest(decisions.values(), modeOf)
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
    enforce: (verdict, onInForce) => {
      const { source, origin, blockMs, evidence } = verdict
      const nowMs = clock.nowMs()
      const kind = kindOf(verdict.kind, modeOf(verdict))
      const held = verdict.kind === 'block' && isTripped(verdict)
      const reason = held
        ? `${verdict.reason}; only counts: the breaker of ${leadOf(verdict)} is tripped`
        : verdict.reason
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
      const dropping = running.find((decision) => effectiveAction(decision, modeOf) === 'drop')
      if (dropping !== undefined) return dropping
      const automatic = running.filter(({ origin }) => isAutomatic(origin))
      if (kind === 'spoofable') return automatic[0]
      // An entry that counts already does what another one of this kind would do.
      if (kind === 'would_block') return automatic.find((decision) => decision.kind !== 'spoofable')
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
    coveringAllow: (target) => allowlist.chain(target)[0],
    allowChain: (target) => allowlist.chain(target),
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
        if (effectiveAction(decision, modeOf) !== effectiveAction(decision, inMode(next))) changed++
      }
      return changed
    },
    applyTrips() {
      tryAll(held.values(), write)
    },
    get droppingCount() {
      let dropping = 0
      for (const decision of enforcer.active()) if (effectiveAction(decision, modeOf) === 'drop') dropping++
      return dropping
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
      const expireAllow = () => {
        const ended = allowlist.expire(nowMs)
        if (ended.length > 0) options.onAllowEnd?.(ended)
      }
      tryAll([expireAllow, ...over.map((decision) => () => end(decision, 'expired'))], (work) => work())
    },
    reconcile(parts) {
      if (pending.length === 0) {
        pending = [...held.keys()]
        roundSize = pending.length
        repaired += allowlist.repair()
        repaired += blockList.refresh()
      }
      const share = Math.ceil(roundSize / parts)
      const inTries = blockList.prefixCount + blockList.allowCount
      const keys = Math.min(mostStrayKeys, Math.max(leastStrayKeys, Math.ceil(inTries / parts)))
      const removeStrays = () => {
        const strays = blockList.removeStrays(keys)
        repaired += strays.length
        if (strays.length > 0) options.onStrays?.(strays)
      }
      const slice = pending.splice(0, Math.max(100, share))
      try {
        const repair = (text: string) => () => {
          const entry = held.get(text)
          if (entry !== undefined) reconcileTarget(entry)
        }
        tryAll([...slice.map(repair), removeStrays], (work) => work())
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
    isSilent(address) {
      const [entry] = allowlist.chain(parseTarget(address, 'address'))
      return entry !== undefined && entry.isLogOnly !== true
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
    leasedFromBootUs({ number }) {
      const entry = byNumber.get(number)
      const found = entry && blockList.get(entry.target)
      return found?.decision === number ? found.leasedFromBootUs : undefined
    },
    wanted(target) {
      const entry = held.get(target)
      const decision = entry && strongest(entry.decisions.values(), modeOf)
      return entry && decision && entryOf(decision, entry.decisions.values())
    },
  }
  return enforcer
}
