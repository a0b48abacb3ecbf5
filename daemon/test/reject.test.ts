/** The answers of reject, as the loaded program writes them: every field against the RFCs, and who gets none. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import {
  ethernet,
  icmpPacket,
  ipv4,
  ipv6Fragments,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from '../../lab/packet.js'
import { loadBinding } from '../src/kernel/binding.js'
import { type BlockList, type KernelEntry, openBlockList } from '../src/kernel/block-list.js'
import { readCounters } from '../src/kernel/counters.js'
import { openDataPath } from '../src/kernel/data-path.js'
import { type ListMaps, openListMaps } from '../src/kernel/list-maps.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { BlockAction, settings } from '../src/kernel/wire.js'
import { drop, hashSeed, target } from './block-stage.js'
import { listOf } from './list-stage.js'
import { loadUnavailable, root, smallSizes, tcDrop, tcPass } from './loaded-programs.js'

/** TC_ACT_REDIRECT (linux/pkt_cls.h). */
const redirected = 7
const us = '203.0.113.1'
const them = '198.51.100.66'
const us6 = '2001:db8:ffff::1'
const them6 = '2001:db8:66::66'
const ports = { srcPort: 40_001, dstPort: 443 }
const reject: KernelEntry = { ...drop, action: BlockAction.reject }
const flag = { rst: 4, ack: 16 }

/** Sum of big-endian words: 0xffff of what carries a right checksum. */
function sum(...parts: readonly Uint8Array[]): number {
  let total = 0
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) total += (part[i]! << 8) | (part[i + 1] ?? 0)
  }
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000)
  return total
}

function pseudo(src: Uint8Array, dst: Uint8Array, length: number, protocol: number): Uint8Array {
  return Uint8Array.from([...src, ...dst, 0, 0, length >> 8, length & 255, 0, 0, 0, protocol])
}

describe('reject', { skip: skipOrFail(loadUnavailable()) }, () => {
  const binding = loadBinding(root)
  let path: ReturnType<typeof openDataPath>
  let list: BlockList
  const blocked = new Set<string>()
  before(() => {
    path = openDataPath({ binding, root, sizes: smallSizes, ifindex: 1, newFlowsPerSecond: 0, hashSeed })
    list = openBlockList({ binding, path, blocks: smallSizes.blocks, hashSeed })
  })
  after(() => path.close())
  afterEach(() => {
    for (const text of blocked) list.remove(target(text))
    blocked.clear()
  })
  const block = (text: string, entry: KernelEntry = reject) => {
    list.set(target(text), entry)
    blocked.add(text)
  }
  const run = (program: string, frame: Uint8Array) =>
    binding.testRun(path.programFd(program), frame, undefined, 1)
  const answer = (frame: Uint8Array) => run('idsd_reject', frame)
  const isAnswered = (frame: Uint8Array) => answer(frame).result === redirected

  for (const [family, src, dst, vlans] of [
    ['IPv4', them, us, []],
    ['IPv6', them6, us6, []],
    ['IPv4 in a VLAN', them, us, [{ vid: 7 }]],
    ['IPv6 in a VLAN', them6, us6, [{ vid: 7 }]],
  ] as const) {
    const isV4 = src === them
    const at = 14 + vlans.length * 4
    const header = isV4 ? 20 : 40
    /** The answer: its frame up to the length that its IP header says. */
    const read = (frame: Uint8Array) => {
      const { result, data } = answer(frame)
      assert.equal(result, redirected)
      const bytes = data!
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      assert.deepEqual([...bytes.slice(0, 6)], [...frame.slice(6, 12)], 'MAC of the other end')
      assert.deepEqual([...bytes.slice(6, 12)], [...frame.slice(0, 6)])
      assert.deepEqual([...bytes.slice(12, at)], [...frame.slice(12, at)], 'tags and type')
      const ip = bytes.slice(at, at + header)
      const [source, destination] = isV4
        ? [ip.slice(12, 16), ip.slice(16, 20)]
        : [ip.slice(8, 24), ip.slice(24, 40)]
      const given = frame.slice(at, at + header)
      assert.deepEqual([...source], [...(isV4 ? given.slice(16, 20) : given.slice(24, 40))])
      assert.deepEqual([...destination], [...(isV4 ? given.slice(12, 16) : given.slice(8, 24))])
      if (isV4) assert.equal(sum(ip), 0xffff, 'IP checksum')
      const length = isV4 ? view.getUint16(at + 2) - 20 : view.getUint16(at + 4)
      const payload = bytes.slice(at + header, at + header + length)
      assert.equal(bytes.length, at + header + length, 'no byte behind the answer')
      return {
        protocol: bytes[at + (isV4 ? 9 : 6)],
        hops: bytes[at + (isV4 ? 8 : 7)],
        payload,
        source,
        destination,
      }
    }

    for (const [name, given, expected] of [
      ['a SYN', { flags: 'S', seq: 1_000 }, { seq: 0, ack: 1_001, flags: flag.rst | flag.ack }],
      ['a SYN at the wrap', { flags: 'S', seq: 0xffff_ffff }, { seq: 0, ack: 0, flags: flag.rst | flag.ack }],
      ['data', { flags: 'PA', seq: 5, ack: 77, payload: 'abc' }, { seq: 77, ack: 0, flags: flag.rst }],
      [
        'data without ACK',
        { flags: 'P', seq: 5, payload: 'abc' },
        { seq: 0, ack: 8, flags: flag.rst | flag.ack },
      ],
      ['a FIN without ACK', { flags: 'F', seq: 5 }, { seq: 0, ack: 6, flags: flag.rst | flag.ack }],
    ] as const) {
      test(`${name} over ${family} gets a RST with the right numbers and checksums`, () => {
        block(src)
        const { protocol, hops, payload, source, destination } = read(
          tcpPacket({ src, dst, ...ports, vlans, ...given }),
        )
        const view = new DataView(payload.buffer)
        assert.deepEqual([protocol, hops, payload.length], [6, 64, 20])
        assert.deepEqual([view.getUint16(0), view.getUint16(2)], [ports.dstPort, ports.srcPort])
        assert.deepEqual({ seq: view.getUint32(4), ack: view.getUint32(8), flags: payload[13] }, expected)
        assert.equal(sum(pseudo(source, destination, 20, 6), payload), 0xffff, 'checksum')
        // As a card finishes it that was told to: over the segment as it stands.
        const finished = ~sum(payload) & 0xffff
        new DataView(payload.buffer).setUint16(16, finished)
        assert.equal(sum(pseudo(source, destination, 20, 6), payload), 0xffff, 'checksum left to the card')
      })
    }

    for (const [name, frame] of [
      ['a datagram', udpPacket({ src, dst, ...ports, vlans, payload: 'hello world' })],
      ['an empty datagram', udpPacket({ src, dst, ...ports, vlans })],
      ['an echo request', icmpPacket({ src, dst, vlans, type: isV4 ? 8 : 128 })],
    ] as const) {
      test(`${name} over ${family} gets an ICMP error that quotes it`, () => {
        block(src)
        const { protocol, payload, source, destination } = read(frame)
        assert.equal(protocol, isV4 ? 1 : 58)
        assert.deepEqual([payload[0], payload[1]], isV4 ? [3, 13] : [1, 1])
        assert.deepEqual([...payload.slice(8)], [...frame.slice(at, at + header + 8)], 'the quoted packet')
        const covered = isV4 ? [] : [pseudo(source, destination, payload.length, 58)]
        assert.equal(sum(...covered, payload), 0xffff, 'checksum')
        // As a card finishes the checksum of UDP, six bytes in.
        new DataView(payload.buffer).setUint16(6, ~sum(payload) & 0xffff)
        assert.equal(sum(...covered, payload), 0xffff, 'checksum left to the card')
      })
    }
  }

  const group = { dst: '01:00:5e:00:00:01' }
  const toGroup = ethernet({ ...group, payload: ipv4({ src: them, dst: us, payload: udp(ports) }) })
  const fragment = (moreFragments: boolean, fragmentOffset: number) =>
    ethernet({
      payload: ipv4({
        src: them,
        dst: us,
        moreFragments,
        fragmentOffset,
        payload: tcp({ ...ports, flags: 'S' }),
      }),
    })
  for (const [name, entry, frame] of [
    ['a RST', them, tcpPacket({ src: them, dst: us, ...ports, flags: 'R' })],
    ['a RST with ACK', them, tcpPacket({ src: them, dst: us, ...ports, flags: 'RA' })],
    ['an ICMP error', them, icmpPacket({ src: them, dst: us, type: 3 })],
    ['a time exceeded', them, icmpPacket({ src: them, dst: us, type: 11 })],
    ['an echo reply', them, icmpPacket({ src: them, dst: us, type: 0 })],
    ['an ICMPv6 error', them6, icmpPacket({ src: them6, dst: us6, type: 1 })],
    ['a multicast frame', them, toGroup],
    ['a multicast address', them, udpPacket({ src: them, dst: '239.1.2.3', ...ports })],
    ['an IPv6 multicast address', them6, udpPacket({ src: them6, dst: 'ff02::1', ...ports })],
    ['the broadcast address', them, udpPacket({ src: them, dst: '255.255.255.255', ...ports })],
    ['a source that is a group', '239.1.2.3', udpPacket({ src: '239.1.2.3', dst: us, ...ports })],
    ['the loopback as a source', '127.0.0.1', udpPacket({ src: '127.0.0.1', dst: us, ...ports })],
    ['no source at all', '::/96', udpPacket({ src: '::', dst: us6, ...ports })],
    ['a first fragment', them, fragment(true, 0)],
    ['a later fragment', them, fragment(false, 8)],
    [
      'a later IPv6 fragment',
      them6,
      ethernet({
        payload: ipv6Fragments(
          { src: them6, dst: us6, payload: udp({ ...ports, payload: new Uint8Array(64) }) },
          24,
        )[1]!,
      }),
    ],
    [
      'an extension header',
      them6,
      udpPacket({ src: them6, dst: us6, ...ports, extensions: [{ type: 'destination' }] }),
    ],
    [
      'IPv4 options',
      them,
      ethernet({ payload: ipv4({ src: them, dst: us, options: new Uint8Array(8), payload: udp(ports) }) }),
    ],
    ['its own address', us, udpPacket({ src: us, dst: us, ...ports })],
  ] as const) {
    test(`${name} is dropped without an answer`, () => {
      const before = readCounters(binding, path).rejected
      block(entry)
      assert.equal(answer(frame).result, tcDrop)
      assert.equal(readCounters(binding, path).rejected, before)
    })
  }

  test('who is not rejected passes: nobody, another action, an allowed one, neighbour discovery', () => {
    const syn = tcpPacket({ src: them, dst: us, ...ports, flags: 'S' })
    assert.equal(answer(syn).result, tcPass)
    block('192.0.2.9')
    assert.equal(answer(syn).result, tcPass)
    for (const action of [BlockAction.count, BlockAction.limit, BlockAction.synDrop, BlockAction.drop]) {
      block(them, { ...drop, action })
      assert.equal(answer(syn).result, tcPass, `${action}`)
    }
    block(them)
    assert.ok(isAnswered(syn))
    list.allow(target('198.51.100.0/24'), 1)
    assert.equal(answer(syn).result, tcPass)
    list.disallow(target('198.51.100.0/24'))
    block('fe80::1')
    const nd = icmpPacket({ src: 'fe80::1', dst: 'ff02::1', type: 135, ttl: 255 })
    assert.equal(answer(nd).result, tcPass)
  })

  test('the longest prefix in force decides here as in XDP', () => {
    const syn = tcpPacket({ src: them, dst: us, ...ports, flags: 'S' })
    block('198.51.0.0/16')
    assert.ok(isAnswered(syn))
    block('198.51.100.0/24', { ...reject, expiresBootUs: 1 })
    assert.ok(isAnswered(syn))
    block('198.51.100.0/24', drop)
    assert.equal(answer(syn).result, tcPass)
  })

  for (const action of ['count', 'limit', 'synDrop'] as const) {
    test(`what a prefix of action ${action} lets pass in a wider one that rejects is not answered here either`, () => {
      const ack = tcpPacket({ src: them, dst: us, ...ports, flags: 'A' })
      block('198.51.0.0/16')
      block('198.51.100.0/24', { ...drop, action: BlockAction[action] })
      assert.deepEqual([run('idsd_ingress', ack).result, answer(ack).result], [xdpPass, tcPass])
    })
  }

  test('XDP hands over at most 100 a second and drops the rest; where nobody would answer, all', () => {
    const syn = tcpPacket({ src: them, dst: us, ...ports, flags: 'S' })
    block(them)
    const results = Array.from({ length: 300 }, () => run('idsd_ingress', syn).result)
    const handed = results.filter((result) => result === xdpPass).length
    assert.ok(handed >= 1 && handed <= 100, `${handed}`)
    assert.equal(results.filter((result) => result === xdpDrop).length, 300 - handed)
    assert.equal(list.get(target(them))?.packets, 300)
    assert.equal(run('idsd_egress', tcpPacket({ src: us, dst: them, ...ports })).result, tcDrop)
  })

  describe('of an imported list', () => {
    const { SYN, ACK } = { SYN: 'S', ACK: 'A' }
    let lists: ListMaps
    before(() => {
      lists = openListMaps({ binding, path })
    })
    afterEach(async () => {
      await lists.endTrial()
      await lists.load('confirmed', [])
      for (const number of lists.hits().keys()) lists.forget(number)
    })
    after(() => lists.close())
    const load = (...loaded: Parameters<typeof listOf>[]) =>
      lists.load(
        'confirmed',
        loaded.map((one) => listOf(...one)),
      )
    const words = () => new DataView(binding.mapMemory(path.fd('settings')))
    const tcpFrom = (src: string, flags: string) =>
      tcpPacket({ src, dst: src === them ? us : us6, ...ports, flags })
    const both = [them, them6]
    const rejecting = { action: 'reject' } as const

    test('what it holds is handed over and answered, and nobody beside it is', async () => {
      await load([1, [them, '2001:db8:66::/48'], rejecting])
      for (const src of both) {
        const counted = readCounters(binding, path).rejected
        // What was answered before counts for the limit of answers.
        const isHandedOver = () => run('idsd_ingress', tcpFrom(src, SYN)).result === xdpPass
        assert.ok(Array.from({ length: 100_000 }, (_, i) => i).some(isHandedOver))
        assert.ok(isAnswered(tcpFrom(src, SYN)), src)
        assert.equal(readCounters(binding, path).rejected - counted, 1)
      }
      for (const src of ['198.51.100.67', '2001:db8:67::66'])
        assert.equal(answer(tcpPacket({ src, dst: src.includes(':') ? us6 : us, ...ports })).result, tcPass)
    })

    test('XDP hands over at most 100 a second and drops the rest, and all that leaves', async () => {
      await load([1, [them], rejecting])
      const results = Array.from({ length: 300 }, () => run('idsd_ingress', tcpFrom(them, SYN)).result)
      const handed = results.filter((result) => result === xdpPass).length
      assert.ok(handed <= 100, `${handed}`)
      assert.equal(results.filter((result) => result === xdpDrop).length, 300 - handed)
      assert.equal(run('idsd_egress', tcpPacket({ src: us, dst: them, ...ports })).result, tcDrop)
      assert.deepEqual([lists.hits().get(1)?.packets, lists.hits().get(1)?.dropped], [301, 301])
    })

    test('where another list drops, limits or counts the same address, this one answers', async () => {
      for (const action of ['drop', 'count', 'synDrop'] as const) {
        await load([1, [...both], { action }], [2, [...both], rejecting])
        for (const src of both) assert.ok(isAnswered(tcpFrom(src, ACK)), action)
        await load([1, [...both], { action }])
        for (const src of both) assert.equal(answer(tcpFrom(src, SYN)).result, tcPass, action)
      }
    })

    test('handed over before it ended or went, what lists still drop does not pass', async () => {
      const over = { ...rejecting, expiresBootUs: binding.clocks().bootUs - 1 }
      await load([1, both], [2, both, over])
      for (const src of both) assert.notEqual(answer(tcpFrom(src, SYN)).result, tcPass, src)
      for (const src of both) {
        list.allow(target(src), 1)
        assert.equal(answer(tcpFrom(src, SYN)).result, tcPass, src)
        list.disallow(target(src))
      }
    })

    test('one that ended answers nobody', async () => {
      await load([1, both, { ...rejecting, expiresBootUs: binding.clocks().bootUs - 1 }], [2, [], rejecting])
      for (const src of both) assert.equal(answer(tcpFrom(src, SYN)).result, tcPass)
    })

    test('allow entries and a panic let pass whom it holds', async () => {
      await load([1, both, rejecting])
      list.allow(target(them), 1)
      list.allow(target(them6), 2)
      for (const src of both) assert.equal(answer(tcpFrom(src, SYN)).result, tcPass)
      list.disallow(target(them))
      list.disallow(target(them6))
      const { panicUntilNs } = settings.offset
      words().setBigUint64(panicUntilNs, 0xffff_ffff_ffff_ffffn, true)
      for (const src of both) assert.equal(answer(tcpFrom(src, SYN)).result, tcPass)
      words().setBigUint64(panicUntilNs, 0n, true)
      for (const src of both) assert.ok(isAnswered(tcpFrom(src, SYN)))
    })

    test('of the generation in force it is asked', async () => {
      const setTrial = (untilNs: bigint) => words().setBigUint64(settings.offset.trialUntilNs, untilNs, true)
      await load([1, both, { action: 'count' }])
      try {
        await lists.load('trial', [listOf(1, both, rejecting)])
        for (const src of both) assert.equal(answer(tcpFrom(src, SYN)).result, tcPass)
        setTrial(0xffff_ffff_ffff_ffffn)
        for (const src of both) assert.ok(isAnswered(tcpFrom(src, SYN)))
      } finally {
        setTrial(0n)
      }
    })

    test('what decisions let pass it answers too, as XDP hands it over', async () => {
      await load([1, both, rejecting])
      for (const action of [BlockAction.count, BlockAction.limit, BlockAction.synDrop]) {
        for (const src of both) {
          block(src, { ...drop, action })
          block(src === them ? '198.51.100.0/24' : '2001:db8:66::/48', { ...drop, action })
          assert.ok(isAnswered(tcpFrom(src, ACK)), `${action} of ${src}`)
        }
      }
    })
  })
})
