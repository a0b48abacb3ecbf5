/** All about one address as a document, and what its page and its document share. */

import type { Limit, Why, WhyEntry } from '../contract.js'
import { limitDocument } from './action.js'
import { alertDocument } from './alert.js'
import { allowDocument } from './allow.js'
import { decisionDocument } from './decision.js'
import { flowDocument } from './flow.js'
import { listDocument, listLimit } from './lists.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import { word } from './words.js'

/** What the maps of one interface say, read without a daemon. */
export interface PinnedWhy {
  readonly interface: string
  readonly isAttached: boolean
  readonly fate: string
  readonly fateWithoutAllow: string
  readonly entries: readonly WhyEntry[]
  readonly allows: readonly string[]
  /** Imported lists that hold it: the maps know their numbers only. */
  readonly lists: readonly {
    readonly number: number
    readonly action: string
    readonly limit: Limit | null
    readonly expiresAtMs: number
  }[]
}

/** `idsd.why.v1`; `source` is `daemon`. */
export function whyDocument(why: Why): Document {
  const { model, modelReason } = why
  return {
    schema: 'idsd.why.v1',
    source: 'daemon',
    target: why.target,
    at: utcMs(why.atMs),
    mode: word(why.mode, 'MODE'),
    fate: word(why.fate, 'FATE'),
    fate_without_allow: word(why.fateWithoutAllow, 'FATE'),
    kernel: why.entries.map(entryDocument),
    lists: why.lists.map(({ list, entry, onTrial }) => ({
      ...{ ...(list === null ? {} : listDocument(list)), entry, on_trial: onTrial },
    })),
    divergences: why.divergences,
    decisions: why.decisions.map(decisionDocument),
    decisions_inside: why.decisionsInside,
    allows: why.allows.map(({ entry, inKernel, onTrial }) => ({
      ...(entry === null ? {} : allowDocument(entry)),
      in_kernel: inKernel,
      on_trial: onTrial,
    })),
    guards: why.guards,
    model:
      model === null
        ? null
        : { name: model.name, version: model.version, sha256: model.sha256, threshold: model.threshold },
    model_reason:
      modelReason === null
        ? null
        : {
            method: 'occlusion against the training median',
            flow: modelReason.flow === null ? null : flowDocument(modelReason.flow),
            score: modelReason.score,
            features: modelReason.weights,
          },
    model_problem: why.modelProblem === '' ? null : why.modelProblem,
    history: why.history.map(decisionDocument),
    history_total: why.historyTotal,
    alerts: why.alerts.map(alertDocument),
    alerts_total: why.alertsTotal,
    undo: undoOf(why),
  }
}

/** `idsd.why.v1`; `source` is `pinned maps`, and only what these hold is there: hits since the daemon's last start. */
export function pinnedDocument(target: string, interfaces: readonly PinnedWhy[]): Document {
  return {
    schema: 'idsd.why.v1',
    source: 'pinned maps',
    hits_since: 'last start of idsd',
    target,
    interfaces: interfaces.map((one) => ({
      interface: one.interface,
      attached: one.isAttached,
      fate: one.fate,
      fate_without_allow: one.fateWithoutAllow,
      kernel: one.entries.map(entryDocument),
      allows: one.allows,
      lists: one.lists.map(({ number, action, limit, expiresAtMs }) => ({
        number,
        action,
        limit: listLimit({ limit }),
        expires_at: utcMs(expiresAtMs),
      })),
    })),
  }
}

function entryDocument(entry: WhyEntry) {
  return {
    target: entry.target,
    kind: entry.isExact ? 'exact' : 'prefix',
    action: word(entry.action, 'ACTION'),
    limit: limitDocument(entry),
    spares_flows: entry.sparesFlows,
    origin: word(entry.origin, 'ORIGIN'),
    reason: entry.reason,
    decision: entry.decisionId,
    state: entry.state,
    deciding: entry.isDeciding,
    packets: entry.packets,
    bytes: entry.bytes,
    last_seen: utcMs(entry.lastSeenMs),
    expires_at: utcMs(entry.expiresAtMs),
  }
}

/** Commands that change what becomes of it, each with what it does. */
export function undoOf({ target, fate, entries, decisions, allows, lists }: Why): readonly {
  readonly command: string
  readonly effect: string
}[] {
  if (fate === 'FATE_SPARED') return [{ command: 'idsctl resume', effect: 'enforces again' }]
  // What is on trial is not changed one by one: that is refused until it is over.
  const rollbackIf = (isTried: boolean) =>
    isTried ? [{ command: 'idsctl rollback', effect: 'takes back what is on trial' }] : []
  const isTried = decisions.some(({ trial }) => trial === 'trial') || lists.some(({ onTrial }) => onTrial)
  const lifts = [
    ...rollbackIf(isTried),
    ...decisions
      .filter(({ trial }) => trial !== 'trial')
      .map(({ id, target: blocked }) => ({
        command: `idsctl unblock ${id}`,
        effect: `lifts the block of ${blocked}`,
      })),
    ...lists
      .filter(({ onTrial }) => !onTrial)
      .map(({ list }) => ({
        command: `idsctl lists rm ${list?.name ?? ''}`,
        effect: 'takes the whole list out',
      })),
  ]
  // A lapsed entry is in force again at the next beat, and a missing one is put back.
  if (fate === 'FATE_PASSES' && decisions.length > 0) return lifts
  if (fate === 'FATE_ALLOWED' || fate === 'FATE_PASSES') {
    const standing = allows.flatMap(({ entry, onTrial }) =>
      entry?.source === 'operator' && !onTrial
        ? [{ command: `idsctl allow rm ${entry.target}`, effect: 'allows it no longer' }]
        : [],
    )
    return [...rollbackIf(allows.some(({ onTrial }) => onTrial)), ...standing]
  }
  const deciding = entries.find(({ isDeciding }) => isDeciding)
  // A wider block can stay, and this one goes through it.
  const isWider = (deciding !== undefined && deciding.target !== target) || lists.length > 0
  return isWider
    ? [...lifts, { command: `idsctl allow add ${target}`, effect: `lets only ${target} through` }]
    : lifts
}
