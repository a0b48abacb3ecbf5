/** What a flow proves about its source. */

import type { FlowRecord } from '../decode/flow-record.js'

/**
 * Whether the kernel saw that `src` receives what is sent to it. The proof is about the side that came in: that is the
 * source when the first packet came in from it, or went out to it.
 */
export function provesSource(flow: FlowRecord): boolean {
  return flow.pathProven && flow.firstIngress !== flow.firstBackward
}
