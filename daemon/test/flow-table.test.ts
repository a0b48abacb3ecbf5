/** Flow accounting in the loaded programs: when records are told, how flows end, what is lost and how it is counted. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../lab/packet.js'
import { addressText } from '../src/decode/address-text.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import { kernelCall } from '../src/kernel/binding.js'
import { readFlowCount } from '../src/kernel/counters.js'
import { addressBytes } from '../src/kernel/exact-hash.js'
import { xdpPass } from '../src/kernel/replay.js'
import { openSuspects } from '../src/kernel/suspects.js'
import { sweepFlows, sweepTombstones } from '../src/kernel/sweep.js'
import { flowOpened, flowRecord, RecordType, sourceSlot } from '../src/kernel/wire.js'
import { parseTarget } from '../src/policy/address.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes, tcPass } from './loaded-programs.js'
import { createRandom } from './random.js'

const second = 1_000_000
/** Any time of a capture. */
const start = 1_000 * second
const timeout = 120 * second

const client = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }
const fromClient = (fields: Partial<Parameters<typeof tcpPacket>[0]> = {}) =>
  tcpPacket({ ...client, ...fields })
const fromServer = (fields: Partial<Parameters<typeof tcpPacket>[0]> = {}) =>
  tcpPacket({ ...server, ...fields })
const words = (bytes: number) => new Uint8Array(bytes)
const short = ({ kind, seq }: FlowRecord) => `${kind} ${seq}`

describe('flow accounting', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  before(() => {
    programs = openPrograms()
  })
  after(() => programs.close())
  afterEach(() => {
    programs.sweep(start, { flush: true })
    assert.equal(readFlowCount(programs.binding, programs.path), 0)
    assert.equal(forgetTombstones(), 0)
    programs.records()
  })

  const forgetTombstones = () => sweepTombstones(programs.binding, programs.path, true, start + 1e6 * second)
  const losses = (run: () => void, on = programs) => {
    const before = on.counters().lost
    run()
    const after = on.counters().lost
    return Object.fromEntries(
      Object.entries(after)
        .map(([cause, n]) => [cause, n - before[cause as keyof typeof before]] as const)
        .filter(([, n]) => n !== 0),
    )
  }
  /** Runs packets of the client (in) and the server (out), a millisecond apart. */
  const talk = (packets: readonly (readonly ['in' | 'out', Uint8Array])[], fromUs = start) => {
    for (const [i, [way, frame]] of packets.entries()) {
      if (way === 'in') assert.equal(programs.ingress(frame, fromUs + i * 1000), xdpPass)
      else assert.equal(programs.egress(frame, fromUs + i * 1000), tcPass)
    }
  }
  const endOf = (flows: readonly FlowRecord[]) => flows.filter((flow) => flow.kind === 'ended')
  /** The records of everything that is open now. */
  const flush = (atUs = start) => {
    programs.sweep(atUs, { flush: true })
    return programs.flows()
  }
  const only = (flows: readonly FlowRecord[]): FlowRecord => {
    assert.equal(flows.length, 1, JSON.stringify(flows))
    return flows[0] as FlowRecord
  }

  describe('records', () => {
    test('packet 1 gives an opened record, packets 2, 4, 8, 16, 64 and 256 a snapshot, the end an ended one', () => {
      const snapshots: number[] = []
      for (let packet = 1; packet <= 600; packet++) {
        programs.ingress(udpPacket({ ...client, payload: 'x' }), start + packet)
        for (const flow of programs.flows()) {
          assert.equal(flow.kind, packet === 1 ? 'opened' : 'snapshot')
          assert.equal(flow.seq, packet === 1 ? 0 : snapshots.length + 1)
          assert.equal(flow.packetsFwd, packet)
          if (packet > 1) snapshots.push(packet)
        }
      }
      assert.deepEqual(snapshots, [2, 4, 8, 16, 64, 256])
      const ended = only(flush())
      assert.deepEqual([ended.kind, ended.seq, ended.packetsFwd, ended.endReason], ['ended', 7, 600, 'flush'])
    })

    test('an opened record is at most 64 bytes and says who, what and when', () => {
      programs.ingress(fromClient({ flags: 'SEC', payload: 'abc' }), start)
      const bytes = programs.records()
      const view = new DataView(bytes.buffer)
      assert.equal(bytes.length, flowOpened.size)
      assert.ok(bytes.length <= 64)
      const { get, offset } = flowOpened
      assert.equal(get.headerType(view, 0), RecordType.opened)
      assert.equal(get.headerVersion(view, 0), 1)
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
        const ended = only(flush())
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
      talk([
        ['in', fromClient()],
        ['out', fromServer({ flags: 'SA' })],
      ])
      const ended = only(endOf(flush()))
      assert.deepEqual([ended.src, ended.packetsFwd, ended.packetsBwd], [client.src, 1, 1])
    })

    test('with equal addresses at both ends every packet is forward', () => {
      const own = { ...client, dst: client.src }
      programs.ingress(udpPacket(own), start)
      programs.ingress(udpPacket({ ...own, srcPort: own.dstPort, dstPort: own.srcPort }), start)
      const ended = only(endOf(flush()))
      assert.deepEqual([ended.packetsFwd, ended.packetsBwd], [2, 0])
    })

    test('a record urgent by its state change is in the urgent ring, first in a batch and last in seq', () => {
      talk([
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'F' })],
      ])
      // Urgent records come first in a batch: packet 3 changed the state, the others wait in the bulk ring.
      assert.deepEqual(programs.flows().map(short), ['snapshot 2', 'opened 0', 'snapshot 1'])
    })

    test('each change of the TCP state tells a snapshot, and nothing else does between the counts', () => {
      const states: string[] = []
      const steps: readonly (readonly ['in' | 'out', Uint8Array])[] = [
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
        talk([step], start + i * 1000)
        for (const flow of programs.flows()) if (i >= 16) states.push(`${i - 19} ${flow.tcpState}`)
      }
      assert.deepEqual(states, ['1 fin1', '4 fin2', '5 ready'])
    })

    test('a FIN in the first packet does not move the state, a RST in a later one ends the handshake', () => {
      talk([
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

  describe('losses', () => {
    const small = { ...smallSizes, flows: 16, bulkRingBytes: 4096, urgentRingBytes: 4096 }

    test('a full table passes the packet, counts it, and remembers the source', () => {
      const full = openPrograms({ sizes: small })
      try {
        const sources = new DataView(full.binding.mapMemory(full.path.fd('sources')))
        for (let i = 0; i < 16; i++) full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
        const lost = losses(() => {
          for (const dstPort of [22, 22, 80]) {
            assert.equal(
              full.ingress(tcpPacket({ ...client, src: '192.0.2.66', dstPort }), start + second),
              xdpPass,
            )
          }
          full.ingress(tcpPacket({ ...client, src: '192.0.2.66', flags: 'A' }), start + 2 * second)
        }, full)
        assert.deepEqual(lost, { tableFull: 4 })
        assert.equal(readFlowCount(full.binding, full.path), 16)
        // The flows that were there go on.
        assert.deepEqual(
          losses(() => full.ingress(udpPacket({ ...client, srcPort: 1000 }), start), full),
          {},
        )
        const at = slotOf(sources, '192.0.2.66')
        const { get } = sourceSlot
        assert.deepEqual(
          [
            get.packets(sources, at),
            get.syns(sources, at),
            get.firstMs(sources, at),
            get.lastMs(sources, at),
          ],
          [4, 3, (start + second) / 1000, (start + 2 * second) / 1000],
        )
        // Room again: the source gets a flow.
        full.sweep(start, { flush: true })
        full.records()
        assert.deepEqual(
          losses(() => full.ingress(tcpPacket({ ...client, src: '192.0.2.66' }), start), full),
          {},
        )
        assert.equal(readFlowCount(full.binding, full.path), 1)
      } finally {
        full.close()
      }
    })

    test('a full bulk ring loses records, counted, and nothing else', () => {
      const full = openPrograms({ sizes: { ...small, flows: 4096 } })
      try {
        const lost = losses(() => {
          for (let i = 0; i < 200; i++) full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
          full.ingress(fromClient({ flags: 'A' }), start)
          full.ingress(fromClient({ flags: 'FA' }), start)
        }, full)
        assert.equal(readFlowCount(full.binding, full.path), 201)
        const flows = full.flows()
        const told = flows.filter((flow) => flow.kind === 'opened').length
        assert.deepEqual(lost, { bulkRing: 201 - told })
        assert.ok(told > 20 && told < 100, `${told} were told`)
        // The urgent ring does not care; and seq shows that something is missing.
        assert.deepEqual(flows.filter((flow) => flow.kind !== 'opened').map(short), ['snapshot 1'])
      } finally {
        full.close()
      }
    })

    test('a full urgent ring is counted apart', () => {
      const full = openPrograms({ sizes: { ...small, flows: 4096, bulkRingBytes: 1 << 20 } })
      try {
        const lost = losses(() => {
          for (let i = 0; i < 20; i++) {
            full.ingress(fromClient({ srcPort: 1000 + i, flags: 'A' }), start)
            full.ingress(fromClient({ srcPort: 1000 + i, flags: 'R' }), start)
          }
        }, full)
        const told = full.flows().filter((flow) => flow.kind === 'snapshot').length
        assert.ok(told < 20)
        assert.deepEqual(lost, { urgentRing: 20 - told })
      } finally {
        full.close()
      }
    })

    test('a sweep that fills the ring keeps the flows for the next one', () => {
      const full = openPrograms({ sizes: { ...small, flows: 4096 } })
      try {
        for (let i = 0; i < 40; i++) {
          full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
          full.records()
        }
        const lost = losses(() => {
          const first = sweepFlows(full.binding, full.path, { nowUs: start, flush: true })
          assert.equal(first.isRingFull, true)
          assert.ok(first.ended > 0 && first.ended < 40)
          assert.equal(readFlowCount(full.binding, full.path), 40 - first.ended)
          assert.equal(full.sweep(start, { flush: true }), 40 - first.ended)
        }, full)
        assert.deepEqual(lost, {})
        const ended = full.flows()
        assert.equal(new Set(ended.map((flow) => flow.id)).size, 40)
        for (const flow of ended) assert.deepEqual([flow.kind, flow.seq], ['ended', 1])
      } finally {
        full.close()
      }
    })

    const slotOf = (view: DataView, address: string): number => {
      for (let at = 0; at < view.byteLength; at += sourceSlot.size) {
        if (
          addressText(view, at + sourceSlot.offset.address) === address &&
          sourceSlot.get.packets(view, at) > 0
        )
          return at
      }
      throw new Error(`no slot of ${address}`)
    }

    test('over the new-flow budget a scan makes no flows but is seen in its slot', () => {
      // A burst of 100 ms: at 10 a second one flow, perhaps two.
      const limited = openPrograms({ newFlowsPerSecond: 10 })
      try {
        const sources = new DataView(limited.binding.mapMemory(limited.path.fd('sources')))
        const ports = Array.from({ length: 40 }, (_, i) => 1000 + i)
        const lost = losses(() => {
          for (const dstPort of ports) limited.ingress(fromClient({ dstPort }), start)
        }, limited)
        const made = readFlowCount(limited.binding, limited.path)
        assert.ok(made >= 1 && made <= 2, `${made} flows`)
        assert.deepEqual(lost, { overBudget: 40 - made })
        const at = slotOf(sources, client.src)
        const { get } = sourceSlot
        assert.equal(get.packets(sources, at), 40 - made)
        assert.equal(get.syns(sources, at), 40 - made)
        assert.equal(get.manyDestinations(sources, at), 0)
        assert.equal(addressText(sources, at + sourceSlot.offset.destination), client.dst)
        let bits = 0
        for (
          let rest = sources.getBigUint64(at + sourceSlot.offset.ports, true);
          rest !== 0n;
          rest &= rest - 1n
        )
          bits++
        assert.ok(bits >= 20 && bits <= 40, `${bits} bits for 38 ports`)
        // A second destination is noticed; a known flow is not held back; later there is budget again.
        limited.ingress(tcpPacket({ ...client, dst: '203.0.113.2', dstPort: 1 }), start)
        assert.equal(get.manyDestinations(sources, at), 1)
        assert.deepEqual(
          losses(() => limited.ingress(fromClient({ dstPort: 1000 }), start), limited),
          {},
        )
        assert.deepEqual(
          losses(() => limited.ingress(fromClient({ dstPort: 5000 }), start + second), limited),
          {},
        )
        assert.equal(readFlowCount(limited.binding, limited.path), made + 1)
      } finally {
        limited.close()
      }
    })

    test('a source table of one slot is held by whoever sends most', () => {
      const limited = openPrograms({ newFlowsPerSecond: 1, sizes: { ...smallSizes, sources: 1 } })
      try {
        const sources = new DataView(limited.binding.mapMemory(limited.path.fd('sources')))
        const holder = () => addressText(sources, sourceSlot.offset.address)
        limited.ingress(fromClient({ dstPort: 1 }), start)
        for (let i = 0; i < 5; i++) limited.ingress(fromClient({ dstPort: 10 + i }), start)
        assert.equal(holder(), client.src)
        const lost = losses(() => {
          for (let i = 0; i < 6; i++)
            limited.ingress(fromClient({ src: '192.0.2.66', dstPort: 10 + i }), start)
        }, limited)
        assert.equal(holder(), '192.0.2.66')
        assert.ok((lost['sourceSlot'] ?? 0) >= 4)
        // After 15 s of silence the slot is free.
        for (let i = 0; i < 50; i++)
          limited.ingress(fromClient({ src: '192.0.2.66', dstPort: 10 + i }), start)
        limited.ingress(fromClient({ src: '192.0.2.99', dstPort: 5 }), start + 16 * second)
        limited.ingress(fromClient({ src: '192.0.2.99', dstPort: 6 }), start + 16 * second)
        assert.equal(holder(), '192.0.2.99')
      } finally {
        limited.close()
      }
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
        flush()
      }
    })

    test('a SYN after the end begins another flow, and before it does not', () => {
      talk([
        ['in', fromClient()],
        ['in', fromClient()],
        ['out', fromServer({ flags: 'RA' })],
      ])
      assert.deepEqual(endOf(programs.flows()), [])
      talk([['in', fromClient()]], start + second)
      const ended = only(endOf(programs.flows()))
      assert.deepEqual([ended.endReason, ended.packetsFwd, ended.packetsBwd], ['syn', 2, 1])
      const next = only(flush())
      assert.deepEqual([next.packetsFwd, next.isContinuation], [1, false])
      assert.notEqual(next.id, ended.id)
    })

    test('packets after the end are added to the flow that ended', () => {
      talk([
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'R' })],
        ['out', fromServer({ flags: 'A' })],
      ])
      const ended = only(endOf(flush()))
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
        if (ends) assert.equal(only(flush()).packetsFwd, 1)
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

    const pressure: readonly (readonly [
      string,
      readonly (readonly ['in' | 'out', Uint8Array])[],
      number | undefined,
    ])[] = [
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
        talk(packets)
        const lastUs = start + (packets.length - 1) * 1000
        programs.records()
        const at = lastUs + (quietUs ?? 60 * second)
        assert.equal(programs.sweep(at + 1), 0, 'without pressure')
        assert.equal(programs.sweep(at, { pressure: true }), 0, 'not yet')
        assert.equal(programs.sweep(at + 1, { pressure: true }), quietUs === undefined ? 0 : 1)
        if (quietUs !== undefined) assert.equal(only(programs.flows()).endReason, 'pressure')
      })
    }

    test('ends are counted by their reason', () => {
      const reasons = ['timeout', 'syn', 'icmp', 'pressure', 'flush'] as const
      const read = () => {
        const cpus = kernelCall(() =>
          programs.binding.mapLookup(programs.path.fd('cpu'), words(4)),
        ) as Uint8Array
        return cpus.length
      }
      assert.ok(read() > 0)
      programs.ingress(udpPacket(client), start)
      programs.sweep(start + timeout + 1)
      talk([
        ['in', fromClient()],
        ['in', fromClient({ flags: 'R' })],
        ['in', fromClient()],
      ])
      programs.ingress(icmpPacket({ ...client, type: 8 }), start)
      programs.ingress(icmpPacket({ ...client, type: 3, code: 3 }), start)
      programs.sweep(start + 11 * second, { pressure: true })
      programs.ingress(udpPacket({ ...client, srcPort: 77 }), start)
      const told = endOf(flush()).map((flow) => flow.endReason)
      assert.deepEqual([...new Set(told)].sort(), [...reasons].sort())
    })
  })

  describe('tombstones', () => {
    test('a TCP connection swept at 120 s keeps direction, connection time and proof, however long it is quiet', () => {
      const isn = 5000
      talk([
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
      talk([
        ['in', fromClient()],
        ['in', fromClient({ flags: 'R' })],
      ])
      programs.sweep(start + timeout + 1)
      programs.records()
      programs.egress(tcpPacket(server), start + 200 * second)
      const ended = only(endOf(flush()))
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
        const ended = only(endOf(flush()))
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
        losses(() => assert.equal(left(start + 600 * second + 1, true), 0)),
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

  describe('proof of path', () => {
    const isn = 0xffff_fffe
    const proven = () => only(endOf(flush())).pathProven
    const synAck = () => fromServer({ flags: 'SA', seq: isn, ack: 2 })

    test('the acknowledgement of the SYN-ACK that went out proves the client', () => {
      talk([
        ['in', fromClient()],
        ['out', synAck()],
        ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
      ])
      assert.equal(proven(), true)
    })
    test('the sequence number wraps', () => {
      talk([
        ['in', fromClient()],
        ['out', fromServer({ flags: 'SA', seq: 0xffff_ffff })],
        ['in', fromClient({ flags: 'A', ack: 0 })],
      ])
      assert.equal(proven(), true)
    })
    test('an acknowledgement with payload proves as well', () => {
      talk([
        ['in', fromClient()],
        ['out', synAck()],
        ['in', fromClient({ flags: 'PA', ack: 0xffff_ffff, payload: 'GET' })],
      ])
      assert.equal(proven(), true)
    })
    test('a SYN-ACK that answers the SYN that went out proves the server', () => {
      talk([
        ['out', fromServer({ flags: 'S', seq: isn })],
        ['in', fromClient({ flags: 'SA', ack: 0xffff_ffff })],
      ])
      assert.equal(proven(), true)
    })

    const unproven: readonly (readonly [string, readonly (readonly ['in' | 'out', Uint8Array])[]])[] = [
      ['a SYN alone', [['in', fromClient()]]],
      [
        'a SYN and its answer',
        [
          ['in', fromClient()],
          ['out', synAck()],
        ],
      ],
      [
        'a guessed acknowledgement',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'A', ack: isn })],
        ],
      ],
      [
        'a guessed acknowledgement with payload',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'PA', ack: 7, payload: words(500) })],
        ],
      ],
      [
        'an acknowledgement of 1 where nothing went out',
        [
          ['in', fromClient()],
          ['in', fromClient({ flags: 'A', ack: 1 })],
        ],
      ],
      [
        'data both ways',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'PA', ack: 7, payload: 'x' })],
          ['out', fromServer({ flags: 'PA', seq: 9, payload: 'y' })],
          ['in', fromClient({ flags: 'PA', ack: 10, payload: 'z' })],
        ],
      ],
      [
        'a reset with the right number',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'RA', ack: 0xffff_ffff })],
        ],
      ],
      [
        'the right number without ACK',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'P', ack: 0xffff_ffff })],
        ],
      ],
      [
        'a SYN-ACK to a SYN-ACK',
        [
          ['out', synAck()],
          ['in', fromClient({ flags: 'SA', ack: 0xffff_ffff })],
        ],
      ],
      [
        'a plain ACK to the SYN that went out',
        [
          ['out', fromServer({ flags: 'S', seq: isn })],
          ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
        ],
      ],
      [
        'a SYN-ACK seen coming in, not going out',
        [
          ['in', fromServer({ flags: 'SA', seq: isn })],
          ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
        ],
      ],
      [
        'an acknowledgement that goes out',
        [
          ['out', synAck()],
          ['out', fromClient({ flags: 'A', ack: 0xffff_ffff })],
        ],
      ],
      [
        'UDP in both directions',
        [
          ['in', udpPacket(client)],
          ['out', udpPacket(server)],
          ['in', udpPacket(client)],
          ['out', udpPacket(server)],
        ],
      ],
    ]
    for (const [name, packets] of unproven) {
      test(`${name} is no proof`, () => {
        talk(packets)
        assert.equal(proven(), false)
      })
    }

    test('the connection after a closed one has to prove itself', () => {
      talk([
        ['in', fromClient()],
        ['out', synAck()],
        ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
        ['out', fromServer({ flags: 'R' })],
      ])
      talk(
        [
          ['in', fromClient()],
          ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
        ],
        start + second,
      )
      const flows = endOf(flush())
      assert.deepEqual(
        flows.map((flow) => [flow.endReason, flow.pathProven]),
        [
          ['syn', true],
          ['flush', false],
        ],
      )
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

  describe('transit', () => {
    const attach = (ifindex: number) => {
      const key = words(4)
      new DataView(key.buffer).setUint32(0, ifindex, true)
      programs.binding.mapUpdate(programs.path.fd('attached'), key, words(4), 0)
      return () => programs.binding.mapDelete(programs.path.fd('attached'), key)
    }

    test('a flow that entered by another attached interface is counted and never told', () => {
      const detach = attach(7)
      try {
        const before = programs.counters()
        for (let i = 0; i < 10; i++)
          programs.egressWith(fromClient({ flags: i === 9 ? 'R' : 'S' }), start + i, { ingressIfindex: 7 })
        assert.equal(programs.sweep(start, { flush: true }), 1)
        const after = programs.counters()
        assert.deepEqual(programs.flows(), [])
        assert.deepEqual([after.newFlows - before.newFlows, after.transit - before.transit], [1, 1])
        assert.equal((after.packets[2] as number) - (before.packets[2] as number), 10)
      } finally {
        detach()
      }
    })

    for (const [name, ingressIfindex] of [
      ['entered by an interface that is not attached', 8],
      ['entered by the interface it leaves by', 1],
      ['begins here', 0],
    ] as const) {
      test(`a flow that ${name} is told`, () => {
        const detach = [attach(7), attach(1)]
        try {
          programs.egressWith(fromClient(), start, { ingressIfindex })
          assert.equal(only(programs.flows()).isTransit, false)
        } finally {
          for (const undo of detach) undo()
        }
      })
    }
  })

  describe('packets that the network card cuts up', () => {
    const fields = Object.entries(flowRecord.get).filter(([name]) => /^(key|flow)/.test(name)) as [
      string,
      (view: DataView, at: number, index?: number) => number,
    ][]
    /** How many records were told is not the same: one packet may pass several counts. */
    const excluded = new Set(['flowSeq', 'flowId'])
    const ended = () => {
      programs.sweep(start, { flush: true })
      const { flows, offsets, view } = programs.decoded()
      const at = offsets[flows.findIndex((flow) => flow.kind === 'ended')] as number
      return Object.fromEntries(
        fields.filter(([name]) => !excluded.has(name)).map(([name, get]) => [name, get(view, at, 0)]),
      )
    }

    for (const protocol of ['TCP', 'UDP'] as const) {
      for (let seed = 1; seed <= 40; seed++) {
        test(`${protocol} super-packets are the segments they become (seed ${seed})`, () => {
          const random = createRandom(seed * 1000 + protocol.length + (protocol === 'TCP' ? 1 : 0))
          const steps = Array.from({ length: 1 + random.below(12) }, () => ({
            way: random.pick(['in', 'out', 'out', 'out'] as const),
            size: 1 + random.below(900),
            payload: random.next() < 0.2 ? random.below(2) : random.below(3600),
            flags: random.pick(['A', 'PA', 'PA', 'A', 'FA', 'FPA', 'AU', 'ACE', 'PAE', 'FPAC']),
            gapUs: random.pick([0, 100, 1000, 1_000_000, 1_000_001, 5_500_000]),
          }))
          const packet = (way: 'in' | 'out', payload: number, flags: string) => {
            const ends = way === 'in' ? client : server
            return protocol === 'TCP'
              ? tcpPacket({ ...ends, flags, payload: words(payload), options: words(12) })
              : udpPacket({ ...ends, payload: words(payload) })
          }
          const play = (whole: boolean) => {
            let at = start
            for (const { way, size, payload, flags, gapUs } of steps) {
              at += gapUs
              if (way === 'in') {
                programs.ingress(packet(way, Math.min(payload, 1400), flags), at)
              } else if (payload <= size) {
                programs.egress(packet(way, payload, flags), at)
              } else if (whole) {
                const gsoSegs = Math.ceil(payload / size)
                programs.egressWith(packet(way, payload, flags), at, { gsoSize: size, gsoSegs })
              } else {
                for (let done = 0; done < payload; done += size) {
                  const isFirst = done === 0
                  const isLast = done + size >= payload
                  const kept = [...flags].filter(
                    (flag) => (isLast || !'FP'.includes(flag)) && (isFirst || flag !== 'C'),
                  )
                  programs.egress(packet(way, Math.min(size, payload - done), kept.join('')), at)
                }
              }
            }
            return ended()
          }
          assert.deepEqual(play(true), play(false))
        })
      }
    }

    test('a packet said to be offloaded that fits one segment is one', () => {
      programs.egressWith(fromServer({ flags: 'PA', payload: words(100) }), start, {
        gsoSize: 1448,
        gsoSegs: 1,
      })
      assert.equal(only(endOf(flush())).packetsFwd, 1)
    })

    test('the number of segments follows from the lengths, not from what the sender says', () => {
      programs.egressWith(fromServer({ flags: 'PA', payload: words(3000) }), start, {
        gsoSize: 1000,
        gsoSegs: 60_000,
      })
      assert.equal(only(endOf(flush())).packetsFwd, 3)
    })
  })

  test('the source of a swept address is written as it was told', () => {
    const bytes = addressBytes(parseTarget(client.src, 'address').bytes)
    assert.equal(addressText(new DataView(bytes.buffer), 0), client.src)
  })
})
