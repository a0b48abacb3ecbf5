/** Flow accounting in the loaded programs: when records are told, and how flows end. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../lab/packet.js'
import { addressText } from '../src/decode/address-text.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import { readFlowCount } from '../src/kernel/counters.js'
import { openSuspects } from '../src/kernel/suspects.js'
import { sweepFlows, sweepTombstones } from '../src/kernel/sweep.js'
import { flowOpened, flowRecord, RecordType, wireVersion } from '../src/kernel/wire.js'
import { parseTarget } from '../src/policy/address.js'
import {
  type Conversation,
  client,
  endOf,
  fromClient,
  fromServer,
  losses,
  only,
  openConversation,
  type Step,
  second,
  server,
  short,
  start,
  timeout,
} from './conversation.js'
import { loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'

describe('flow accounting', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: Conversation
  before(() => {
    programs = openConversation()
  })
  after(() => programs.close())
  afterEach(() => programs.reset())

  describe('records', () => {
    test('packet 1 gives an opened record, packets 2 to 256 snapshots ever farther apart, then one every 256', () => {
      const snapshots: number[] = []
      for (let packet = 1; packet <= 8_200; packet++) {
        programs.ingress(udpPacket({ ...client, payload: 'x' }), start + packet)
        for (const flow of programs.flows()) {
          assert.equal(flow.kind, packet === 1 ? 'opened' : 'snapshot')
          assert.equal(flow.seq, packet === 1 ? 0 : snapshots.length + 1)
          assert.equal(flow.packetsFwd, packet)
          if (packet > 1) snapshots.push(packet)
        }
      }
      const every256 = [256, 512, 768, 1_024, 1_280, 1_536, 1_792, 2_048]
      const eightPerDoubling = [2_304, 2_560, 2_816, 3_072, 3_328, 3_584, 3_840, 4_096]
      const twiceAsFar = [4_608, 5_120, 5_632, 6_144, 6_656, 7_168, 7_680, 8_192]
      assert.deepEqual(snapshots, [2, 4, 8, 16, 64, ...every256, ...eightPerDoubling, ...twiceAsFar])
      const ended = only(programs.flush())
      assert.deepEqual(
        [ended.kind, ended.seq, ended.packetsFwd, ended.endReason],
        ['ended', snapshots.length + 1, 8_200, 'flush'],
      )
    })

    test('an opened record is at most 64 bytes and says who, what and when', () => {
      programs.ingress(fromClient({ flags: 'SEC', payload: 'abc' }), start)
      const bytes = programs.records()
      const view = new DataView(bytes.buffer)
      assert.equal(bytes.length, flowOpened.size)
      assert.ok(bytes.length <= 64)
      const { get, offset } = flowOpened
      assert.equal(get.headerType(view, 0), RecordType.opened)
      assert.equal(get.headerVersion(view, 0), wireVersion)
      assert.equal(get.headerLength(view, 0), bytes.length)
      assert.equal(get.headerIfindex(view, 0), 1)
      assert.equal(get.timeUs(view, 0), start)
      assert.equal(addressText(view, offset.src), client.src)
      assert.equal(addressText(view, offset.dst), client.dst)
      assert.deepEqual([get.srcPort(view, 0), get.dstPort(view, 0)], [client.srcPort, client.dstPort])
      assert.deepEqual([get.protocol(view, 0), get.tcpFlags(view, 0)], [6, 0xc2])
    })

    for (const [name, first, expected] of [
      ['a packet from the larger address', fromClient(), client],
      [
        'a packet from the smaller address',
        tcpPacket({ ...server, srcPort: 1, dstPort: 2 }),
        { ...server, srcPort: 1, dstPort: 2 },
      ],
      ['a SYN-ACK, which comes from the server', fromServer({ flags: 'SA' }), client],
      [
        'equal addresses',
        tcpPacket({ ...client, dst: client.src, srcPort: 9, dstPort: 3 }),
        { ...client, dst: client.src, srcPort: 9, dstPort: 3 },
      ],
    ] as const) {
      test(`opened and ended records name the same flow for ${name}`, () => {
        programs.ingress(first, start)
        const opened = only(programs.flows())
        const ended = only(programs.flush())
        const ends = ({ src, dst, srcPort, dstPort }: FlowRecord) => ({ src, dst, srcPort, dstPort })
        assert.deepEqual(ends(opened), expected)
        if (name !== 'equal addresses') assert.deepEqual(ends(ended), expected)
        assert.equal(opened.id, ended.id)
        assert.equal(opened.firstBackward, ended.firstBackward)
        assert.equal(opened.firstBackward, name.startsWith('a SYN-ACK'))
        assert.equal(ended.packetsBwd, opened.firstBackward ? 1 : 0)
      })
    }

    test('a SYN-ACK that comes second leaves the direction as it is', () => {
      programs.talk([
        ['in', fromClient()],
        ['out', fromServer({ flags: 'SA' })],
      ])
      const ended = only(endOf(programs.flush()))
      assert.deepEqual([ended.src, ended.packetsFwd, ended.packetsBwd], [client.src, 1, 1])
    })

    test('with equal addresses at both ends every packet is forward', () => {
      const own = { ...client, dst: client.src }
      programs.ingress(udpPacket(own), start)
      programs.ingress(udpPacket({ ...own, srcPort: own.dstPort, dstPort: own.srcPort }), start)
      const ended = only(endOf(programs.flush()))
      assert.deepEqual([ended.packetsFwd, ended.packetsBwd], [2, 0])
    })

    test('a reset is told in the urgent ring, first in a batch and last in seq', () => {
      programs.talk([
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'R' })],
      ])
      // Urgent records come first in a batch: packet 3 changed the state, the others wait in the bulk ring.
      assert.deepEqual(programs.flows().map(short), ['snapshot 2', 'opened 0', 'snapshot 1'])
    })

    test('a close in order is urgent only for a source that holds evidence', () => {
      const close: readonly Step[] = [
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'FA' })],
      ]
      programs.talk(close)
      assert.deepEqual(programs.flows().map(short), ['opened 0', 'snapshot 1'])
      const suspects = openSuspects(programs.binding, programs.path)
      try {
        suspects.set(new Map([[client.src, parseTarget(client.src, 'address')]]))
        programs.flush()
        programs.talk(close, start + 1_000_000)
        assert.deepEqual(programs.flows().map(short), ['snapshot 1', 'opened 0'])
      } finally {
        suspects.set(new Map())
      }
    })

    test('each change of the TCP state tells a snapshot, and nothing else does between the counts', () => {
      const states: string[] = []
      const steps: readonly Step[] = [
        ...Array.from({ length: 20 }, () => ['in', fromClient({ flags: 'A', payload: 'x' })] as const),
        ['in', fromClient({ flags: 'FA' })],
        ['out', fromServer({ flags: 'A' })],
        ['in', fromClient({ flags: 'FA' })],
        ['out', fromServer({ flags: 'FA' })],
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'R' })],
      ]
      for (const [i, step] of steps.entries()) {
        programs.talk([step], start + i * 1000)
        for (const flow of programs.flows()) if (i >= 16) states.push(`${i - 19} ${flow.tcpState}`)
      }
      assert.deepEqual(states, ['1 fin1', '4 fin2', '5 ready'])
    })

    test('a FIN in the first packet does not move the state, a RST in a later one ends the handshake', () => {
      programs.talk([
        ['in', fromClient({ flags: 'F' })],
        ['out', fromServer({ flags: 'RA' })],
      ])
      const snapshot = programs.flows()[0] as FlowRecord
      assert.deepEqual(
        [snapshot.kind, snapshot.tcpState, snapshot.finCount, snapshot.rstCount],
        ['snapshot', 'ready', 1, 1],
      )
    })

    test('packets 2 to 8 of a source that holds evidence are urgent', () => {
      const suspects = openSuspects(programs.binding, programs.path)
      const quiet = { ...client, src: '198.51.100.8' }
      try {
        suspects.set(new Map([[client.src, parseTarget(client.src, 'address')]]))
        for (let i = 0; i < 16; i++) {
          programs.ingress(udpPacket(quiet), start + i)
          programs.ingress(udpPacket(client), start + i)
        }
        const told = programs
          .flows()
          .map((flow) => `${flow.src === client.src ? 'suspect' : 'other'} ${short(flow)}`)
        assert.deepEqual(told.slice(0, 3), ['suspect snapshot 1', 'suspect snapshot 2', 'suspect snapshot 3'])
        // Packet 16 is not urgent any more.
        assert.equal(told[3], 'other opened 0')
        assert.deepEqual(told.slice(3).sort(), [
          ...[
            'other opened 0',
            'other snapshot 1',
            'other snapshot 2',
            'other snapshot 3',
            'other snapshot 4',
          ],
          ...['suspect opened 0', 'suspect snapshot 4'],
        ])
        // An answer to the suspect counts for its flow too; a flow towards it is not its own.
        programs.records()
        suspects.set(new Map())
        programs.ingress(udpPacket({ ...client, srcPort: 7 }), start)
        programs.ingress(udpPacket({ ...client, srcPort: 7 }), start)
        assert.deepEqual(programs.flows().map(short), ['opened 0', 'snapshot 1'])
      } finally {
        suspects.set(new Map())
      }
    })

    test('flow ids are below 2^53 and differ', () => {
      for (let i = 0; i < 100; i++) programs.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
      const ids = new Set(programs.flows().map((flow) => flow.id))
      assert.equal(ids.size, 100)
      for (const id of ids) assert.ok(Number.isSafeInteger(id))
    })
  })

  describe('ends', () => {
    test('a packet more than 120 s after the first ends the flow, one at 120 s does not', () => {
      for (const [afterUs, expected] of [
        [timeout, 0],
        [timeout + 1, 1],
      ] as const) {
        programs.ingress(udpPacket(client), start)
        programs.ingress(udpPacket(client), start + 60 * second)
        programs.ingress(udpPacket(client), start + afterUs)
        assert.equal(endOf(programs.flows()).length, expected)
        programs.flush()
      }
    })

    test('a SYN after the end begins another flow, and before it does not', () => {
      programs.talk([
        ['in', fromClient()],
        ['in', fromClient()],
        ['out', fromServer({ flags: 'RA' })],
      ])
      assert.deepEqual(endOf(programs.flows()), [])
      programs.talk([['in', fromClient()]], start + second)
      const ended = only(endOf(programs.flows()))
      assert.deepEqual([ended.endReason, ended.packetsFwd, ended.packetsBwd], ['syn', 2, 1])
      const next = only(programs.flush())
      assert.deepEqual([next.packetsFwd, next.isContinuation], [1, false])
      assert.notEqual(next.id, ended.id)
    })

    test('packets after the end are added to the flow that ended', () => {
      programs.talk([
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'R' })],
        ['out', fromServer({ flags: 'A' })],
      ])
      const ended = only(endOf(programs.flush()))
      assert.deepEqual([ended.packetsFwd, ended.packetsBwd], [2, 1])
    })

    for (const [name, second, ends] of [
      ['both type and code differ', { type: 3, code: 1 }, true],
      ['the type differs', { type: 0, code: 0 }, false],
      ['the code differs', { type: 8, code: 5 }, false],
      ['neither differs', { type: 8, code: 0 }, false],
    ] as const) {
      test(`an ICMP flow ${ends ? 'ends' : 'goes on'} when ${name}`, () => {
        programs.ingress(icmpPacket({ ...client, type: 8 }), start)
        programs.ingress(icmpPacket({ ...client, ...second }), start + 1)
        assert.equal(endOf(programs.flows()).length, ends ? 1 : 0)
        if (ends) assert.equal(only(programs.flush()).packetsFwd, 1)
      })
    }

    test('the sweep ends what began more than 120 s ago, and nothing younger', () => {
      programs.ingress(udpPacket(client), start)
      programs.ingress(udpPacket({ ...client, srcPort: 2 }), start + 1)
      assert.equal(programs.sweep(start + timeout), 0)
      assert.equal(programs.sweep(start + timeout + 1), 1)
      const ended = only(endOf(programs.flows()))
      assert.deepEqual([ended.endReason, ended.srcPort], ['timeout', client.srcPort])
      assert.equal(readFlowCount(programs.binding, programs.path), 1)
    })

    const pressure: readonly (readonly [string, readonly Step[], number | undefined])[] = [
      [
        'a READY flow',
        [
          ['in', fromClient()],
          ['out', fromServer({ flags: 'RA' })],
        ],
        2 * second,
      ],
      [
        'a TCP flow without an answer',
        [
          ['in', fromClient()],
          ['in', fromClient()],
        ],
        10 * second,
      ],
      ['a TCP flow of which only answers are seen', [['out', fromServer({ flags: 'SA' })]], 10 * second],
      [
        'a UDP flow',
        [
          ['in', udpPacket(client)],
          ['out', udpPacket(server)],
        ],
        10 * second,
      ],
      ['an ICMP flow', [['in', icmpPacket(client)]], 10 * second],
      [
        'an established flow',
        [
          ['in', fromClient()],
          ['out', fromServer({ flags: 'SA' })],
          ['in', fromClient({ flags: 'A' })],
        ],
        undefined,
      ],
      [
        'a half closed flow',
        [
          ['in', fromClient({ flags: 'A' })],
          ['out', fromServer({ flags: 'FA' })],
        ],
        undefined,
      ],
    ]
    for (const [name, packets, quietUs] of pressure) {
      test(`under pressure ${name} ends ${quietUs === undefined ? 'only by its time' : `when it was quiet for ${quietUs / second} s`}`, () => {
        programs.talk(packets)
        const lastUs = start + (packets.length - 1) * 1000
        programs.records()
        const at = lastUs + (quietUs ?? 60 * second)
        assert.equal(programs.sweep(at + 1), 0, 'without pressure')
        assert.equal(programs.sweep(at, { pressure: true }), 0, 'not yet')
        assert.equal(programs.sweep(at + 1, { pressure: true }), quietUs === undefined ? 0 : 1)
        if (quietUs !== undefined) assert.equal(only(programs.flows()).endReason, 'pressure')
      })
    }

    test('every end names its reason', () => {
      const reasons = ['timeout', 'syn', 'icmp', 'pressure', 'flush'] as const
      programs.ingress(udpPacket(client), start)
      programs.sweep(start + timeout + 1)
      programs.talk([
        ['in', fromClient()],
        ['in', fromClient({ flags: 'R' })],
        ['in', fromClient()],
      ])
      programs.ingress(icmpPacket({ ...client, type: 8 }), start)
      programs.ingress(icmpPacket({ ...client, type: 3, code: 3 }), start)
      programs.sweep(start + 11 * second, { pressure: true })
      programs.ingress(udpPacket({ ...client, srcPort: 77 }), start)
      const told = endOf(programs.flush()).map((flow) => flow.endReason)
      assert.deepEqual([...new Set(told)].sort(), [...reasons].sort())
    })
  })

  describe('tombstones', () => {
    test('a TCP connection swept at 120 s keeps direction, connection time and proof, however long it is quiet', () => {
      const isn = 5000
      programs.talk([
        ['in', fromClient()],
        ['out', fromServer({ flags: 'SA', seq: isn })],
        ['in', fromClient({ flags: 'A', ack: isn + 1 })],
      ])
      assert.equal(programs.sweep(start + timeout + second), 1)
      programs.records()
      const again = start + 500 * second
      programs.egress(fromServer({ flags: 'PA', payload: 'x' }), again)
      programs.sweep(again, { flush: true })
      const { flows, offsets, view } = programs.decoded()
      const ended = only(endOf(flows))
      assert.deepEqual(
        [
          ended.src,
          ended.packetsFwd,
          ended.packetsBwd,
          ended.firstBackward,
          ended.isContinuation,
          ended.pathProven,
        ],
        [client.src, 0, 1, true, true, true],
      )
      assert.equal(
        flowRecord.get.flowConnectionUs(view, offsets[flows.indexOf(ended)] as number),
        again - start,
      )
    })

    test('after a closed connection a SYN begins anew', () => {
      programs.talk([
        ['in', fromClient()],
        ['in', fromClient({ flags: 'R' })],
      ])
      programs.sweep(start + timeout + 1)
      programs.records()
      programs.egress(tcpPacket(server), start + 200 * second)
      const ended = only(endOf(programs.flush()))
      assert.deepEqual([ended.src, ended.isContinuation], [server.src, false])
    })

    for (const [quietUs, continues] of [
      [timeout, true],
      [timeout + 1, false],
    ] as const) {
      test(`a UDP dialogue quiet for ${quietUs} us ${continues ? 'goes on in its direction' : 'is forgotten'}`, () => {
        programs.ingress(udpPacket(client), start)
        programs.ingress(udpPacket(client), start + 100 * second)
        programs.sweep(start + timeout + 1)
        programs.records()
        programs.egress(udpPacket(server), start + 100 * second + quietUs)
        const ended = only(endOf(programs.flush()))
        assert.deepEqual(
          [ended.src, ended.isContinuation],
          continues ? [client.src, true] : [server.src, false],
        )
      })
    }

    test('the sweep drops UDP tombstones after 120 s, and TCP ones only for room after 600 s', () => {
      const left = (atUs: number, needRoom: boolean) =>
        sweepTombstones(programs.binding, programs.path, needRoom, atUs)
      programs.ingress(udpPacket(client), start)
      programs.ingress(fromClient(), start)
      programs.ingress(icmpPacket(client), start)
      // The replay's sweep drops tombstones too: the flows' own sweep alone, to see them.
      sweepFlows(programs.binding, programs.path, { nowUs: start + timeout + 1 })
      assert.equal(left(start + timeout, false), 2)
      assert.equal(left(start + timeout + 1, false), 1)
      assert.equal(left(start + 600 * second, true), 1)
      assert.deepEqual(
        losses(() => assert.equal(left(start + 600 * second + 1, true), 0), programs),
        { tombstone: 1 },
      )
    })

    test('a full tombstone table is counted', () => {
      const full = openPrograms({ sizes: { ...smallSizes, tombstones: 8 } })
      try {
        for (let i = 0; i < 12; i++) full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
        assert.deepEqual(
          losses(() => assert.equal(full.sweep(start + timeout + 1), 12), full),
          { tombstone: 4 },
        )
      } finally {
        full.close()
      }
    })
  })

  describe('time', () => {
    test('a clock that steps back neither underflows a gap nor moves the end of the flow', () => {
      programs.ingress(udpPacket(client), start)
      programs.ingress(udpPacket(client), start + 500)
      programs.ingress(udpPacket(client), start + 100)
      programs.ingress(udpPacket(client), start - 1000)
      programs.ingress(udpPacket(client), start + 700)
      programs.sweep(start, { flush: true })
      const { flows, offsets, view } = programs.decoded()
      const at = offsets[flows.findIndex((flow) => flow.kind === 'ended')] as number
      const { get } = flowRecord
      assert.equal(get.flowStartUs(view, at), start)
      assert.deepEqual(
        [
          get.flowLastUs(view, at),
          get.flowIatMax(view, at),
          get.flowIatMin(view, at),
          get.flowIatSq(view, at),
        ],
        [700, 500, 0, 500 ** 2 + 200 ** 2],
      )
      assert.deepEqual([get.flowGaps(view, at), get.flowDir0Packets(view, at)], [0, 5])
    })

    test('a sweep with an older clock ends nothing', () => {
      programs.ingress(udpPacket(client), start)
      assert.equal(programs.sweep(start - timeout, { pressure: true }), 0)
    })
  })
})
