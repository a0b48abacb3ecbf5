/**
 * The columns: name in the CIC-IDS2017 tables (what a model bundle names), name in the corrected CICFlowMeter, unit.
 * What each means, in words: `column-docs.ts`, printed in docs/features.md. Definitions: the corrected CICFlowMeter, github.com/GintsEngelen/CICFlowMeter
 * at 4dd5319, fed by a strict packet reader.
 */

export interface FeatureColumn {
  /** Name in the CIC-IDS2017 tables; for columns those lack, the corrected CICFlowMeter's. */
  readonly name: string
  readonly engelenName: string
  readonly unit: 'us' | 'B' | 'B^2' | '/s' | 'B/s' | 'packets' | 'ratio' | 'number'
}

function column<const Name extends string>(
  unit: FeatureColumn['unit'],
  name: Name,
  engelenName: string = name,
): FeatureColumn & { readonly name: Name } {
  return { name, engelenName, unit }
}

/** Every column that has a definition here, in the order of the corrected CICFlowMeter. */
export const definedColumns = [
  column('us', 'Flow Duration'),
  column('packets', 'Total Fwd Packets', 'Total Fwd Packet'),
  column('packets', 'Total Backward Packets', 'Total Bwd packets'),
  column('B', 'Total Length of Fwd Packets', 'Total Length of Fwd Packet'),
  column('B', 'Total Length of Bwd Packets', 'Total Length of Bwd Packet'),
  column('B', 'Fwd Packet Length Max'),
  column('B', 'Fwd Packet Length Min'),
  column('B', 'Fwd Packet Length Mean'),
  column('B', 'Fwd Packet Length Std'),
  column('B', 'Bwd Packet Length Max'),
  column('B', 'Bwd Packet Length Min'),
  column('B', 'Bwd Packet Length Mean'),
  column('B', 'Bwd Packet Length Std'),
  column('B/s', 'Flow Bytes/s'),
  column('/s', 'Flow Packets/s'),
  column('us', 'Flow IAT Mean'),
  column('us', 'Flow IAT Std'),
  column('us', 'Flow IAT Max'),
  column('us', 'Flow IAT Min'),
  column('us', 'Fwd IAT Total'),
  column('us', 'Fwd IAT Mean'),
  column('us', 'Fwd IAT Std'),
  column('us', 'Fwd IAT Max'),
  column('us', 'Fwd IAT Min'),
  column('us', 'Bwd IAT Total'),
  column('us', 'Bwd IAT Mean'),
  column('us', 'Bwd IAT Std'),
  column('us', 'Bwd IAT Max'),
  column('us', 'Bwd IAT Min'),
  column('packets', 'Fwd PSH Flags'),
  column('packets', 'Bwd PSH Flags'),
  column('packets', 'Fwd URG Flags'),
  column('packets', 'Bwd URG Flags'),
  column('packets', 'Fwd RST Flags'),
  column('packets', 'Bwd RST Flags'),
  column('B', 'Fwd Header Length'),
  column('B', 'Bwd Header Length'),
  column('/s', 'Fwd Packets/s'),
  column('/s', 'Bwd Packets/s'),
  column('B', 'Min Packet Length', 'Packet Length Min'),
  column('B', 'Max Packet Length', 'Packet Length Max'),
  column('B', 'Packet Length Mean'),
  column('B', 'Packet Length Std'),
  column('B^2', 'Packet Length Variance'),
  column('packets', 'FIN Flag Count'),
  column('packets', 'SYN Flag Count'),
  column('packets', 'RST Flag Count'),
  column('packets', 'PSH Flag Count'),
  column('packets', 'ACK Flag Count'),
  column('packets', 'URG Flag Count'),
  column('packets', 'CWE Flag Count', 'CWR Flag Count'),
  column('packets', 'ECE Flag Count'),
  column('ratio', 'Down/Up Ratio'),
  column('B', 'Average Packet Size'),
  column('B', 'Avg Fwd Segment Size', 'Fwd Segment Size Avg'),
  column('B', 'Avg Bwd Segment Size', 'Bwd Segment Size Avg'),
  column('B', 'Fwd Avg Bytes/Bulk', 'Fwd Bytes/Bulk Avg'),
  column('packets', 'Fwd Avg Packets/Bulk', 'Fwd Packet/Bulk Avg'),
  column('B/s', 'Fwd Avg Bulk Rate', 'Fwd Bulk Rate Avg'),
  column('B', 'Bwd Avg Bytes/Bulk', 'Bwd Bytes/Bulk Avg'),
  column('packets', 'Bwd Avg Packets/Bulk', 'Bwd Packet/Bulk Avg'),
  column('B/s', 'Bwd Avg Bulk Rate', 'Bwd Bulk Rate Avg'),
  column('packets', 'Subflow Fwd Packets'),
  column('B', 'Subflow Fwd Bytes'),
  column('packets', 'Subflow Bwd Packets'),
  column('B', 'Subflow Bwd Bytes'),
  column('B', 'Init_Win_bytes_forward', 'FWD Init Win Bytes'),
  column('B', 'Init_Win_bytes_backward', 'Bwd Init Win Bytes'),
  column('packets', 'act_data_pkt_fwd', 'Fwd Act Data Pkts'),
  column('packets', 'Bwd Act Data Pkts'),
  column('B', 'min_seg_size_forward', 'Fwd Seg Size Min'),
  column('B', 'Bwd Seg Size Min'),
  column('us', 'Active Mean'),
  column('us', 'Active Std'),
  column('us', 'Active Max'),
  column('us', 'Active Min'),
  column('us', 'Idle Mean'),
  column('us', 'Idle Std'),
  column('us', 'Idle Max'),
  column('us', 'Idle Min'),
  column('number', 'ICMP Code'),
  column('number', 'ICMP Type'),
  column('packets', 'Fwd TCP Retrans. Count'),
  column('packets', 'Bwd TCP Retrans. Count'),
  column('packets', 'Total TCP Retrans. Count'),
  column('us', 'Total Connection Flow Time'),
] as const

/** `name` of a column that has a definition here. */
export type ColumnName = (typeof definedColumns)[number]['name']

/**
 * Columns that no model and no store holds: the first has no use as a feature (`bwdSegMin` has it), the others take a set
 * of packets per connection, which the kernel does not keep.
 */
const besideColumns: ReadonlySet<string> = new Set<ColumnName>([
  'Bwd Seg Size Min',
  'Fwd TCP Retrans. Count',
  'Bwd TCP Retrans. Count',
  'Total TCP Retrans. Count',
])

/** What models and the store use, in the order of `computeFeatures`. */
export const featureColumns: readonly FeatureColumn[] = definedColumns.filter(
  (defined) => !besideColumns.has(defined.name),
)

export const featureCount = featureColumns.length

/** Names in the corrected CICFlowMeter, in its order: all that it writes from `Flow Duration` on, but the label. */
export const referenceColumns: readonly string[] = definedColumns.map((defined) => defined.engelenName)

/** What the CIC-IDS2017 tables lack. */
const afterCic: ReadonlySet<string> = new Set([
  ...besideColumns,
  'Fwd RST Flags',
  'Bwd RST Flags',
  'Bwd Act Data Pkts',
  'ICMP Code',
  'ICMP Type',
  'Total Connection Flow Time',
])

/** Names in the CIC-IDS2017 tables, in their order, without the port: `Protocol` (a number) first, one column twice. */
export const cicColumns: readonly string[] = [
  'Protocol',
  ...definedColumns
    .map((defined): string => defined.name)
    .filter((name) => !afterCic.has(name))
    .flatMap((name) => (name === 'Avg Bwd Segment Size' ? [name, 'Fwd Header Length.1'] : [name])),
]

const indexByName = new Map(featureColumns.map((feature, index) => [feature.name, index]))
indexByName.set('Fwd Header Length.1', indexByName.get('Fwd Header Length') as number)

/** Index of a column by its CIC-IDS2017 name; undefined when idsd does not compute it. */
export function featureIndex(name: string): number | undefined {
  return indexByName.get(name)
}
