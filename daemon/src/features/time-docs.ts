/** Rows of docs/features.md in which time takes part: rates, gaps, bulks, subflows, periods, connections. */

import { type ColumnDoc, doc, onlyForward, pair } from './column-doc.js'

const bothPackets = ['dir[0].packets', 'dir[1].packets'] as const
const bothBytes = ['dir[0].bytes', 'dir[1].bytes'] as const
const bulkDiffers = ['padding', 'noBulk', 'bulkBackward', 'bulkWhole', 'paddingAsData'] as const
const subflowDiffers = ['subflowTotal', 'subflowWhole', 'subflowPackets'] as const
const resent = ['flags', 'payload', 'window', 'sequence'] as const

function periodDoc(which: 'active' | 'idle', formula: string, from: readonly string[]): ColumnDoc {
  return doc(
    'period',
    `${formula.replace('*', `${which} period`)}; 0 without any`,
    ['time'],
    from.map((field) => `${which}.${field}`),
    ['absolutePeriod', 'noPeriod'],
  )
}

/** By name; the other half of `columnDocs`. */
export const timeDocs = {
  'Flow Bytes/s': doc(
    'rate',
    'payload of both directions / seconds; -1 when the duration is 0',
    ['payload', 'time'],
    [...bothBytes, 'last_us'],
    ['padding', 'zeroDuration', 'frame', 'storedTwice'],
  ),
  'Flow Packets/s': doc(
    'rate',
    'packets of both directions / seconds; -1 when the duration is 0',
    ['packet', 'time'],
    [...bothPackets, 'last_us'],
    ['zeroDuration', 'storedTwice'],
  ),
  ...pair('Fwd Packets/s', 'Bwd Packets/s', (way, d) =>
    doc(
      'rate',
      `${way} packets / seconds; 0 when the duration is 0`,
      ['packet', 'time'],
      [`${d}.packets`, 'last_us'],
      onlyForward(way, 'storedTwice'),
    ),
  ),

  'Flow IAT Mean': doc(
    'gap',
    'duration / (n - 1); 0 for one packet',
    ['time'],
    ['last_us', ...bothPackets],
    ['onePacket', 'storedTwice'],
  ),
  'Flow IAT Std': doc(
    'gap',
    'root of the sample variance; 0 below 2 gaps',
    ['time'],
    ['iat_sq', 'last_us', ...bothPackets],
    ['onePacket', 'storedTwice', 'population'],
  ),
  'Flow IAT Max': doc('gap', 'largest gap; 0 for one packet', ['time'], ['iat_max'], ['onePacket']),
  'Flow IAT Min': doc(
    'gap',
    'smallest gap; 0 for one packet',
    ['time'],
    ['iat_min', ...bothPackets],
    ['onePacket', 'storedTwice'],
  ),
  ...pair('Fwd IAT Total', 'Bwd IAT Total', (way, d) =>
    doc(
      'gap',
      `time of the last ${way} packet - time of the first; 0 below 2 packets`,
      ['time'],
      [`${d}.first_us`, `${d}.last_us`, `${d}.packets`],
      way === 'forward' ? [] : ['single'],
    ),
  ),
  ...pair('Fwd IAT Mean', 'Bwd IAT Mean', (way, d) =>
    doc(
      'gap',
      `\`${way === 'forward' ? 'Fwd' : 'Bwd'} IAT Total\` / (packets - 1); 0 below 2 packets`,
      ['time'],
      [`${d}.first_us`, `${d}.last_us`, `${d}.packets`],
      way === 'forward' ? ['storedTwice'] : ['single'],
    ),
  ),
  ...pair('Fwd IAT Std', 'Bwd IAT Std', (way, d) =>
    doc(
      'gap',
      `root of the sample variance of ${way} gaps; 0 below 2 gaps`,
      ['time'],
      [`${d}.iat_sq`, `${d}.first_us`, `${d}.last_us`, `${d}.packets`],
      [...onlyForward(way, 'storedTwice'), 'population'],
    ),
  ),
  ...pair('Fwd IAT Max', 'Bwd IAT Max', (way, d) =>
    doc(
      'gap',
      `largest ${way} gap; 0 below 2 packets`,
      ['time'],
      [`${d}.iat_max`],
      way === 'forward' ? [] : ['single'],
    ),
  ),
  ...pair('Fwd IAT Min', 'Bwd IAT Min', (way, d) =>
    doc(
      'gap',
      `smallest ${way} gap; 0 below 2 packets`,
      ['time'],
      [`${d}.iat_min`, `${d}.packets`],
      way === 'forward' ? ['storedTwice'] : ['single'],
    ),
  ),

  ...pair('Fwd Avg Bytes/Bulk', 'Bwd Avg Bytes/Bulk', (way, _, b) =>
    doc(
      'bulk',
      `payload in ${way} bulks / bulks; 0 without any`,
      ['payload', 'time'],
      [`${b}.size`, `${b}.count`],
      bulkDiffers,
    ),
  ),
  ...pair('Fwd Avg Packets/Bulk', 'Bwd Avg Packets/Bulk', (way, _, b) =>
    doc(
      'bulk',
      `packets in ${way} bulks / bulks; 0 without any`,
      ['payload', 'time'],
      [`${b}.packets`, `${b}.count`],
      bulkDiffers,
    ),
  ),
  ...pair('Fwd Avg Bulk Rate', 'Bwd Avg Bulk Rate', (way, _, b) =>
    doc(
      'bulk',
      `payload in ${way} bulks / their seconds together; 0 when those are 0`,
      ['payload', 'time'],
      [`${b}.size`, `${b}.duration_us`],
      bulkDiffers,
    ),
  ),

  ...pair('Subflow Fwd Packets', 'Subflow Bwd Packets', (way, d) =>
    doc(
      'subflow',
      `${way} packets / g; 0 when g is 0`,
      ['packet', 'time'],
      [`${d}.packets`, 'gaps'],
      subflowDiffers,
    ),
  ),
  ...pair('Subflow Fwd Bytes', 'Subflow Bwd Bytes', (way, d) =>
    doc(
      'subflow',
      `payload of ${way} packets / g; 0 when g is 0`,
      ['payload', 'time'],
      [`${d}.bytes`, 'gaps'],
      ['padding', ...subflowDiffers],
    ),
  ),

  'Active Mean': periodDoc('active', 'mean *', ['sum', 'count']),
  'Active Std': periodDoc('active', 'root of the sample variance of the *s', ['sum', 'sq', 'count']),
  'Active Max': periodDoc('active', 'longest *', ['max']),
  'Active Min': periodDoc('active', 'shortest *', ['min', 'count']),
  'Idle Mean': periodDoc('idle', 'mean *', ['sum', 'count']),
  'Idle Std': periodDoc('idle', 'root of the sample variance of the *s', ['sum', 'sq', 'count']),
  'Idle Max': periodDoc('idle', 'longest *', ['max']),
  'Idle Min': periodDoc('idle', 'shortest *', ['min', 'count']),

  ...pair('Fwd TCP Retrans. Count', 'Bwd TCP Retrans. Count', (way) =>
    doc('connection', `${way} packets that were seen before`, resent, []),
  ),
  'Total TCP Retrans. Count': doc('connection', 'both directions together', resent, []),
  'Total Connection Flow Time': doc(
    'connection',
    'time of the last packet - time of the first packet of the connection; 0 for ICMP',
    ['time'],
    ['connection_us', 'last_us', 'key.protocol'],
  ),
}
