import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AddressTrace } from './address-trace.js'
import type { TableList } from './list-table.js'
import { actionOf, type ListAction, withLists } from './listed-fate.js'

const list = (action: TableList['action'], expiresBootUs = 0): TableList => ({
  number: 1,
  action,
  expiresBootUs,
})

const actions: readonly [string, readonly TableList[], ListAction][] = [
  ['no list', [], 'none'],
  ['one that drops', [list('drop')], 'drop'],
  ['one that counts', [list('count')], 'count'],
  ['one that counts and one that drops', [list('count'), list('drop', 1_001)], 'drop'],
  ['one that counts and one that dropped until now', [list('count'), list('drop', 1_000)], 'count'],
  ['one that is over', [list('drop', 999)], 'none'],
]
for (const [name, lists, expected] of actions) {
  test(`${name}: ${expected}`, () => assert.equal(actionOf(lists, 1_000), expected))
}

type Fates = Pick<AddressTrace, 'fate' | 'fateWithoutAllow'>
const fates: readonly [string, Fates, boolean, ListAction, boolean, Fates][] = [
  ['a list that drops decides where no entry does', of('passes'), false, 'drop', false, of('dropped')],
  ['a list that drops is spared in a panic', of('passes'), false, 'drop', true, of('spared')],
  ['a list that counts is not spared', of('passes'), false, 'count', true, of('counted')],
  ['an entry that drops is asked first', of('dropped'), false, 'count', false, of('dropped')],
  ['an entry that counts does not hide a list', of('counted'), false, 'drop', false, of('dropped')],
  ['an entry that rejects is asked first', of('rejected'), false, 'drop', false, of('rejected')],
  ['a list drops what an entry lets through', of('limited'), false, 'drop', false, of('dropped')],
  ['a list that counts hides no limit', of('limited'), false, 'count', false, of('limited')],
  ['a list that counts hides no SYN drop', of('syn_dropped'), false, 'count', false, of('syn_dropped')],
  [
    'an allow entry wins over a list',
    of('passes'),
    true,
    'drop',
    false,
    { fate: 'allowed', fateWithoutAllow: 'dropped' },
  ],
  ['without a list nothing changes', of('passes'), true, 'none', false, of('passes')],
]
for (const [name, trace, isAllowed, action, isPanic, expected] of fates) {
  test(name, () => {
    const allows = isAllowed ? [{ target: '198.51.100.0/24', number: 1 }] : []
    const { fate, fateWithoutAllow } = withLists({ ...trace, allows, entries: [] }, action, isPanic)
    assert.deepEqual({ fate, fateWithoutAllow }, expected)
  })
}

function of(fate: Fates['fateWithoutAllow']): Fates {
  return { fate, fateWithoutAllow: fate }
}

test('an entry decides where it keeps more back than the list does, and only there', () => {
  const entries = [{ isDeciding: true }]
  const decides = (trace: Fates, action: ListAction) =>
    withLists({ ...trace, allows: [], entries }, action, false).entries[0]?.isDeciding
  assert.deepEqual(
    [decides(of('counted'), 'drop'), decides(of('limited'), 'drop'), decides(of('dropped'), 'drop')],
    [false, false, true],
  )
  assert.equal(decides(of('limited'), 'count'), true)
})
