import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  addressBytes,
  arp,
  checksum,
  ethernet,
  frame,
  icmpPacket,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  opaque,
  pppoe,
  raw,
  tcp,
  tcpOptions,
  tcpPacket,
  udp,
  udpPacket,
} from './packet.js'
import { writePcap } from './pcap.js'

const v4 = { src: '10.77.0.2', dst: '10.77.0.1' }
const v6 = { src: 'fd77::2', dst: 'fd77::1' }
const ports = { srcPort: 40_000, dstPort: 80 }
const syn = tcpOptions({ mss: 1460, sackPermitted: true, timestamps: [7, 0], windowScale: 7 })

const frames: readonly [name: string, bytes: Uint8Array, tcpdumpSays: RegExp][] = [
  [
    'SYN with options',
    tcpPacket({ ...v4, ...ports, options: syn }),
    /Flags \[S\], cksum 0x\w+ \(correct\).*wscale 7/,
  ],
  ['odd payload', tcpPacket({ ...v4, ...ports, flags: 'PA', ack: 9, payload: 'odd' }), /\[P\.\].*length 3/],
  [
    'TCP over IPv6',
    tcpPacket({ ...v6, ...ports, flags: 'SA', ack: 9 }),
    /IPv6.*\[S\.\], cksum 0x\w+ \(correct\)/,
  ],
  ['UDP', udpPacket({ ...v4, ...ports, payload: 'odd' }), /\[udp sum ok\] UDP, length 3/],
  ['UDP over IPv6', udpPacket({ ...v6, srcPort: 5000, dstPort: 5001 }), /\[udp sum ok\] UDP, length 0/],
  [
    'padded',
    udpPacket({ ...v4, srcPort: 5000, dstPort: 5001, minBytes: 60 }),
    /\[udp sum ok\] UDP, length 0/,
  ],
  [
    'ICMP echo',
    icmpPacket({ ...v4, echoId: 5, seq: 6, payload: 'abc' }),
    /ICMP echo request, id 5, seq 6, length 11/,
  ],
  ['ICMPv6 echo', icmpPacket({ ...v6, payload: 'abc' }), /\[icmp6 sum ok\] ICMP6, echo request/],
  [
    'two tags',
    tcpPacket({ ...v4, ...ports, vlans: [{ tpid: 0x88a8, vid: 5 }, { vid: 6 }] }),
    /vlan 5.*vlan 6.*correct/s,
  ],
  ['IPv4 options', frameWith(Uint8Array.of(7, 7, 4, 0, 0, 0, 0)), /options \(RR.*cksum 0x\w+ \(correct\)/s],
  [
    'ARP',
    ethernet({ payload: arp({ senderIp: v4.src, targetIp: v4.dst }) }),
    /Request who-has 10.77.0.1 tell 10.77.0.2/,
  ],
  [
    'PPPoE',
    ethernet({ payload: pppoe({ session: 3, payload: ipv4({ ...v4, payload: tcp(ports) }) }) }),
    /PPPoE +\[ses 0x3\].*cksum 0x\w+ \(correct\)/s,
  ],
  [
    'PPPoE with IPv6',
    ethernet({ payload: pppoe({ payload: ipv6({ ...v6, payload: tcp(ports) }) }) }),
    /PPPoE.*IP6.*cksum 0x\w+ \(correct\)/s,
  ],
  [
    '4 in 6',
    frame({ ...v6, payload: ipv4({ ...v4, payload: tcp(ports) }) }),
    /IPv6.*10\.77.*cksum 0x\w+ \(correct\)/s,
  ],
  ['SCTP', frame({ ...v4, payload: opaque(132, new Uint8Array(12)) }), /proto SCTP \(132\)/],
  ['unknown EtherType', ethernet({ payload: raw(0x88b5, 'x') }), /ethertype Unknown \(0x88b5\)/],
  [
    'four extensions',
    tcpPacket({
      ...v6,
      ...ports,
      extensions: [
        { type: 'hopByHop' },
        { type: 'destination', options: new Uint8Array(9) },
        { type: 'routing', routingType: 2, segmentsLeft: 0, data: new Uint8Array(20) },
        { type: 'fragment', id: 9 },
      ],
    }),
    /HBH.*DSTOPT.*RT6 \(len=2.*frag \(0x00000009:0\|20\) 40000 > 80/s,
  ],
  [
    'authentication header',
    tcpPacket({ ...v6, ...ports, extensions: [{ type: 'ah' }] }),
    /AH\(length=4.*\(correct\)/,
  ],
  [
    'routing header with another final destination',
    tcpPacket({
      ...v6,
      ...ports,
      extensions: [
        { type: 'routing', routingType: 2, segmentsLeft: 1, finalDst: 'fd77::9', data: segments('fd77::9') },
      ],
    }),
    /RT6.*\[S\], cksum 0x\w+ \(correct\)/s,
  ],
]

function frameWith(options: Uint8Array): Uint8Array {
  return ethernet({ payload: ipv4({ ...v4, options, payload: tcp(ports) }) })
}

function segments(address: string): Uint8Array {
  return Uint8Array.from([0, 0, 0, 0, ...addressBytes(address)])
}

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined
const needsTcpdump = !hasTcpdump && process.env.CI === undefined ? 'tcpdump is not installed' : false

/** What tcpdump prints for one frame, on one line or more. */
function dissect(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-packet-'))
  try {
    writePcap(join(folder, 'one.pcap'), [{ timeUs: 0, data: bytes }])
    const run = spawnSync('tcpdump', ['-evvnr', join(folder, 'one.pcap')], { encoding: 'utf8' })
    assert.equal(run.status, 0, run.stderr)
    return run.stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('tcpdump agrees with the packet builder', { skip: needsTcpdump }, () => {
  for (const [name, bytes, expected] of frames) {
    test(name, () => {
      const text = dissect(bytes)
      assert.match(text, expected)
      assert.doesNotMatch(text, /incorrect|bad |wrong|truncated|\[\|/)
    })
  }

  test('a forced checksum is reported as incorrect, so the check above means something', () => {
    assert.match(dissect(tcpPacket({ ...v4, ...ports, checksum: 0x1234 })), /incorrect/)
    assert.match(dissect(udpPacket({ ...v6, ...ports, checksum: 0x1234 })), /bad udp cksum/)
    assert.match(
      dissect(ethernet({ payload: ipv4({ ...v4, checksum: 1, payload: tcp(ports) }) })),
      /bad cksum/,
    )
  })
})

test('the checksum of the example in RFC 1071 is its complement 0x220d', () => {
  assert.equal(checksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)), 0x220d)
})

test('an IPv4 header has the checksum of a known capture', () => {
  // The example header of Wikipedia, "Internet checksum": 45 00 00 73 00 00 40 00 40 11 b8 61 ...
  const packet = ipv4({
    src: '192.168.0.1',
    dst: '192.168.0.199',
    id: 0,
    dontFragment: true,
    protocol: 17,
    payload: new Uint8Array(95),
  })
  assert.equal(Buffer.from(packet.bytes()).readUInt16BE(10), 0xb861)
})

test('a UDP checksum that computes to zero is sent as all ones', () => {
  const sums = Array.from({ length: 65_536 }, (_, word) => {
    const packet = ipv4({ ...v4, payload: udp({ ...ports, payload: Uint8Array.of(word >> 8, word & 0xff) }) })
    return Buffer.from(packet.bytes()).readUInt16BE(26)
  })
  assert.ok(!sums.includes(0))
  assert.ok(sums.includes(0xffff))
})

test('fragments put together give the whole packet again', () => {
  const payload = tcp({ ...ports, payload: new Uint8Array(100).fill(7) })
  const v4Bytes = ipv4({ ...v4, payload })
    .bytes()
    .subarray(20)
  const v4Parts = ipv4Fragments({ ...v4, payload }, 48).map((part) => part.bytes().subarray(20))
  assert.deepEqual(Buffer.concat(v4Parts), Buffer.from(v4Bytes))
  const v6Bytes = ipv6({ ...v6, payload })
    .bytes()
    .subarray(40)
  const v6Parts = ipv6Fragments({ ...v6, payload }, 48).map((part) => part.bytes().subarray(48))
  assert.deepEqual(Buffer.concat(v6Parts), Buffer.from(v6Bytes))
  const offsets = ipv4Fragments({ ...v4, payload }, 48).map((part) =>
    Buffer.from(part.bytes()).readUInt16BE(6),
  )
  assert.deepEqual(offsets, [0x2000, 0x2006, 0x000c])
})

const addresses: readonly [text: string, hex: string][] = [
  ['10.77.0.1', '0a4d0001'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['fd77::2:1', `fd77${'0'.repeat(20)}00020001`],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1::', `0001${'0'.repeat(28)}`],
  ['::ffff:192.0.2.1', `${'0'.repeat(20)}ffffc0000201`],
]
for (const [text, hex] of addresses) {
  test(`the address ${text} has the bytes ${hex}`, () => {
    assert.equal(Buffer.from(addressBytes(text)).toString('hex'), hex)
  })
}

const refused: readonly [name: string, build: () => unknown][] = [
  ['an address that is none', () => tcpPacket({ src: 'localhost', dst: v4.dst, ...ports })],
  ['two families in one packet', () => tcpPacket({ src: v4.src, dst: v6.dst, ...ports })],
  ['an unknown TCP flag', () => tcpPacket({ ...v4, ...ports, flags: 'SX' })],
  ['extension headers with IPv4', () => udpPacket({ ...v4, ...ports, extensions: [{ type: 'ah' }] })],
  ['a fragment size that is no multiple of 8', () => ipv4Fragments({ ...v4, payload: udp(ports) }, 12)],
]
for (const [name, build] of refused) test(`${name} is refused`, () => assert.throws(build, RangeError))
