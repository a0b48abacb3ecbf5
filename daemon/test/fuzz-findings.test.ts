/** What fuzzing found: each with the capture that showed it, so that it has a name and stays away. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { tcpPacket } from '../../lab/packet.js'
import { encodePcap, readPcap } from '../../lab/pcap.js'
import { flowRecord } from '../src/kernel/wire.js'
import { goldenPath } from './golden/golden.js'
import { extract, hostBuildUnavailable } from './host-extract.js'
import { root } from './loaded-programs.js'

const second = 1_000_000

describe('found by fuzzing', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-findings-'))
  after(() => rmSync(folder, { recursive: true }))

  test('a clock that goes back behind a swept part of a connection adds nothing to its time', () => {
    const packet = (host: number, atSeconds: number) => ({
      timeUs: atSeconds * second,
      data: tcpPacket({ src: `10.0.0.${host}`, dst: '10.0.1.1', srcPort: 1000, dstPort: 80, flags: 'A' }),
    })
    const path = join(folder, 'clock.pcap')
    // The table is full when the third comes: the first two are swept. The first goes on before it began.
    writeFileSync(path, encodePcap([packet(1, 1000), packet(2, 1000), packet(3, 1200), packet(1, 500)]))
    const { status, records, message } = extract(['--max-flows', '2', path])
    assert.equal(status, 0, message)
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
    const times: number[] = []
    for (let at = 0; at < records.length; at += flowRecord.size) {
      times.push(flowRecord.get.flowConnectionUs(view, at))
    }
    assert.deepEqual(times, [0, 0, 0, 0])
  })

  test('of a capture packed by zstd every whole block before a damaged header is read', () => {
    const path = join(root, 'bpf/fuzz/corpus/captures/found-damaged-header-behind-a-block.zst')
    const cut = join(folder, 'cut.zst')
    writeFileSync(cut, readFileSync(path).subarray(0, 44))
    const packets = (file: string) => /^packets (\d+)$/m.exec(extract([file]).message)?.[1]
    assert.equal(packets(path), '7276')
    assert.equal(packets(cut), '7276')
  })

  test('of a capture packed by zstd whose checksum is damaged every packet is read', () => {
    const path = join(root, 'bpf/fuzz/corpus/captures/found-damaged-checksum.zst')
    const { status, message } = extract([path])
    const { packets } = readPcap(goldenPath('bulks', 'pcap'))
    assert.equal(status, 0, message)
    assert.match(message, new RegExp(`^packets ${packets.length}$`, 'm'))
    const [, at] = /^fault 0 (\d+) the zstd data is damaged$/m.exec(message) ?? []
    // In the checksum, the last four bytes.
    assert.ok(Number(at) >= readFileSync(path).length - 4, message)
  })
})
