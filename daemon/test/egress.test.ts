/** What only egress sees: flows that pass through, and packets that the network card will cut up. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { tcpPacket, udpPacket } from '../../lab/packet.js'
import { flowRecord } from '../src/kernel/wire.js'
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
  words,
} from './conversation.js'
import { loadUnavailable } from './loaded-programs.js'
import { createRandom } from './random.js'

describe('egress', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: Conversation
  before(() => {
    programs = openConversation()
  })
  after(() => programs.close())
  afterEach(() => programs.reset())

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
          const packet = (way: 'in' | 'out', payload: number, flags: string, seq = 1) => {
            const ends = way === 'in' ? client : server
            return protocol === 'TCP'
              ? tcpPacket({ ...ends, flags, seq, payload: words(payload), options: words(12) })
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
                  programs.egress(packet(way, Math.min(size, payload - done), kept.join(''), 1 + done), at)
                }
              }
            }
            return ended()
          }
          assert.deepEqual(play(true), play(false))
        })
      }
    }

    test('segments before the last acknowledge a FIN of both sides, a FIN alone does not', () => {
      const closing: readonly Step[] = [
        ['in', fromClient({ flags: 'A' })],
        ['in', fromClient({ flags: 'FA' })],
        ['out', fromServer({ flags: 'FA' })],
      ]
      for (const [payload, state] of [
        [1000, 'fin2'],
        [1001, 'ready'],
      ] as const) {
        programs.talk(closing)
        programs.egressWith(fromServer({ flags: 'FA', payload: words(payload) }), start + second, {
          gsoSize: 1000,
          gsoSegs: 2,
        })
        assert.equal(only(endOf(programs.flush())).tcpState, state)
      }
    })

    test('a packet said to be offloaded that fits one segment is one', () => {
      programs.egressWith(fromServer({ flags: 'PA', payload: words(100) }), start, {
        gsoSize: 1448,
        gsoSegs: 1,
      })
      assert.equal(only(endOf(programs.flush())).packetsFwd, 1)
    })

    test('the number of segments follows from the lengths, not from what the sender says', () => {
      programs.egressWith(fromServer({ flags: 'PA', payload: words(3000) }), start, {
        gsoSize: 1000,
        gsoSegs: 60_000,
      })
      assert.equal(only(endOf(programs.flush())).packetsFwd, 3)
    })
  })
})
