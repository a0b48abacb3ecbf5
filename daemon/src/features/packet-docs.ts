/** Rows of docs/features.md about what packets hold: counts, payload, flags, headers. */

import { type ColumnDoc, doc, onlyForward, pair } from './column-doc.js'

const payloadDiffers = ['padding', 'frame', 'linkBytes'] as const
const allLengthsDiffer = ['padding', 'firstTwice', 'frame', 'storedTwice', 'linkBytes'] as const
const bothPackets = ['dir[0].packets', 'dir[1].packets'] as const
const bothBytes = ['dir[0].bytes', 'dir[1].bytes'] as const
const bothSquares = ['dir[0].bytes_sq', 'dir[1].bytes_sq'] as const

function flagCount(flag: string, from: readonly string[]): ColumnDoc {
  return doc('flag', `packets with ${flag}`, ['flags'], from, ['mixedFlags', 'storedTwice'])
}

/** By name; one half of `columnDocs`. */
export const packetDocs = {
  'Flow Duration': doc('size', 'time of the last packet - time of the first', ['time'], ['last_us']),
  ...pair('Total Fwd Packets', 'Total Backward Packets', (way, d) =>
    doc('size', `${way} packets`, ['packet'], [`${d}.packets`], onlyForward(way, 'storedTwice')),
  ),
  ...pair('Total Length of Fwd Packets', 'Total Length of Bwd Packets', (way, d) =>
    doc(
      'size',
      `sum of the payload of ${way} packets`,
      ['payload'],
      [`${d}.bytes`],
      [...payloadDiffers, ...onlyForward(way, 'storedTwice')],
    ),
  ),
  ...pair('Fwd Packet Length Max', 'Bwd Packet Length Max', (way, d) =>
    doc(
      'size',
      `largest payload of a ${way} packet; 0 without any`,
      ['payload'],
      [`${d}.len_max`],
      payloadDiffers,
    ),
  ),
  ...pair('Fwd Packet Length Min', 'Bwd Packet Length Min', (way, d) =>
    doc(
      'size',
      `smallest payload of a ${way} packet, empty ones included; 0 without any`,
      ['payload'],
      [`${d}.len_min`, `${d}.packets`],
      payloadDiffers,
    ),
  ),
  ...pair('Fwd Packet Length Mean', 'Bwd Packet Length Mean', (way, d) =>
    doc(
      'size',
      `sum / number, ${way}; 0 without any`,
      ['payload'],
      [`${d}.bytes`, `${d}.packets`],
      [...payloadDiffers, ...onlyForward(way, 'storedTwice')],
    ),
  ),
  ...pair('Fwd Packet Length Std', 'Bwd Packet Length Std', (way, d) =>
    doc(
      'size',
      `root of the sample variance, ${way}; 0 below 2 packets`,
      ['payload'],
      [`${d}.bytes`, `${d}.bytes_sq`, `${d}.packets`],
      [...payloadDiffers, ...onlyForward(way, 'storedTwice'), 'population'],
    ),
  ),
  'Min Packet Length': doc(
    'size',
    'smallest payload of a packet',
    ['payload'],
    ['dir[0].len_min', 'dir[1].len_min', ...bothPackets],
    payloadDiffers,
  ),
  'Max Packet Length': doc(
    'size',
    'largest payload of a packet',
    ['payload'],
    ['dir[0].len_max', 'dir[1].len_max'],
    payloadDiffers,
  ),
  'Packet Length Mean': doc(
    'size',
    'sum / number',
    ['payload'],
    [...bothBytes, ...bothPackets],
    allLengthsDiffer,
  ),
  'Packet Length Std': doc(
    'size',
    'root of the sample variance; 0 below 2 packets',
    ['payload'],
    [...bothBytes, ...bothSquares, ...bothPackets],
    [...allLengthsDiffer, 'population'],
  ),
  'Packet Length Variance': doc(
    'size',
    'sample variance; 0 below 2 packets',
    ['payload'],
    [...bothBytes, ...bothSquares, ...bothPackets],
    [...allLengthsDiffer, 'population'],
  ),
  'Average Packet Size': doc(
    'size',
    'the same as `Packet Length Mean`',
    ['payload'],
    [...bothBytes, ...bothPackets],
    allLengthsDiffer,
  ),
  ...pair('Avg Fwd Segment Size', 'Avg Bwd Segment Size', (way, d) =>
    doc(
      'size',
      `the same as \`${way === 'forward' ? 'Fwd' : 'Bwd'} Packet Length Mean\``,
      ['payload'],
      [`${d}.bytes`, `${d}.packets`],
      [...payloadDiffers, ...onlyForward(way, 'storedTwice')],
    ),
  ),
  'Down/Up Ratio': doc(
    'size',
    'backward / forward packets; 0 without forward ones',
    ['packet'],
    bothPackets,
    ['wholeRatio', 'storedTwice'],
  ),
  act_data_pkt_fwd: doc(
    'size',
    'forward packets with at least 1 byte of payload',
    ['payload'],
    ['dir[0].data_packets'],
    ['padding', 'firstData', 'storedTwice', 'paddingAsData'],
  ),
  'Bwd Act Data Pkts': doc(
    'size',
    'backward packets with at least 1 byte of payload',
    ['payload'],
    ['dir[1].data_packets'],
    ['padding'],
  ),

  ...pair('Fwd PSH Flags', 'Bwd PSH Flags', (way, d) =>
    doc(
      'flag',
      `${way} packets with PSH`,
      ['flags'],
      [`${d}.psh`],
      ['firstFlags', ...onlyForward(way, 'storedTwice')],
    ),
  ),
  ...pair('Fwd URG Flags', 'Bwd URG Flags', (way, d) =>
    doc(
      'flag',
      `${way} packets with URG`,
      ['flags'],
      [`${d}.urg`],
      ['firstFlags', ...onlyForward(way, 'storedTwice')],
    ),
  ),
  ...pair('Fwd RST Flags', 'Bwd RST Flags', (way, d) =>
    doc('flag', `${way} packets with RST`, ['flags'], [`${d}.rst`], ['firstReset']),
  ),
  'FIN Flag Count': flagCount('FIN', ['fin']),
  'SYN Flag Count': flagCount('SYN', ['syn']),
  'RST Flag Count': flagCount('RST', ['dir[0].rst', 'dir[1].rst']),
  'PSH Flag Count': flagCount('PSH', ['dir[0].psh', 'dir[1].psh']),
  'ACK Flag Count': flagCount('ACK', ['ack']),
  'URG Flag Count': flagCount('URG', ['dir[0].urg', 'dir[1].urg']),
  'CWE Flag Count': doc('flag', 'packets with CWR', ['flags'], ['cwr'], ['mixedFlags', 'otherFlag']),
  'ECE Flag Count': flagCount('ECE', ['ece']),

  ...pair('Fwd Header Length', 'Bwd Header Length', (way, d) =>
    doc(
      'header',
      `sum of the L4 headers of ${way} packets`,
      ['header'],
      [`${d}.header_bytes`],
      ['staleHeader', ...onlyForward(way, 'storedTwice'), 'ipHeader'],
    ),
  ),
  min_seg_size_forward: doc(
    'header',
    'smallest L4 header of a forward packet; 0 without any, and 0 when the flow began backward',
    ['header'],
    ['dir[0].seg_min', 'dir[0].packets', 'marks'],
    ['staleHeader', 'ipHeader'],
  ),
  'Bwd Seg Size Min': doc(
    'header',
    'smallest L4 header of a backward packet; 0 without any',
    ['header'],
    ['dir[1].seg_min', 'dir[1].packets'],
    ['backwardOnly'],
  ),
  Init_Win_bytes_forward: doc(
    'header',
    "window of the flow's first packet; 0 when that was a backward one",
    ['window'],
    ['dir[0].init_win'],
    ['noWindow', 'forwardWindow'],
  ),
  Init_Win_bytes_backward: doc(
    'header',
    'first window of a backward packet that is not 0; 0 without one',
    ['window'],
    ['dir[1].init_win'],
    ['noWindow', 'lastWindow'],
  ),

  'ICMP Code': doc('icmp', 'code; -1 for other protocols', ['icmp'], ['icmp_code', 'key.protocol']),
  'ICMP Type': doc('icmp', 'type; -1 for other protocols', ['icmp'], ['icmp_type', 'key.protocol']),
}
