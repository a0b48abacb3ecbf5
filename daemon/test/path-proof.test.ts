/** Proof of path: only an acknowledgement number shows that a source receives what is sent to it. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { udpPacket } from '../../lab/packet.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import type { Evidence } from '../src/detect/evidence.js'
import { createPathProof } from '../src/policy/path-proof.js'
import { createPolicy } from '../src/policy/policy.js'
import {
  type Conversation,
  client,
  endOf,
  fromClient,
  fromServer,
  only,
  openConversation,
  type Step,
  second,
  server,
  start,
  timeout,
  words,
} from './conversation.js'
import { loadUnavailable } from './loaded-programs.js'

describe('proof of path', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: Conversation
  before(() => {
    programs = openConversation()
  })
  after(() => programs.close())
  afterEach(() => programs.reset())

  const isn = 0xffff_fffe
  const proven = () => only(endOf(programs.flush())).pathProven
  const synAck = () => fromServer({ flags: 'SA', seq: isn, ack: 2 })

  test('the acknowledgement of the SYN-ACK that went out proves the client', () => {
    programs.talk([
      ['in', fromClient()],
      ['out', synAck()],
      ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
    ])
    assert.equal(proven(), true)
  })
  test('the sequence number wraps', () => {
    programs.talk([
      ['in', fromClient()],
      ['out', fromServer({ flags: 'SA', seq: 0xffff_ffff })],
      ['in', fromClient({ flags: 'A', ack: 0 })],
    ])
    assert.equal(proven(), true)
  })
  test('an acknowledgement with payload proves as well', () => {
    programs.talk([
      ['in', fromClient()],
      ['out', synAck()],
      ['in', fromClient({ flags: 'PA', ack: 0xffff_ffff, payload: 'GET' })],
    ])
    assert.equal(proven(), true)
  })
  test('a SYN-ACK that answers the SYN that went out proves the server', () => {
    programs.talk([
      ['out', fromServer({ flags: 'S', seq: isn })],
      ['in', fromClient({ flags: 'SA', ack: 0xffff_ffff })],
    ])
    assert.equal(proven(), true)
  })

  describe('of a connection that was open before it was first seen', () => {
    const said = words(100)
    const out = (seq: number) => ['out', fromServer({ flags: 'PA', seq, payload: said })] as const
    const ack = (number: number) => ['in', fromClient({ flags: 'A', ack: number })] as const
    const cases: readonly (readonly [string, readonly Step[], boolean])[] = [
      ['the acknowledgement of all that went out proves it', [out(5_000), ack(5_100)], true],
      ['so does the one of what went out last', [ack(77), out(5_000), out(5_100), ack(5_200)], true],
      ['its number wraps', [out(0xffff_fff0), ack(84)], true],
      ['one byte more or less does not', [out(5_000), ack(5_099), ack(5_101), ack(5_000)], false],
      [
        'nor does an acknowledgement that goes out',
        [out(5_000), ['out', fromClient({ flags: 'A', ack: 5_100 })]],
        false,
      ],
      ['nor a reset', [out(5_000), ['in', fromClient({ flags: 'RA', ack: 5_100 })]], false],
      ['nor an answer without data', [['out', fromServer({ flags: 'R', seq: 5_000 })], ack(5_000)], false],
    ]
    for (const [name, packets, isProven] of cases) {
      test(name, () => {
        programs.talk(packets)
        assert.equal(proven(), isProven)
      })
    }
  })

  const unproven: readonly (readonly [string, readonly Step[]])[] = [
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
      programs.talk(packets)
      assert.equal(proven(), false)
    })
  }

  describe('somebody who forges the address of the client and sees no answer', () => {
    const nowMs = (start + second) / 1000
    const anyAck = { seq: 2, ack: 0x1234_5678 }
    const question = udpPacket({ ...client, dstPort: 53, payload: words(40) })
    const answer = udpPacket({ ...server, srcPort: 53, payload: words(400) })
    const tricks: readonly (readonly [string, readonly Step[]])[] = [
      [
        'SYNs that are answered',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['out', synAck()],
          ['in', fromClient({ seq: 9 })],
        ],
      ],
      [
        'an ACK with payload out of nothing',
        [['in', fromClient({ flags: 'PA', ...anyAck, payload: words(200) })]],
      ],
      [
        'an ACK with payload after the SYN',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'PA', ...anyAck, payload: words(200) })],
          ['out', fromServer({ flags: 'R', seq: anyAck.ack })],
        ],
      ],
      [
        'SYNs to which the real client answers with its reset',
        [
          ['in', fromClient()],
          ['out', synAck()],
          ['in', fromClient({ flags: 'R', seq: 2 })],
        ],
      ],
      [
        'UDP queries that are answered',
        [
          ['in', question],
          ['out', answer],
          ['in', question],
          ['out', answer],
        ],
      ],
    ]

    /** Ledger and policy over the flows of the test, as the pipeline joins them. */
    function judge(flows: readonly FlowRecord[]) {
      const ledger = createPathProof()
      ledger.observe(flows, nowMs)
      const policy = createPolicy({ path: ledger.of })
      return { path: ledger.of(client.src, nowMs), verdicts: policy.judge([blame(flows)], nowMs) }
    }
    const isBare = ({ pathProven, bytesFwd, bytesBwd }: FlowRecord) =>
      pathProven && !(bytesFwd > 0 && bytesBwd > 0)
    const blame = (flows: readonly FlowRecord[]): Evidence => ({
      source: client.src,
      about: 'source',
      detector: 'scan_vertical',
      technique: 'T1046',
      severity: 'high',
      text: '',
      points: 120,
      pointsLastMs: 0,
      isProven: endOf(flows).some(isBare),
      atMs: nowMs,
      packetUs: nowMs * 1000,
      flows,
      scores: [],
    })
    const handshake: readonly Step[] = [
      ['in', fromClient({ srcPort: 50_000 })],
      ['out', fromServer({ dstPort: 50_000, flags: 'SA', seq: isn, ack: 2 })],
      ['in', fromClient({ srcPort: 50_000, flags: 'A', seq: 2, ack: 0xffff_ffff })],
    ]
    const dialogue = [
      ['in', fromClient({ srcPort: 50_000, flags: 'PA', seq: 2, ack: 0xffff_ffff, payload: 'GET' })],
      ['out', fromServer({ dstPort: 50_000, flags: 'PA', seq: 0xffff_ffff, ack: 5, payload: 'OK' })],
    ] as const

    for (const [name, packets] of tricks) {
      test(`with ${name} proves nothing, and has the address dropped for a minute`, () => {
        programs.talk(packets)
        const { path, verdicts } = judge(programs.flush())
        assert.equal(path.kind, 'unproven')
        assert.deepEqual(
          verdicts.map(({ kind, blockMs }) => [kind, blockMs]),
          [['block', 60_000]],
        )
      })

      test(`with ${name} does not have an address dropped that has a conversation`, () => {
        programs.talk([...handshake, ...dialogue, ...packets])
        const { path, verdicts } = judge(programs.flush())
        assert.deepEqual(path, { kind: 'alibi', sinceMs: start / 1000 })
        assert.deepEqual(
          verdicts.map(({ kind }) => kind),
          ['spoofable'],
        )
      })
    }

    test('is told from who completes a handshake and says nothing: that one is blocked for ten minutes', () => {
      programs.talk([...handshake, ['in', fromClient({ srcPort: 50_000, flags: 'RA', seq: 2 })]])
      const { path, verdicts } = judge(programs.flush())
      assert.equal(path.kind, 'proven')
      assert.deepEqual(
        verdicts.map(({ kind, blockMs }) => [kind, blockMs]),
        [['block', 600_000]],
      )
    })
  })

  test('the connection after a closed one has to prove itself', () => {
    programs.talk([
      ['in', fromClient()],
      ['out', synAck()],
      ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
      ['out', fromServer({ flags: 'R' })],
    ])
    programs.talk(
      [
        ['in', fromClient()],
        ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
      ],
      start + second,
    )
    const flows = endOf(programs.flush())
    assert.deepEqual(
      flows.map((flow) => [flow.endReason, flow.pathProven]),
      [
        ['syn', true],
        ['flush', false],
      ],
    )
  })

  describe('of a connection that goes on after 120 s', () => {
    const proof: readonly Step[] = [
      ['in', fromClient()],
      ['out', synAck()],
      ['in', fromClient({ flags: 'A', ack: 0xffff_ffff })],
    ]
    const cases: readonly (readonly [string, number, Uint8Array, boolean])[] = [
      ['is kept by data soon after', timeout + second, fromClient({ flags: 'PA', payload: 'x' }), true],
      ['is lost by a new SYN', timeout + second, fromClient({ flags: 'S' }), false],
      [
        'is lost after ten silent minutes',
        601 * second,
        fromClient({ flags: 'PA', payload: 'x', ack: 0xffff_ffff }),
        false,
      ],
    ]
    for (const [name, laterUs, frame, isProven] of cases) {
      for (const isSwept of [false, true]) {
        test(`${name}${isSwept ? ', over a tombstone' : ''}`, () => {
          programs.talk(proof)
          if (isSwept) programs.sweep(start + timeout + second / 2)
          programs.talk([['in', frame]], start + laterUs)
          const flows = endOf(programs.flush())
          assert.deepEqual(
            flows.map(({ endReason, pathProven }) => [endReason, pathProven]),
            [
              ['timeout', true],
              ['flush', isProven],
            ],
          )
        })
      }
    }
  })
})
