/** `--kernel`: the loaded programs give the same records as the host build of their headers, byte for byte and in order. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { tcpPacket, udpPacket } from '../../lab/packet.js'
import { encodePcap, type PcapInput } from '../../lab/pcap.js'
import { openReplay, type Replay } from '../src/kernel/replay.js'
import { flowRecord } from '../src/kernel/wire.js'
import { openExtract, type RecordSource } from '../src/local/extract.js'
import type { ExtractFacts } from '../src/local/extract-facts.js'
import { openKernelRecords } from '../src/local/kernel-records.js'
import { createFrameStream } from './frame-stream.js'
import { goldenCaptures } from './golden/captures.js'
import { goldenPath } from './golden/golden.js'
import { extractProgram, hostBuildUnavailable, hostRecords } from './host-extract.js'
import { loadUnavailable, root, smallSizes } from './loaded-programs.js'
import { createMutants, soundFrames } from './mutant.js'
import { createRandom } from './random.js'
import { capturePath, referenceCaptures, referenceMissing } from './reference.js'
import { assertSameLines, endedLines } from './same-records.js'

const idsctlProgram = join(root, 'build/cli/idsctl.mjs')
const seed = Number(process.env.IDSD_SEED ?? 11)
const second = 1_000_000
const baseUs = 1_700_000_000 * second

function idsctlUnavailable(): string | undefined {
  return existsSync(idsctlProgram) ? undefined : 'build/cli/idsctl.mjs not built: run make'
}

interface Extracted {
  readonly lines: readonly string[]
  readonly packets: number
  readonly facts: ExtractFacts
}

async function extracted(source: RecordSource): Promise<Extracted> {
  const lines: string[] = []
  let packets = 0
  for await (const { bytes, view } of source.chunks()) {
    lines.push(...endedLines(bytes))
    for (let at = 0; at < bytes.length; at += flowRecord.get.headerLength(view, at))
      packets += flowRecord.get.flowDir0Packets(view, at) + flowRecord.get.flowDir1Packets(view, at)
  }
  return { lines, packets, facts: source.facts() }
}

describe('the loaded programs on captures', {
  skip: skipOrFail(loadUnavailable() ?? hostBuildUnavailable()),
}, () => {
  let folder: string
  /** Loaded once for all captures whose numbers in the summary are not looked at. */
  let shared: Replay
  let take: (bytes: Uint8Array) => void
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-kernel-'))
    const sizes = { ...smallSizes, flows: 1 << 16, urgentRingBytes: 1 << 22, bulkRingBytes: 1 << 22 }
    shared = openReplay({ root, sizes, onRecords: (bytes) => take(bytes) })
  })
  after(() => {
    shared.close()
    rmSync(folder, { recursive: true })
  })

  const onHost = (captures: readonly string[], maxFlows?: number) =>
    extracted(openExtract({ program: extractProgram, captures, maxFlows }))
  const inKernel = (captures: readonly string[], maxFlows?: number) =>
    extracted(openKernelRecords({ root, program: extractProgram, captures, maxFlows }))
  const inShared = (captures: readonly string[]) =>
    extracted(
      openKernelRecords({
        root,
        program: extractProgram,
        captures,
        load: ({ onRecords }) => {
          take = onRecords as typeof take
          return { ...shared, close: () => undefined }
        },
      }),
    )
  const written = (name: string, packets: readonly PcapInput[]) => {
    const path = join(folder, name)
    writeFileSync(path, encodePcap(packets))
    return path
  }
  const compareShared = async (captures: readonly string[]) => {
    const kernel = await inShared(captures)
    assertSameLines(kernel.lines, (await onHost(captures)).lines)
    return kernel.lines.length
  }
  /** Records and summary. */
  const compare = async (captures: readonly string[], maxFlows?: number) => {
    const [kernel, host] = [await inKernel(captures, maxFlows), await onHost(captures, maxFlows)]
    assertSameLines(kernel.lines, host.lines)
    assert.deepEqual(kernel.facts, host.facts)
    return kernel
  }

  describe('of the reference', { skip: referenceMissing() ?? false }, () => {
    for (const capture of referenceCaptures()) {
      test(`${capture}: every record is the same`, async () => {
        assert.ok((await compareShared([capturePath(capture)])) > 0)
      })
    }
  })

  test('the golden captures as one stream give the same records and the same summary', async () => {
    const { lines } = await compare([...goldenCaptures.keys()].map((name) => goldenPath(name, 'pcap')))
    assert.ok(lines.length > 30)
  })

  test('TCP, UDP and ICMP headers with random bytes give the same records', async () => {
    const random = createRandom(seed)
    const packets = Array.from({ length: 5000 }, (_, i) => {
      const data = udpPacket({
        src: `10.0.0.${random.below(3)}`,
        dst: `10.0.1.${random.below(3)}`,
        srcPort: 1 + random.below(3),
        dstPort: 53,
        payload: new Uint8Array(40),
      })
      // Protocol, lengths and flags, so that every branch is met.
      for (let faults = random.below(3); faults > 0; faults--) data[14 + random.below(34)] = random.below(256)
      if (random.next() < 0.5) data[23] = random.pick([1, 6, 6, 17])
      return { timeUs: baseUs + i * random.pick([1, 50_000, 50_001]), data }
    })
    assert.ok((await compareShared([written('random.pcap', packets)])) > 1000)
  })

  test('frames with faults of every kind, some back in time, give the same records and the same summary', async () => {
    const random = createRandom(seed)
    const mutant = createMutants(random, soundFrames())
    let timeUs = baseUs
    const packets = Array.from({ length: 20_000 }, () => {
      timeUs += random.pick([0, 1, 100, 100, 3000, 3000, -50, random.below(2) * 7 * second])
      return { timeUs, data: mutant().slice() }
    })
    const { facts, lines } = await compare([written('mutants.pcap', packets)])
    assert.ok(lines.length > 1000)
    assert.ok(facts.backward > 100)
    assert.equal(facts.unparsed.size, 8)
  })

  test('a full table is swept of what is over, and what finds no room is counted', async () => {
    // Thirty flows at a time, and each is over when the next thirty come.
    const waves = Array.from({ length: 200 }, (_, i) => ({
      timeUs: baseUs + Math.floor(i / 30) * 130 * second + i,
      data: tcpPacket({ src: '198.51.100.7', dst: '203.0.113.1', srcPort: 1000 + i, dstPort: 80 }),
    }))
    const path = written('waves.pcap', waves)
    const [fits, host] = [await inKernel([path], 32), await onHost([path], 32)]
    assert.equal(fits.lines.length, 200)
    assert.deepEqual([fits.facts.tableFull, host.facts.tableFull], [0, 0])
    // A sweep of the kernel goes through its table in the order of the hash.
    assertSameLines(fits.lines.toSorted(), host.lines.toSorted())

    const atOnce = waves.map(({ data }, i) => ({ timeUs: baseUs + i, data }))
    const full = await inKernel([written('at-once.pcap', atOnce)], 32)
    assert.deepEqual([full.lines.length, full.packets], [32, 32])
    assert.equal(full.facts.tableFull, 168)
    assert.ok(full.facts.flowsDropped >= 1)
    assert.equal(full.facts.tombstonesLost, 0)
  })

  test('packets of many sources that find no room are counted, and what found room is told', async () => {
    const packets = Array.from({ length: 2000 }, (_, i) => ({
      timeUs: baseUs + i,
      data: tcpPacket({ src: `10.0.${i >> 8}.${i & 255}`, dst: '203.0.113.1', srcPort: 1000, dstPort: 80 }),
    }))
    const { lines, facts } = await inKernel([written('sources.pcap', packets)], 32)
    assert.deepEqual([lines.length, facts.tableFull], [32, 1968])
  })

  test('flows of ICMPv6, which the command leaves out, are the same too', () => {
    const mutant = createMutants(createRandom(seed), soundFrames())
    const packets = Array.from({ length: 10_000 }, (_, i) => ({
      timeUs: baseUs + i * 1000,
      data: mutant().slice(),
    }))
    const stream = createFrameStream(1 << 23)
    for (const { data, timeUs } of packets) assert.ok(stream.add(data, timeUs))
    const lines: string[] = []
    take = (bytes) => void lines.push(...endedLines(bytes))
    shared.runMany('ingress', stream.bytes())
    shared.sweep(baseUs + 9999 * 1000, { flush: true })
    const host = endedLines(hostRecords(written('icmpv6.pcap', packets)))
    assertSameLines(lines.sort(), host.sort())
    const protocol = 2 * flowRecord.offset.keyProtocol
    assert.ok(lines.filter((line) => line.slice(protocol, protocol + 2) === '3a').length > 10)
  })

  test('a file that is no capture is refused with its name', async () => {
    const path = join(folder, 'notes.txt')
    writeFileSync(path, 'nothing of the kind\n')
    await assert.rejects(inShared([path]), { code: 'ERR_CAPTURE', message: /notes\.txt/ })
  })

  describe('through idsctl', { skip: skipOrFail(idsctlUnavailable()) }, () => {
    const idsctl = (args: readonly string[], uid?: number) =>
      spawnSync(process.execPath, [idsctlProgram, 'extract', ...args], {
        encoding: 'utf8',
        ...(uid === undefined ? {} : { uid }),
      })

    test('the rows are the same, byte for byte, and nothing stays pinned', () => {
      const captures = [...goldenCaptures.keys()].map((name) => goldenPath(name, 'pcap'))
      // Daemons that other tests started pin folders of their own.
      const pins = () =>
        existsSync('/sys/fs/bpf')
          ? readdirSync('/sys/fs/bpf').filter((name) => !name.startsWith('idsd-e2e-'))
          : []
      const before = pins()
      const [kernel, host] = [idsctl(['--kernel', ...captures]), idsctl(captures)]
      assert.equal(kernel.status, 0, kernel.stderr)
      assert.ok(kernel.stdout.split('\n').length > 30)
      assert.equal(kernel.stdout, host.stdout)
      assert.equal(kernel.stderr, host.stderr)
      assert.deepEqual(pins(), before)
    })

    for (const option of ['--retransmissions', '--other-protocols']) {
      test(`with ${option} it is wrong use`, () => {
        const { status, stdout, stderr } = idsctl(['--kernel', option, goldenPath('hello', 'pcap')])
        assert.deepEqual([status, stdout], [2, ''])
        assert.match(stderr, new RegExp(`--kernel excludes ${option}`))
      })
    }

    test('more flows than --max-flows are told, and set the exit code', () => {
      const { status, stderr } = idsctl(['--kernel', '--max-flows', '3', goldenPath('bulks', 'pcap')])
      assert.equal(status, 1)
      assert.match(stderr, /found no room/)
    })

    test('without root it says what is missing', () => {
      const { status, stdout, stderr } = idsctl(['--kernel', goldenPath('hello', 'pcap')], 65_534)
      assert.deepEqual([status, stdout], [1, ''])
      assert.match(stderr, /needs root/)
    })
  })

  test('a record that the kernel lost is an error: the result would not be whole', async () => {
    const losing = openKernelRecords({
      root,
      program: extractProgram,
      captures: [goldenPath('hello', 'pcap')],
      load: ({ onRecords }) => {
        take = onRecords as typeof take
        const counters = () => {
          const told = shared.counters()
          return { ...told, lost: { ...told.lost, bulkRing: 1 } }
        }
        return { ...shared, counters, close: () => undefined }
      },
    })
    await assert.rejects(extracted(losing), { code: 'ERR_KERNEL', message: /bulkRing 1/ })
  })

  test('who stops early ends the program and lets go of the maps', async () => {
    const held = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith('anon_inode:bpf')
        } catch {
          // The one that the folder is read by.
          return false
        }
      }).length
    const before = held()
    const captures = [goldenPath('limits', 'pcap')]
    for await (const { bytes } of openKernelRecords({ root, program: extractProgram, captures }).chunks()) {
      assert.ok(bytes.length > 0)
      assert.ok(held() > before)
      break
    }
    assert.equal(held(), before)
  })
})
