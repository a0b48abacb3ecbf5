import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { openEarlierHits } from '../src/kernel/earlier-hits.js'
import { BlockAction } from '../src/kernel/wire.js'
import { drop, from, target, useBlockStage } from './block-stage.js'
import { loadUnavailable, smallSizes } from './loaded-programs.js'

describe('what entries of earlier maps met', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()

  const read = (texts: readonly string[]) => {
    const { binding, path } = stage.programs
    const earlier = openEarlierHits(binding, {
      folder: '',
      description: path.description,
      fd: (map) => path.fd(map),
      info: (map) => binding.mapInfo(path.fd(map)),
      close() {},
    })
    const found = earlier?.read(texts.map(target)) ?? []
    return new Map(found.map(({ decision, ...reading }) => [decision, reading]))
  }
  const hit = (address: string, count: number) => {
    for (let i = 0; i < count; i++) stage.programs.ingress(from(address), 0)
  }

  test('is read of addresses, prefixes and limits, and of nobody who met nothing', () => {
    const rows: readonly (readonly [string, string, number])[] = [
      ['198.51.100.1', '198.51.100.1', 1],
      ['2001:db8:1::1', '2001:db8:1::1', 2],
      ['198.51.0.0/20', '198.51.1.1', 3],
      ['198.51.2.0/24', '198.51.2.1', 4],
      ['2001:db8:2::/64', '2001:db8:2::9', 5],
    ]
    for (const [text, , count] of rows) stage.block(text, { ...drop, decision: count })
    stage.block('198.51.100.9', { ...drop, decision: 9 })
    stage.block('2001:db8:3::/64', { ...drop, decision: 10 })
    const limit = { unit: 'packets', perSecond: 1 } as const
    stage.block('198.51.100.7', { ...drop, action: BlockAction.limit, limit, decision: 7 })
    for (const [, source, count] of rows) hit(source, count)
    hit('198.51.100.7', 6)

    const found = read([...stage.blocked.keys()])
    for (const [text, source, count] of rows) {
      const { packets, bytes, lastSeenBootUs = 0 } = found.get(count) ?? {}
      assert.deepEqual([packets, bytes], [count, count * from(source).length], text)
      assert.ok(lastSeenBootUs > 0)
    }
    assert.deepEqual([found.has(9), found.has(10)], [false, false])
    const limited = found.get(7)
    assert.equal((limited?.passed ?? 0) + (limited?.limited ?? 0), 6)
    const unasked = read(['198.51.100.1'])
    assert.deepEqual([unasked.has(1), unasked.has(5)], [true, false], 'tries are asked for targets only')
  })

  test('is read of addresses that live in the trie because the set is full', () => {
    const all = Array.from({ length: smallSizes.blocks + 3 }, (_unused, i) => `10.1.${i >> 8}.${i & 255}`)
    for (const [i, text] of all.entries()) stage.block(text, { ...drop, decision: i + 1 })
    assert.ok(stage.list.overflowCount >= 3)
    for (const text of all) hit(text, 1)
    const found = read(all)
    for (const [i, text] of all.entries()) assert.equal(found.get(i + 1)?.packets, 1, text)
  })

  test('an entry that was taken out is not read', () => {
    stage.block('198.51.100.1')
    hit('198.51.100.1', 2)
    stage.unblock('198.51.100.1')
    assert.equal(read(['198.51.100.1']).size, 0)
  })
})
