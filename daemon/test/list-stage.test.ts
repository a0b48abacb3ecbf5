/** Imported lists in the loaded programs: who is dropped, who is not, what is counted, and what a swap lets through. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket } from '../../lab/packet.js'
import { type LoadedList, openListMaps } from '../src/kernel/list-maps.js'
import { loadBytes } from '../src/kernel/list-memory.js'
import { findListed } from '../src/kernel/list-slots.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { openSettings } from '../src/kernel/settings.js'
import { BlockOrigin, BlockReason, listedHeader, settings, wireVersion } from '../src/kernel/wire.js'
import { count, from, target, toAddress, toNumber } from './block-stage.js'
import { listOf, useListStage } from './list-stage.js'
import { loadUnavailable } from './loaded-programs.js'
import { createRandom, type Random } from './random.js'

const listedIndex = BlockOrigin.list * 8 + BlockReason.list
const endless = 0xffff_ffff_ffff_ffffn

describe('the list stage', { skip: skipOrFail(loadUnavailable()) }, () => {
  const world = useListStage()
  const { stage } = world
  const { allow, block, mustDrop, mustPass } = stage
  const load = (...lists: LoadedList[]) => world.lists.load('confirmed', lists)
  const words = () => new DataView(stage.programs.binding.mapMemory(stage.programs.path.fd('settings')))
  const counters = () => stage.programs.counters()

  const cases: readonly {
    name: string
    entries: readonly string[]
    drops: readonly string[]
    passes: readonly string[]
  }[] = [
    {
      name: 'single addresses',
      entries: ['198.51.100.7', '2001:db8::7'],
      drops: ['198.51.100.7', '2001:db8::7'],
      passes: ['198.51.100.6', '198.51.100.8', '2001:db8::6', '2001:db8::8', '2001:db8:0:1::7'],
    },
    {
      name: 'prefixes, at their edges',
      entries: ['198.51.100.64/26', '10.0.0.0/15', '2001:db8:1::/48'],
      drops: ['198.51.100.64', '198.51.100.127', '10.0.0.0', '10.1.255.255', '2001:db8:1::'],
      passes: ['198.51.100.63', '198.51.100.128', '9.255.255.255', '10.2.0.0', '2001:db8:2::'],
    },
    {
      name: 'the ends of the IPv6 /48',
      entries: ['2001:db8:1::/48'],
      drops: ['2001:db8:1:ffff:ffff:ffff:ffff:ffff'],
      passes: ['2001:db8:0:ffff:ffff:ffff:ffff:ffff'],
    },
    {
      name: 'ranges that are no prefixes, over the border of a /16',
      entries: ['10.0.255.250-10.1.0.3', '2001:db8::ffff-2001:db8::1:2'],
      drops: ['10.0.255.250', '10.0.255.255', '10.1.0.0', '10.1.0.3', '2001:db8::ffff', '2001:db8::1:2'],
      passes: ['10.0.255.249', '10.1.0.4', '2001:db8::fffe', '2001:db8::1:3'],
    },
    {
      name: 'the first and the last address there is',
      entries: ['0.0.0.0', '255.255.255.255', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      drops: ['0.0.0.0', '255.255.255.255', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      passes: ['0.0.0.1', '255.255.255.254', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'],
    },
    {
      name: 'all of IPv4 and nothing of IPv6',
      entries: ['0.0.0.0/0'],
      drops: ['0.0.0.1', '10.0.0.1', '255.255.255.254'],
      passes: ['2001:db8::1'],
    },
    {
      name: 'all of IPv6 and nothing of IPv4',
      entries: ['::/0'],
      drops: ['2001:db8::1', 'ffff::1'],
      passes: ['10.0.0.1'],
    },
    { name: 'nothing', entries: [], drops: [], passes: ['0.0.0.0', '10.0.0.1', '2001:db8::1'] },
  ]
  for (const { name, entries, drops, passes } of cases) {
    test(`a list of ${name} drops what it holds, in and out, and nothing beside it`, async () => {
      await load(listOf(1, entries))
      mustDrop(...drops)
      mustPass(...passes)
      for (const address of drops)
        assert.deepEqual(world.lists.find(target(address)), { numbers: [1], action: 'drop' }, address)
      for (const address of passes) assert.deepEqual(world.lists.find(target(address)).numbers, [], address)
      await load()
      mustPass(...drops)
      assert.equal(settings.get.lists(words(), 0), 0)
    })
  }

  for (const seed of [1, 2, 3]) {
    test(`random lists that overlap (seed ${seed}) drop and find exactly what a slow reading of them says`, async () => {
      const random = createRandom(seed)
      const lists = randomLists(random)
      const { bytes } = await load(...lists)
      assert.ok(bytes < loadBytes(lists), `${bytes} bytes`)
      const expectations = new Map<number, number>()
      let drops = 0
      const probes = 4_000
      for (let i = 0; i < probes; i++) {
        const address = randomProbe(random, lists)
        const holders = lists.filter((list) => holds(list, address))
        const isDropped = holders.some(({ action }) => action === 'drop')
        assert.equal(stage.isDropped(address), isDropped, address)
        const { numbers } = world.lists.find(target(address))
        assert.deepEqual(
          numbers,
          holders.map(({ number }) => number),
        )
        // Once in, once out.
        for (const { number } of holders) expectations.set(number, (expectations.get(number) ?? 0) + 2)
        if (isDropped) drops++
      }
      const share = drops / probes
      assert.ok(share > 0.1 && share < 0.9, `${share} of the packets were dropped`)
      for (const [number, { packets }] of world.lists.hits())
        assert.equal(packets, expectations.get(number) ?? 0, `list ${number}`)
    })
  }

  test('a hit counts for every list that holds the address, and as dropped for those that drop', async () => {
    const before = counters()
    await load(
      listOf(1, ['198.51.100.0/24']),
      listOf(2, ['198.51.100.7']),
      listOf(3, ['198.51.0.0/16'], { action: 'count' }),
      listOf(4, ['198.51.101.0/24']),
    )
    const bytes = from('198.51.100.7').length
    stage.programs.ingress(from('198.51.100.7'), 0)
    stage.programs.ingress(from('198.51.100.8'), 0)
    stage.programs.ingress(from('198.51.7.7'), 0)
    const hits = world.lists.hits()
    const read = (number: number) => {
      const { packets, bytes, dropped } = hits.get(number)!
      return { packets, bytes, dropped }
    }
    assert.deepEqual(read(1), { packets: 2, bytes: 2 * bytes, dropped: 2 })
    assert.deepEqual(read(2), { packets: 1, bytes, dropped: 1 })
    assert.deepEqual(read(3), { packets: 3, bytes: 3 * bytes, dropped: 0 })
    assert.deepEqual(read(4), { packets: 0, bytes: 0, dropped: 0 })
    assert.ok(hits.get(1)!.lastSeenBootUs > 0)
    assert.equal(counters().dropped[listedIndex]! - before.dropped[listedIndex]!, 2)
    assert.equal(counters().wouldDrop - before.wouldDrop, 1)
  })

  test('each table tells what it counted, and keeps its pin until that is stored', async () => {
    const pinned = new Set<number>()
    const pins = {
      add: (table: number) => void pinned.add(table),
      release: () => {},
      remove: (table: number) => void pinned.delete(table),
    }
    const lists = openListMaps({ ...stage.programs, pins })
    await lists.load('confirmed', [listOf(1, ['198.51.100.7'])])
    const [first] = [...pinned]
    mustDrop('198.51.100.7')
    const { readings } = lists.counts()
    assert.deepEqual(
      readings.map(({ table, list, packets, dropped }) => [table, list, packets, dropped]),
      [[first, 1, 2, 2]],
    )
    await lists.load('confirmed', [listOf(1, ['198.51.100.7', '198.51.100.8'])])
    mustDrop('198.51.100.8')
    const after = lists.counts()
    assert.deepEqual([after.retired, after.hits.get(1)?.packets], [[first], 4])
    assert.deepEqual(
      after.readings.map(({ packets }) => packets),
      [2],
    )
    assert.equal(pinned.size, 2)
    lists.dropRetired(after.retired)
    assert.deepEqual([pinned.size, pinned.has(first as number), lists.counts().retired], [1, false, []])
    await lists.close()
    assert.equal(pinned.size, 1, 'the kernel goes on counting there')
  })

  test('what was counted is kept when the list is replaced and when it goes', async () => {
    await load(listOf(1, ['198.51.100.7']))
    mustDrop('198.51.100.7')
    await load(listOf(1, ['198.51.100.7', '198.51.100.8']))
    mustDrop('198.51.100.7', '198.51.100.8')
    assert.equal(world.lists.hits().get(1)?.packets, 6)
    await load(listOf(2, ['198.51.100.8']))
    assert.equal(world.lists.hits().get(1)?.packets, 6)
    world.lists.forget(1)
    assert.equal(world.lists.hits().get(1), undefined)
  })

  test('an address in two lists stays dropped until the last of them goes', async () => {
    await load(listOf(1, ['198.51.100.7']), listOf(2, ['198.51.100.0/24']))
    mustDrop('198.51.100.7')
    await load(listOf(2, ['198.51.100.0/24']))
    mustDrop('198.51.100.7')
    await load()
    mustPass('198.51.100.7')
  })

  test('a decision about an address stays when the list that holds it goes, and the other way round', async () => {
    await load(listOf(1, ['198.51.100.7']))
    block('198.51.100.7')
    mustDrop('198.51.100.7')
    await load()
    mustDrop('198.51.100.7')
    await load(listOf(1, ['198.51.100.7']))
    stage.unblock('198.51.100.7')
    mustDrop('198.51.100.7')
  })

  test('a decision that only counts does not hide a list that drops', async () => {
    await load(listOf(1, ['198.51.100.0/24', '2001:db8::/32']))
    for (const address of ['198.51.100.7', '2001:db8::7']) block(address, count)
    block('198.51.100.0/25', count)
    mustDrop('198.51.100.7', '2001:db8::7')
  })

  test('an allow entry wins over every list, and is counted once', async () => {
    await load(listOf(1, ['198.51.100.0/24', '2001:db8::/32']), listOf(2, ['198.51.100.7']))
    mustDrop('198.51.100.7', '2001:db8::7')
    allow('198.51.100.7')
    allow('2001:db8::/64')
    block('198.51.100.7')
    const before = counters().allowed
    mustPass('198.51.100.7', '2001:db8::7')
    assert.equal(counters().allowed - before, 4)
    mustDrop('198.51.100.8', '2001:db8:1::7')
    assert.equal(world.lists.hits().get(2)?.packets, 2)
  })

  test('a list that ended drops nothing, alive or not, and one that still lasts holds what both had', async () => {
    const { bootUs } = stage.programs.binding.clocks()
    const over = { expiresBootUs: bootUs - 1 }
    await load(
      listOf(1, ['198.51.100.7', '198.51.100.8'], over),
      listOf(2, ['198.51.100.8'], { expiresBootUs: bootUs + 3_600_000_000 }),
      listOf(3, ['198.51.100.9'], over),
      listOf(4, ['198.51.100.9'], { action: 'count' }),
    )
    const before = counters()
    mustPass('198.51.100.7', '198.51.100.9')
    mustDrop('198.51.100.8')
    assert.equal(counters().expiredHits - before.expiredHits, 2)
    assert.equal(counters().wouldDrop - before.wouldDrop, 2)
    assert.equal(world.lists.find(target('198.51.100.7')).action, 'none')
    assert.equal(world.lists.find(target('198.51.100.9')).action, 'count')
  })

  test('a panic lets what is listed pass and counts it', async () => {
    await load(listOf(1, ['198.51.100.7']))
    const panic = openSettings(words().buffer as ArrayBuffer)
    panic.panicUntilBootUs = Number.POSITIVE_INFINITY
    try {
      const before = counters().wouldDrop
      mustPass('198.51.100.7')
      assert.equal(counters().wouldDrop - before, 2)
      const { packets, dropped } = world.lists.hits().get(1)!
      assert.deepEqual([packets, dropped], [2, 0])
    } finally {
      panic.panicUntilBootUs = 0
    }
    mustDrop('198.51.100.7')
  })

  test('neighbour discovery of a listed address passes, its other packets do not', async () => {
    await load(listOf(1, ['fe80::/10', '2001:db8::/32']))
    const ask = (src: string, dst: string) => icmpPacket({ src, dst, type: 135, ttl: 255 })
    const before = counters().exemptNd
    assert.equal(stage.programs.ingress(ask('fe80::1', 'ff02::1:ff00:1'), 0), xdpPass)
    assert.equal(stage.programs.ingress(ask('2001:db8::1', '2001:db8::2'), 0), xdpPass)
    assert.equal(counters().exemptNd - before, 2)
    assert.equal(
      stage.programs.ingress(tcpPacket({ src: 'fe80::1', dst: 'fe80::2', srcPort: 1, dstPort: 2 }), 0),
      xdpDrop,
    )
  })

  test('lists on trial are in force while the trial lasts, and the confirmed ones after it, daemon or not', async () => {
    const setTrial = (untilNs: bigint) => {
      words().setBigUint64(settings.offset.trialUntilNs, untilNs, true)
    }
    await load(listOf(1, ['198.51.100.7']))
    try {
      await world.lists.load('trial', [listOf(1, ['198.51.100.8', '2001:db8::8'])])
      mustDrop('198.51.100.7')
      mustPass('198.51.100.8', '2001:db8::8')
      setTrial(endless)
      mustDrop('198.51.100.8', '2001:db8::8')
      mustPass('198.51.100.7')
      // A load of the confirmed generation leaves the trial alone.
      await load(listOf(1, ['198.51.100.7', '198.51.100.9']))
      mustPass('198.51.100.9')
      setTrial(1n)
      mustDrop('198.51.100.7', '198.51.100.9')
      mustPass('198.51.100.8', '2001:db8::8')
      setTrial(endless)
      await world.lists.endTrial()
      mustDrop('198.51.100.7', '198.51.100.9')
      mustPass('198.51.100.8')
      await world.lists.load('trial', [])
      mustPass('198.51.100.7')
      await world.lists.confirmTrial()
      setTrial(0n)
      mustPass('198.51.100.7')
      assert.equal(settings.get.lists(words(), 0), 0)
    } finally {
      setTrial(0n)
    }
  })

  test('while lists are replaced nothing that stays listed passes, and nothing unlisted drops', async () => {
    const random = createRandom(7)
    const filler = () =>
      Array.from({ length: 2_000 }, () => `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`)
    const kept = ['198.51.100.7', '2001:db8::7']
    const runs = { listed: 0, unlisted: 0 }
    await load(listOf(1, [...kept, ...filler()]))
    let isBusy = true
    const swaps = (async () => {
      for (let i = 0; i < 12; i++) await load(listOf(1 + (i % 2), [...kept, ...filler()]))
      isBusy = false
    })()
    while (isBusy) {
      mustDrop(...kept)
      mustPass('198.51.100.8', '2001:db8::8')
      runs.listed += 4
      runs.unlisted += 4
      await turn()
    }
    await swaps
    assert.ok(runs.listed > 200, `${runs.listed} packets`)
    const { packets = 0 } = world.lists.hits().get(1) ?? {}
    const { packets: others = 0 } = world.lists.hits().get(2) ?? {}
    assert.equal(packets + others, runs.listed)
  })

  test('a /16 in which every second address is listed, and one /64 likewise, are read to the last', async () => {
    const four = Uint32Array.from({ length: 65_536 }, (_, i) => 0x0a000000 + (i & ~1))
    const six = new Uint8Array(32 * 1_000)
    const view = new DataView(six.buffer)
    for (let i = 0; i < 1_000; i++) {
      for (const at of [i * 32, i * 32 + 16]) {
        view.setUint32(at, 0x20010db8)
        view.setUint32(at + 12, i * 2)
      }
    }
    await load({ number: 1, action: 'drop', expiresBootUs: 0, ranges4: four, ranges6: six })
    const random = createRandom(3)
    for (let i = 0; i < 500; i++) {
      const low = i < 4 ? [0, 1, 65_534, 65_535][i]! : random.below(65_536)
      assert.equal(stage.isDropped(`10.0.${low >> 8}.${low & 255}`), low % 2 === 0, `${low}`)
      const number = i < 2 ? [1_998, 1_999][i]! : random.below(2_100)
      assert.equal(
        stage.isDropped(toAddress(toNumber('2001:db8::') + BigInt(number), 6)),
        number % 2 === 0 && number < 2_000,
        `${number}`,
      )
    }
    mustPass('9.255.255.255', '10.1.0.0')
  })

  const faults: readonly [string, () => LoadedList[], RegExp][] = [
    ['a range that ends before it begins', () => [listOf(1, ['10.0.0.2-10.0.0.1'])], /IPv4 range 0/],
    ['an IPv6 range backwards', () => [listOf(1, ['2001:db8::2-2001:db8::1'])], /IPv6 range 0/],
    ['65 lists', () => Array.from({ length: 65 }, (_, i) => listOf(i + 1, [])), /room for 64/],
    ['a number given twice', () => [listOf(1, []), listOf(1, [])], /same number/],
    ['more sets of lists than there are numbers for', manySets, /more than 65535 ways/],
  ]
  for (const [name, lists, message] of faults) {
    test(`${name} is refused, and what was loaded stays`, async () => {
      await load(listOf(9, ['198.51.100.7']))
      await assert.rejects(load(...lists()), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_LISTS')
        assert.match(error.message, message)
        return true
      })
      mustDrop('198.51.100.7')
      assert.deepEqual(world.lists.find(target('198.51.100.7')).numbers, [9])
    })
  }

  test('a load is refused beforehand when memory lacks, with the numbers', async () => {
    const poor = openListMaps({ ...stage.programs, availableBytes: () => 2 ** 20 })
    await assert.rejects(poor.load('confirmed', [listOf(1, ['10.0.0.1'])]), {
      code: 'ERR_LISTS',
      message: /may need 11 MB .* 1 MB are available/,
    })
    assert.throws(() => poor.check([listOf(1, ['10.0.0.1'])]), { code: 'ERR_LISTS', message: /1 MB are/ })
    await poor.close()
  })

  test('what an earlier daemon left in the maps is found and stays in force, and hits count from then on', async () => {
    const { binding, path } = stage.programs
    const earlier = openListMaps({ binding, path })
    await earlier.load('confirmed', [listOf(7, ['198.51.100.7', '2001:db8::7'])])
    mustDrop('198.51.100.7')
    await earlier.close()
    mustDrop('198.51.100.7')

    const later = openListMaps({ binding, path })
    assert.deepEqual(later.find(target('198.51.100.7')), { numbers: [7], action: 'drop' })
    assert.deepEqual(
      findListed(binding, path, target('2001:db8::7')).map(({ number }) => number),
      [7],
    )
    assert.equal(later.refresh(), 0)
    mustDrop('198.51.100.7')
    await later.load('confirmed', [listOf(7, ['198.51.100.8'])])
    mustPass('198.51.100.7')
    mustDrop('198.51.100.8')
    assert.equal(later.hits().get(7)?.packets, 4)
    await later.load('confirmed', [])
    await later.close()
    assert.deepEqual(findListed(binding, path, target('198.51.100.8')), [])
  })

  test('a table of another version is no table: what it holds passes', async () => {
    const { binding, path } = stage.programs
    await load(listOf(1, ['198.51.100.7']))
    const fd = binding.openInner(path.fd('listed'), 0)!
    const head = new DataView(binding.mapMemory(fd))
    listedHeader.set.version(head, 0, wireVersion + 1)
    mustPass('198.51.100.7')
    assert.throws(() => findListed(binding, path, target('198.51.100.7')), { code: 'ERR_WIRE' })
    listedHeader.set.version(head, 0, wireVersion)
    mustDrop('198.51.100.7')
    binding.closeFd(fd)
  })

  test('a prefix is found only in the lists that hold all of it', async () => {
    await load(
      listOf(1, ['198.51.100.0/25', '198.51.100.128/25']),
      listOf(2, ['198.51.100.0/26']),
      listOf(3, ['2001:db8::/32']),
    )
    assert.deepEqual(world.lists.find(target('198.51.100.0/24')).numbers, [1])
    assert.deepEqual(world.lists.find(target('198.51.100.0/26')).numbers, [1, 2])
    assert.deepEqual(world.lists.find(target('198.51.100.0/23')).numbers, [])
    assert.deepEqual(world.lists.find(target('2001:db8:7::/48')).numbers, [3])
    assert.deepEqual(world.lists.find(target('::/0')).numbers, [])
  })

  test('the word that opens the stage is set right again after somebody changed it', async () => {
    await load(listOf(1, ['198.51.100.7']))
    assert.equal(world.lists.refresh(), 0)
    settings.set.lists(words(), 0, 0)
    mustPass('198.51.100.7')
    assert.equal(world.lists.refresh(), 1)
    mustDrop('198.51.100.7')
  })
})

/** Lists of ten thousand entries in a world that is small enough for them to meet. */
function randomLists(random: Random): LoadedList[] {
  const entry = () => {
    const isV4 = random.next() < 0.6
    const bits = isV4 ? 32 : 128
    const base = isV4
      ? (10n << 24n) + BigInt(random.below(2 ** 18))
      : toNumber('2001:db8::') + (BigInt(random.below(64)) << 64n) + BigInt(random.below(2 ** 12))
    const length = random.next() < 0.7 ? bits : bits - random.below(random.next() < 0.05 ? 12 : 5)
    const size = 1n << BigInt(bits - length)
    const first = (base / size) * size
    const text = toAddress(first, isV4 ? 4 : 6)
    return random.next() < 0.1 ? `${text}-${toAddress(first + size + 2n, isV4 ? 4 : 6)}` : `${text}/${length}`
  }
  return Array.from({ length: 7 }, (_, i) =>
    listOf(i + 1, Array.from({ length: 1_430 }, entry), { action: i % 3 === 2 ? 'count' : 'drop' }),
  )
}

/** Near what is listed, on both sides of its ends. */
function randomProbe(random: Random, lists: readonly LoadedList[]): string {
  const list = random.pick(lists)
  const step = BigInt(random.pick([-2, -1, 0, 1, 2, 40]))
  if (random.next() < 0.6)
    return toAddress(BigInt(list.ranges4[random.below(list.ranges4.length)]!) + step, 4)
  const view = new DataView(list.ranges6.buffer)
  const at = random.below(list.ranges6.length / 16) * 16
  return toAddress(((view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)) + step, 6)
}

function holds({ ranges4, ranges6 }: LoadedList, address: string): boolean {
  const number = toNumber(address)
  if (!address.includes(':')) {
    for (let i = 0; i < ranges4.length; i += 2)
      if (BigInt(ranges4[i]!) <= number && number <= BigInt(ranges4[i + 1]!)) return true
    return false
  }
  const view = new DataView(ranges6.buffer)
  const read = (at: number) => (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
  for (let at = 0; at < ranges6.length; at += 32)
    if (read(at) <= number && number <= read(at + 16)) return true
  return false
}

/** 17 lists whose overlaps are all the ways there are. */
function manySets(): LoadedList[] {
  return Array.from({ length: 17 }, (_, list) => {
    const ranges: number[] = []
    for (let i = 0; i < 2 ** 17; i++) if ((i >> list) & 1) ranges.push(i, i)
    return {
      ...{ number: list + 1, action: 'drop', expiresBootUs: 0 },
      ranges4: Uint32Array.from(ranges),
      ranges6: new Uint8Array(0),
    } as const
  })
}
