import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import type { LadderName } from '../enforce/decision.js'
import { testEvidence } from '../record/test-store.js'
import { createLadder, type LadderSettings, nextStep, type Step, stepInWords } from './ladder.js'

const NOW_MS = 1_000_000_000
const DECAY_MS = 1_000

describe('the next step', () => {
  const rows: readonly (readonly [string, number, number, number])[] = [
    // Last step, its end against now in ms, the step that is due of four.
    ['while the last one runs is the same: no repetition', 1, +1, 1],
    ['right after its end is one more', 1, 0, 2],
    ['within the decay is one more', 1, -(DECAY_MS - 1), 2],
    ['after one time of quiet is the same again', 1, -DECAY_MS, 1],
    ['after two times of quiet is one less', 2, -2 * DECAY_MS, 1],
    ['never falls below the first', 1, -9 * DECAY_MS, 0],
    ['never rises above the last', 3, 0, 3],
    ['of a ladder that became shorter is its last', 9, 0, 3],
  ]
  for (const [name, step, endsInMs, due] of rows) {
    test(name, () => assert.equal(nextStep({ step, endMs: NOW_MS + endsInMs }, 4, DECAY_MS, NOW_MS), due))
  }

  test('stays on the ladder, rises by one at most, falls with quiet, whatever comes', () => {
    let seed = 7
    const draw = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * below)
    }
    for (let round = 0; round < 20_000; round++) {
      const count = 1 + draw(6)
      const step = draw(count)
      const endMs = NOW_MS + draw(20_000) - 15_000
      const due = nextStep({ step, endMs }, count, DECAY_MS, NOW_MS)
      assert.ok(Number.isInteger(due) && due >= 0 && due < count, `${due} of ${count}`)
      assert.ok(due <= step + 1)
      const later = nextStep({ step, endMs }, count, DECAY_MS, NOW_MS + DECAY_MS)
      if (endMs <= NOW_MS)
        assert.ok(later === Math.max(0, due - 1) || due === count - 1, `${due} to ${later}`)
      if (NOW_MS - endMs >= count * DECAY_MS) assert.equal(due, 0)
    }
  })
})

describe('a step', () => {
  const tcp = [testEvidence({ flows: [testFlow({ protocol: 6 })] })]
  const udp = [testEvidence({ flows: [testFlow({ protocol: 17 })] })]
  const limit = { action: 'limit', limit: { unit: 'packets', perSecond: 100 } } as const
  const sparing = { sparesFlows: true } as const
  const all = ['observe', 'limit', 'syn_drop', 'drop', 'reject'] as const
  const every = { ladder: all, unprovenLadder: all }
  const rows: readonly (readonly [string, LadderSettings, LadderName, number, typeof tcp, Step])[] = [
    ['a proven source is dropped at once by default', {}, 'proven', 0, tcp, { action: 'drop' }],
    ['an unproven one too', {}, 'unproven', 0, tcp, { action: 'drop' }],
    ['a spoofable one is limited first', {}, 'spoofable', 0, tcp, { ...limit, ...sparing }],
    ['then its SYNs are dropped', {}, 'spoofable', 1, tcp, { action: 'synDrop', ...sparing }],
    ['past the end it stays there', {}, 'spoofable', 7, tcp, { action: 'synDrop', ...sparing }],
    ['a flood of UDP stays limited', {}, 'spoofable', 1, udp, { ...limit, ...sparing }],
    ['a flood of both stays limited', {}, 'spoofable', 1, [...tcp, ...udp], { ...limit, ...sparing }],
    ['observe only counts', every, 'unproven', 0, tcp, { action: 'count' }],
    ['a proven source is limited with its flows', every, 'proven', 1, tcp, limit],
    ['and its SYNs are dropped', every, 'proven', 2, tcp, { action: 'synDrop' }],
    ['without proof flows are spared', every, 'unproven', 1, tcp, { ...limit, ...sparing }],
    ['also by a SYN drop', every, 'unproven', 2, tcp, { action: 'synDrop', ...sparing }],
    ['a drop spares nothing', every, 'unproven', 3, tcp, { action: 'drop' }],
    ['reject is the last one', every, 'proven', 4, tcp, { action: 'reject' }],
  ]
  for (const [name, settings, ladder, step, evidence, expected] of rows) {
    test(name, () => assert.deepEqual(createLadder(settings).at(ladder, step, evidence), expected))
  }

  test('of a SYN flood that made no flows is a SYN drop', () => {
    const evidence = [testEvidence({ detector: 'syn_flood', flows: [] })]
    assert.equal(createLadder({}).at('spoofable', 1, evidence).action, 'synDrop')
    const rate = [testEvidence({ detector: 'rate', flows: [] })]
    assert.equal(createLadder({}).at('spoofable', 1, [...evidence, ...rate]).action, 'synDrop')
    assert.equal(createLadder({}).at('spoofable', 1, rate).action, 'limit')
    const other = [testEvidence({ detector: 'icmp_flood', flows: [] })]
    assert.equal(createLadder({}).at('spoofable', 1, [...evidence, ...other]).action, 'limit')
  })

  test('never drops who may be somebody else, and a ladder has steps', () => {
    // As a configuration that is not checked could have it.
    const harmful = { spoofableLadder: ['limit', 'drop'] } as unknown as LadderSettings
    assert.throws(() => createLadder(harmful), /policy\.spoofableLadder.*observe, limit or syn_drop/)
    assert.throws(() => createLadder({ ladder: [] }), /policy\.ladder/)
    assert.throws(() => createLadder({ limitPps: 0 }), /policy\.limitPps/)
    assert.throws(() => createLadder({ decayMs: Number.NaN }), /policy\.decayMs/)
  })

  test('is said in words', () => {
    const made = createLadder({ limitPps: 20 }).guarded
    assert.equal(stepInWords(made), 'limit to 20 packets/s, sparing flows')
    assert.equal(stepInWords({ action: 'synDrop' }), 'SYN drop')
  })
})
