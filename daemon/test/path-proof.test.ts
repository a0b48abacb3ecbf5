/** Proof of path: only an acknowledgement number shows that a source receives what is sent to it. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { udpPacket } from '../../lab/packet.js'
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
