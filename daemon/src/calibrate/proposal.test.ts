import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRandom } from '../../test/random.js'
import { LEVELS } from './ladder.js'
import { type ProposalInput, propose } from './proposal.js'
import { createScoreSketch } from './score-sketch.js'
import type { SampleState, SourceRecord } from './site-sample.js'
import { type FittedDetector, fitted } from './thresholds.js'

const each = <T>(value: T) =>
  Object.fromEntries(fitted.map(({ detector }) => [detector, value])) as Record<FittedDetector, T>

/** Fires so often at each height up to this multiple of the threshold. */
const upTo = (multiple: number, times = 1): number[] => LEVELS.map((level) => (level <= multiple ? times : 0))

const record = (login: number[], given: Partial<SourceRecord> = {}): SourceRecord => ({
  ...{ firings: { login }, isKnown: false, isBlocked: false },
  ...given,
})

function input(
  sources: SampleState['sources'],
  given: Partial<ProposalInput> = {},
  state: Partial<SampleState> = {},
): ProposalInput {
  return {
    state: {
      ...{ scores: [], flows: 100_000, leftOutFlows: 0, classes: {}, distinct: [], leftOut: [] },
      ...{ sources, unkept: 0, ...state },
    },
    ...{ before: each(20), points: each(60), blockAtPoints: 100, model: undefined, alerts: 1 },
    ...{ isPinned: () => false, saidOf: () => undefined, namedScores: createScoreSketch(), minFlows: 1_000 },
    ...given,
  }
}

const login = (given: ProposalInput) => propose(given).detectors.find(({ detector }) => detector === 'login')!
const known = { isKnown: true }
/** 10 alerts in 100,000 flows are 1 in 10,000. */
const crowd = (count: number, multiple: number): SampleState['sources'] =>
  Array.from({ length: count }, (_, i) => [`10.0.0.${i}`, record(upTo(multiple), known)] as const)

const rows: readonly {
  readonly name: string
  readonly given: ProposalInput
  readonly proposed: number
  readonly rates: readonly [number, number]
}[] = [
  { name: 'nobody fired', given: input([]), proposed: 20, rates: [0, 0] },
  {
    name: 'known ones fire within what was asked for',
    given: input(crowd(10, 8)),
    proposed: 20,
    rates: [1, 1],
  },
  { name: 'known ones fire beyond it', given: input(crowd(11, 2)), proposed: 60, rates: [1.1, 0] },
  {
    name: 'one source alone fires beyond it',
    given: input([['10.0.0.1', record(upTo(8, 1_000), known)]]),
    proposed: 20,
    rates: [100, 100],
  },
  {
    name: 'strangers fire',
    given: input(crowd(50, 8).map(([source, one]) => [source, { ...one, isKnown: false }] as const)),
    proposed: 20,
    rates: [0, 0],
  },
  {
    name: 'known ones fire that are blocked',
    given: input(crowd(50, 8).map(([source, one]) => [source, { ...one, isBlocked: true }] as const)),
    proposed: 20,
    rates: [0, 0],
  },
  {
    name: 'a stranger fires once whom an operator names',
    given: input([['10.0.0.1', record(upTo(1))]], { saidOf: () => true }),
    proposed: 30,
    rates: [0.1, 0],
  },
  {
    name: 'known ones fire whom an operator excludes',
    given: input(crowd(50, 8), { saidOf: () => false }),
    proposed: 20,
    rates: [0, 0],
  },
  {
    name: 'the file names the key',
    given: input(crowd(50, 2), { isPinned: (path) => path === 'detect.login.connections' }),
    proposed: 20,
    rates: [5, 5],
  },
]

describe('proposal for a detector', () => {
  for (const { name, given, proposed, rates } of rows) {
    it(`is ${proposed} when ${name}`, () => {
      const found = login(given)
      assert.equal(found.proposed, proposed)
      assert.deepEqual([found.alertsBefore, found.alertsAfter], rates)
    })
  }

  it('stays and says so when no height does', () => {
    const { proposed, problem, seenBelow } = login(input(crowd(50, 8)))
    assert.deepEqual([proposed, seenBelow], [20, undefined])
    assert.match(problem, /^even 160 connections would fire 5 times in 10,000 flows/)
  })

  it('never takes more than the key does', () => {
    const before = { ...each(20), login: 900 }
    assert.equal(login(input(crowd(50, 1), { before })).proposed, 1_000)
  })

  it('never proposes more alerts than were asked for, nor a lower threshold, whoever did what', () => {
    const { next, below } = createRandom(3)
    for (let round = 0; round < 300; round++) {
      const alerts = 0.1 + next() * 5
      const sources = Array.from(
        { length: below(60) },
        (_, i) =>
          [
            `10.0.0.${i}`,
            record(upTo(LEVELS[below(LEVELS.length)]!, 1 + below(3)), { isKnown: next() < 0.5 }),
          ] as const,
      )
      const found = login(input(sources, { alerts }))
      assert.ok(found.proposed >= 20)
      if (found.problem === '') assert.ok(found.alertsAfter <= alerts * 3 + 0.01, JSON.stringify(found))
    }
  })

  it('says of each source what it counts as and whether it might still be blocked', () => {
    const given = input(
      [
        ['10.0.0.1', record(upTo(1, 5))],
        ['10.0.0.2', record(upTo(8, 3))],
        ['10.0.0.3', record(upTo(0.5))],
      ],
      { saidOf: (source) => (source === '10.0.0.1' ? true : undefined) },
    )
    assert.deepEqual(
      propose(given).sources.map((one) => [one.source, one.standing, one.firingsAfter, one.mayBlockAfter]),
      [
        ['10.0.0.1', 'named', 0, false],
        ['10.0.0.2', 'left_out', 3, true],
      ],
    )
  })
})

const bundle = { name: 'flow-gbt', sha256: 'ab', threshold: 0.9, isPinned: false, isScorer: true }

/** So many flows at each of these scores. */
function scores(counts: Readonly<Record<string, number>>): number[] {
  const sketch = createScoreSketch()
  for (const [score, count] of Object.entries(counts)) {
    for (let i = 0; i < count; i++) sketch.add(Number(score))
  }
  return [...sketch.counts]
}

describe('proposal for the model', () => {
  const fit = (counts: Readonly<Record<string, number>>, given: Partial<ProposalInput> = {}) =>
    propose(input([], { model: bundle, ...given }, { scores: scores(counts) })).model!

  it('is raised to where as many are left as were asked for', () => {
    const { proposed, alertsBefore, alertsAfter } = fit({ 0.1: 99_900, 0.93: 90, 0.97: 10 })
    assert.deepEqual([proposed, alertsBefore, alertsAfter], [0.931, 10, 1])
  })

  it('is lowered where many flows show that it can be, and not below 0.5', () => {
    assert.equal(fit({ 0.1: 100_000, 0.6: 10, 0.7: 2 }).proposed, 0.601)
    assert.equal(fit({ 0.1: 100_000 }).proposed, 0.5)
  })

  it('is not lowered on few flows, however low their scores', () => {
    assert.equal(fit({ 0.1: 20_000 }).proposed, 0.9)
  })

  it('is not fitted where the highest score itself is too frequent', () => {
    const { proposed, problem } = fit({ 0.1: 99_000, 1: 1_000 })
    assert.equal(proposed, 0.9)
    assert.match(problem, /^100 of 10,000 flows have the highest score/)
  })

  it('is not fitted by the scores of another bundle', () => {
    assert.match(fit({ 0.1: 100_000 }, { model: { ...bundle, isScorer: false } }).problem, /another bundle/)
  })

  it('stays where the file names it, and is not fitted when that is too low', () => {
    const pinned = { ...bundle, isPinned: true }
    const low = fit({ 0.1: 99_900, 0.93: 100 }, { model: pinned })
    assert.deepEqual([low.proposed, low.problem !== ''], [0.9, true])
    assert.equal(fit({ 0.1: 99_995, 0.93: 5 }, { model: pinned }).problem, '')
  })

  it('counts what named sources did that were left out', () => {
    const namedScores = createScoreSketch(scores({ 0.95: 100 }))
    assert.equal(fit({ 0.1: 100_000 }, { namedScores }).proposed, 0.951)
  })

  it('is not fitted by too few scores, whatever they are', () => {
    const { proposed, problem } = fit({ 0.1: 999 })
    assert.equal(proposed, 0.9)
    assert.match(problem, /^it scored 999 flows, too few/)
  })

  it('says what is missing', () => {
    const given = input([], { model: bundle }, { scores: scores({ 0.1: 10 }), flows: 12, unkept: 3 })
    assert.deepEqual(propose(given).missing.length, 3)
    assert.deepEqual(propose(input([])).missing, [])
  })
})
