/** The host program `extract`: which flows it makes of packets, its bounds, and what it counts. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { frame, icmpPacket, opaque, type TcpOptions, tcpPacket, udpPacket } from '../../lab/packet.js'
import { encodePcap, type PcapInput } from '../../lab/pcap.js'
import { encodeCapture } from './capture-files.js'
import { countOf, faultsOf, flowsOf, retransmissionsOf } from './extract-facts.js'
import { type Extracted, extract, extractProgram, hostBuildUnavailable } from './host-extract.js'
import { capturePath, referenceCaptures, referenceMissing, referenceRows } from './reference.js'

const folder = mkdtempSync(join(tmpdir(), 'idsd-extract-'))
after(() => rmSync(folder, { recursive: true }))

const second = 1_000_000
const startUs = 1_700_000_000 * second
const client = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }

function extractPackets(packets: readonly PcapInput[], ...options: readonly string[]): Extracted {
  const path = join(folder, 'capture')
  writeFileSync(path, encodePcap(packets))
  const told = extract([...options, path])
  assert.equal(told.status, 0, told.message)
  assert.deepEqual(faultsOf(told), [])
  return told
}

/** A SYN of each port, at times after the start. */
function syns(ports: readonly (readonly [port: number, atSeconds: number])[]): PcapInput[] {
  return ports.map(([srcPort, at]) => ({
    timeUs: startUs + Math.round(at * second),
    data: tcpPacket({ ...client, srcPort, flags: 'A' }),
  }))
}

describe('extract', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
  test('flows come as they end, then those that are open in the order of their start', () => {
    const told = extractPackets(
      syns([
        [1, 0],
        [2, 1],
        [3, 2],
        [1, 121],
        [2, 122],
      ]),
    )
    assert.deepEqual(
      flowsOf(told).map(({ srcPort, startUs: at, endReason, isContinuation }) => [
        srcPort,
        (at - startUs) / second,
        endReason,
        isContinuation,
      ]),
      [
        [1, 0, 'timeout', false],
        [2, 1, 'timeout', false],
        [3, 2, 'flush', false],
        [1, 121, 'flush', true],
        [2, 122, 'flush', true],
      ],
    )
  })

  describe('--max-flows', () => {
    const ports = (told: Extracted) => flowsOf(told).map(({ srcPort }) => srcPort)

    test('packets of flows that find no room are counted, and those flows too', () => {
      const packets = [1, 2, 3, 4, 3, 1, 3].map((port, i) => [port, i] as const)
      const told = extractPackets(syns(packets), '--max-flows', '2')
      assert.deepEqual(ports(told), [1, 2])
      assert.equal(countOf(told, 'flows'), 2)
      assert.equal(countOf(told, 'table_full'), 4)
      assert.equal(countOf(told, 'flows_dropped'), 2)
      assert.equal(flowsOf(told)[0]?.packetsFwd, 2)
    })

    const late = [
      [1, 0],
      [2, 1],
      [3, 121],
      [1, 122],
      [4, 123],
    ] as const

    test('flows that are too old make room for others, and go on as what they were', () => {
      const told = extractPackets(syns(late.slice(0, 4)), '--max-flows', '2')
      const all = extractPackets(syns(late.slice(0, 4)))
      assert.equal(countOf(told, 'table_full'), 0)
      assert.equal(countOf(told, 'tombstones_lost'), 0)
      const facts = (of: Extracted) =>
        flowsOf(of)
          .map(({ srcPort, startUs: at, packetsFwd, isContinuation }) => [
            at - startUs,
            srcPort,
            packetsFwd,
            isContinuation,
          ])
          .sort((a, b) => Number(a[0]) - Number(b[0]))
      assert.deepEqual(facts(told), facts(all))
    })

    test('a flow makes room once it is older than 120 s, not before', () => {
      const told = extractPackets(
        syns([
          [1, 0],
          [2, 120],
          [3, 120.000001],
        ]),
        '--max-flows',
        '1',
      )
      assert.deepEqual(ports(told), [1, 3])
    })

    test('a flow is not ended for its age while there is room', () => {
      const told = extractPackets(syns(late), '--max-flows', '4')
      assert.deepEqual(
        flowsOf(told).map(({ endReason }) => endReason),
        ['timeout', 'flush', 'flush', 'flush', 'flush'],
      )
    })

    test('what ended flows leave behind is bounded too, and its loss counted', () => {
      const packets = [0, 200, 400].flatMap((at) => [1, 2, 3].map((n) => [at + n, at + n] as const))
      const told = extractPackets(syns(packets), '--max-flows', '3')
      assert.equal(countOf(told, 'table_full'), 0)
      assert.equal(countOf(told, 'flows'), 9)
      assert.equal(countOf(told, 'tombstones_lost'), 3)
    })
  })

  describe('--other-protocols', () => {
    const six = { src: '2001:db8::7', dst: '2001:db8::1' }
    const four = { src: '198.51.100.7', dst: '203.0.113.1' }
    const data = new Uint8Array(24)
    const others = [
      { name: 'ICMPv6', protocol: 58, bytes: 0, packet: icmpPacket({ ...six }) },
      { name: 'SCTP', protocol: 132, bytes: 24, packet: frame({ ...four, payload: opaque(132, data) }) },
      {
        name: 'GRE over IPv6',
        protocol: 47,
        bytes: 24,
        packet: frame({ ...six, payload: opaque(47, data) }),
      },
      {
        name: 'ESP behind an extension header',
        protocol: 50,
        bytes: 24,
        packet: frame({ ...six, extensions: [{ type: 'destination' }], payload: opaque(50, data) }),
      },
      { name: 'ICMP over IPv6', protocol: 1, bytes: 24, packet: frame({ ...six, payload: opaque(1, data) }) },
    ]
    for (const { name, protocol, bytes, packet } of others) {
      const packets = [0, 1].map((at) => ({ timeUs: startUs + at, data: packet }))

      test(`${name} makes a flow without ports`, () => {
        const flows = flowsOf(extractPackets(packets, '--other-protocols'))
        assert.deepEqual(
          flows.map((flow) => [flow.protocol, flow.srcPort, flow.dstPort, flow.packetsFwd, flow.bytesFwd]),
          [[protocol, 0, 0, 2, 2 * bytes]],
        )
      })

      test(`${name} makes no flow without the option, and is counted`, () => {
        const told = extractPackets(packets)
        assert.deepEqual(flowsOf(told), [])
        assert.equal(countOf(told, 'unparsed_protocol'), 2)
      })
    }

    test('TCP, UDP and ICMP are the same with and without it', () => {
      const packets = [
        tcpPacket({ ...client, flags: 'S' }),
        udpPacket({ ...client }),
        icmpPacket({ ...four }),
      ].map((packet, i) => ({ timeUs: startUs + i, data: packet }))
      const [without, with_] = [extractPackets(packets), extractPackets(packets, '--other-protocols')]
      assert.equal(flowsOf(without).length, 3)
      assert.equal(Buffer.compare(without.records, with_.records), 0)
    })
  })

  test('packets whose time goes back are counted; time inside a flow stands still', () => {
    const told = extractPackets(
      syns([
        [1, 5],
        [1, 3],
        [1, 4],
        [1, 4],
        [1, 6],
      ]),
    )
    assert.equal(countOf(told, 'backward'), 1)
    assert.equal(countOf(told, 'first_us'), startUs + 3 * second)
    assert.equal(countOf(told, 'last_us'), startUs + 6 * second)
    assert.deepEqual(
      flowsOf(told).map((flow) => [flow.startUs, flow.lastUs, flow.packetsFwd]),
      [[startUs + 5 * second, startUs + 6 * second, 5]],
    )
  })

  for (const format of ['pcap', 'pcapng'] as const) {
    test(`${format}: packets that the capture cut are counted; lengths are those of IP`, () => {
      const whole = udpPacket({ ...client, payload: new Uint8Array(900) })
      const packets = [0, 1, 2].map((at) => ({
        timeUs: startUs + at,
        data: at === 1 ? whole : whole.subarray(0, 60),
        originalLength: whole.length,
      }))
      const path = join(folder, 'cut')
      writeFileSync(path, encodeCapture(packets, { format }))
      const told = extract([path])
      assert.equal(countOf(told, 'cut'), 2)
      assert.equal(countOf(told, 'snap_length'), format === 'pcap' ? 262_144 : 0)
      assert.deepEqual(
        flowsOf(told).map(({ packetsFwd, bytesFwd }) => [packetsFwd, bytesFwd]),
        [[3, 2_700]],
      )
    })
  }

  test('what carries no flow is counted by why', () => {
    const packets = [new Uint8Array(10), new Uint8Array(60), tcpPacket({ ...client, flags: 'S' })]
    const told = extractPackets(packets.map((data, i) => ({ timeUs: startUs + i, data })))
    assert.deepEqual(
      ['packets', 'flows', 'unparsed_truncated', 'unparsed_not_ip', 'unparsed_arp'].map((n) =>
        countOf(told, n),
      ),
      [3, 1, 1, 1, 0],
    )
  })

  test('--progress tells how much of the files was read', () => {
    const packets = Array.from({ length: 20_000 }, (_, i) => [1 + (i % 50), i / 1e6] as const)
    const told = extractPackets(syns(packets), '--progress')
    const [, read, total] = /^progress (\d+) (\d+)$/m.exec(told.message) ?? []
    assert.equal(Number(total), encodePcap(syns(packets)).length)
    assert.ok(Number(read) > 0 && Number(read) <= Number(total))
    assert.equal(countOf(told, 'packets'), 20_000)
  })

  test('addresses that were chosen to share a hash cost no more than others', () => {
    // Halves that are the constants of a common hash: a product with one of them in it would be 0 for every flow.
    const ends = { src: '2001:db8::157c:4a7f:b979:379e', dst: '3ed:92d1:324a:b5d1::ff' }
    const one = udpPacket({ ...ends, srcPort: 1, dstPort: 2 })
    const packets = Array.from({ length: 80_000 }, (_, i) => {
      const data = one.slice()
      // In the other half of the source.
      new DataView(data.buffer).setUint32(14 + 8 + 4, i)
      return { timeUs: startUs + i, data }
    })
    const path = join(folder, 'chosen')
    writeFileSync(path, encodePcap(packets))
    // Half a minute when they lie in one chain, a twentieth of a second when not.
    const { status, stderr } = spawnSync(extractProgram, [path], { timeout: 10_000, maxBuffer: 1 << 28 })
    assert.equal(status, 0, 'not done in 10 s')
    assert.match(stderr.toString(), /^flows 80000$/m)
  })

  describe('--retransmissions', () => {
    const at = (seconds: number, data: Uint8Array) => ({ timeUs: startUs + seconds * second, data })
    const out = (options: Partial<TcpOptions>) =>
      tcpPacket({ ...client, flags: 'A', seq: 1, ack: 9, ...options })
    const back = (options: Partial<TcpOptions>) =>
      tcpPacket({ ...server, flags: 'A', seq: 1, ack: 9, ...options })
    const told = (packets: readonly PcapInput[], ...options: string[]) =>
      extractPackets(packets, '--retransmissions', ...options)

    const cases: readonly { name: string; packets: PcapInput[]; counts: [number, number][] }[] = [
      {
        name: 'a repeated acknowledgement counts',
        packets: [at(0, out({})), at(1, out({})), at(2, out({}))],
        counts: [[2, 0]],
      },
      {
        name: 'what differs in one number does not count',
        packets: [
          at(0, out({})),
          at(1, out({ seq: 2 })),
          at(2, out({ ack: 8 })),
          at(3, out({ window: 77 })),
          at(4, out({ payload: new Uint8Array(1) })),
          at(5, back({})),
        ],
        counts: [[0, 0]],
      },
      {
        name: 'flags do not matter, and each direction counts by itself',
        packets: [
          at(0, out({})),
          at(1, back({})),
          at(2, back({ flags: 'PA' })),
          at(3, back({ flags: 'FA' })),
        ],
        counts: [[0, 2]],
      },
      {
        name: 'a part that goes on after 120 s knows what was sent before, and counts anew',
        packets: [at(0, out({})), at(1, out({})), at(121, out({ seq: 5 })), at(122, out({}))],
        counts: [
          [1, 0],
          [1, 0],
        ],
      },
      {
        name: 'a connection that begins anew knows nothing',
        packets: [at(0, out({})), at(1, out({ flags: 'RA', seq: 3 })), at(2, out({ flags: 'S' }))],
        counts: [
          [0, 0],
          [0, 0],
        ],
      },
      {
        name: 'datagrams are never retransmitted',
        packets: [at(0, udpPacket(client)), at(1, udpPacket(client))],
        counts: [[0, 0]],
      },
    ]
    for (const { name, packets, counts } of cases)
      test(name, () => assert.deepEqual(retransmissionsOf(told(packets)), counts))

    test('a flow that was ended for room and goes on knows what was sent before', () => {
      const others = [8, 7].map((srcPort, i) => at(i * 121, tcpPacket({ ...client, srcPort, flags: 'S' })))
      const packets = [at(0, out({})), ...others, at(122, out({})), at(123, out({}))]
      const bounded = told(packets, '--max-flows', '2')
      assert.equal(countOf(bounded, 'table_full'), 0)
      assert.equal(countOf(bounded, 'flows'), 4)
      assert.deepEqual(retransmissionsOf(bounded).at(-1), [2, 0])
    })

    test('a thousand packets of one connection are all remembered', () => {
      const packets = Array.from({ length: 2_000 }, (_, i) => at(i / 1000, out({ seq: i % 1_000 })))
      assert.deepEqual(retransmissionsOf(told(packets)), [[1_000, 0]])
    })

    test('beyond --max-remembered packets are not remembered, and counted', () => {
      const packets = [1, 2, 3, 1, 3].map((seq, i) => at(i, out({ seq })))
      const bounded = told(packets, '--max-remembered', '2')
      assert.deepEqual(retransmissionsOf(bounded), [[1, 0]])
      assert.equal(countOf(bounded, 'retransmissions_unsure'), 2)
      assert.equal(countOf(told(packets), 'retransmissions_unsure'), 0)
    })

    test('a connection that begins anew gives its memory back', () => {
      const first = [1, 2, 3].map((seq, i) => at(i, out({ seq, flags: seq === 3 ? 'RA' : 'A' })))
      const again = [7, 8].map((seq, i) => at(9 + i, out({ seq, flags: i === 0 ? 'S' : 'A' })))
      const packets = [...first, ...again, at(20, out({ seq: 8 }))]
      const bounded = told(packets, '--max-remembered', '3')
      assert.equal(countOf(bounded, 'retransmissions_unsure'), 0)
      assert.deepEqual(retransmissionsOf(bounded), [
        [0, 0],
        [1, 0],
      ])
    })

    describe('with the reference captures', { skip: referenceMissing() ?? false }, () => {
      for (const name of referenceCaptures()) {
        test(`${name}: the three counts of every flow are the reference's`, () => {
          const found = extract(['--retransmissions', capturePath(name)])
          assert.deepEqual(hostLines(found), referenceLines(name))
        })
      }
    })
  })
})

function hostLines(told: Extracted): string[] {
  const counts = retransmissionsOf(told)
  // Without the two numbers behind them, records are of the length that is decoded.
  const flowBytes = told.records.length / counts.length - 8
  const records = Buffer.concat(
    counts.map((_, i) => {
      const record = Buffer.from(told.records.subarray(i * (flowBytes + 8), i * (flowBytes + 8) + flowBytes))
      record.writeUInt16LE(flowBytes, 2)
      return record
    }),
  )
  return flowsOf({ ...told, records })
    .map((flow, i) => {
      const [forward, backward] = counts[i]!
      const ends = [`${flow.src} ${flow.srcPort}`, `${flow.dst} ${flow.dstPort}`]
      return [...ends, flow.protocol, flow.startUs, flow.lastUs, forward, backward, forward + backward].join(
        ' ',
      )
    })
    .sort()
}

function referenceLines(name: string): string[] {
  return referenceRows(name)
    .map((row) =>
      [
        'Src IP',
        'Src Port',
        'Dst IP',
        'Dst Port',
        'Protocol',
        'start_us',
        'last_us',
        'Fwd TCP Retrans. Count',
        'Bwd TCP Retrans. Count',
        'Total TCP Retrans. Count',
      ]
        .map((column) => row.get(column))
        .join(' '),
    )
    .sort()
}
