/**
 * The only writer of the blocklist: stores decisions, keeps one map entry for each blocked target, ends what is over,
 * and puts back what somebody else took out.
 */

import type { Enforcement } from '../control/enforcement.js'
import type { DetectorName } from '../detect/evidence.js'
import type { BlockList, KernelEntry, KernelHits } from '../kernel/block-list.js'
import type { EarlierHits } from '../kernel/earlier-hits.js'
import type { Target } from '../policy/address.js'
import { type Led, leadOf } from '../policy/lead.js'
import { BAN, strengthOf } from '../policy/strength.js'
import type { Verdict } from '../policy/verdict.js'
import type { Store } from '../record/store.js'
import { createAllowlist } from './allowlist.js'
import { blocksAround } from './blocks-around.js'
import type { Change, Clock } from './change.js'
import type { AllowEntry, Decision, EntryHits, Mode } from './decision.js'
import { createDecisionLife } from './decision-life.js'
import { createDisplacement } from './displacement.js'
import { automaticDraft, operatorDraft } from './draft.js'
import { createExpiry } from './expiry.js'
import { createHeldEntries } from './held-entries.js'
import { createHitLedger } from './hit-ledger.js'
import { loadEntries } from './load-entries.js'
import { createReconciler } from './reconciler.js'
import { effective, effectiveAction, isAutomatic, strongest } from './strongest.js'
import { createTrialWorld, type TrialChange, type TrialWorld } from './trial-world.js'
import { tryAll } from './try-all.js'
import { createWorlds, type World } from './worlds.js'

export type { Change, ChangeKind, Clock } from './change.js'
export { isSame } from './held-entries.js'

export interface EnforcerOptions {
  readonly blockList: BlockList
  readonly store: Pick<
    Store,
    | 'reserveDecision'
    | 'insertDecision'
    | 'endDecision'
    | 'hits'
    | 'saveHits'
    | 'hitReadings'
    | 'decision'
    | 'activeDecisions'
    | 'reviveDecisions'
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
  /** Allow entries that a wrong wall clock had taken out and that are in force again. */
  readonly onAllowBack?: (back: readonly AllowEntry[]) => void
  /** The mode is another one from here on; entries that the maps refused are repaired later. */
  readonly onMode?: (mode: Mode, before: Mode) => void
  /** `incarnation` of the maps behind the blocklist: see HitLedger. Default 0. */
  readonly maps?: number
  /** Origins whose decisions only count in every mode: see Breaker. Default: there are none. */
  readonly tripped?: ReadonlySet<DetectorName>
}

export interface Enforcer extends Enforcement, TrialWorld {
  /**
   * Loads what is stored into the maps: to be called before the programs are attached.
   * @param trial that goes on from an earlier run
   * @returns decisions that the maps did not take; they are tried again by `reconcile`
   * @throws KernelError when an allow entry finds no room: without it a block would win
   */
  restore(
    configured: readonly AllowEntry[],
    trial?: { readonly change: TrialChange; readonly configured: readonly AllowEntry[] },
  ): Decision[]
  /**
   * Takes over the allow entries of a changed configuration.
   * @param onTrial those of the generation on trial. Default: the same
   */
  setConfiguredAllow(configured: readonly AllowEntry[], onTrial?: readonly AllowEntry[]): void
  /**
   * An automatic decision. In mode `detect`, and of kind `would_block` in every mode, its entry only counts.
   * @param onInForce called once the entry is in the map, before anything is stored
   */
  enforce(verdict: Verdict, onInForce?: (decision: Decision) => void): Decision
  /**
   * The decision, not yet over, that already does to this address what `enforce` would do on such a verdict, or more.
   * Default: a block that drops.
   */
  standing(
    address: string,
    wanted?: Pick<Verdict, 'kind' | 'action' | 'sparesFlows' | 'origin' | 'evidence'>,
  ): Decision | undefined
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
  /**
   * Once, after the programs were switched: adds what entries of earlier maps met beyond what is stored.
   * @throws KernelError for maps that cannot be read, after all others were
   */
  settleHits(earlier: readonly EarlierHits[]): void
  readonly repaired: number
  /** Automatic decisions that gave way to others in a full map. */
  readonly displaced: number
  active(): IterableIterator<Decision>
  readonly activeCount: number
  allowEntries(): AllowEntry[]
  /** The longest allow entry that covers the address asks for silence: its evidence is no alert. */
  isSilent(address: string): boolean
  /** What a decision met in all, earlier runs of the daemon included; also of one that has ended. */
  hits(decision: Decision): EntryHits | undefined
  inKernel(decision: Decision): boolean
  /** What its limit met; undefined where the entry is not its own or has none. */
  limitCounts(decision: Decision): KernelHits['limitCounts']
  /** From when on its entry needs the daemon's beat, as in `KernelEntry`; undefined also without an entry. */
  leasedFromBootUs(decision: Decision): number | undefined
  /** What the map is to hold for exactly this target; undefined when nothing. */
  wanted(target: string): KernelEntry | undefined
}

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { blockList, store, parseTarget, clock, onChange, automaticAllow, tripped = new Set() } = options
  const wallMinusBootMs = () => clock.nowMs() - clock.bootUs() / 1000
  const hits = createHitLedger({ blockList, store, wallMinusBootMs, maps: options.maps ?? 0 })
  const worlds = createWorlds(options.mode)
  const allowlist = createAllowlist({ blockList, store, parseTarget, worlds })
  const displacement = createDisplacement({
    held: () => held.all.values(),
    end: (decision) => void end(decision, 'displaced'),
  })
  const isTripped = (decision: Led) => {
    const lead = tripped.size === 0 ? undefined : leadOf(decision)
    return lead !== undefined && tripped.has(lead)
  }
  const inMode =
    (whole: Mode) =>
    (decision: Led): Mode =>
      isTripped(decision) ? 'detect' : whole
  const modeIn = (world?: World) => inMode(worlds.mode(world))
  const modeOf = (decision: Led) => modeIn()(decision)
  const held = createHeldEntries({
    blockList,
    parseTarget,
    clock,
    hits,
    worlds,
    modeIn,
    withRoom: displacement.withRoom,
  })
  const { hold, letGo, write } = held
  const reconciler = createReconciler({
    held,
    blockList,
    allowlist,
    hits,
    onRepair: (decision) => onChange({ kind: 'repaired', decision, atMs: clock.nowMs() }),
    onStrays: (strays) => options.onStrays?.(strays),
  })
  /** Of all decisions that earlier maps may hold an entry of. */
  let earlierTargets: Target[] = []

  const { add, addAtOnce, end } = createDecisionLife({ held, hits, store, worlds, clock, onChange })
  const expiry = createExpiry({
    ...{ held, hits, store, allowlist, clock, wallMinusBootMs, onChange },
    end: (decision) => end(decision, 'expired'),
    onAllowEnd: (ended) => options.onAllowEnd?.(ended),
    onAllowBack: (back) => options.onAllowBack?.(back),
  })

  const decisionsOf = (text: string) => {
    const entry = held.all.get(text)
    return entry === undefined ? [] : [...held.decisions(entry)]
  }

  /** Active and in the generation in force. */
  function* current(): Generator<Decision> {
    for (const entry of held.all.values()) yield* held.decisions(entry)
  }

  /** On trial it is in the confirmed generation still. */
  const lift = (decision: Decision): Decision => {
    if (!worlds.isDrafting) return end(decision, 'lifted')
    worlds.lift(decision.number)
    const entry = held.of(decision.number)
    if (entry !== undefined) write(entry)
    return decision
  }

  const trialWorld = createTrialWorld({
    ...{ worlds, held, allowlist },
    onGone: (decision, isStored) => {
      if (isStored) end(decision, 'lifted')
      else letGo(decision.number)
    },
    onMode: (mode, before) => options.onMode?.(mode, before),
  })

  const enforcer: Enforcer = {
    restore(configured, trial) {
      const nowMs = clock.nowMs()
      if (trial !== undefined) worlds.open(trial.change)
      const onTrial = trial && { change: trial.change.allow, configured: trial.configured }
      allowlist.restore(configured, nowMs, onTrial)
      store.reviveDecisions(nowMs)
      for (const decision of store.activeDecisions()) {
        if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) {
          store.endDecision(decision.number, 'expired', decision.expiresAtMs)
          earlierTargets.push(parseTarget(decision.target, 'target'))
          continue
        }
        hold(decision).isWritten = true
      }
      for (const { target } of held.all.values()) earlierTargets.push(target)
      return loadEntries(held, blockList)
    },
    setConfiguredAllow: (configured, onTrial) => allowlist.setConfigured(configured, onTrial),
    enforce: (verdict, onInForce) => {
      // What one of the two generations would block is a block: the other one only counts it.
      const modes = [modeIn('confirmed')(verdict), modeOf(verdict)]
      const isHeld = verdict.kind === 'block' && isTripped(verdict)
      const drafted = automaticDraft(verdict, {
        mode: worlds.mode(),
        strictest: modes.includes('prevent') ? 'prevent' : 'detect',
        heldBy: isHeld ? leadOf(verdict) : undefined,
        nowMs: clock.nowMs(),
      })
      return addAtOnce(drafted, onInForce)
    },
    standing(address, wanted) {
      const nowMs = clock.nowMs()
      const { kind = 'block' } = wanted ?? {}
      const strength = kind === 'would_block' ? 0 : wanted === undefined ? BAN : strengthOf(wanted)
      const running = decisionsOf(address).filter(
        ({ expiresAtMs }) => expiresAtMs === 0 || expiresAtMs > nowMs,
      )
      const doing = strongest(running, modeOf)
      const done = doing === undefined ? 0 : strengthOf(effective(doing, modeOf))
      if (done > 0 && done >= strength) return doing
      const isCounting =
        strength === 0 || (wanted === undefined ? worlds.mode() : modeOf(wanted)) === 'detect'
      if (!isCounting) return undefined
      // An entry that counts already does what another one would do.
      return running.find(
        (decision) => isAutomatic(decision.origin) && (kind === 'spoofable' || decision.kind !== 'spoofable'),
      )
    },
    block: (order) => add(operatorDraft(order, worlds.mode())),
    preview: (order) => ({
      ...operatorDraft(order, worlds.mode()),
      number: 0,
      state: 'active',
      endedAtMs: 0,
    }),
    lift: (decisions) => decisions.map(lift),
    decision: (number) => held.of(number)?.decisions.get(number) ?? store.decision(number),
    blocksAround: (target) => blocksAround(held, target),
    addAllow: (target, entry) => allowlist.add(target, entry),
    removeAllow: (target) => allowlist.remove(target),
    allowEntry: (target) =>
      allowlist.entry(target) ?? automaticAllow().find((entry) => entry.target === target.text),
    coveringAllow: (target) => allowlist.chain(target)[0],
    allowChain: (target) => allowlist.chain(target),
    setMode(next) {
      const before = worlds.mode()
      const others = worlds.mode('confirmed')
      worlds.setMode(next)
      const after = worlds.mode()
      // A trial of the mode goes on with its own: what is confirmed changes all the same.
      if (after === before && worlds.mode('confirmed') === others) return
      try {
        tryAll(held.all.values(), write)
      } finally {
        if (after !== before) options.onMode?.(after, before)
      }
    },
    changedByMode(next) {
      let changed = 0
      for (const decision of current()) {
        if (effectiveAction(decision, modeOf) !== effectiveAction(decision, inMode(next))) changed++
      }
      return changed
    },
    applyTrips() {
      tryAll(held.all.values(), write)
    },
    get droppingCount() {
      let dropping = 0
      for (const decision of current()) if (effectiveAction(decision, modeOf) !== 'count') dropping++
      return dropping
    },
    get mode() {
      return worlds.mode()
    },
    onTrial(target) {
      return allowlist.isOnTrial(target)
    },
    membership: (decision) => worlds.membership(decision.number),
    ...trialWorld,
    expire: expiry.expire,
    reconcile: (parts) => reconciler.reconcile(parts),
    saveHits() {
      for (const entry of held.all.values()) hits.look(entry)
      hits.save()
    },
    settleHits(earlier) {
      const targets = earlierTargets
      earlierTargets = []
      hits.settle(earlier, targets)
    },
    get repaired() {
      return reconciler.repaired
    },
    get displaced() {
      return displacement.count
    },
    *active() {
      for (const entry of held.all.values()) yield* entry.decisions.values()
    },
    get activeCount() {
      return held.count
    },
    isSilent(address) {
      const [entry] = allowlist.chain(parseTarget(address, 'address'))
      return entry !== undefined && entry.isLogOnly !== true
    },
    allowEntries: () => [...allowlist.entries(), ...automaticAllow()],
    hits(decision) {
      const entry = held.of(decision.number)
      if (entry === undefined) return store.hits(decision.number)
      hits.look(entry)
      return hits.of(decision.number)
    },
    inKernel(decision) {
      const entry = held.of(decision.number)
      return entry !== undefined && blockList.get(entry.target)?.decision === decision.number
    },
    limitCounts({ number }) {
      const entry = held.of(number)
      const found = entry && hits.look(entry)
      if (found?.decision !== number || found.limitCounts === undefined) return undefined
      return hits.of(number).limitCounts ?? found.limitCounts
    },
    leasedFromBootUs({ number }) {
      const entry = held.of(number)
      const found = entry && blockList.get(entry.target)
      return found?.decision === number ? found.leasedFromBootUs : undefined
    },
    wanted(target) {
      const entry = held.all.get(target)
      return entry && held.wanted(entry)
    },
  }
  return enforcer
}
