/**
 * Sees one source try many ports or hosts while most of them do not answer. What is counted (items) and what keeps them
 * together (a group) is told by the kind: ports of one host, hosts of one port, ports anywhere.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import type { Answer } from './flow-memory.js'
import type { DetectorOptions } from './options.js'
import { isUnanswered, scanEvidence } from './scan-evidence.js'
import type { ScanKind } from './scan-kinds.js'
import { asLone, createProbe, type Group, isGroup, type Probe, settle, sizeOf } from './scan-probe.js'
import type { SourceState, SourceStates } from './source-states.js'

export interface Scan {
  /** @param flow a probe (isProbe) @returns whether half a scan is there */
  observe(state: SourceState, flow: FlowRecord, answer: Answer, score: number, nowMs: number): boolean
  /** Fires for every group that meets the condition now. */
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Groups kept for a source: beyond it the one with the longest quiet leaves. */
const MAX_GROUPS = 64
const KEPT_PER_THRESHOLD = 4
const HALF_EVERY_MS = 1_000

/** @param index of this detector among the scans: where its groups are in the state of a source */
export function createScan(
  kind: ScanKind,
  index: number,
  options: DetectorOptions,
  states: Pick<SourceStates, 'countProbes'>,
): Scan {
  const { count, windowMs, unansweredShare } = kind.options(options)
  const windowUs = windowMs * 1_000
  const waitUs = options.answerTimeoutMs * 1_000
  const maxProbes = count * KEPT_PER_THRESHOLD
  /** Groups with enough probes to be worth a look. */
  const ripe = new Set<Group>()

  function remove(group: Group, probe: Probe): void {
    group.probes.delete(probe.item)
    if (probe.outcome === 'answered') group.answered--
    else if (probe.outcome === 'used') group.used--
    states.countProbes(group.state, -1)
  }

  /** They came in the order of time, but for those that were used. */
  function dropStale(group: Group, sinceUs: number): void {
    for (const probe of group.probes.values()) {
      if (probe.sinceUs < sinceUs) remove(group, probe)
      else if (probe.outcome !== 'used') break
    }
  }

  /** Makes a group of what was a lone probe, or of nothing. */
  function openGroup(state: SourceState, lone: Probe): Group {
    const group: Group = {
      state,
      key: lone.key,
      probes: new Map([[lone.item, lone]]),
      answered: lone.outcome === 'answered' ? 1 : 0,
      used: 0,
      dueUs: 0,
      fullUntilUs: 0,
      halfMs: 0,
    }
    state.groups![index]!.set(group.key, group)
    return group
  }

  function holdLone(state: SourceState, probe: Probe): void {
    const groups = state.groups![index]!
    if (groups.size >= MAX_GROUPS && !groups.has(probe.key)) {
      const quiet = groups.values().next().value!
      if (isGroup(quiet)) ripe.delete(quiet)
      states.countProbes(state, -sizeOf(quiet))
      groups.delete(quiet.key)
    }
    groups.set(probe.key, probe)
    states.countProbes(state, 1)
  }

  /**
   * What was evidence leaves first, then the oldest whose outcome is known, whatever it is: so what stays is a fair
   * sample. But two thresholds of those stay, and so does what waits for its answer: a fast scan would otherwise push
   * out each port before it counts.
   */
  function makeRoom(group: Group, nowUs: number): boolean {
    if (group.fullUntilUs > nowUs && group.used === 0) return false
    let oldest: Probe | undefined
    let known = group.answered
    let waitsSinceUs = Number.POSITIVE_INFINITY
    for (const probe of group.probes.values()) {
      if (probe.outcome === 'used') {
        remove(group, probe)
        return true
      }
      if (probe.outcome === 'pending' && probe.sinceUs > nowUs - waitUs) {
        waitsSinceUs = Math.min(waitsSinceUs, probe.sinceUs)
        continue
      }
      oldest ??= probe
      if (probe.outcome !== 'answered') known++
      if (known >= 2 * count && group.used === 0) break
    }
    if (oldest === undefined || known < 2 * count) {
      group.fullUntilUs = waitsSinceUs + waitUs
      return false
    }
    remove(group, oldest)
    return true
  }

  function add(group: Group, probe: Probe, nowUs: number): void {
    if (group.probes.size >= maxProbes && !makeRoom(group, nowUs)) return
    group.probes.set(probe.item, probe)
    if (probe.outcome === 'answered') group.answered++
    group.dueUs = Math.min(group.dueUs, probe.outcome === 'pending' ? probe.sinceUs + waitUs : 0)
    states.countProbes(group.state, 1)
    if (group.probes.size >= count) ripe.add(group)
  }

  /** First the shortest run that meets the condition, then, of what is left, the longest: a burst fires twice at most. */
  function fire(group: Group, nowMs: number, found: Evidence[]): void {
    const nowUs = nowMs * 1_000
    const judged: Probe[] = []
    let unanswered = 0
    for (const probe of group.probes.values()) {
      const { outcome, sinceUs } = probe
      if (outcome === 'used' || (outcome === 'pending' && sinceUs > nowUs - waitUs)) continue
      judged.push(probe)
      unanswered += isUnanswered(probe)
    }
    if (kind.isShareOfAll && unanswered < unansweredShare * judged.length - 1e-9) return
    judged.sort((a, b) => a.sinceUs - b.sinceUs)
    for (const isLongest of [false, true]) {
      const run = findRun(judged, isLongest)
      if (run === undefined) break
      const probes = judged.splice(run.from, run.length)
      found.push(scanEvidence(kind, group, probes, nowMs, options))
      for (const probe of probes) {
        if (probe.outcome === 'answered') group.answered--
        group.used++
        probe.outcome = 'used'
        probe.sinceUs = nowUs
      }
    }
  }

  function findRun(
    probes: readonly Probe[],
    isLongest: boolean,
  ): { from: number; length: number } | undefined {
    let from = 0
    let unanswered = 0
    let found: { from: number; length: number } | undefined
    for (let to = 0; to < probes.length; to++) {
      unanswered += isUnanswered(probes[to]!)
      while (probes[to]!.sinceUs - probes[from]!.sinceUs > windowUs)
        unanswered -= isUnanswered(probes[from++]!)
      const length = to - from + 1
      if ((kind.isOnlyClosed ? unanswered : length) < count) continue
      if (unanswered < unansweredShare * length - 1e-9) continue
      found = { from, length }
      if (!isLongest) break
    }
    return found
  }

  /** Whether the condition can hold, taking for silent what still waits. */
  function canFire({ probes, answered, used }: Group): boolean {
    const unused = probes.size - used
    const shut = unused - answered
    if (unused < count) return false
    return (
      shut >= (kind.isOnlyClosed ? count : unansweredShare * count - 1e-9) &&
      (!kind.isShareOfAll || shut >= unansweredShare * unused - 1e-9)
    )
  }

  function look(group: Group, nowMs: number, found: Evidence[]): void {
    const nowUs = nowMs * 1_000
    dropStale(group, nowUs - windowUs - 2 * waitUs)
    group.fullUntilUs = 0
    if (group.probes.size - group.used < count) {
      ripe.delete(group)
      return
    }
    group.dueUs = nowUs + waitUs / 4
    if (!canFire(group)) return
    const before = found.length
    fire(group, nowMs, found)
    if (found.length > before) {
      group.dueUs = 0
      return
    }
    group.dueUs = nowUs + windowUs
    for (const { outcome, sinceUs } of group.probes.values()) {
      const timeoutUs = sinceUs + waitUs
      if (outcome === 'pending' && timeoutUs > nowUs) group.dueUs = Math.min(group.dueUs, timeoutUs)
    }
  }

  function isHalf(group: Group, nowMs: number): boolean {
    if (group.probes.size * 2 < count || Math.abs(nowMs - group.halfMs) < HALF_EVERY_MS) return false
    let unanswered = 0
    for (const probe of group.probes.values()) unanswered += isUnanswered(probe)
    if (unanswered * 2 < count) return false
    group.halfMs = nowMs
    return true
  }

  return {
    observe: (state, flow, answer, score, nowMs) => {
      const item = kind.itemOf(flow)
      const key = kind.groupOf(flow)
      const entry = state.groups![index]!.get(key)
      const group = entry !== undefined && isGroup(entry) ? entry : undefined
      const known = group !== undefined ? group.probes.get(item) : asLone(entry, item)
      const staleUs = nowMs * 1_000 - windowUs - waitUs
      if (known !== undefined && known.sinceUs >= staleUs) {
        const before = known.outcome
        settle(known, flow, answer, score)
        if (group === undefined || known.outcome === before) return false
        if (known.outcome === 'answered') group.answered++
        group.dueUs = 0
        return false
      }
      if (flow.startUs < staleUs) return false
      const probe = createProbe(item, key, flow, score)
      settle(probe, flow, answer, score)
      if (known !== undefined && group !== undefined) remove(group, known)
      if (entry === undefined || known === entry) {
        if (known !== undefined) states.countProbes(state, -1)
        holdLone(state, probe)
        return false
      }
      const grown = group ?? openGroup(state, entry as Probe)
      add(grown, probe, nowMs * 1_000)
      return isHalf(grown, nowMs)
    },
    pass: (nowMs) => {
      const found: Evidence[] = []
      for (const group of ripe) if (group.dueUs <= nowMs * 1_000) look(group, nowMs, found)
      return found
    },
    forget: (state) => {
      if (state.groups === undefined || ripe.size === 0) return
      for (const entry of state.groups[index]!.values()) if (isGroup(entry)) ripe.delete(entry)
    },
  }
}
