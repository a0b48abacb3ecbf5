/** What a flow proves about its source. */

import type { FlowRecord } from '../decode/flow-record.js'

/**
 * Whether the kernel saw that `src` receives what is sent to it. The proof is about the side that came in: that is the
 * source when the first packet came in from it, or went out to it.
 */
export function provesSource(flow: FlowRecord): boolean {
  return flow.pathProven && flow.firstIngress !== flow.firstBackward
}

/**
 * As provesSource, of a flow without a conversation: one with payload both ways may belong to an honest owner, and so
 * may one whose answer is still on its way.
 */
export function provesSilently(flow: FlowRecord): boolean {
  if (!provesSource(flow) || (flow.bytesFwd > 0 && flow.bytesBwd > 0)) return false
  const isOver = flow.kind === 'ended' || flow.tcpState === 'ready'
  return isOver || (flow.bytesFwd + flow.bytesBwd === 0 && flow.finCount > 0)
}
