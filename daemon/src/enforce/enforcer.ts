/**
 * The only writer of the blocklist: stores decisions, keeps one map entry for each blocked target, ends what is over,
 * and puts back what somebody else took out.
 */

import type { BlockOrder, BlocksAround, Enforcement } from '../control/enforcement.js'
import type { BlockList } from '../kernel/block-list.js'
import { covers, type Target } from '../policy/address.js'
import type { Verdict } from '../policy/verdict.js'
import type { Store } from '../record/store.js'
import { actionCode, originCode, reasonCode } from './codes.js'
import type { Action, AllowEntry, Decision, EntryHits, Mode } from './decision.js'

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
    | 'insertDecision'
    | 'endDecision'
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
}

export interface Enforcer extends Enforcement {
  /** Loads what is stored into the maps: to be called before the programs are attached. */
  restore(configured: readonly AllowEntry[]): void
  /** Takes over the allow entries of a changed configuration. */
  setConfiguredAllow(configured: readonly AllowEntry[]): void
  /** An automatic decision. In mode `detect` its entry only counts. */
  enforce(verdict: Verdict): Decision
  setMode(mode: Mode): void
  readonly mode: Mode
  /** Ends decisions that are over. */
  expire(): void
  /** Compares a part of the entries with the maps and repairs them; all are seen within `parts` calls. */
  reconcile(parts: number): void
  readonly repaired: number
  active(): IterableIterator<Decision>
  readonly activeCount: number
  allowEntries(): AllowEntry[]
  hits(decision: Decision): EntryHits | undefined
  inKernel(decision: Decision): boolean
}

interface Held {
  readonly target: Target
  /** All active decisions of the target, by number. */
  readonly decisions: Map<number, Decision>
}

const maxInside = 1_000

export function createEnforcer(options: EnforcerOptions): Enforcer {
  const { blockList, store, parseTarget, clock, onChange, automaticAllow } = options
  const held = new Map<string, Held>()
  const byNumber = new Map<number, Held>()
  const allows = new Map<string, { target: Target; entry: AllowEntry; number: number }>()
  let configuredAllow: readonly AllowEntry[] = []
  let mode = options.mode
  let repaired = 0
  let allowNumber = 0
  let pending: string[] = []

  const effectiveAction = ({ action, origin }: Decision): Action =>
    mode === 'detect' && (origin === 'detector' || origin === 'model') ? 'count' : action

  /** Drop before count, the operator before all others, then the one that lasts longest. */
  const strongest = (decisions: Iterable<Decision>): Decision | undefined => {
    const rank = (decision: Decision) => [
      effectiveAction(decision) === 'drop' ? 1 : 0,
      decision.origin === 'operator' ? 1 : 0,
      decision.expiresAtMs === 0 ? Number.MAX_SAFE_INTEGER : decision.expiresAtMs,
      decision.number,
    ]
    let best: Decision | undefined
    for (const decision of decisions) {
      if (best === undefined) {
        best = decision
        continue
      }
      const [mine, theirs] = [rank(decision), rank(best)]
      const at = mine.findIndex((value, i) => value !== theirs[i])
      if (at >= 0 && (mine[at] as number) > (theirs[at] as number)) best = decision
    }
    return best
  }

  const write = ({ target, decisions }: Held) => {
    const decision = strongest(decisions.values())
    if (decision === undefined) {
      blockList.remove(target)
      return
    }
    const leftMs = decision.expiresAtMs - clock.nowMs()
    blockList.set(target, {
      decision: decision.number,
      action: actionCode(effectiveAction(decision)),
      origin: originCode(decision.origin),
      reason: reasonCode(decision),
      expiresBootUs: decision.expiresAtMs === 0 ? 0 : Math.max(1, Math.round(clock.bootUs() + leftMs * 1000)),
    })
  }

  const hold = (decision: Decision): Held => {
    let entry = held.get(decision.target)
    if (entry === undefined) {
      entry = { target: parseTarget(decision.target, 'target'), decisions: new Map() }
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
    write(entry)
    if (entry.decisions.size === 0) held.delete(entry.target.text)
  }

  /** Stored first, then in the map; what the map does not take is not kept as active. */
  const add = (decision: Omit<Decision, 'number' | 'state' | 'endedAtMs'>): Decision => {
    const stored = store.insertDecision(decision)
    try {
      write(hold(stored))
    } catch (error) {
      letGo(stored.number)
      store.endDecision(stored.number, 'lifted', clock.nowMs())
      throw error
    }
    onChange({ kind: 'added', decision: stored, atMs: clock.nowMs() })
    return stored
  }

  const end = (decision: Decision, state: 'expired' | 'lifted'): Decision => {
    const ended = store.endDecision(decision.number, state, clock.nowMs())
    letGo(decision.number)
    onChange({ kind: state, decision: ended, atMs: clock.nowMs() })
    return ended
  }

  const draft = (order: BlockOrder): Omit<Decision, 'number' | 'state' | 'endedAtMs'> => ({
    target: order.target.text,
    action: order.action,
    origin: 'operator',
    mode,
    reason: order.reason,
    createdBy: order.createdBy,
    createdAtMs: order.createdAtMs,
    expiresAtMs: order.expiresAtMs,
    evidence: [],
  })

  const loadAllow = (entry: AllowEntry) => {
    const target = parseTarget(entry.target, 'target')
    const number = allows.get(target.text)?.number ?? ++allowNumber
    blockList.allow(target, number)
    allows.set(target.text, { target, entry: { ...entry, target: target.text }, number })
  }

  /** After an entry left: another source may name the same target. */
  const reloadAllow = (target: Target) => {
    const rest = [...store.allowEntries(), ...configuredAllow].find(
      (entry) => parseTarget(entry.target, 'target').text === target.text,
    )
    if (rest !== undefined) {
      loadAllow(rest)
      return
    }
    allows.delete(target.text)
    blockList.disallow(target)
  }

  const reconcileTarget = (entry: Held) => {
    const decision = strongest(entry.decisions.values())
    if (decision === undefined) return
    const found = blockList.get(entry.target)
    if (
      found !== undefined &&
      found.decision === decision.number &&
      found.action === actionCode(effectiveAction(decision))
    )
      return
    write(entry)
    repaired++
    onChange({ kind: 'repaired', decision, atMs: clock.nowMs() })
  }

  const enforcer: Enforcer = {
    restore(configured) {
      const nowMs = clock.nowMs()
      for (const entry of store.allowEntries()) loadAllow(entry)
      enforcer.setConfiguredAllow(configured)
      for (const decision of store.activeDecisions()) {
        if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) {
          store.endDecision(decision.number, 'expired', decision.expiresAtMs)
        } else {
          write(hold(decision))
        }
      }
    },
    setConfiguredAllow(configured) {
      const before = configuredAllow
      configuredAllow = configured
      for (const entry of configured) {
        const { text } = parseTarget(entry.target, 'allow.entries')
        if (allows.get(text)?.entry.source !== 'operator') loadAllow(entry)
      }
      for (const entry of before) {
        const target = parseTarget(entry.target, 'allow.entries')
        if (allows.get(target.text)?.entry.source === 'config') reloadAllow(target)
      }
    },
    enforce: ({ source, origin, reason, blockMs, evidence }) =>
      add({
        target: source,
        action: mode === 'detect' ? 'count' : 'drop',
        origin,
        mode,
        reason,
        createdBy:
          origin === 'model' ? 'model' : [...new Set(evidence.map(({ detector }) => detector))].join('+'),
        createdAtMs: clock.nowMs(),
        expiresAtMs: clock.nowMs() + blockMs,
        evidence,
      }),
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
    addAllow(target, entry) {
      const stored = store.addAllow({ ...entry, target: target.text })
      loadAllow(stored)
      return stored
    },
    removeAllow(target) {
      store.removeAllow(target.text)
      reloadAllow(target)
    },
    allowEntry: (target) =>
      allows.get(target.text)?.entry ?? automaticAllow().find((entry) => entry.target === target.text),
    coveringAllow(target) {
      let best: { target: Target; entry: AllowEntry } | undefined
      for (const candidate of allows.values()) {
        const isLonger = best === undefined || candidate.target.prefix > best.target.prefix
        if (isLonger && covers(candidate.target, target)) best = candidate
      }
      return best?.entry
    },
    setMode(next) {
      if (next === mode) return
      mode = next
      for (const entry of held.values()) write(entry)
    },
    get mode() {
      return mode
    },
    expire() {
      const nowMs = clock.nowMs()
      for (const entry of [...held.values()]) {
        for (const decision of [...entry.decisions.values()]) {
          if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) end(decision, 'expired')
        }
      }
    },
    reconcile(parts) {
      if (pending.length === 0) {
        pending = [...held.keys()]
        for (const { target, number } of allows.values()) {
          if (blockList.isAllowLoaded(target)) continue
          blockList.allow(target, number)
          repaired++
        }
      }
      const slice = pending.splice(0, Math.max(100, Math.ceil(held.size / parts)))
      for (const text of slice) {
        const entry = held.get(text)
        if (entry !== undefined) reconcileTarget(entry)
      }
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
    allowEntries: () => [...[...allows.values()].map(({ entry }) => entry), ...automaticAllow()],
    hits(decision) {
      const entry = byNumber.get(decision.number)
      const found = entry === undefined ? undefined : blockList.get(entry.target)
      if (found === undefined || found.decision !== decision.number) return undefined
      const sinceMs = (clock.bootUs() - found.lastSeenBootUs) / 1000
      return {
        packets: found.packets,
        bytes: found.bytes,
        lastSeenMs: found.lastSeenBootUs === 0 ? 0 : Math.round(clock.nowMs() - sinceMs),
      }
    },
    inKernel(decision) {
      const entry = byNumber.get(decision.number)
      return entry !== undefined && blockList.get(entry.target)?.decision === decision.number
    },
  }
  return enforcer
}
