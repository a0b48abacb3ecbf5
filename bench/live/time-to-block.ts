/** From the packet that completed the evidence to the entry in the map, while other conversations go on. */

import { join } from 'node:path'
import { tcpPacket } from '../../lab/packet.js'
import { type PcapInput, writePcap } from '../../lab/pcap.js'
import type { BenchContext } from '../kernel-rows.js'
import { quantile } from '../measure.js'
import { openPair, type Pair } from './pair.js'

interface Load {
  readonly suffix: string
  readonly perSecond: number
  /** Goals, us; null where none is set. */
  readonly p50: number | null
  readonly p95: number | null
}

const loads: readonly Load[] = [
  { suffix: '1k', perSecond: 1_000, p50: 500, p95: 2_000 },
  { suffix: '20k', perSecond: 20_000, p50: null, p95: 8_700 },
]

export const timeToBlockRows = loads.flatMap(({ suffix }) =>
  ['p50', 'p95', 'p99'].map((share) => `time_to_block_${suffix}_${share}`),
)

const scanners = 120
const betweenScannersMs = 160
/** Two firings of 20 ports each are enough for a block; a firing that is late takes a few more. */
const portsOfEach = 60
const betweenPortsUs = 1_500
const answerUs = 300
const warmUpMs = 4_000

/** Connect scans of closed ports: SYN, and the reset that the guarded end answers with. */
function scans(): PcapInput[] {
  const packets: PcapInput[] = []
  for (let scanner = 0; scanner < scanners; scanner++) {
    const src = `203.0.113.${scanner + 1}`
    for (let i = 0; i < portsOfEach; i++) {
      const timeUs = (warmUpMs + scanner * betweenScannersMs) * 1_000 + i * betweenPortsUs
      const ends = { src, dst: '198.18.0.1', srcPort: 40_000 + i, dstPort: 5_000 + i }
      packets.push({ timeUs, data: tcpPacket({ ...ends, flags: 'S', seq: 1_000 }) })
      const back = { src: ends.dst, dst: ends.src, srcPort: ends.dstPort, dstPort: ends.srcPort }
      packets.push({ timeUs: timeUs + answerUs, data: tcpPacket({ ...back, flags: 'RA', ack: 1_001 }) })
    }
  }
  // The first record of a capture is its time zero.
  const zero = { src: '203.0.113.254', dst: '198.18.0.1', srcPort: 1, dstPort: 1 }
  packets.push({ timeUs: 0, data: tcpPacket({ ...zero, flags: 'A' }) })
  return packets.sort((a, b) => a.timeUs - b.timeUs)
}

/** Microseconds of every block, from the daemon's log. */
function times(pair: Pair): number[] {
  return pair.site
    .log()
    .filter(({ msg }) => msg === 'time to block')
    .map(({ seconds }) => seconds * 1e6)
}

export async function measureTimeToBlock(context: BenchContext): Promise<void> {
  for (const { suffix, perSecond, p50, p95 } of loads) {
    const name = (share: string) => `time_to_block_${suffix}_${share}`
    if (!['p50', 'p95', 'p99'].some((share) => context.wants(name(share)))) continue
    await using pair = await openPair('benchttb', ['--log-level', 'debug', '--flows', '1048576'])
    const capture = join(pair.site.dir, 'scans.pcap')
    writePcap(capture, scans())
    const startAtMs = pair.soonMs()
    const seconds = (warmUpMs + scanners * betweenScannersMs) / 1_000 + 1
    await Promise.all([
      pair.converse({ perSecond, seconds }, startAtMs),
      pair.replay(capture, '203.0.113.0/24', startAtMs),
    ])
    const found = times(pair)
    if (found.length < scanners * 0.9) throw new Error(`${found.length} of ${scanners} scanners were blocked`)
    for (const [share, at, goal] of [
      ['p50', 0.5, p50],
      ['p95', 0.95, p95],
      ['p99', 0.99, null],
    ] as const) {
      const value = Math.round(quantile(found, at) * 10) / 10
      context.emit({
        ...{ name: name(share), unit: 'us', base: null, value, ratio: null, goal, rounds: found.length },
        ...{ ok: goal === null || value <= goal, p25: quantile(found, 0.25), p75: quantile(found, 0.75) },
      })
    }
  }
}
