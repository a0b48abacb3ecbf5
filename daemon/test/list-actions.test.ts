/** What imported lists do to packets in the loaded programs, each action by itself and where lists of several meet. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../lab/packet.js'
import type { ListAction, ListDoing } from '../src/kernel/list-action.js'
import type { LoadedList } from '../src/kernel/list-maps.js'
import { findListed } from '../src/kernel/list-slots.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { openSettings } from '../src/kernel/settings.js'
import { BlockAction, BlockOrigin, BlockReason, Listed, settings } from '../src/kernel/wire.js'
import { drop, ours, ports, target } from './block-stage.js'
import { listOf, useListStage } from './list-stage.js'
import { loadUnavailable, tcDrop } from './loaded-programs.js'

const listedIndex = BlockOrigin.list * 8 + BlockReason.list
/** The first packet passes, and none for half a second. */
const slow = { unit: 'packets', perSecond: 1 } as const
const doing = (action: ListAction): ListDoing => (action === 'limit' ? { action, limit: slow } : { action })
const families = [
  ['IPv4', '198.51.100.7', '198.51.100.0/24'],
  ['IPv6', '2001:db8::7', '2001:db8::/48'],
] as const

type Kind = 'syn' | 'ack' | 'udp' | 'out'
/** Which of three packets of each kind are kept back. */
type Kept = Readonly<Record<Kind, string>>

const nothing: Kept = { syn: '...', ack: '...', udp: '...', out: '...' }
const everything: Kept = { syn: 'xxx', ack: 'xxx', udp: 'xxx', out: 'xxx' }
const syns: Kept = { ...nothing, syn: 'xxx' }
/** The bucket is one for all of them. */
const allButFirst: Kept = { syn: '.xx', ack: 'xxx', udp: 'xxx', out: '...' }
const limitedBesideSyns: Kept = { syn: 'xxx', ack: '.xx', udp: 'xxx', out: '...' }

describe('actions of lists', { skip: skipOrFail(loadUnavailable()) }, () => {
  const world = useListStage()
  const { stage } = world
  const load = (...lists: LoadedList[]) => world.lists.load('confirmed', lists)
  const words = () => new DataView(stage.programs.binding.mapMemory(stage.programs.path.fd('settings')))
  const counters = () => stage.programs.counters()
  const frame = (kind: Kind, address: string) => {
    const inward = { src: address, dst: ours(address), ...ports }
    if (kind === 'udp') return udpPacket({ ...inward, payload: 'x' })
    if (kind === 'out') return tcpPacket({ src: ours(address), dst: address, ...ports, flags: 'S' })
    return tcpPacket({ ...inward, flags: kind === 'syn' ? 'S' : 'A' })
  }
  const isKept = (kind: Kind, address: string) =>
    kind === 'out'
      ? stage.programs.egress(frame(kind, address), 0) === tcDrop
      : stage.programs.ingress(frame(kind, address), 0) === xdpDrop
  const sent = (kind: Kind, address: string, times = 3) =>
    Array.from({ length: times }, () => (isKept(kind, address) ? 'x' : '.')).join('')
  const kept = (address: string): Kept => ({
    syn: sent('syn', address),
    ack: sent('ack', address),
    udp: sent('udp', address),
    out: sent('out', address),
  })

  const single: readonly [ListAction, Kept, { packets: number; dropped: number }][] = [
    ['count', nothing, { packets: 12, dropped: 0 }],
    ['limit', allButFirst, { packets: 9, dropped: 8 }],
    ['synDrop', syns, { packets: 3, dropped: 3 }],
    ['drop', everything, { packets: 12, dropped: 12 }],
  ]
  for (const [family, address, prefix] of families) {
    for (const [action, expected, hits] of single) {
      test(`a list of ${family} that does ${action} keeps back ${JSON.stringify(expected)}`, async () => {
        const before = counters()
        await load(listOf(1, [prefix], doing(action)))
        assert.deepEqual(kept(address), expected)
        const { packets, dropped } = world.lists.hits().get(1)!
        assert.deepEqual({ packets, dropped }, hits)
        const after = counters()
        assert.equal(after.dropped[listedIndex]! - before.dropped[listedIndex]!, hits.dropped)
        assert.equal(after.limited - before.limited, action === 'limit' ? 8 : 0)
        assert.equal(after.synDropped - before.synDropped, action === 'synDrop' ? 3 : 0)
        assert.equal(after.expiredHits - before.expiredHits, 0)
        assert.equal(world.lists.find(target(address)).action, action)
      })
    }

    const meetings: readonly [readonly ListAction[], Kept][] = [
      [['count', 'limit'], allButFirst],
      [['count', 'synDrop'], syns],
      [['limit', 'synDrop'], limitedBesideSyns],
      [['count', 'limit', 'synDrop'], limitedBesideSyns],
      [['limit', 'drop'], everything],
      [['synDrop', 'drop', 'count'], everything],
    ]
    for (const [actions, expected] of meetings) {
      test(`where lists of ${family} do ${actions.join(' and ')}, the strongest acts, in whatever order`, async () => {
        const lists = actions.map((action, i) => listOf(i + 1, [prefix], doing(action)))
        await load(...lists)
        assert.deepEqual(kept(address), expected)
        await load(...lists.reverse())
        assert.deepEqual(kept(address), expected)
      })
    }

    test(`an ended list of ${family} leaves the say to those that last`, async () => {
      const over = { expiresBootUs: stage.programs.binding.clocks().bootUs - 1 }
      await load(
        listOf(1, [prefix], { action: 'drop', ...over }),
        listOf(2, [prefix], { action: 'reject', ...over }),
        listOf(3, [prefix], { ...doing('limit'), ...over }),
        listOf(4, [prefix], { action: 'synDrop' }),
      )
      assert.deepEqual(kept(address), syns)
      await load(
        listOf(3, [prefix], { ...doing('limit'), ...over }),
        listOf(4, [prefix], { action: 'synDrop', ...over }),
      )
      const before = counters().expiredHits
      assert.deepEqual(kept(address), nothing)
      assert.equal(counters().expiredHits - before, 12)
    })

    test(`of several limits of ${family} the strictest that lasts counts, of whatever unit`, async () => {
      const wide = { unit: 'packets', perSecond: 1e6 } as const
      const limits = [
        listOf(1, [prefix], { action: 'limit', limit: wide }),
        listOf(2, [prefix], { action: 'limit', limit: { unit: 'bits', perSecond: 1e11 } }),
      ]
      await load(...limits)
      assert.equal(sent('udp', address, 20), '.'.repeat(20))
      await load(...limits, listOf(3, [prefix], doing('limit')))
      assert.equal(sent('udp', address), '.xx')
      const over = { expiresBootUs: stage.programs.binding.clocks().bootUs - 1 }
      await load(...limits, listOf(3, [prefix], { ...doing('limit'), ...over }))
      assert.equal(sent('udp', address, 20), '.'.repeat(20))
      // 100 bytes at 1,000 bits a second are 0.8 s; of 100 packets a second two pass at once.
      await load(
        listOf(1, [prefix], { action: 'limit', limit: { unit: 'packets', perSecond: 100 } }),
        listOf(2, [prefix], { action: 'limit', limit: { unit: 'bits', perSecond: 1_000 } }),
      )
      assert.match(sent('ack', address, 60), /x{20}$/)
      assert.ok(world.lists.hits().get(2)!.dropped >= 20)
    })

    test(`an allow entry wins over every action of a list of ${family}, and is counted`, async () => {
      stage.allow(address)
      for (const action of ['limit', 'synDrop', 'drop', 'reject'] as const) {
        await load(listOf(1, [prefix], doing(action)))
        const before = counters().allowed
        assert.deepEqual(kept(address), nothing, action)
        assert.ok(counters().allowed - before >= 9, action)
        assert.equal(world.lists.hits().get(1)?.packets, 0, action)
      }
    })

    test(`a panic spares what a list of ${family} would keep back, and counts it`, async () => {
      const panic = openSettings(words().buffer as ArrayBuffer)
      for (const [action, hits] of [
        ['limit', 9],
        ['synDrop', 3],
        ['reject', 12],
      ] as const) {
        await load(listOf(1, [prefix], doing(action)))
        world.lists.forget(1)
        panic.panicUntilBootUs = Number.POSITIVE_INFINITY
        try {
          const before = counters().wouldDrop
          assert.deepEqual(kept(address), nothing, action)
          assert.equal(counters().wouldDrop - before, hits, action)
          const { packets, dropped } = world.lists.hits().get(1)!
          assert.deepEqual([packets, dropped], [hits, 0], action)
        } finally {
          panic.panicUntilBootUs = 0
        }
      }
    })

    test(`a decision comes first, and what it lets pass a list of ${family} judges`, async () => {
      await load(listOf(1, [prefix], { action: 'synDrop' }))
      stage.block(address, { ...drop, action: BlockAction.count })
      assert.deepEqual(kept(address), syns)
      // Both want the transport header read.
      stage.block(address, { ...drop, action: BlockAction.limit, limit: slow, sparesFlows: true })
      assert.equal(sent('syn', address, 1), 'x')
      assert.equal(sent('ack', address), 'xxx')
      stage.unblock(address)
      stage.block(prefix, { ...drop, action: BlockAction.synDrop })
      await load(listOf(1, [prefix], doing('limit')))
      assert.deepEqual(kept(address), { ...limitedBesideSyns, syn: 'xxx' })
      stage.block(address)
      assert.deepEqual(kept(address), everything)
    })

    test(`lists of ${family} on trial act while it lasts, and those confirmed after it`, async () => {
      const setTrial = (untilNs: bigint) => words().setBigUint64(settings.offset.trialUntilNs, untilNs, true)
      await load(listOf(1, [prefix]))
      try {
        await world.lists.load('trial', [listOf(1, [prefix], { action: 'synDrop' })])
        assert.deepEqual(kept(address), everything)
        setTrial(0xffff_ffff_ffff_ffffn)
        assert.deepEqual(kept(address), syns)
        await world.lists.load('trial', [listOf(1, [prefix], doing('limit'))])
        assert.deepEqual(kept(address), allButFirst)
        setTrial(1n)
        assert.deepEqual(kept(address), everything)
      } finally {
        setTrial(0n)
      }
    })
  }

  test('a limit is one for all that the list holds, of both families', async () => {
    await load(listOf(1, ['198.51.100.0/24', '2001:db8::/48'], doing('limit')))
    assert.equal(sent('udp', '198.51.100.1', 1), '.')
    assert.equal(sent('udp', '198.51.100.2', 1), 'x')
    assert.equal(sent('udp', '2001:db8::2', 1), 'x')
    assert.equal(sent('udp', '198.51.101.1'), '...')
  })

  test('an address that only a list which counts holds is charged to no limit', async () => {
    await load(
      listOf(1, ['198.51.100.0/25'], doing('limit')),
      listOf(2, ['198.51.100.0/24'], { action: 'count' }),
    )
    assert.equal(sent('udp', '198.51.100.200', 5), '.....')
    assert.equal(sent('udp', '198.51.100.1'), '.xx')
  })

  test('a load begins the bucket anew, and lets no more than a burst through', async () => {
    for (let i = 0; i < 3; i++) {
      await load(listOf(1, ['198.51.100.7'], doing('limit')))
      assert.equal(sent('udp', '198.51.100.7', 20), `.${'x'.repeat(19)}`)
    }
  })

  test('a SYN that is kept back is charged to no limit', async () => {
    await load(
      listOf(1, ['198.51.100.7'], doing('limit')),
      listOf(2, ['198.51.100.7'], { action: 'synDrop' }),
    )
    assert.equal(sent('syn', '198.51.100.7', 20), 'x'.repeat(20))
    assert.equal(sent('ack', '198.51.100.7'), '.xx')
  })

  test('neighbour discovery of who is limited or rejected passes', async () => {
    const ask = icmpPacket({ src: 'fe80::1', dst: 'ff02::1:ff00:1', type: 135, ttl: 255 })
    for (const action of ['limit', 'synDrop', 'reject'] as const) {
      await load(listOf(1, ['fe80::/10'], doing(action)))
      const before = counters().exemptNd
      for (let i = 0; i < 3; i++) assert.equal(stage.programs.ingress(ask, 0), xdpPass, action)
      assert.equal(counters().exemptNd - before, 3, action)
    }
  })

  test('what is no TCP, or cannot be read, is no SYN', async () => {
    await load(listOf(1, ['198.51.100.7'], { action: 'synDrop' }))
    const whole = frame('syn', '198.51.100.7')
    assert.equal(stage.programs.ingress(whole.slice(0, 14 + 20 + 4), 0), xdpPass)
    assert.equal(
      stage.programs.ingress(icmpPacket({ src: '198.51.100.7', dst: '203.0.113.1', type: 8 }), 0),
      xdpPass,
    )
    assert.equal(
      stage.programs.ingress(
        tcpPacket({ src: '198.51.100.7', dst: '203.0.113.1', ...ports, flags: 'SA' }),
        0,
      ),
      xdpPass,
    )
    assert.equal(stage.programs.ingress(whole, 0), xdpDrop)
  })

  test('the stack looks at the lists only while one rejects', async () => {
    const rejects = () => (settings.get.lists(words(), 0) & Listed.reject) !== 0
    await load(listOf(1, ['198.51.100.7']), listOf(2, ['198.51.100.8'], { action: 'reject' }))
    assert.ok(rejects())
    assert.deepEqual([isKept('out', '198.51.100.8'), isKept('out', '198.51.100.7')], [true, true])
    await load(listOf(1, ['198.51.100.7']))
    assert.ok(!rejects())
    await world.lists.load('trial', [listOf(2, ['198.51.100.8'], { action: 'reject' })])
    assert.ok(rejects())
    await world.lists.endTrial()
    assert.ok(!rejects())
  })

  test('a table tells the actions and limits of its lists', async () => {
    const limit = { unit: 'bits', perSecond: 64_000 } as const
    await load(
      listOf(1, ['198.51.100.7'], { action: 'reject' }),
      listOf(2, ['198.51.100.7'], { action: 'limit', limit }),
      listOf(3, ['198.51.100.7'], { action: 'synDrop' }),
    )
    const found = findListed(stage.programs.binding, stage.programs.path, target('198.51.100.7'))
    const told = found.map(({ number, action, limit: rate }) => [number, action, rate])
    assert.deepEqual(told, [
      [2, 'limit', limit],
      [1, 'reject', undefined],
      [3, 'synDrop', undefined],
    ])
  })

  test('a rate that no limit can have is refused, and what was loaded stays', async () => {
    await load(listOf(9, ['198.51.100.7']))
    for (const limit of [
      { unit: 'bits', perSecond: 500 },
      { unit: 'packets', perSecond: 1e8 },
    ] as const) {
      const list = listOf(1, ['198.51.100.8'], { action: 'limit', limit })
      await assert.rejects(load(list), { code: 'ERR_LISTS', message: /limit: .* were expected/ })
    }
    stage.mustDrop('198.51.100.7')
  })
})
