/**
 * What fuzzing begins with: `node build/daemon/test/fuzz-seeds.js FOLDER` writes one folder for each target of bpf/fuzz.
 * The kept corpus grew out of these; they are needed again when a target reads its input in another way.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { PcapInput } from '../../lab/pcap.js'
import { type CaptureForm, encodeCapture } from './capture-files.js'
import { goldenCaptures } from './golden/captures.js'

/** Bytes of an input: libFuzzer makes none that are longer. */
const mostBytes = 4096
/** Steps of bpf/fuzz/flows.c with a frame as it stands: its length is one byte. */
const mostFrameBytes = 255
const rawFrame = 3 * 4

const links = [0, 1, 101, 108, 113, 276]
const forms: readonly Partial<CaptureForm>[] = [
  ...links.map((linkType) => ({ linkType })),
  { isBigEndian: true },
  { perSecond: 1e9 },
  ...links.map((linkType) => ({ linkType, format: 'pcapng' as const })),
  { format: 'pcapng', isBigEndian: true, perSecond: 1e9 },
]

/** Whole packets, as many as fit. */
function first(packets: readonly PcapInput[], form: Partial<CaptureForm>): Buffer {
  let count = packets.length
  while (encodeCapture(packets.slice(0, count), form).length > mostBytes) count--
  return Buffer.from(encodeCapture(packets.slice(0, count), form))
}

function zstd(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { error, status, stdout } = spawnSync('zstd', ['-q', '-c'], { input: file })
  if (error || status !== 0) throw new Error('the seeds of packed captures need the command zstd')
  return Uint8Array.from(stdout)
}

function* captureSeeds(): Generator<[name: string, file: Uint8Array]> {
  for (const [name, frames] of goldenCaptures) {
    // Links other than Ethernet have no place for what is not IP.
    const packets = frames.filter(({ data }) => [0x0800, 0x86dd].includes(data[12]! * 256 + data[13]!))
    for (const [i, form] of forms.entries()) yield [`${name}-${i}`, first(packets, form)]
    const file = first(packets, {})
    yield [`${name}-gzip`, gzipSync(file)]
    yield [`${name}-gzip-two`, Buffer.concat([gzipSync(file.subarray(0, 100)), gzipSync(file.subarray(100))])]
    yield [`${name}-zstd`, zstd(file)]
    yield [`${name}-zstd-two`, Buffer.concat([zstd(file.subarray(0, 100)), zstd(file.subarray(100))])]
  }
}

/** As many interfaces as are read, and one more: packed, for their size. */
function interfaces(): Uint8Array {
  const file = encodeCapture([], { format: 'pcapng' })
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const begins = [0]
  while (begins.at(-1)! < file.length) begins.push(begins.at(-1)! + view.getUint32(begins.at(-1)! + 4, true))
  const last = file.subarray(begins.at(-2))
  return Buffer.concat([file, ...Array.from({ length: 1024 }, () => last)])
}

/** Records of sizes that no input has room for, but a packed one: the largest that is read, and a larger one. */
function* largeSeeds(): Generator<[name: string, file: Uint8Array]> {
  yield ['interfaces-gzip', gzipSync(Buffer.from(interfaces()))]
  for (const bytes of [262_144, 400_000]) {
    const packets = [{ timeUs: 1, data: new Uint8Array(bytes) }]
    for (const format of ['pcap', 'pcapng'] as const) {
      const file = Buffer.from(encodeCapture(packets, { format }))
      yield [`large-${format}-${bytes}-gzip`, gzipSync(file)]
      yield [`large-${format}-${bytes}-zstd`, zstd(file)]
    }
  }
}

/** The packets as steps: time goes on by whole units of the largest size that the gap holds. */
function steps(frames: readonly PcapInput[], options: number): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(options)]
  let nowUs = frames[0]!.timeUs
  for (const { timeUs, data } of frames) {
    const gap = timeUs - nowUs
    const word = (value: number) => [value & 255, value >> 8]
    const time =
      gap < 0
        ? [5, ...word(-gap & 0xffff)]
        : gap < 256
          ? [1, gap]
          : gap < 65_536_000
            ? [2, ...word(Math.floor(gap / 1000))]
            : [3, ...word(Math.min(Math.floor(gap / 1e6), 65_535))]
    nowUs = timeUs
    const frame = data.subarray(0, mostFrameBytes)
    parts.push(Uint8Array.of(time[0]! * 16 + rawFrame, ...time.slice(1), frame.length), frame)
  }
  return Buffer.concat(parts).subarray(0, mostBytes)
}

function* flowSeeds(): Generator<[name: string, file: Uint8Array]> {
  // A frame of a type that no golden capture has: a session of PPPoE.
  yield ['pppoe', steps([{ timeUs: 0, data: Uint8Array.of(...Array(12).fill(0), 0x88, 0x64, 0, 0) }], 1)]
  for (const [name, frames] of goldenCaptures) {
    for (const options of [1, 3, 1 + 4 + 8, 1 + 4 + 8 + 16 + 32, 33, 97]) {
      yield [`${name}-${options}`, steps(frames, options)]
    }
  }
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: fuzz-seeds.js FOLDER')
for (const [target, seeds] of Object.entries({
  captures: [...captureSeeds(), ...largeSeeds()],
  flows: [...flowSeeds()],
})) {
  mkdirSync(join(folder, target), { recursive: true })
  for (const [name, file] of seeds) writeFileSync(join(folder, target, name), file)
}
