import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testDecision } from '../record/test-store.js'
import type { Decision, Mode } from './decision.js'
import { lastEndMs, strongest } from './strongest.js'

const packets = (perSecond: number) => ({ unit: 'packets', perSecond }) as const
const bits = (perSecond: number) => ({ unit: 'bits', perSecond }) as const

type Given = Partial<Decision>
const operator: Given = { origin: 'operator', createdBy: 'uid:0' }
const detector: Given = { origin: 'detector', createdBy: 'login' }
const drop: Given = { action: 'drop' }
const reject: Given = { action: 'reject' }
const count: Given = { action: 'count' }
const synDrop: Given = { action: 'synDrop' }
const limit = (perSecond: number): Given => ({ action: 'limit', limit: packets(perSecond) })
const sparing: Given = { sparesFlows: true }
const until = (expiresAtMs: number): Given => ({ expiresAtMs })

function decisionsOf(...given: readonly Given[]): Decision[] {
  return given.map((one, i) => ({
    ...testDecision({ expiresAtMs: 100, ...one }),
    number: i + 1,
    state: 'active',
    endedAtMs: 0,
  }))
}

describe('of two decisions about one target the first is in force', () => {
  const rows: readonly (readonly [string, Given, Given])[] = [
    ['a drop before a limit', { ...detector, ...drop }, { ...operator, ...limit(1) }],
    ['a drop before a SYN drop', { ...detector, ...drop }, { ...operator, ...synDrop }],
    ['a limit before a count', { ...detector, ...limit(9) }, { ...operator, ...count }],
    ['a reject before a limit', { ...detector, ...reject }, { ...operator, ...limit(1) }],
    ["an operator's drop before a reject of idsd", { ...operator, ...drop }, { ...detector, ...reject }],
    ["an operator's reject before a drop of idsd", { ...operator, ...reject }, { ...detector, ...drop }],
    ['a reject before a drop of the same', { ...detector, ...reject }, { ...detector, ...drop, ...until(0) }],
    [
      'a drop before one that spares flows',
      { ...detector, ...drop },
      { ...operator, ...drop, ...sparing, ...until(0) },
    ],
    [
      'a drop that spares flows before a limit',
      { ...detector, ...drop, ...sparing },
      { ...operator, ...limit(1) },
    ],
    [
      'a limit before one that spares flows',
      { ...detector, ...limit(100) },
      { ...operator, ...limit(1), ...sparing },
    ],
    ["an operator's limit before one of idsd", { ...operator, ...limit(9) }, { ...detector, ...limit(1) }],
    ['the lower limit', { ...operator, ...limit(1) }, { ...operator, ...limit(2), ...until(0) }],
    ['a limit before a SYN drop', { ...detector, ...limit(9) }, { ...detector, ...synDrop, ...until(0) }],
    [
      'of equals the one that lasts longer',
      { ...detector, ...drop, ...until(200) },
      { ...detector, ...drop },
    ],
    ['one without an end before all ends', { ...detector, ...drop, ...until(0) }, { ...detector, ...drop }],
  ]
  for (const [name, first, second] of rows) {
    test(name, () => {
      assert.equal(strongest(decisionsOf(first, second), 'prevent')?.number, 1)
      assert.equal(strongest(decisionsOf(second, first), 'prevent')?.number, 2)
    })
  }

  test('the order of any three does not matter', () => {
    const given = rows.flatMap(([, first, second]) => [first, second])
    given.push({ ...detector, action: 'limit', limit: bits(1e6) })
    for (let i = 0; i < given.length; i++) {
      for (let j = 0; j < i; j++) {
        for (let k = 0; k < j; k++) {
          const [a, b, c] = decisionsOf(given[i]!, given[j]!, given[k]!) as [Decision, Decision, Decision]
          const found = [
            [a, b, c],
            [c, b, a],
            [b, c, a],
            [b, a, c],
          ].map((order) => strongest(order, 'prevent')?.number)
          assert.equal(new Set(found).size, 1, `${i} ${j} ${k}: ${found.join()}`)
        }
      }
    }
  })

  test('in detect every action of idsd only counts', () => {
    for (const doing of [drop, reject, limit(1), synDrop]) {
      const [mine, its] = decisionsOf({ ...operator, ...limit(50) }, { ...detector, ...doing })
      assert.equal(strongest([mine!, its!], 'detect')?.number, 1)
    }
  })
})

describe('the end of an entry', () => {
  const rows: readonly (readonly [string, Given, Given, Mode, number])[] = [
    ['a reject goes on as long as a drop', { ...reject }, { ...drop, ...until(200) }, 'prevent', 200],
    ['a drop for ever makes it endless', { ...reject }, { ...drop, ...until(0) }, 'prevent', 0],
    [
      'one that spares flows does not make it longer',
      drop,
      { ...drop, ...sparing, ...until(200) },
      'prevent',
      100,
    ],
    ['a limit goes on as long as an equal one', limit(5), { ...limit(5), ...until(200) }, 'prevent', 200],
    ['another limit does not make it longer', limit(5), { ...limit(6), ...until(200) }, 'prevent', 100],
    ['a SYN drop does not make a limit longer', limit(5), { ...synDrop, ...until(200) }, 'prevent', 100],
    ['what only counts goes on together', limit(5), { ...drop, ...until(200) }, 'detect', 200],
  ]
  for (const [name, first, second, mode, endMs] of rows) {
    test(name, () => {
      const decisions = decisionsOf({ ...detector, ...first }, { ...detector, ...second })
      assert.equal(lastEndMs(decisions[0]!, decisions, mode), endMs)
    })
  }
})
