/** Room in the maps, and what was lost for want of it. */

import type { HostFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

/** Fill from which a map deserves a warning, as a share; the flow table ends quiet flows early from here on. */
const nearlyFull = 0.8
/** Share of the machine's memory from which the maps deserve a word. */
const muchMemory = 0.25

const keyOf: Readonly<Record<string, string>> = {
  flows: 'kernel.flows',
  tombstones: 'kernel.flows, which tombstones follow',
  blocks: 'kernel.blocks',
  prefixes: 'kernel.prefixes',
  allows: 'kernel.allow',
}

const effectOf: Readonly<Record<string, string>> = {
  flows: 'quiet flows end early; when it is full, new ones are not followed',
  tombstones: 'a flow that ended may appear as a new one',
  blocks: 'when it is full, new blocks of addresses are refused',
  prefixes: 'when it is full, new blocks of prefixes are refused',
  allows: 'when it is full, new allow entries are refused',
}

/** What each loss means and what to do. Causes are those of `idsd_lost_total`. */
const losses: Readonly<Record<string, Pick<Said, 'consequence' | 'fix'>>> = {
  table_full: { consequence: 'flows were not followed', fix: 'raise kernel.flows and restart' },
  lock_missed: {
    consequence: 'packets of a flow on two processors at once were not counted',
    fix: 'a few are harmless; many: let one queue receive a flow (ethtool -X)',
  },
  over_budget: {
    consequence: 'new flows over kernel.new_flow_budget_per_s: only their source is counted',
    fix: 'idsctl top shows who; raise the budget if such a rate is honest here',
  },
  urgent_ring_full: {
    consequence: 'records that should have woken the daemon are lost: it may block late or not',
    fix: 'raise kernel.ring_urgent_bytes, or give idsd more processor time',
  },
  bulk_ring_full: {
    consequence: 'records of flows are lost: detection may miss a slow attack',
    fix: 'raise kernel.ring_bulk_bytes, or give idsd more processor time',
  },
  tombstone_dropped: { consequence: 'flows that ended may appear as new ones', fix: 'raise kernel.flows' },
  source_slot_taken: { consequence: 'sources over the budget were not counted', fix: 'raise kernel.sources' },
  unknown_record: {
    consequence: 'records that this daemon does not know',
    fix: 'restart idsd: programs of another version may be in place',
  },
  not_stored: {
    consequence: 'flows or alerts are missing from the database; enforcement goes on',
    fix: 'see the log; look at the disk of paths.db',
  },
  step_failed: { consequence: 'a batch was not judged', fix: 'the log names the step' },
  odd_score: { consequence: 'scores that are no numbers count as none', fix: 'idsctl model verify' },
}

export function checkMaps({ daemon, memoryBytes }: HostFacts): Finding[] {
  if (daemon === undefined) return []
  const tight = daemon.maps.filter(
    ({ entries, capacity }) => capacity > 0 && entries >= capacity * nearlyFull,
  )
  const bytes = daemon.maps.reduce((sum, map) => sum + map.bytes, 0)
  const share = Math.round((bytes / memoryBytes) * 100)
  const size = `${Math.round(bytes / 2 ** 20)} MiB, ${share} % of memory`
  const whole: Said =
    bytes > memoryBytes * muchMemory
      ? {
          level: 'warning',
          found: `the maps take ${size}`,
          consequence: 'that much is gone for everything else, full or empty',
          fix: 'lower kernel.flows and kernel.blocks to what this site needs',
        }
      : {
          level: 'ok',
          found: `the maps take ${size}; ${tight.length === 0 ? 'none is' : `${tight.length} are`} nearly full`,
        }
  return [
    finding('maps', '', whole),
    ...tight.map(({ name, entries, capacity }) =>
      finding('maps', name, {
        level: entries >= capacity ? 'problem' : 'warning',
        found: `${entries} of ${capacity} entries, ${Math.floor((entries / capacity) * 100)} %`,
        consequence: effectOf[name] ?? 'when it is full, it takes no more',
        fix: `raise ${keyOf[name] ?? 'its size'} and restart; entries stay`,
      }),
    ),
  ]
}

export function checkLosses({ daemon }: HostFacts): Finding[] {
  if (daemon === undefined) return []
  const found = Object.entries(daemon.lost).filter(([, count]) => count > 0)
  if (found.length === 0) return [finding('losses', '', { level: 'ok', found: 'none since its start' })]
  return found.map(([cause, count]) =>
    finding('losses', cause, {
      level: 'warning',
      found: `${count} since its start`,
      ...(losses[cause] ?? { consequence: 'not accounted for', fix: 'see the log' }),
    }),
  )
}
