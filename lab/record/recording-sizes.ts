/** Sizes of the maps of a recording: room for every flow, next to none for blocks. */

import type { MapSizes } from '../../daemon/src/kernel/data-path.js'

export const recordingSizes: MapSizes = {
  flows: 65_536,
  tombstones: 16_384,
  blocks: 1_024,
  prefixes: 1_024,
  allows: 64,
  suspects: 64,
  sources: 1_024,
  urgentRingBytes: 1_048_576,
  bulkRingBytes: 16_777_216,
}
