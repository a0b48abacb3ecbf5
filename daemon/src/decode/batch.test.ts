import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  EndReason,
  FlowMark,
  flowOpened,
  flowRecord,
  RecordType,
  TcpState,
  wireVersion,
} from '../kernel/wire.js'
import { decodeBatch } from './batch.js'

type Write = (view: DataView) => void

/** A record with its header set, and whatever else is written. */
function record(type: number, size: number, write: Write = () => undefined): Uint8Array {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  flowRecord.set.headerType(view, 0, type)
  flowRecord.set.headerVersion(view, 0, wireVersion)
  flowRecord.set.headerLength(view, 0, size)
  flowRecord.set.headerIfindex(view, 0, 3)
  write(view)
  return bytes
}
const opened = (write?: Write) => record(RecordType.opened, flowOpened.size, write)
const full = (type: number, write?: Write) => record(type, flowRecord.size, write)
const ended = (write?: Write) => full(RecordType.ended, write)

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function address(view: DataView, at: number, last: number): void {
  for (const [i, byte] of [0xff, 0xff, 192, 0, 2, last].entries()) view.setUint8(at + 10 + i, byte)
}

const decode = (bytes: Uint8Array) => decodeBatch(bytes, { wallOffsetUs: 1_000_000 })

const writeFull: Write = (view) => {
  const { set, offset } = flowRecord
  address(view, offset.keyA, 1)
  address(view, offset.keyB, 2)
  set.keyPortA(view, 0, 1111)
  set.keyPortB(view, 0, 2222)
  set.keyProtocol(view, 0, 6)
  set.flowId(view, 0, 2 ** 52 + 1)
  set.flowSeq(view, 0, 4)
  set.flowStartUs(view, 0, 5_000_000)
  set.flowLastUs(view, 0, 250)
  set.flowDir0Packets(view, 0, 7)
  set.flowDir1Packets(view, 0, 8)
  set.flowDir0Bytes(view, 0, 2 ** 40)
  set.flowDir1Bytes(view, 0, 80)
  set.flowSyn(view, 0, 2)
  set.flowFin(view, 0, 1)
  set.flowDir0Rst(view, 0, 1)
  set.flowDir1Rst(view, 0, 2)
  set.flowState(view, 0, TcpState.ready)
  set.flowEndReason(view, 0, EndReason.syn)
}

describe('a batch of records', () => {
  test('gives a full record with every field, and where it begins', () => {
    const { flows, offsets, unknown } = decode(join(opened(), ended(writeFull)))
    assert.deepEqual([offsets, unknown], [[-1, flowOpened.size], 0])
    assert.deepEqual(flows[1], {
      kind: 'ended',
      id: 2 ** 52 + 1,
      seq: 4,
      ifindex: 3,
      src: '192.0.2.1',
      dst: '192.0.2.2',
      srcPort: 1111,
      dstPort: 2222,
      protocol: 6,
      startUs: 6_000_000,
      lastUs: 6_000_250,
      packetsFwd: 7,
      packetsBwd: 8,
      bytesFwd: 2 ** 40,
      bytesBwd: 80,
      synCount: 2,
      finCount: 1,
      rstCount: 3,
      tcpState: 'ready',
      endReason: 'syn',
      pathProven: false,
      isTransit: false,
      firstBackward: false,
      firstIngress: false,
      isContinuation: false,
    })
  })

  test('turns a flow of the larger address around', () => {
    const { flows } = decode(
      ended((view) => {
        writeFull(view)
        flowRecord.set.flowOrientation(view, 0, 1)
      }),
    )
    const { src, dst, srcPort, dstPort, packetsFwd } = flows[0]!
    assert.deepEqual([src, dst, srcPort, dstPort, packetsFwd], ['192.0.2.2', '192.0.2.1', 2222, 1111, 7])
  })

  test('says of an open flow no reason for its end', () => {
    const { flows } = decode(full(RecordType.snapshot, writeFull))
    assert.deepEqual([flows[0]?.kind, flows[0]?.endReason], ['snapshot', ''])
  })

  for (const [name, mark] of [
    ['pathProven', FlowMark.pathProven],
    ['isTransit', FlowMark.transit],
    ['firstBackward', FlowMark.firstBackward],
    ['firstIngress', FlowMark.firstIngress],
    ['isContinuation', FlowMark.continuation],
  ] as const) {
    test(`reads ${name} from its own bit, in both kinds of record`, () => {
      const { flows } = decode(
        join(
          ended((view) => flowRecord.set.flowMarks(view, 0, mark)),
          ended((view) => flowRecord.set.flowMarks(view, 0, 0xff & ~mark)),
          opened((view) => flowOpened.set.marks(view, 0, mark)),
          opened((view) => flowOpened.set.marks(view, 0, 0xff & ~mark)),
        ),
      )
      assert.deepEqual(
        flows.map((flow) => flow[name]),
        [true, false, true, false],
      )
    })
  }

  test('gives an opened record its one packet', () => {
    const { flows } = decode(
      opened((view) => {
        const { set, offset } = flowOpened
        address(view, offset.src, 1)
        address(view, offset.dst, 2)
        set.srcPort(view, 0, 1111)
        set.dstPort(view, 0, 2222)
        set.protocol(view, 0, 6)
        set.timeUs(view, 0, 5_000_000)
        set.tcpFlags(view, 0, 0x07)
        set.id(view, 0, 9)
      }),
    )
    const { kind, id, seq, src, dst, srcPort, dstPort, startUs, lastUs, ...rest } = flows[0]!
    assert.deepEqual([kind, id, seq, src, dst], ['opened', 9, 0, '192.0.2.1', '192.0.2.2'])
    assert.deepEqual([srcPort, dstPort, startUs, lastUs], [1111, 2222, 6_000_000, 6_000_000])
    assert.deepEqual([rest.packetsFwd, rest.packetsBwd], [1, 0])
    assert.deepEqual([rest.synCount, rest.finCount, rest.rstCount], [1, 1, 1])
  })

  for (const [name, bytes] of [
    ['another version', record(RecordType.ended, flowRecord.size, (v) => v.setUint8(1, wireVersion + 1))],
    ['an unknown type', record(9, 64)],
    ['an opened record of another length', record(RecordType.opened, flowOpened.size + 8)],
    ['a full record of another length', record(RecordType.ended, flowRecord.size - 8)],
    ['a header alone', record(0, 8)],
  ] as const) {
    test(`skips ${name}, counts it, and reads on behind it`, () => {
      const { flows, offsets, unknown } = decode(join(opened(), bytes, ended()))
      assert.deepEqual(
        flows.map((flow) => flow.kind),
        ['opened', 'ended'],
      )
      assert.deepEqual(offsets, [-1, flowOpened.size + bytes.length])
      assert.equal(unknown, 1)
    })
  }

  for (const [name, tail] of [
    ['a record that is cut short', ended().subarray(0, 439)],
    ['a length below the header', record(RecordType.ended, flowRecord.size, (v) => v.setUint16(2, 7, true))],
    ['a length of 0', new Uint8Array(64)],
    ['less than a header', new Uint8Array(7)],
  ] as const) {
    test(`keeps what stands before ${name}, and counts the rest once`, () => {
      const { flows, unknown } = decode(join(opened(), tail))
      assert.equal(flows.length, 1)
      assert.equal(unknown, 1)
    })
  }

  test('without bytes holds nothing', () => {
    assert.deepEqual(decode(new Uint8Array(0)), { flows: [], offsets: [], unknown: 0 })
  })

  test('reads records that begin inside a larger buffer', () => {
    const large = join(new Uint8Array(3), ended(writeFull))
    const { flows, offsets } = decode(large.subarray(3))
    assert.deepEqual([flows[0]?.src, offsets], ['192.0.2.1', [0]])
  })
})
