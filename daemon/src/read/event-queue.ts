/** Alerts and decisions of a look at a capture as lines of JSON: what was seen, then what followed from it. */

import type { Change } from '../enforce/enforcer.js'
import { createCommunityId } from '../publish/community-id.js'
import { createEventLines } from '../publish/event-lines.js'
import type { Alert } from '../record/alert.js'

export interface EventQueue {
  alerts(alerts: readonly Alert[]): void
  decision(change: Change): void
  /** Writes what has come since the last call. */
  flush(): void
}

/** @param write takes one line, its newline included */
export function createEventQueue(write: (line: string) => void): EventQueue {
  // A capture has one interface without a name, and no packet of it met a block.
  const lines = createEventLines({ interfaceName: () => '', hits: () => undefined }, createCommunityId())
  const seen: object[] = []
  const followed: object[] = []
  return {
    alerts: (found) => void seen.push(...found.map(lines.alert)),
    decision: (change) => void followed.push(lines.decision(change)),
    flush() {
      for (const event of [...seen.splice(0), ...followed.splice(0)]) write(`${JSON.stringify(event)}\n`)
    },
  }
}
