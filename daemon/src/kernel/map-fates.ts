/**
 * What becomes of each map when another daemon takes over: the one place to name a map that goes on. A map that is not
 * named is made anew and filled by the rooms that own it, before the programs are switched; what its entries met is read
 * afterwards (earlier-hits.ts, table-pins.ts).
 */

/**
 * `flows`: goes on with the interface's other flow maps or none of them; flows of another layout end.
 * `ring`: goes on with the other ring or not at all; what nobody read is read from the old one.
 * `counts`: goes on by itself; what a map of another layout counted is carried over.
 * `own`: goes on by itself; of another layout it begins anew.
 */
export type MapFate = 'flows' | 'ring' | 'counts' | 'own'

export const mapFates: Readonly<Record<string, MapFate>> = {
  flows: 'flows',
  tombstones: 'flows',
  flow_count: 'flows',
  urgent_ring: 'ring',
  bulk_ring: 'ring',
  cpu: 'counts',
  carried: 'counts',
  sources: 'own',
}

/** Types whose records lie in the rings. */
export const ringStructs: readonly string[] = ['flow_record', 'flow_opened']

/** Types that a later daemon of another layout reads. */
export const handedStructs: readonly string[] = [
  ...ringStructs,
  ...['flow', 'flow_key', 'flow_counts', 'tombstone', 'cpu_slot', 'carried', 'settings'],
  ...['block_entry', 'limiter'],
]

/** Maps of one interface; all others are shared by the daemon's interfaces. */
export const interfaceMaps: ReadonlySet<string> = new Set(['flows', 'tombstones', 'flow_count', 'scratch'])

/** Maps that nobody opens by name. */
export const unpinnedMaps: ReadonlySet<string> = new Set(['scratch'])
