/** Allow entries as the configuration makes them. */

import type { Config } from '../config/config.js'
import type { AllowEntry } from '../enforce/decision.js'

/** @param createdAtMs wall time, ms */
export function configuredAllow({ allow }: Pick<Config, 'allow'>, createdAtMs: number): AllowEntry[] {
  return allow.entries.map(({ logOnly, ...entry }) => ({
    ...entry,
    ...(logOnly ? { isLogOnly: true as const } : {}),
    createdAtMs,
    createdBy: 'configuration',
    source: 'config' as const,
  }))
}
