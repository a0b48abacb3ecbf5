/** Two looks at the daemon as rates: what happened in between, per second. */

import type { Decision, Top } from '../contract.js'

export interface Rate {
  readonly packets: number
  readonly bytes: number
}

export interface TopRates {
  /** Time between the two looks, ms. */
  readonly lengthMs: number
  readonly ingress: Rate
  readonly egress: Rate
  /** Of both directions together. */
  readonly dropped: Rate
  readonly newFlows: number
  readonly flowRecords: number
  readonly alerts: number
  readonly lost: number
  readonly sources: readonly {
    readonly address: string
    readonly packets: number
    readonly bytesFwd: number
    readonly bytesBwd: number
    readonly flows: number
  }[]
  /** Most packets a second first; a decision that met none comes after those that did, the newest first. */
  readonly decisions: readonly {
    readonly decision: Decision
    readonly packets: number
    readonly bytes: number
  }[]
}

/** A counter that went back belongs to a daemon that was started anew: its rate counts as 0. */
export function topRates(before: Top, now: Top): TopRates {
  const lengthMs = Math.max(1, now.atMs - before.atMs)
  const perSecond = (from: number, to: number) => (Math.max(0, to - from) * 1_000) / lengthMs
  const traffic = (packets: TrafficName, bytes: TrafficName): Rate => ({
    packets: perSecond(before.status?.traffic?.[packets] ?? 0, now.status?.traffic?.[packets] ?? 0),
    bytes: perSecond(before.status?.traffic?.[bytes] ?? 0, now.status?.traffic?.[bytes] ?? 0),
  })
  const droppedIn = traffic('droppedPacketsIngress', 'droppedBytesIngress')
  const droppedOut = traffic('droppedPacketsEgress', 'droppedBytesEgress')
  const counter = (name: 'newFlowsTotal' | 'flowRecordsTotal' | 'alertsTotal') =>
    perSecond(before.status?.[name] ?? 0, now.status?.[name] ?? 0)
  const windowS = Math.max(1, now.windowMs) / 1_000
  const known = new Map(before.decisions.map((decision) => [decision.id, decision]))

  return {
    lengthMs,
    ingress: sum(traffic('passedPacketsIngress', 'passedBytesIngress'), droppedIn),
    egress: sum(traffic('passedPacketsEgress', 'passedBytesEgress'), droppedOut),
    dropped: sum(droppedIn, droppedOut),
    newFlows: counter('newFlowsTotal'),
    flowRecords: counter('flowRecordsTotal'),
    alerts: counter('alertsTotal'),
    lost: perSecond(lostOf(before), lostOf(now)),
    sources: now.sources.map(({ address, packets, bytesFwd, bytesBwd, flows }) => ({
      address,
      packets: packets / windowS,
      bytesFwd: bytesFwd / windowS,
      bytesBwd: bytesBwd / windowS,
      flows: flows / windowS,
    })),
    decisions: now.decisions
      .map((decision) => {
        // One that was not looked at before began in between, or its past is not of these seconds.
        const isNew = decision.createdAtMs >= before.atMs
        const old = known.get(decision.id) ?? (isNew ? undefined : decision)
        return {
          decision,
          packets: perSecond(old?.packets ?? 0, decision.packets),
          bytes: perSecond(old?.bytes ?? 0, decision.bytes),
        }
      })
      .sort((a, b) => b.packets - a.packets),
  }
}

type TrafficName = keyof NonNullable<NonNullable<Top['status']>['traffic']>

function sum(a: Rate, b: Rate): Rate {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes }
}

function lostOf({ status }: Top): number {
  return Object.values(status?.lost ?? {}).reduce((total, lost) => total + lost, 0)
}
