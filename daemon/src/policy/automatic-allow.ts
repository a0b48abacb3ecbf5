/** What the guards protect anyway, as allow entries for people to read. They are not in the kernel's map. */

import type { AllowEntry } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import { parseTarget } from './address.js'

export interface ProtectedAddresses {
  own(): readonly string[]
  gateways(): readonly string[]
  resolvers(): readonly string[]
}

/**
 * Each once, in canonical text; what a file names that is no address is left out.
 * @param sinceMs wall time shown as their beginning, ms
 */
export function automaticAllow(host: ProtectedAddresses, sinceMs: number): AllowEntry[] {
  const reasons = new Map<string, string>()
  const add = (reason: string, addresses: readonly string[]) => {
    for (const target of addresses.flatMap(canonical)) {
      if (!reasons.has(target)) reasons.set(target, reason)
    }
  }
  add('an address of this host', host.own())
  add('the gateway', host.gateways())
  add('a resolver', host.resolvers())
  return [...reasons].map(([target, reason]) => ({
    target,
    reason,
    createdAtMs: sinceMs,
    createdBy: 'idsd',
    source: 'automatic' as const,
  }))
}

function canonical(address: string): string[] {
  try {
    return [parseTarget(address, 'address').text]
  } catch (fault) {
    if (fault instanceof ArgumentError) return []
    throw fault
  }
}
