/** Blocked targets with their active decisions, and the map entry that each is to have in the two generations. */

import type { BlockList, KernelEntry } from '../kernel/block-list.js'
import { BlockAction } from '../kernel/wire.js'
import type { Target } from '../policy/address.js'
import type { Led } from '../policy/lead.js'
import type { Clock } from './change.js'
import { actionCode, originCode, reasonCode } from './codes.js'
import type { Decision, Mode } from './decision.js'
import { type Counted, type HitLedger, noReading } from './hit-ledger.js'
import { effective, lastEndMs, leasedFromMs, strongest } from './strongest.js'
import type { World, Worlds } from './worlds.js'

export interface Held extends Counted {
  /** All active decisions of the target, by number. */
  readonly decisions: Map<number, Decision>
  /** It has been in the map. */
  isWritten: boolean
}

export interface HeldEntries {
  readonly all: ReadonlyMap<string, Held>
  /** Active decisions. */
  readonly count: number
  /** The target of an active decision. */
  of(decision: number): Held | undefined
  hold(decision: Decision): Held
  /** @param isForGood false: should it be held again, it is in the generations that it is in */
  letGo(decision: number, isForGood?: boolean): void
  /** Of a target whose decisions are all gone, though the map did not let it go. */
  forget(entry: Held): void
  /** Puts into the map what is wanted, or takes it out. @throws KernelError */
  write(entry: Held): void
  /** What the map is to hold; undefined when nothing. */
  wanted(entry: Held): KernelEntry | undefined
  /** Decisions of one generation. Default: the one in force. */
  decisions(entry: Held, world?: World): Iterable<Decision>
  /** What counts most in a generation. Default: the one in force. */
  strongest(entry: Held, world?: World): Decision | undefined
}

export interface HeldEntriesOptions {
  readonly blockList: BlockList
  readonly parseTarget: (text: string, field: string) => Target
  readonly clock: Clock
  readonly hits: Pick<HitLedger, 'look' | 'handOver' | 'forget'>
  readonly worlds: Worlds
  /** The mode that counts for a decision in a generation. */
  readonly modeIn: (world: World) => (decision: Led) => Mode
  /** Runs a write into the map, and makes room for it where there is none. */
  readonly withRoom: (target: Target, write: () => void) => void
}

/** Two readings of clocks that are not read at once, us. */
const expiryToleranceUs = 2_000_000

/** Whether an entry does what is wanted; ends may lie 2 s apart. */
export function isSame(found: KernelEntry, wanted: KernelEntry): boolean {
  return (
    found.decision === wanted.decision &&
    found.action === wanted.action &&
    (found.trialAction ?? found.action) === (wanted.trialAction ?? wanted.action) &&
    found.origin === wanted.origin &&
    found.reason === wanted.reason &&
    (found.sparesFlows === true) === (wanted.sparesFlows === true) &&
    isSameLimit(found.limit, wanted.limit) &&
    (found.expiresBootUs === 0) === (wanted.expiresBootUs === 0) &&
    Math.abs(found.expiresBootUs - wanted.expiresBootUs) <= expiryToleranceUs &&
    isSameLease(found.leasedFromBootUs, wanted.leasedFromBootUs)
  )
}

/** The kernel keeps the cost of a packet or bit, so a rate comes back rounded. */
function isSameLimit(found: KernelEntry['limit'], wanted: KernelEntry['limit']): boolean {
  if (found === undefined || wanted === undefined) return found === wanted
  return (
    found.unit === wanted.unit && Math.abs(found.perSecond - wanted.perSecond) <= wanted.perSecond / 1_000
  )
}

function isSameLease(found: number | undefined, wanted: number | undefined): boolean {
  if (found === undefined || wanted === undefined) return found === wanted
  return (found === 0) === (wanted === 0) && Math.abs(found - wanted) <= expiryToleranceUs
}

export function createHeldEntries(options: HeldEntriesOptions): HeldEntries {
  const { blockList, parseTarget, clock, hits, worlds, modeIn, withRoom } = options
  const held = new Map<string, Held>()
  const byNumber = new Map<number, Held>()

  /** What one generation asks for by itself; undefined when no decision of it is about the target. */
  const sideOf = (entry: Held, world: World): KernelEntry | undefined => {
    // Gone through more than once.
    const all = [...entries.decisions(entry, world)]
    const modeOf = modeIn(world)
    const decision = strongest(all, modeOf)
    if (decision === undefined) return undefined
    const endMs = lastEndMs(decision, all, modeOf)
    const bootUsAt = (wallMs: number) =>
      Math.max(1, Math.round(clock.bootUs() + (wallMs - clock.nowMs()) * 1000))
    const leasedMs = leasedFromMs(decision, all, modeOf)
    const doing = effective(decision, modeOf)
    const isLeased = leasedMs !== undefined && (endMs === 0 || leasedMs < endMs)
    return {
      decision: decision.number,
      action: actionCode(doing.action),
      ...(doing.limit === undefined ? {} : { limit: doing.limit }),
      ...(doing.sparesFlows === undefined ? {} : { sparesFlows: true }),
      origin: originCode(decision.origin),
      reason: reasonCode(decision),
      expiresBootUs: endMs === 0 ? 0 : bootUsAt(endMs),
      ...(isLeased ? { leasedFromBootUs: leasedMs === 0 ? 0 : bootUsAt(leasedMs) } : {}),
    }
  }

  const entries: HeldEntries = {
    all: held,
    get count() {
      return byNumber.size
    },
    of: (decision) => byNumber.get(decision),
    hold(decision) {
      let entry = held.get(decision.target)
      if (entry === undefined) {
        const target = parseTarget(decision.target, 'target')
        entry = { target, decisions: new Map(), reading: noReading, isWritten: false }
        held.set(decision.target, entry)
      }
      entry.decisions.set(decision.number, decision)
      byNumber.set(decision.number, entry)
      return entry
    },
    letGo(number, isForGood = true) {
      const entry = byNumber.get(number)
      if (entry === undefined) return
      byNumber.delete(number)
      entry.decisions.delete(number)
      if (isForGood) worlds.forget(number)
      hits.forget(number)
      entries.write(entry)
      if (entry.decisions.size === 0) held.delete(entry.target.text)
    },
    forget: (entry) => void held.delete(entry.target.text),
    write(entry) {
      // A target that is new has met nothing.
      const found = entry.decisions.size !== 1 || entry.isWritten ? hits.look(entry) : undefined
      entry.isWritten = true
      const wanted = entries.wanted(entry)
      if (found !== undefined && wanted !== undefined && found.decision !== wanted.decision)
        hits.handOver(entry, wanted.decision)
      if (wanted === undefined) blockList.remove(entry.target)
      else withRoom(entry.target, () => blockList.set(entry.target, wanted))
    },
    wanted(entry) {
      const confirmed = sideOf(entry, 'confirmed')
      if (!worlds.isOpen) return confirmed
      const trial = sideOf(entry, 'trial')
      // The deadline may pass without a daemon: what is confirmed gives the end and the lease.
      const lead = confirmed ?? trial
      if (lead === undefined) return undefined
      const action = confirmed?.action ?? BlockAction.none
      const trialAction = trial?.action ?? BlockAction.none
      // An entry has one limit: it goes with the generation that asks for one.
      const limit = confirmed?.limit ?? trial?.limit
      // So do the flows that it spares: one that only counts says nothing of them.
      const enforced = action === BlockAction.none || action === BlockAction.count ? trial : confirmed
      const { sparesFlows: _ofLead, ...rest } = lead
      return {
        ...rest,
        ...(limit === undefined ? {} : { limit }),
        ...(enforced?.sparesFlows === true ? { sparesFlows: true } : {}),
        action,
        ...(trialAction === action ? {} : { trialAction }),
      }
    },
    decisions(entry, world = worlds.now) {
      const all = entry.decisions.values()
      return worlds.isOpen ? [...all].filter(({ number }) => worlds.has(world, number)) : all
    },
    strongest: (entry, world = worlds.now) => strongest(entries.decisions(entry, world), modeIn(world)),
  }
  return entries
}
