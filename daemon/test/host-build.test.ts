/** The parser and the flow state machine compiled for the host tell the same records as in the kernel. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { udpPacket } from '../../lab/packet.js'
import { decodePcap, encodePcap } from '../../lab/pcap.js'
import { flowRecord, RecordType } from '../src/kernel/wire.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, root, smallSizes } from './loaded-programs.js'
import { createRandom } from './random.js'
import { capturePath, referenceCaptures, referenceMissing } from './reference.js'

/**
 * What is not compared: the lock, which the kernel holds while it tells and the host has none; the flow id, which
 * names the CPU and the load; the interface, which the host has none of.
 */
const masked: readonly (readonly [offset: number, bytes: number])[] = [
  [flowRecord.offset.flowLock, 4],
  [flowRecord.offset.flowId, 8],
  [flowRecord.offset.headerIfindex, 4],
]

/** One hexadecimal line a record. Flows that are open at the end have no order of their own: all are sorted. */
function lines(bytes: Uint8Array): string[] {
  const found: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; at += flowRecord.get.headerLength(view, at)) {
    if (flowRecord.get.headerType(view, at) !== RecordType.ended) continue
    const record = bytes.slice(at, at + flowRecord.size)
    for (const [offset, size] of masked) record.fill(0, offset, offset + size)
    found.push(Buffer.from(record).toString('hex'))
  }
  return found.sort()
}

/** Names the fields in which two records differ. */
function difference(kernel: string, host: string): string {
  const view = (hex: string) => new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer)
  const [a, b] = [view(kernel), view(host)]
  const fields = Object.entries(flowRecord.get) as [
    string,
    (v: DataView, at: number, index: number) => number,
  ][]
  return fields
    .filter(([, get]) => get(a, 0, 0) !== get(b, 0, 0))
    .map(([name, get]) => `${name}: kernel ${get(a, 0, 0)}, host ${get(b, 0, 0)}`)
    .join('; ')
}

describe('the host build', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-host-'))
    programs = openPrograms({ sizes: { ...smallSizes, flows: 16_384, bulkRingBytes: 1 << 23 } })
  })
  after(() => {
    programs.close()
    rmSync(folder, { recursive: true })
  })

  const onHost = (capture: string) => {
    const records = join(folder, 'records')
    execFileSync(join(root, 'build/host/replay'), [capture, records])
    return lines(new Uint8Array(readFileSync(records)))
  }
  const inKernel = (capture: Uint8Array) => {
    let lastUs = 0
    for (const { data, timeUs } of decodePcap(capture).packets) {
      lastUs = timeUs
      if (data.length >= 14) programs.ingress(data, timeUs)
    }
    programs.sweep(lastUs, { flush: true })
    return lines(programs.records())
  }
  const compare = (path: string) => {
    const kernel = inKernel(readFileSync(path))
    const host = onHost(path)
    assert.equal(host.length, kernel.length)
    for (const [i, record] of kernel.entries()) {
      assert.ok(record === host[i], `record ${i}: ${difference(record, host[i] as string)}`)
    }
    return kernel.length
  }

  describe('with the reference captures', { skip: referenceMissing() ?? false }, () => {
    for (const capture of referenceCaptures()) {
      test(`${capture}: every record of kernel and host is the same, byte for byte`, () => {
        assert.ok(compare(capturePath(capture)) > 0)
      })
    }
  })

  test('frames with random bytes give the same records in both', () => {
    const random = createRandom(11)
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
      return { timeUs: 1e15 + i * random.pick([1, 50_000, 50_001]), data }
    })
    const path = join(folder, 'random.pcap')
    writeFileSync(path, encodePcap(packets))
    assert.ok(compare(path) > 1000)
  })
})
