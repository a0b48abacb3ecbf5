import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AddressTrace } from './address-trace.js'
import type { TableList } from './list-table.js'
import { actionOf, type ListedAction, withLists } from './listed-fate.js'

const list = (action: TableList['action'], expiresBootUs = 0): TableList => ({
  number: 1,
  action,
  expiresBootUs,
})

const actions: readonly [string, readonly TableList[], ListedAction][] = [
  ['no list', [], 'none'],
  ['one that drops', [list('drop')], 'drop'],
  ['one that counts', [list('count')], 'count'],
  ['one that counts and one that drops', [list('count'), list('drop', 1_001)], 'drop'],
  ['one that counts and one that dropped until now', [list('count'), list('drop', 1_000)], 'count'],
  ['one that is over', [list('drop', 999)], 'none'],
  ['one that rejects and one that drops', [list('drop'), list('reject')], 'reject'],
  ['one that drops SYNs and one that limits', [list('limit'), list('synDrop')], 'synDrop'],
  ['one that limits and one that counts', [list('count'), list('limit')], 'limit'],
  ['one that drops and one that rejected until now', [list('drop'), list('reject', 1_000)], 'drop'],
]
for (const [name, lists, expected] of actions) {
  test(`${name}: ${expected}`, () => assert.equal(actionOf(lists, 1_000), expected))
}

type Fates = Pick<AddressTrace, 'fate' | 'fateWithoutAllow'>
const fates: readonly [string, Fates, boolean, ListedAction, boolean, Fates][] = [
  ['a list that drops decides where no entry does', of('passes'), false, 'drop', false, of('dropped')],
  ['a list that drops is spared in a panic', of('passes'), false, 'drop', true, of('spared')],
  ['a list that counts is not spared', of('passes'), false, 'count', true, of('counted')],
  ['an entry that drops is asked first', of('dropped'), false, 'count', false, of('dropped')],
  ['an entry that counts does not hide a list', of('counted'), false, 'drop', false, of('dropped')],
  ['an entry that rejects is asked first', of('rejected'), false, 'drop', false, of('rejected')],
  ['a list drops what an entry lets through', of('limited'), false, 'drop', false, of('dropped')],
  ['a list that counts hides no limit', of('limited'), false, 'count', false, of('limited')],
  ['a list that counts hides no SYN drop', of('syn_dropped'), false, 'count', false, of('syn_dropped')],
  ['a list that rejects decides where no entry does', of('passes'), false, 'reject', false, of('rejected')],
  ['a list that limits does so', of('passes'), false, 'limit', false, of('limited')],
  ['a list that drops SYNs does so', of('passes'), false, 'synDrop', false, of('syn_dropped')],
  [
    'an entry that limits is weaker than a SYN drop',
    of('limited'),
    false,
    'synDrop',
    false,
    of('syn_dropped'),
  ],
  [
    'a SYN drop of an entry hides no weaker list',
    of('syn_dropped'),
    false,
    'limit',
    false,
    of('syn_dropped'),
  ],
  ['an entry that counts is weaker than a limit', of('counted'), false, 'limit', false, of('limited')],
  [
    'an entry that drops is asked before a list rejects',
    of('dropped'),
    false,
    'reject',
    false,
    of('dropped'),
  ],
  ['a limit is spared in a panic', of('passes'), false, 'limit', true, of('spared')],
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
  const decides = (trace: Fates, action: ListedAction) =>
    withLists({ ...trace, allows: [], entries }, action, false).entries[0]?.isDeciding
  assert.deepEqual(
    [decides(of('counted'), 'drop'), decides(of('limited'), 'drop'), decides(of('dropped'), 'drop')],
    [false, false, true],
  )
  assert.equal(decides(of('limited'), 'count'), true)
})
