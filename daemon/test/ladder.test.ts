/** The rungs between counting and dropping, in the loaded programs: limits, SYN drops, and flows that are spared. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { ethernet, icmpPacket, ipv6Fragments, tcpPacket, udp, udpPacket } from '../../lab/packet.js'
import { type BlockList, type KernelEntry, openBlockList } from '../src/kernel/block-list.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { openSettings } from '../src/kernel/settings.js'
import { BlockAction, BlockOrigin } from '../src/kernel/wire.js'
import { drop, hashSeed, target } from './block-stage.js'
import {
  type LoadedPrograms,
  loadUnavailable,
  openPrograms,
  smallSizes,
  tcDrop,
  tcPass,
} from './loaded-programs.js'

const us = '203.0.113.1'
const them = '198.51.100.66'
const us6 = '2001:db8:ffff::1'
const them6 = '2001:db8:66::66'
const second = 1_000_000
const start = 1_000 * second

const limit = (perSecond: number, unit: 'packets' | 'bits' = 'packets'): KernelEntry => ({
  ...drop,
  action: BlockAction.limit,
  limit: { unit, perSecond },
})
const synDrop: KernelEntry = { ...drop, action: BlockAction.synDrop }
const spares = (entry: KernelEntry): KernelEntry => ({ ...entry, sparesFlows: true })
const ports = { srcPort: 40_001, dstPort: 443 }
const turned = { srcPort: 443, dstPort: 40_001 }
const query = (payload: Uint8Array | string = 'x') => udpPacket({ src: them, dst: us, ...ports, payload })
const syn = (src = them, dst = us) => tcpPacket({ src, dst, ...ports, flags: 'S', seq: 100 })

describe('the ladder in the kernel', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  let list: BlockList
  const blocked = new Set<string>()
  before(() => {
    programs = openPrograms({ hashSeed })
    list = openBlockList({ ...programs, blocks: smallSizes.blocks, hashSeed })
  })
  after(() => programs.close())
  afterEach(() => {
    for (const text of blocked) list.remove(target(text))
    blocked.clear()
    assert.equal(list.limiterCount, 0)
    programs.sweep(start, { flush: true })
    programs.records()
  })
  const block = (text: string, entry: KernelEntry) => {
    list.set(target(text), entry)
    blocked.add(text)
  }
  const enters = (frame: Uint8Array, timeUs = start) => programs.ingress(frame, timeUs) === xdpPass
  const leaves = (frame: Uint8Array, timeUs = start) => programs.egress(frame, timeUs) === tcPass
  const counted = (name: 'limited' | 'synDropped' | 'sparedFlows') => programs.counters()[name]

  for (const [perSecond, seconds] of [
    [1, 20],
    [10, 10],
    [100, 3],
    [1_000, 2],
  ] as const) {
    test(`of twice ${perSecond} packets a second a limit lets ${perSecond} through`, () => {
      block(them, limit(perSecond))
      let passed = 0
      const sent = perSecond * seconds * 2
      for (let i = 0; i < sent; i++) {
        if (enters(query(), start + Math.round((i * second) / (perSecond * 2)))) passed++
      }
      const slack = 1 + perSecond / 100
      assert.ok(Math.abs(passed - perSecond * seconds) <= slack, `${passed} of ${sent}`)
      assert.deepEqual(list.get(target(them))?.limitCounts, { passed, limited: sent - passed })
      assert.equal(list.get(target(them))?.packets, sent)
    })
  }

  test('a limit in bits counts the IP total length, not the frame', () => {
    // 1,000 B of IP total length: 20 + 8 + 972.
    block(them, limit(80_000, 'bits'))
    let passed = 0
    for (let i = 0; i < 200; i++) if (enters(query(new Uint8Array(972)), start + i * 50_000)) passed++
    assert.ok(Math.abs(passed - 100) <= 2, `${passed}`)
  })

  test('the longest packet passes a low limit in bits, and is paid for by those behind it', () => {
    block(them, limit(8_000, 'bits'))
    assert.ok(enters(query(new Uint8Array(972))))
    assert.ok(!enters(query(''), start + 0.2 * second))
    assert.ok(enters(query(''), start + 1.1 * second))
  })

  test('a quiet source may not save up for later', () => {
    block(them, limit(100))
    enters(query())
    let passed = 0
    for (let i = 0; i < 50; i++) if (enters(query(), start + 3_600 * second)) passed++
    assert.ok(passed <= 3, `${passed}`)
  })

  test('what a limit lets through is accounted as a flow, what it keeps back is not', () => {
    block(them, limit(10))
    const limitedBefore = counted('limited')
    for (let i = 0; i < 5; i++) enters(query())
    programs.sweep(start + second, { flush: true })
    const [flow] = programs.flows()
    const { passed, limited } = list.get(target(them))!.limitCounts!
    assert.deepEqual([flow?.packetsFwd, passed + limited], [passed, 5])
    assert.equal(counted('limited') - limitedBefore, limited)
  })

  test('limit and SYN drop let pass what leaves', () => {
    for (const entry of [limit(1), synDrop]) {
      block(them, entry)
      for (let i = 0; i < 10; i++) assert.ok(leaves(udpPacket({ src: us, dst: them, ...turned })))
      assert.ok(leaves(tcpPacket({ src: us, dst: them, ...turned, flags: 'S' })))
    }
  })

  test('another rate changes the bucket in place, its counts go on; another action frees it', () => {
    block(them, limit(10))
    for (let i = 0; i < 4; i++) enters(query())
    const before = list.get(target(them))?.limitCounts
    block(them, limit(1_000))
    assert.deepEqual(list.get(target(them))?.limitCounts, before)
    assert.deepEqual(list.get(target(them))?.limit, { unit: 'packets', perSecond: 1_000 })
    block(them, drop)
    assert.equal(list.limiterCount, 0)
    assert.ok(!enters(query()))
  })

  test('a limit on an address does not hide a prefix that drops; a limit on a prefix hides a shorter one', () => {
    block(them, limit(1_000))
    block('198.51.100.0/24', drop)
    assert.ok(!enters(query()))
    block('198.51.100.0/24', limit(1_000))
    block('198.51.0.0/16', drop)
    assert.ok(enters(query(), start + second))
  })

  test('a prefix that idsd itself limits or counts takes nothing from a wider one that drops', () => {
    for (const origin of [BlockOrigin.detector, BlockOrigin.model]) {
      for (const entry of [
        limit(1_000),
        { ...drop, action: BlockAction.count },
        { ...limit(1_000), sparesFlows: true },
      ]) {
        block('198.51.100.0/24', { ...entry, origin })
        block('198.51.0.0/16', drop)
        assert.ok(!enters(query()))
        block('198.51.0.0/16', { ...drop, action: BlockAction.count })
      }
    }
  })

  for (const [name, ends] of [
    ['IPv4', [them, us]],
    ['IPv6', [them6, us6]],
  ] as const) {
    test(`a SYN drop keeps back SYNs over ${name} and nothing else`, () => {
      const [src, dst] = ends
      block(src, synDrop)
      const before = counted('synDropped')
      assert.ok(!enters(syn(src, dst)))
      for (const flags of ['SA', 'A', 'PA', 'FA', 'R'])
        assert.ok(enters(tcpPacket({ src, dst, ...ports, flags })), flags)
      assert.ok(enters(udpPacket({ src, dst, ...ports })))
      assert.equal(counted('synDropped') - before, 1)
      assert.equal(list.get(target(src))?.packets, 1)
    })
  }

  test('a SYN behind extension headers is kept back, on an address and on a prefix', () => {
    const hidden = tcpPacket({
      src: them6,
      dst: us6,
      ...ports,
      flags: 'S',
      extensions: [{ type: 'destination' }],
    })
    for (const text of [them6, '2001:db8:66::/48']) {
      block(text, synDrop)
      assert.ok(!enters(hidden), text)
      list.remove(target(text))
      blocked.delete(text)
    }
  })

  /** A connection of theirs whose path is proven, and one of ours. */
  const handshake = () => {
    enters(syn())
    leaves(tcpPacket({ src: us, dst: them, ...turned, flags: 'SA', seq: 500, ack: 101 }))
    enters(tcpPacket({ src: them, dst: us, ...ports, flags: 'A', seq: 101, ack: 501 }))
  }
  const data = () =>
    tcpPacket({ src: them, dst: us, ...ports, flags: 'PA', seq: 101, ack: 501, payload: 'x' })
  const answerOf = (srcPort = 53, dstPort = 5_353) => udpPacket({ src: them, dst: us, srcPort, dstPort })

  for (const [name, entry] of [
    ['limit', spares(limit(1))],
    ['drop', spares(drop)],
  ] as const) {
    test(`a ${name} that spares flows passes a proven connection and answers to ours, and no stranger`, () => {
      handshake()
      leaves(udpPacket({ src: us, dst: them, srcPort: 5_353, dstPort: 53 }))
      leaves(tcpPacket({ src: us, dst: them, srcPort: 7, dstPort: 80, flags: 'S', seq: 9 }))
      leaves(icmpPacket({ src: us, dst: them, type: 8 }))
      block(them, entry)
      enters(query())
      const before = counted('sparedFlows')
      for (let i = 0; i < 5; i++) {
        assert.ok(enters(data()), 'a proven connection')
        assert.ok(enters(answerOf()), 'an answer to our query')
        assert.ok(
          enters(tcpPacket({ src: them, dst: us, srcPort: 80, dstPort: 7, flags: 'SA', ack: 10 })),
          'our SYN’s',
        )
        assert.ok(enters(icmpPacket({ src: them, dst: us, type: 0 })), 'an echo reply')
      }
      assert.equal(counted('sparedFlows') - before, 20)
      assert.ok(!enters(query()), 'a stranger')
      assert.ok(!enters(answerOf(53, 1_234)), 'an answer that nobody asked for')
      assert.ok(!enters(syn()), 'a SYN on the ports of a proven connection')
      assert.ok(
        !enters(tcpPacket({ src: them, dst: us, srcPort: 1, dstPort: 2, flags: 'SA', ack: 1 })),
        'a SYN-ACK',
      )
      assert.ok(!enters(icmpPacket({ src: them, dst: us, type: 8 })), 'an echo request')
    })
  }

  test('a connection that fell silent keeps its proof for ten minutes', () => {
    handshake()
    programs.sweep(start + 150 * second)
    block(them, spares(drop))
    assert.ok(enters(data(), start + 300 * second))
    programs.sweep(start + 301 * second, { flush: true })
    assert.ok(!enters(data(), start + 950 * second))
  })

  test('a drop that spares flows lets leave what belongs to them or opens one, and no answer to a stranger', () => {
    handshake()
    enters(query())
    block(them, spares(drop))
    assert.ok(leaves(tcpPacket({ src: us, dst: them, ...turned, flags: 'PA', seq: 501, ack: 102 })))
    assert.ok(leaves(udpPacket({ src: us, dst: them, srcPort: 5_353, dstPort: 53 })))
    assert.equal(programs.egress(udpPacket({ src: us, dst: them, ...turned }), start), tcDrop)
  })

  test('spoofed SYN-ACKs do not make a flow of ours, however long they go on', () => {
    const forged = tcpPacket({ src: them, dst: us, srcPort: 1, dstPort: 2, flags: 'SA', seq: 7, ack: 8 })
    for (let at = 0; at <= 400; at += 20) enters(forged, start + at * second)
    block(them, spares(drop))
    assert.ok(!enters(forged, start + 401 * second))
  })

  test('a later fragment belongs to no flow', () => {
    block(them6, spares(drop))
    const pieces = ipv6Fragments(
      { src: them6, dst: us6, payload: udp({ ...ports, payload: new Uint8Array(64) }) },
      24,
    )
    for (const payload of pieces) assert.equal(programs.ingress(ethernet({ payload }), start), xdpDrop)
  })

  test('a panic spares all, and a limit that nobody set lets all pass', () => {
    const settings = openSettings(programs.binding.mapMemory(programs.path.fd('settings')))
    block(them, limit(1))
    block(them6, synDrop)
    settings.panicUntilBootUs = Number.POSITIVE_INFINITY
    for (let i = 0; i < 5; i++) assert.ok(enters(query()))
    assert.ok(enters(syn(them6, us6)))
    settings.panicUntilBootUs = 0
    block(them, { ...drop, action: BlockAction.limit })
    for (let i = 0; i < 5; i++) assert.ok(enters(query()))
  })

  test('an action that these programs do not know is counted and passes', () => {
    block(them, { ...drop, action: 200 })
    assert.ok(enters(query()))
    assert.equal(list.get(target(them))?.packets, 1)
  })
})
