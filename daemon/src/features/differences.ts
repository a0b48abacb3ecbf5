/**
 * Where other programs put another value into a column of the same name. Read for docs/features.md; a test holds those of
 * programs whose values are in the reference data against these values.
 */

/** Programs and tables, as the page names them. */
export const tools = {
  cic2017: 'CIC-IDS2017 tables',
  original: 'CICFlowMeter',
  corrected2021: 'corrected, 2021',
  corrected2022: 'corrected, 2022',
  corrected: 'corrected, 4dd5319',
  python: 'Python',
  nfstream: 'NFStream',
} as const

/** A program or a published table. */
export type Tool = keyof typeof tools

interface DifferenceText {
  /** Short name, as the tables of columns show it. */
  readonly name: string
  readonly tools: readonly Tool[]
  /** What these tools do. */
  readonly text: string
}

function difference(name: string, tools: readonly Tool[], text: string): DifferenceText {
  return { name, tools, text }
}

const allCic = ['cic2017', 'original', 'corrected2021', 'corrected2022'] as const

/** Every known difference, by what the columns call it. */
export const differences = {
  padding: difference(
    'padding',
    [...allCic, 'corrected'],
    'Ethernet padding counts as payload: in the CIC-IDS2017 tables in every frame, which gives payloads of 6 bytes, in the ' +
      'programs in frames with a VLAN tag. It comes from their packet reader.',
  ),
  firstTwice: difference(
    'first packet twice',
    ['cic2017', 'original', 'corrected2021'],
    'The first packet of the flow enters twice. `Average Packet Size` is `Packet Length Mean` times (n + 1) / n.',
  ),
  zeroDuration: difference(
    'zero duration',
    [...allCic, 'python'],
    'A flow whose packets have one time gives Infinity or NaN in the CIC tools and 0 in Python, not -1.',
  ),
  onePacket: difference(
    'one packet',
    ['corrected2021', 'corrected2022'],
    'A flow of one packet gives NaN, not 0. The CIC-IDS2017 tables and CICFlowMeter leave such flows out.',
  ),
  wholeRatio: difference(
    'whole ratio',
    ['cic2017', 'original', 'corrected2021'],
    'The ratio is cut to a whole number.',
  ),
  firstFlags: difference(
    'flags of the first packet',
    ['cic2017', 'original'],
    'Only the first packet of the flow is looked at: the value is 0 or 1, and 0 in the other direction.',
  ),
  mixedFlags: difference(
    'flags mixed up',
    ['cic2017'],
    'The values stand under the wrong names, and are those of the first packet. Under FIN, SYN, RST, PSH, ACK, URG, CWE, ECE ' +
      'stand RST, PSH, ECE, SYN, ACK, FIN, URG, CWR. Inferred from the order in which the program wrote them.',
  ),
  firstReset: difference(
    'first reset',
    ['corrected2022'],
    'An RST in the first packet of the flow is not counted.',
  ),
  staleHeader: difference(
    'stale header',
    ['cic2017'],
    'A UDP packet has 20, 32 or 40 bytes of header, those of a TCP packet before it. Some values are negative.',
  ),
  noBulk: difference('no bulk', ['cic2017'], 'Always 0.'),
  bulkBackward: difference(
    'bulk backward',
    ['original', 'corrected2021'],
    'Every packet is taken for a backward one, so the forward columns are 0; the division is cut to a whole number.',
  ),
  bulkWhole: difference('whole bulk', ['corrected2022'], 'The division is cut to a whole number.'),
  subflowTotal: difference('subflow total', ['cic2017', 'python'], 'The total of the flow, not divided.'),
  subflowWhole: difference('whole subflow', ['original'], 'The division is cut to a whole number.'),
  subflowPackets: difference(
    'subflow by packets',
    ['corrected2021', 'corrected2022'],
    'Divided by the number of packets, and cut to a whole number.',
  ),
  noWindow: difference('no window', ['cic2017'], '-1 without a TCP window, not 0.'),
  lastWindow: difference(
    'last window',
    ['original', 'corrected2021', 'corrected2022'],
    'The window of the last backward packet, not the first that is not 0.',
  ),
  forwardWindow: difference(
    'forward window',
    ['python'],
    'The first window that is not 0 among forward packets, also of a flow that began backward.',
  ),
  firstData: difference(
    'first data',
    ['cic2017', 'original', 'corrected2021', 'corrected2022'],
    'The first packet of the flow is not counted.',
  ),
  absolutePeriod: difference(
    'absolute time',
    ['cic2017'],
    'Some flows are reported to hold a time since 1970 where a length of time should be.',
  ),
  backwardOnly: difference(
    'backward only',
    ['corrected'],
    '0 unless the flow began backward. This column is the one where idsd does not follow the reference.',
  ),
  frame: difference('whole frame', ['python'], 'Bytes of the whole frame, link header and padding included.'),
  linkBytes: difference(
    'from the link header',
    ['nfstream'],
    'Bytes from the link header on. With `accounting_mode=3` bytes of payload as here, but for ICMP, whose payload counts.',
  ),
  storedTwice: difference(
    'stored twice',
    ['python'],
    'The first packet of the flow is stored twice: one packet more.',
  ),
  population: difference('population', ['python'], 'The divisor of the variance is n, not n - 1.'),
  single: difference('single value', ['python'], '0 where there is one value only, such as one gap.'),
  ipHeader: difference('IP header', ['python'], 'Bytes of the IP header, not of the TCP or UDP header.'),
  paddingAsData: difference(
    'padding as data',
    ['python'],
    'Ethernet padding counts as payload, so an empty packet does not count as empty.',
  ),
  otherFlag: difference('other flag', ['python'], 'The forward packets with URG.'),
  noPeriod: difference(
    'no periods',
    ['python'],
    'Nearly always 0: the time of the last packet is overwritten before it is compared.',
  ),
} as const satisfies Readonly<Record<string, DifferenceText>>

/** Name of a known difference. */
export type Difference = keyof typeof differences
