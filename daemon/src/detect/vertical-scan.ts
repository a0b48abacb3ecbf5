/** Sees one source try many ports of one host while most of them do not answer. ATT&CK T1046. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import type { DetectorOptions } from './options.js'
import { isProbe, readAnswer } from './probe.js'
import { countUnanswered, scanEvidence } from './scan-evidence.js'
import type { SourceState, SourceStates } from './source-states.js'

/** What came of one port; `used` has been evidence already. */
export type Outcome = 'pending' | 'answered' | 'refused' | 'used'

export interface Port {
  /** Protocol * 65,536 + port. */
  readonly key: number
  /** First packet to this port, or the firing that used it, us since 1970. */
  sinceUs: number
  /** Packet that settled the outcome; of a silent port the last one seen, us since 1970. */
  packetUs: number
  outcome: Outcome
  /** SYNs seen while nothing had come back: one more than these is the SYN-ACK of an open port. */
  synsAlone: number
  flow: FlowRecord
  score: number
}

/** The ports of one host that one source tried lately. */
export interface HostPorts {
  readonly state: SourceState
  readonly host: string
  readonly ports: Port[]
  /** When a look is worth it again, us since 1970: nothing that has happened since the last one counts before. */
  dueUs: number
}

export interface VerticalScan {
  /** @returns whether half a scan is there */
  observe(state: SourceState, flow: FlowRecord, score: number, nowMs: number): boolean
  /** Fires for every host whose ports meet the condition now. */
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Hosts kept for a source: beyond it the one with the longest quiet leaves. */
const MAX_HOSTS = 64
const PORTS_KEPT_PER_THRESHOLD = 4

export function createVerticalScan(
  options: DetectorOptions,
  states: Pick<SourceStates, 'countProbes'>,
): VerticalScan {
  const { scanPorts } = options
  const windowUs = options.scanWindowMs * 1_000
  const answerTimeoutUs = options.answerTimeoutMs * 1_000
  const maxPorts = scanPorts * PORTS_KEPT_PER_THRESHOLD
  /** Hosts with enough ports to be worth a look. */
  const ripe = new Set<HostPorts>()

  function dropStale(entry: HostPorts, sinceUs: number): void {
    const { ports } = entry
    let kept = 0
    for (const port of ports) if (port.sinceUs >= sinceUs) ports[kept++] = port
    drop(entry, kept)
  }

  function drop(entry: HostPorts, length: number): void {
    states.countProbes(entry.state, length - entry.ports.length)
    entry.ports.length = length
  }

  function hostOf(state: SourceState, host: string): HostPorts {
    const { hosts } = state
    const entry = hosts.get(host) ?? { state, host, ports: [], dueUs: 0 }
    hosts.delete(host)
    if (hosts.size >= MAX_HOSTS) {
      const [quiet] = hosts.values()
      drop(quiet!, 0)
      ripe.delete(quiet!)
      hosts.delete(quiet!.host)
    }
    hosts.set(host, entry)
    return entry
  }

  function addPort(state: SourceState, key: number, flow: FlowRecord, score: number): HostPorts {
    const entry = hostOf(state, flow.dst)
    if (entry.ports.length >= maxPorts) dropStale(entry, flow.startUs - windowUs - answerTimeoutUs)
    if (entry.ports.length >= maxPorts && !makeRoom(entry)) return entry
    const port: Port = {
      key,
      sinceUs: flow.startUs,
      packetUs: flow.lastUs,
      outcome: 'pending',
      synsAlone: 1,
      flow,
      score,
    }
    settle(port, flow, score)
    const dueUs = port.outcome === 'pending' ? port.sinceUs + answerTimeoutUs : 0
    entry.dueUs = Math.min(entry.dueUs, dueUs)
    entry.ports.push(port)
    states.countProbes(state, 1)
    if (entry.ports.length >= scanPorts) ripe.add(entry)
    return entry
  }

  /** A port that waits for its answer stays: a fast scan would otherwise push out each before its time is up. */
  function makeRoom(entry: HostPorts): boolean {
    const used = entry.ports.findIndex(({ outcome }) => outcome === 'used')
    const victim = used < 0 ? entry.ports.findIndex(({ outcome }) => outcome === 'answered') : used
    if (victim < 0) return false
    entry.ports.splice(victim, 1)
    states.countProbes(entry.state, -1)
    return true
  }

  /** First the shortest run that meets the condition, then, of what is left, the longest: a burst fires twice at most. */
  function fire(entry: HostPorts, nowMs: number): Evidence[] {
    const nowUs = nowMs * 1_000
    const judged = entry.ports
      .filter(
        ({ outcome, sinceUs }) =>
          outcome !== 'used' && (outcome !== 'pending' || sinceUs <= nowUs - answerTimeoutUs),
      )
      .sort((a, b) => a.sinceUs - b.sinceUs)
    const found: Evidence[] = []
    for (const isLongest of [false, true]) {
      const run = findRun(judged, isLongest)
      if (run === undefined) break
      const ports = judged.splice(run.from, run.length)
      found.push(scanEvidence(entry.state.source, entry.host, ports, nowMs, options))
      for (const port of ports) {
        port.outcome = 'used'
        port.sinceUs = nowUs
      }
    }
    return found
  }

  function look(entry: HostPorts, nowMs: number, found: Evidence[]): void {
    const nowUs = nowMs * 1_000
    dropStale(entry, nowUs - windowUs - 2 * answerTimeoutUs)
    found.push(...fire(entry, nowMs))
    entry.dueUs = nowUs + windowUs
    let unused = 0
    for (const { outcome, sinceUs } of entry.ports) {
      if (outcome !== 'used') unused++
      const timeoutUs = sinceUs + answerTimeoutUs
      if (outcome === 'pending' && timeoutUs > nowUs) entry.dueUs = Math.min(entry.dueUs, timeoutUs)
    }
    if (unused < scanPorts) ripe.delete(entry)
    else if (found.length > 0) entry.dueUs = 0
  }

  function findRun(ports: readonly Port[], isLongest: boolean): { from: number; length: number } | undefined {
    let from = 0
    let unanswered = 0
    let found: { from: number; length: number } | undefined
    for (let to = 0; to < ports.length; to++) {
      unanswered += countUnanswered(ports[to]!)
      while (ports[to]!.sinceUs - ports[from]!.sinceUs > windowUs)
        unanswered -= countUnanswered(ports[from++]!)
      const length = to - from + 1
      if (length < scanPorts || unanswered < options.scanUnansweredShare * length - 1e-9) continue
      found = { from, length }
      if (!isLongest) break
    }
    return found
  }

  return {
    observe: (state, flow, score, nowMs) => {
      if (!isProbe(flow)) return false
      const key = flow.protocol * 65_536 + flow.dstPort
      const host = state.hosts.get(flow.dst)
      const known = host?.ports.find((port) => port.key === key)
      const staleUs = nowMs * 1_000 - windowUs - answerTimeoutUs
      if (host !== undefined && known !== undefined && known.sinceUs >= staleUs) {
        if (settle(known, flow, score)) host.dueUs = 0
        return false
      }
      if (flow.startUs < staleUs) return false
      if (host !== undefined && known !== undefined) dropStale(host, staleUs)
      const { ports } = addPort(state, key, flow, score)
      return (
        ports.length * 2 >= scanPorts &&
        ports.reduce((sum, port) => sum + countUnanswered(port), 0) * 2 >= scanPorts
      )
    },
    pass: (nowMs) => {
      const found: Evidence[] = []
      for (const entry of ripe) if (entry.dueUs <= nowMs * 1_000) look(entry, nowMs, found)
      return found
    },
    forget: (state) => {
      for (const entry of state.hosts.values()) ripe.delete(entry)
    },
  }
}

/**
 * Takes in a record of a flow to this port. A port that answered once has answered; records may come out of order.
 * @returns whether the outcome changed
 */
function settle(port: Port, flow: FlowRecord, score: number): boolean {
  const before = port.outcome
  if (before === 'used') return false
  if (flow.id === port.flow.id) {
    if (flow.seq >= port.flow.seq) port.flow = flow
    if (!Number.isNaN(score)) port.score = score
  }
  if (before === 'answered') return false
  const answer = readAnswer(flow, flow.id === port.flow.id ? port.synsAlone : 1)
  if (answer === 'none') {
    if (flow.id === port.flow.id) port.synsAlone = Math.max(port.synsAlone, flow.synCount)
  } else if (answer === 'opened') {
    port.outcome = 'answered'
  } else if (port.outcome === 'pending') {
    port.outcome = 'refused'
    port.packetUs = flow.lastUs
  }
  return port.outcome !== before
}
