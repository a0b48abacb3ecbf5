/** What the guards protect anyway, as allow entries for people to read. They are not in the kernel's map. */

import type { AllowEntry } from '../enforce/decision.js'

export interface ProtectedAddresses {
  own(): readonly string[]
  gateways(): readonly string[]
  resolvers(): readonly string[]
}

/** @param sinceMs wall time shown as their beginning, ms */
export function automaticAllow(host: ProtectedAddresses, sinceMs: number): AllowEntry[] {
  const entry = (reason: string) => (target: string) => ({
    target,
    reason,
    createdAtMs: sinceMs,
    createdBy: 'idsd',
    source: 'automatic' as const,
  })
  return [
    ...host.own().map(entry('an address of this host')),
    ...host.gateways().map(entry('the gateway')),
    ...host.resolvers().map(entry('a resolver')),
  ]
}
