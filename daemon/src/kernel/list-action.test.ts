import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byStrictness, type ListAction, type ListDoing, strongestOf } from './list-action.js'

const strongest: readonly [readonly ListAction[], ListAction | 'none'][] = [
  [[], 'none'],
  [['count'], 'count'],
  [['count', 'limit'], 'limit'],
  [['synDrop', 'limit', 'count'], 'synDrop'],
  [['drop', 'synDrop'], 'drop'],
  [['count', 'drop', 'reject'], 'reject'],
]
for (const [actions, expected] of strongest) {
  test(`of [${actions}] the strongest is ${expected}`, () => assert.equal(strongestOf(actions), expected))
}

const packets = (perSecond: number): ListDoing => ({ action: 'limit', limit: { unit: 'packets', perSecond } })
const bits = (perSecond: number): ListDoing => ({ action: 'limit', limit: { unit: 'bits', perSecond } })
const orders: readonly [string, readonly ListDoing[], readonly number[]][] = [
  [
    'limits stand before all else, which keeps its order',
    [{ action: 'drop' }, { action: 'count' }, packets(5)],
    [2, 0, 1],
  ],
  ['the lowest rate stands first', [packets(100), packets(1), packets(10)], [1, 2, 0]],
  ['a packet counts as 1,500 bytes', [packets(10), bits(119_999), bits(120_001)], [1, 0, 2]],
  [
    'a limit that lacks its rate stands behind the others',
    [{ action: 'drop' }, { action: 'limit' }, bits(1e12)],
    [2, 1, 0],
  ],
  ["a rate that is no limit's changes nothing", [{ ...packets(1), action: 'drop' }, packets(100)], [1, 0]],
]
for (const [name, lists, expected] of orders) {
  test(name, () => {
    const sorted = [...lists].sort(byStrictness)
    assert.deepEqual(
      sorted.map((list) => lists.indexOf(list)),
      expected,
    )
  })
}
