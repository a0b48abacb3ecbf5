/** Chooses the records that are scored: each flow when it becomes READY, when it ends, and at the cuts of the bundle. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'

/** Open flows whose scored looks are remembered; the oldest leave first. */
const maxRemembered = 65_536

/**
 * @param cuts numbers of packets; a flow is also scored at the snapshot that reaches one. The kernel takes snapshots at
 *   certain numbers only: a cut between two of them is reached at the later one.
 */
export function createDueFilter(cuts: readonly number[]): (flow: FlowRecord) => boolean {
  const readyScored = createRecentMap<number, true>()
  /** Cuts reached so far. */
  const cutsScored = createRecentMap<number, number>()

  const reachesCut = ({ id, kind, packetsFwd, packetsBwd }: FlowRecord): boolean => {
    if (cuts.length === 0 || kind !== 'snapshot') return false
    const reached = cuts.filter((packets) => packets <= packetsFwd + packetsBwd).length
    if (reached <= (cutsScored.get(id) ?? 0)) return false
    cutsScored.set(id, reached)
    if (cutsScored.size > maxRemembered) cutsScored.dropOldest()
    return true
  }

  return (flow) => {
    if (flow.isTransit) return false
    if (flow.kind === 'ended') {
      readyScored.delete(flow.id)
      cutsScored.delete(flow.id)
      return true
    }
    const isCut = reachesCut(flow)
    if (flow.tcpState !== 'ready' || readyScored.get(flow.id) === true) return isCut
    readyScored.set(flow.id, true)
    if (readyScored.size > maxRemembered) readyScored.dropOldest()
    return true
  }
}
