/** Which columns an extract has. */

import { existsSync } from 'node:fs'
import { cicColumns, featureColumns, referenceColumns } from '../../../daemon/src/features/columns.js'
import { readBundleFile } from '../../../daemon/src/score/bundle.js'
import { columnNamed } from '../../../daemon/src/score/feature-names.js'
import { parseManifest } from '../../../daemon/src/score/manifest.js'
import { usageError } from '../errors.js'
import { places } from './flow-row.js'

/** `src` and `dst` are the addresses; a `whole` number is known of every flow; a `feature` may be unknown. */
export type ExtractKind = 'src' | 'dst' | 'whole' | 'feature'

export interface ExtractColumn {
  readonly name: string
  readonly kind: ExtractKind
  /** Index into `FlowRow.numbers`; without meaning for addresses. */
  readonly place: number
}

export interface ExtractColumns {
  readonly columns: readonly ExtractColumn[]
  /** Features of a model that idsd does not compute: always 0. */
  readonly missing: readonly string[]
}

/** What the reference's program writes in front of its columns, and when a flow began and ended, us since 1970. */
const keys: readonly ExtractColumn[] = [
  { name: 'Src IP', kind: 'src', place: 0 },
  { name: 'Src Port', kind: 'whole', place: places.srcPort },
  { name: 'Dst IP', kind: 'dst', place: 0 },
  { name: 'Dst Port', kind: 'whole', place: places.dstPort },
  { name: 'Protocol', kind: 'whole', place: places.protocol },
  { name: 'start_us', kind: 'whole', place: places.startUs },
  { name: 'last_us', kind: 'whole', place: places.lastUs },
]

/** Columns that are no features of models. */
const besideModels = new Map<string, number>([
  ['Bwd Seg Size Min', places.bwdSegMin],
  ['Fwd TCP Retrans. Count', places.retransmissionsFwd],
  ['Bwd TCP Retrans. Count', places.retransmissionsBwd],
  ['Total TCP Retrans. Count', places.retransmissions],
  ['Protocol', places.protocol],
])

/**
 * @param features `all`, `cic`, or the folder of a model bundle
 * @param hasKeys the five-tuple and the times come first; with `all` they always do
 * @throws CliError when it is none of them; IdsdError `ERR_MODEL` when the manifest is not right
 */
export function extractColumns(features: string, hasKeys: boolean): ExtractColumns {
  if (features === 'all') return { columns: [...keys, ...referenceColumns.map(published)], missing: [] }
  if (features === 'cic') {
    const names = hasKeys ? cicColumns.filter((name) => !isKey(name)) : cicColumns
    return { columns: [...(hasKeys ? keys : []), ...names.map(published)], missing: [] }
  }
  if (!existsSync(features)) {
    throw usageError(
      `--features ${features}: expected all, cic or the folder of a model bundle`,
      'for example --features cic, or --features ./models/flow-gbt',
    )
  }
  const manifest = parseManifest(features, readBundleFile(features, 'manifest.json').toString('utf8'))
  // The model sees what the daemon would give it: 0 for what is no feature of models.
  const names = hasKeys ? manifest.features.filter((name) => !isKey(name)) : manifest.features
  const columns = names.map((name) => feature(name, columnNamed(name) ?? places.zero))
  return {
    columns: [...(hasKeys ? keys : []), ...columns],
    missing: names.filter((name) => columnNamed(name) === undefined),
  }
}

/** It stands in front already, such as the protocol. */
function isKey(name: string): boolean {
  return keys.some((key) => key.name === name.trim())
}

function published(name: string): ExtractColumn {
  const place = besideModels.get(name) ?? columnNamed(name)
  if (place === undefined) throw new RangeError(`no column ${name} among ${featureColumns.length}`)
  return feature(name, place)
}

function feature(name: string, place: number): ExtractColumn {
  return { name, kind: name === 'Protocol' ? 'whole' : 'feature', place }
}
