/** A client and a server whose packets run through the loaded programs, for tests of flows. */

import assert from 'node:assert/strict'
import { tcpPacket } from '../../lab/packet.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import { readFlowCount } from '../src/kernel/counters.js'
import { xdpPass } from '../src/kernel/replay.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import type { Loss } from '../src/kernel/wire.js'
import { type LoadedPrograms, openPrograms, tcPass } from './loaded-programs.js'

export const second = 1_000_000
/** Any time of a capture, us. */
export const start = 1_000 * second
/** Age at which a flow is split, us. */
export const timeout = 120 * second

export const client = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
export const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }

type TcpFields = Partial<Parameters<typeof tcpPacket>[0]>

export const fromClient = (fields: TcpFields = {}) => tcpPacket({ ...client, ...fields })
export const fromServer = (fields: TcpFields = {}) => tcpPacket({ ...server, ...fields })
export const words = (bytes: number) => new Uint8Array(bytes)

/** A packet that comes in, or goes out. */
export type Step = readonly ['in' | 'out', Uint8Array]

export interface Conversation extends LoadedPrograms {
  /** Runs packets a millisecond apart; all must pass. */
  talk(steps: readonly Step[], fromUs?: number): void
  /** Ends every flow, and gives the records that were not read yet. */
  flush(): FlowRecord[]
  /** Forgets everything, for the next test. */
  reset(): void
}

export function openConversation(): Conversation {
  const programs = openPrograms()
  const flush = () => {
    programs.sweep(start, { flush: true })
    return programs.flows()
  }
  return {
    ...programs,
    talk(steps, fromUs = start) {
      for (const [i, [way, frame]] of steps.entries()) {
        if (way === 'in') assert.equal(programs.ingress(frame, fromUs + i * 1000), xdpPass)
        else assert.equal(programs.egress(frame, fromUs + i * 1000), tcPass)
      }
    },
    flush,
    reset() {
      flush()
      assert.equal(readFlowCount(programs.binding, programs.path), 0)
      assert.equal(sweepTombstones(programs.binding, programs.path, true, start + 1e6 * second), 0)
    },
  }
}

export function endOf(flows: readonly FlowRecord[]): FlowRecord[] {
  return flows.filter((flow) => flow.kind === 'ended')
}

/** The one flow that there must be. */
export function only(flows: readonly FlowRecord[]): FlowRecord {
  assert.equal(flows.length, 1, JSON.stringify(flows))
  return flows[0] as FlowRecord
}

export function short({ kind, seq }: FlowRecord): string {
  return `${kind} ${seq}`
}

/** What was lost while this ran, by cause; causes of nothing left out. */
export function losses(
  run: () => void,
  programs: LoadedPrograms,
): Partial<Record<keyof typeof Loss, number>> {
  const before = programs.counters().lost
  run()
  const after = programs.counters().lost
  return Object.fromEntries(
    Object.entries(after)
      .map(([cause, n]) => [cause, n - before[cause as keyof typeof before]] as const)
      .filter(([, n]) => n !== 0),
  )
}
