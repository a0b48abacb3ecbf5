import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectorName, Evidence } from '../detect/evidence.js'
import { testFlow } from '../detect/test-flow.js'
import type { PathStanding } from './path-proof.js'
import { createPolicy, type PolicyOptions } from './policy.js'
import { strengthOf } from './strength.js'
import type { Verdict } from './verdict.js'

const NOW_MS = 1_000_000
const SOURCE = '10.0.0.1'
const DAY_MS = 86_400_000

function evidence(
  detector: DetectorName,
  points: number,
  atMs = NOW_MS,
  given: Partial<Evidence> = {},
): Evidence {
  return {
    source: SOURCE,
    about: 'source',
    detector,
    technique: '',
    severity: 'low',
    text: detector,
    points,
    pointsLastMs: 0,
    isProven: true,
    atMs,
    packetUs: atMs * 1_000,
    flows: [],
    scores: [],
    ...given,
  }
}

const hits = (count: number) => Array.from({ length: count }, () => evidence('model', 5))
const forged = (points = 120, atMs = NOW_MS) => evidence('scan_vertical', points, atMs, { isProven: false })
const alibi: PathStanding = { kind: 'alibi', sinceMs: Date.UTC(2020, 0, 2, 3, 4, 5) }
const proven: PathStanding = { kind: 'proven', sinceMs: 0 }

describe('points', () => {
  test('60 pass, 120 block for ten minutes with all the evidence', () => {
    const policy = createPolicy()
    assert.deepEqual(policy.judge([evidence('scan_vertical', 60)], NOW_MS), [])
    const [verdict, ...rest] = policy.judge([evidence('login', 60, NOW_MS + 900)], NOW_MS + 900)
    assert.deepEqual(rest, [])
    assert.equal(verdict!.kind, 'block')
    assert.equal(verdict!.source, SOURCE)
    assert.equal(verdict!.origin, 'detector')
    assert.equal(verdict!.reason, 'scan_vertical 60 + login 60: 120 points in 0.9 s (block at 100)')
    assert.equal(verdict!.points, 120)
    assert.equal(verdict!.blockMs, 600_000)
    assert.deepEqual(
      verdict!.evidence.map(({ detector }) => detector),
      ['scan_vertical', 'login'],
    )
  })

  test('exactly 100 block, 99 do not', () => {
    assert.equal(createPolicy().judge([evidence('login', 100)], NOW_MS).length, 1)
    assert.equal(createPolicy().judge([evidence('login', 99)], NOW_MS).length, 0)
  })

  test('of before the clock was set back by a day count no more, and neither does what stood', () => {
    const policy = createPolicy()
    policy.judge([evidence('login', 60)], NOW_MS)
    policy.resume('10.0.0.9', NOW_MS + 60_000)
    const earlierMs = NOW_MS - DAY_MS
    assert.deepEqual(policy.judge([evidence('login', 60, earlierMs)], earlierMs), [])
    assert.equal(policy.points(SOURCE, earlierMs), 60)
    const other = evidence('login', 120, earlierMs, { source: '10.0.0.9' })
    assert.equal(policy.judge([other], earlierMs).length, 1)
  })

  test('of two sources do not add up', () => {
    const batch = [evidence('login', 60), evidence('login', 60, NOW_MS, { source: '10.0.0.2' })]
    assert.deepEqual(createPolicy().judge(batch, NOW_MS), [])
  })

  const lasting: readonly (readonly [string, number, number, number])[] = [
    ['for 60 s', 60_000, 0, 60_000],
    ['for 60 s when the window of the detector is shorter', 60_000, 30_000, 60_000],
    ['for twice the window of the detector when that is longer', 60_000, 1_200_000, 1_200_000],
    ['as long as is configured', 3_000, 0, 3_000],
  ]
  for (const [name, pointsLastMs, evidenceLastsMs, expectedMs] of lasting) {
    test(`count ${name}, and no longer`, () => {
      const policy = createPolicy({ pointsLastMs })
      policy.judge([evidence('slow_scan', 60, NOW_MS, { pointsLastMs: evidenceLastsMs })], NOW_MS)
      assert.equal(policy.points(SOURCE, NOW_MS + expectedMs - 1), 60)
      assert.equal(policy.points(SOURCE, NOW_MS + expectedMs), 0)
      const later = NOW_MS + expectedMs
      assert.deepEqual(policy.judge([evidence('login', 60, later)], later), [])
    })
  }

  test('of the model alone reach 40 and never block', () => {
    const policy = createPolicy()
    assert.deepEqual(policy.judge(hits(50), NOW_MS), [])
    assert.equal(policy.points(SOURCE, NOW_MS), 40)
  })

  test('of the model at its cap and one scan block together, as a detector', () => {
    const policy = createPolicy()
    policy.judge(hits(8), NOW_MS)
    const [verdict] = policy.judge([evidence('scan_vertical', 60)], NOW_MS)
    assert.equal(verdict!.origin, 'detector')
    assert.equal(verdict!.reason, 'model 40 + scan_vertical 60: 100 points at once (block at 100)')
  })

  test('of twenty hits block as the model with modelMayBlock', () => {
    const policy = createPolicy({ modelMayBlock: true })
    assert.deepEqual(policy.judge(hits(19), NOW_MS), [])
    assert.equal(policy.judge(hits(1), NOW_MS)[0]!.origin, 'model')
  })

  test('of many model hits do not push out the firing of a detector', () => {
    const policy = createPolicy()
    policy.judge([evidence('login', 50), ...hits(300).map((hit) => ({ ...hit, points: 1 }))], NOW_MS)
    assert.equal(policy.points(SOURCE, NOW_MS), 90)
  })

  const ignored: readonly (readonly [string, Partial<Evidence>])[] = [
    ['evidence without points', { points: 0 }],
    ['evidence about a destination', { about: 'destination', points: 500 }],
  ]
  for (const [name, given] of ignored) {
    test(`are not made by ${name}, which leads to neither verdict nor suspicion`, () => {
      const policy = createPolicy()
      assert.deepEqual(policy.judge([evidence('exfiltration', 500, NOW_MS, given)], NOW_MS), [])
      assert.deepEqual([policy.suspects(NOW_MS), policy.sources], [[], 0])
    })
  }

  test('make suspects while they count', () => {
    const policy = createPolicy()
    const other = evidence('login', 60, NOW_MS + 10, { source: '10.0.0.2' })
    policy.judge([evidence('model', 5), other], NOW_MS + 10)
    assert.deepEqual(policy.suspects(NOW_MS + 20), [SOURCE, '10.0.0.2'])
    assert.deepEqual(policy.suspects(NOW_MS + 60_005), ['10.0.0.2'])
  })

  test('are held for a bounded number of sources, the least recent leaves and is counted', () => {
    const policy = createPolicy({ maxSources: 2 })
    for (const source of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3']) {
      policy.judge([evidence('model', 5, NOW_MS, { source })], NOW_MS)
    }
    assert.deepEqual(policy.suspects(NOW_MS), ['10.0.0.1', '10.0.0.3'])
    assert.equal(policy.evicted, 1)
  })
})

describe('a running block', () => {
  test('keeps its source from a second verdict and is not prolonged by hits', () => {
    const policy = createPolicy()
    const firing = (atMs: number) => policy.judge([evidence('login', 120, atMs)], atMs).length
    assert.equal(firing(NOW_MS), 1)
    assert.equal(firing(NOW_MS + 599_999), 0)
    assert.equal(firing(NOW_MS + 600_000), 1)
  })

  test('of full length leaves nothing that counts again', () => {
    const policy = createPolicy()
    policy.judge([evidence('slow_scan', 120, NOW_MS, { pointsLastMs: 1_200_000 })], NOW_MS)
    assert.equal(policy.points(SOURCE, NOW_MS), 0)
    const after = NOW_MS + 600_000
    assert.deepEqual(policy.judge([evidence('login', 60, after)], after), [])
    assert.equal(policy.judge([evidence('login', 60, after)], after).length, 1)
  })

  test('that was made elsewhere keeps its source from a verdict until it ends, in any order', () => {
    const policy = createPolicy()
    policy.resume('10.0.0.2', Number.POSITIVE_INFINITY)
    policy.resume(SOURCE, NOW_MS + 5_000)
    const firing = (atMs: number) => policy.judge([evidence('login', 120, atMs)], atMs).length
    assert.equal(firing(NOW_MS + 4_999), 0)
    assert.equal(firing(NOW_MS + 5_000), 1)
    const other = evidence('login', 120, NOW_MS + 5_000, { source: '10.0.0.2' })
    assert.deepEqual(policy.judge([other], NOW_MS + 5_000), [])
  })

  test('that was forgotten lets its source begin anew', () => {
    const policy = createPolicy()
    policy.judge([evidence('login', 120)], NOW_MS)
    policy.forget(SOURCE)
    assert.equal(policy.points(SOURCE, NOW_MS), 0)
    assert.deepEqual(policy.judge([evidence('login', 60)], NOW_MS), [])
    assert.equal(policy.judge([evidence('login', 60)], NOW_MS).length, 1)
  })

  test('does not count when all are reconsidered, and the points do', () => {
    const policy = createPolicy()
    policy.judge([forged()], NOW_MS)
    assert.deepEqual(policy.judge([forged(5)], NOW_MS), [])
    policy.reconsider()
    assert.equal(policy.judge([forged(5)], NOW_MS)[0]?.points, 130)
  })

  test('is forgotten after its end, whatever stands before it', () => {
    const policy = createPolicy({ maxSources: 2 })
    policy.resume('10.0.0.8', NOW_MS + DAY_MS)
    policy.resume('10.0.0.9', NOW_MS + 1_000)
    policy.judge([], NOW_MS + 20_000)
    policy.resume('10.0.0.7', NOW_MS + DAY_MS)
    assert.equal(policy.evicted, 0)
  })
})

describe('repeats', () => {
  function blockWith(repeats: number, options: PolicyOptions = {}) {
    const asked: unknown[] = []
    const policy = createPolicy({
      ...options,
      repeats: (...question) => {
        asked.push(question)
        return repeats
      },
    })
    const [verdict] = policy.judge([evidence('login', 120)], NOW_MS)
    return { verdict: verdict!, asked }
  }

  const lengths: readonly (readonly [number, number])[] = [
    [0, 10],
    [1, 40],
    [2, 160],
    [3, 640],
    [4, 1_440],
    [5, 1_440],
    [10_000, 1_440],
  ]
  for (const [repeats, minutes] of lengths) {
    test(`${repeats} blocks before make ${minutes} min`, () => {
      assert.equal(blockWith(repeats).verdict.blockMs, minutes * 60_000)
    })
  }

  test('are asked for within 7 days, longer than an unproven block, once and only at a verdict', () => {
    const { verdict, asked } = blockWith(2)
    assert.deepEqual(asked, [[SOURCE, NOW_MS - 7 * DAY_MS, 60_000]])
    assert.match(verdict.reason, /\(block at 100\); blocked 2 times before in 7 days$/)
    let questions = 0
    const policy = createPolicy({ repeats: () => questions++ })
    policy.judge([evidence('login', 60)], NOW_MS)
    policy.judge([forged(60)], NOW_MS)
    policy.judge([forged()], NOW_MS)
    assert.equal(questions, 1)
  })

  test('one is said as once', () => {
    assert.match(blockWith(1).verdict.reason, /; blocked once before in 7 days$/)
  })

  test('with a factor of 1 all blocks are of one length', () => {
    assert.equal(blockWith(9, { repeatFactor: 1 }).verdict.blockMs, 600_000)
  })
})

describe('proof of path', () => {
  const cases: readonly (readonly [string, readonly Evidence[], PathStanding['kind'], string, number])[] = [
    ['unproven evidence, nothing known', [forged()], 'unproven', 'block', 60_000],
    ['unproven evidence, a bare connection', [forged()], 'proven', 'block', 600_000],
    ['unproven evidence, an alibi', [forged()], 'alibi', 'spoofable', 60_000],
    ['a proven behaviour, nothing known', [evidence('login', 120)], 'unproven', 'block', 600_000],
    ['a proven behaviour, an alibi', [evidence('login', 120)], 'alibi', 'block', 600_000],
    ['a proven behaviour among forged ones', [forged(60), evidence('login', 60)], 'alibi', 'block', 600_000],
    [
      'a proven hit of the model beside it, nothing known',
      [forged(60), ...hits(8)],
      'unproven',
      'block',
      600_000,
    ],
    ['a proven hit of the model beside it, an alibi', [forged(60), ...hits(8)], 'alibi', 'spoofable', 60_000],
  ]
  for (const [name, found, path, kind, blockMs] of cases) {
    test(`${name}: ${kind} for ${blockMs / 1000} s`, () => {
      const policy = createPolicy({ path: () => ({ kind: path, sinceMs: 0 }) })
      const [verdict] = policy.judge(found, NOW_MS)
      assert.deepEqual([verdict?.kind, verdict?.blockMs], [kind, blockMs])
    })
  }

  test('an honest user of whom the model is suspicious is not blocked by what others forge', () => {
    const policy = createPolicy({ path: () => alibi, repeats: () => assert.fail('no full block') })
    const kinds = policy.judge([...hits(50), forged(600)], NOW_MS).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['spoofable'])
  })

  test('proven points of the model that suffice alone prove with modelMayBlock', () => {
    const policy = createPolicy({ modelMayBlock: true, path: () => alibi })
    assert.equal(policy.judge(hits(20), NOW_MS)[0]?.kind, 'block')
  })

  const reasons: readonly (readonly [PathStanding, string])[] = [
    [{ kind: 'unproven', sinceMs: 0 }, '; path unproven: at most 60 s'],
    [
      alibi,
      '; spoofable: 10.0.0.1 has an open conversation (alibi since 2020-01-02T03:04:05Z); ' +
        'step 1 of 2: limit to 100 packets/s, sparing flows',
    ],
    [proven, ''],
  ]
  for (const [path, clause] of reasons) {
    test(`${path.kind} is said as '${clause}'`, () => {
      const [verdict] = createPolicy({ path: () => path }).judge([forged()], NOW_MS)
      assert.equal(verdict?.reason, `scan_vertical 120: 120 points at once (block at 100)${clause}`)
    })
  }

  test('an unproven source whose evidence goes on is blocked again when its block ends', () => {
    const policy = createPolicy()
    const firing = (atMs: number) => policy.judge([forged(120, atMs)], atMs).length
    assert.deepEqual([NOW_MS, NOW_MS + 59_999, NOW_MS + 60_000].map(firing), [1, 0, 1])
  })

  test('evidence of a short block counts to the end of its own time', () => {
    const policy = createPolicy()
    const slow = { isProven: false, pointsLastMs: 1_200_000 }
    policy.judge([evidence('slow_scan', 120, NOW_MS, slow)], NOW_MS)
    assert.equal(policy.judge([forged(5, NOW_MS + 60_000)], NOW_MS + 60_000)[0]?.points, 125)
    assert.deepEqual(policy.judge([forged(5, NOW_MS + 1_200_000)], NOW_MS + 1_200_000), [])
  })

  test('no block without proof is longer than a configured one', () => {
    const policy = createPolicy({ blockMs: 5_000 })
    const [verdict] = policy.judge([forged()], NOW_MS)
    assert.equal(verdict?.blockMs, 5_000)
    assert.match(verdict?.reason ?? '', /at most 5 s$/)
  })
})

describe('a spoofable source', () => {
  test('is recorded at most once in 60 s', () => {
    const policy = createPolicy({ path: () => alibi })
    const firing = (atMs: number) => policy.judge([forged(120, atMs)], atMs).length
    assert.deepEqual(
      [0, 1, 59_999, 60_000, 119_999].map((ms) => firing(NOW_MS + ms)),
      [1, 0, 0, 1, 0],
    )
  })

  test('is blocked at once when it proves itself or its alibi is over', () => {
    let path = alibi
    const policy = createPolicy({ path: () => path })
    policy.judge([forged()], NOW_MS)
    path = { kind: 'unproven', sinceMs: 0 }
    assert.equal(policy.judge([forged(5)], NOW_MS + 1)[0]?.blockMs, 60_000)
    const other = createPolicy({ path: () => alibi })
    other.judge([forged()], NOW_MS)
    assert.equal(other.judge([evidence('login', 60)], NOW_MS + 1)[0]?.blockMs, 600_000)
  })

  test('is held back again only for what a detector sees, not for what the model thinks of its own flows', () => {
    const policy = createPolicy({ path: () => alibi })
    policy.judge([forged()], NOW_MS)
    const later = NOW_MS + 60_000
    assert.deepEqual(
      policy.judge([evidence('scan_vertical', 5, later - 1, { isProven: false })], later - 1),
      [],
    )
    policy.judge([forged(120, later - 1)], later - 1)
    assert.deepEqual(policy.judge([evidence('model', 5, later)], later), [])
    assert.equal(policy.judge([forged(5, later + 1)], later + 1)[0]?.kind, 'spoofable')
    const trusting = createPolicy({ path: () => alibi, modelMayBlock: true })
    trusting.judge([forged(99)], NOW_MS)
    assert.equal(
      trusting.judge([evidence('model', 5, NOW_MS, { isProven: false })], NOW_MS)[0]?.kind,
      'spoofable',
    )
  })

  test('whose record stands already gets no second one, and a block', () => {
    const policy = createPolicy({ path: () => alibi })
    policy.resume(SOURCE, NOW_MS + 30_000, strengthOf({ action: 'limit', sparesFlows: true }))
    assert.deepEqual(policy.judge([forged()], NOW_MS), [])
    assert.equal(policy.judge([evidence('login', 60)], NOW_MS)[0]?.kind, 'block')
  })
})

describe('settings', () => {
  test('change while points and blocks stay', () => {
    const policy = createPolicy()
    policy.judge([evidence('login', 60), evidence('login', 120, NOW_MS, { source: '10.0.0.2' })], NOW_MS)
    policy.configure({ blockAtPoints: 50, blockMs: 1_000 })
    assert.equal(policy.points(SOURCE, NOW_MS), 60)
    const batch = [evidence('model', 5), evidence('login', 120, NOW_MS, { source: '10.0.0.2' })]
    const verdicts = policy.judge(batch, NOW_MS).map(({ source, blockMs }) => [source, blockMs])
    assert.deepEqual(verdicts, [[SOURCE, 1_000]])
  })

  test('that are wrong are named and leave the others in place', () => {
    const policy = createPolicy({ blockAtPoints: 50 })
    assert.throws(() => policy.configure({ repeatFactor: 0.5 }), /policy\.repeatFactor/)
    assert.equal(policy.judge([evidence('login', 60)], NOW_MS).length, 1)
    assert.throws(() => createPolicy({ blockMs: 0 }), /policy\.blockMs/)
    assert.throws(() => createPolicy({ blockAtPoints: Number.NaN }), /policy\.blockAtPoints/)
    assert.throws(() => createPolicy({ maxSources: 0 }), /policy\.maxSources/)
  })
})

describe('without the points of a tripped origin', () => {
  const tripped = (...names: DetectorName[]) => createPolicy({ tripped: new Set(names) })
  const login = evidence('login', 60)
  const scan = evidence('scan_vertical', 60)
  const rate = evidence('rate', 60)

  const rows: readonly (readonly [string, DetectorName[], Evidence[], Verdict['kind'] | undefined])[] = [
    ['a source is only recorded when it would be no block', ['login'], [login, scan], 'would_block'],
    ['it is blocked when the others suffice', ['login'], [login, scan, rate], 'block'],
    ['it is recorded when the others are tripped too', ['login', 'rate'], [login, scan, rate], 'would_block'],
    ['it passes under the threshold as before', ['login'], [login], undefined],
    ['it is blocked when another origin is tripped', ['model'], [login, scan], 'block'],
  ]
  for (const [name, names, given, kind] of rows) {
    test(name, () => assert.equal(tripped(...names).judge(given, NOW_MS)[0]?.kind, kind))
  }

  test('what is recorded says so, and what blocks rests on the others alone', () => {
    const policy = tripped('login')
    const [held] = policy.judge([login, scan], NOW_MS)
    assert.match(held?.reason ?? '', /; only counts: the breaker of login is tripped$/)
    const [verdict, ...rest] = policy.judge([evidence('rate', 60, NOW_MS + 1)], NOW_MS + 1)
    assert.deepEqual([verdict?.kind, rest.length, verdict?.points], ['block', 0, 120])
    assert.deepEqual(
      verdict?.evidence.map(({ detector }) => detector),
      ['scan_vertical', 'rate'],
    )
  })

  test('it is recorded once, not at each evidence', () => {
    const policy = tripped('login')
    const made = [0, 1, 2].map(
      (ms) => policy.judge([evidence('login', 120, NOW_MS + ms)], NOW_MS + ms).length,
    )
    assert.deepEqual(made, [1, 0, 0])
  })
})

test('a lifted /64 forgets points and blocks of all its addresses, and of no others', () => {
  const policy = createPolicy()
  const of = (source: string, points: number) => evidence('login', points, NOW_MS, { source })
  const inside = ['2001:db8::1', '2001:db8::2']
  policy.judge([of(inside[0] as string, 120), of(inside[1] as string, 60), of('2001:db8:0:1::1', 60)], NOW_MS)
  policy.forget('2001:db8::/64')
  assert.equal(policy.points(inside[1] as string, NOW_MS), 0)
  assert.equal(policy.points('2001:db8:0:1::1', NOW_MS), 60)
  assert.equal(policy.judge([of(inside[0] as string, 120)], NOW_MS).length, 1)
})

describe('a ladder', () => {
  /** What was enforced, as a store keeps it. */
  function climbing(options: PolicyOptions) {
    const taken = new Map<string, { step: number; endMs: number }>()
    const policy = createPolicy({ ...options, lastStep: (target, name) => taken.get(`${name} ${target}`) })
    const judge = (found: readonly Evidence[], nowMs: number) => {
      const [verdict] = policy.judge(found, nowMs)
      if (verdict === undefined) return undefined
      const { ladder, source, blockMs, action } = verdict
      taken.set(`${ladder.name} ${source}`, { step: ladder.step, endMs: nowMs + blockMs })
      return `${action} ${blockMs / 1_000}`
    }
    return { policy, judge }
  }
  const steps = { ladder: ['observe', 'limit', 'drop', 'reject'], stepMs: 10_000, decayMs: 100_000 } as const
  const attack = (atMs: number) => [evidence('login', 120, atMs)]

  test('rises by one with each repetition and stays at its end', () => {
    const { judge } = climbing(steps)
    const made = [0, 10, 20, 620, 1_220].map((s) => judge(attack(NOW_MS + s * 1_000), NOW_MS + s * 1_000))
    assert.deepEqual(made, ['count 10', 'limit 10', 'drop 600', 'reject 600', 'reject 600'])
  })

  test('falls by one with each time of quiet', () => {
    const { judge } = climbing(steps)
    for (const s of [0, 10, 20]) judge(attack(NOW_MS + s * 1_000), NOW_MS + s * 1_000)
    // The drop ends at 620 s.
    const once = NOW_MS + 720_000
    assert.equal(judge(attack(once), once), 'drop 600')
    const long = once + 600_000 + 10 * 100_000
    assert.equal(judge(attack(long), long), 'count 10')
  })

  test('is not climbed while a step runs, and a ban is not prolonged by hits', () => {
    const { judge } = climbing(steps)
    assert.equal(judge(attack(NOW_MS), NOW_MS), 'count 10')
    assert.equal(judge(attack(NOW_MS + 9_999), NOW_MS + 9_999), undefined)
    assert.equal(judge(attack(NOW_MS + 10_000), NOW_MS + 10_000), 'limit 10')
    const ban = NOW_MS + 20_000
    assert.equal(judge(attack(ban), ban), 'drop 600')
    for (let ms = 1_000; ms < 600_000; ms += 1_000) assert.equal(judge(attack(ban + ms), ban + ms), undefined)
    assert.equal(judge(attack(ban + 600_000), ban + 600_000), 'reject 600')
  })

  test('of an unproven source is left at once for the one of its proof', () => {
    const { judge } = climbing({ unprovenLadder: ['limit', 'syn_drop'] })
    assert.equal(judge([forged()], NOW_MS), 'limit 60')
    assert.equal(judge([forged(120, NOW_MS + 1)], NOW_MS + 1), undefined)
    assert.equal(judge([evidence('login', 120, NOW_MS + 2)], NOW_MS + 2), 'drop 600')
  })

  test('of an unproven source drops for a minute at most', () => {
    const { judge } = climbing({ unprovenLadder: ['limit', 'drop'], stepMs: 30_000 })
    assert.equal(judge([forged()], NOW_MS), 'limit 30')
    assert.equal(judge([forged(120, NOW_MS + 30_000)], NOW_MS + 30_000), 'drop 60')
  })

  test('of a forged one in honest use ends at a SYN drop', () => {
    const { judge } = climbing({ path: () => alibi })
    const flow = testFlow({ protocol: 6 })
    const syns = (atMs: number) => [evidence('syn_flood', 120, atMs, { isProven: false, flows: [flow] })]
    const made = [0, 60, 120, 180].map((s) => judge(syns(NOW_MS + s * 1_000), NOW_MS + s * 1_000))
    assert.deepEqual(made, ['limit 60', 'synDrop 60', 'synDrop 60', 'synDrop 60'])
  })

  test('is said with its step', () => {
    const { policy } = climbing(steps)
    assert.match(policy.judge(attack(NOW_MS), NOW_MS)[0]?.reason ?? '', /; step 1 of 4: count$/)
  })

  test('of a /64 goes on where the /64 was, or its addresses are', () => {
    const lastStep = (target: string) => (target.endsWith('/64') ? { step: 1, endMs: NOW_MS } : undefined)
    const policy = createPolicy({ ...steps, lastStep })
    const wide: Verdict = { ...policy.judge(attack(NOW_MS), NOW_MS)[0]!, source: '2001:db8::/64' }
    const climbed = policy.climb(wide, NOW_MS)
    assert.deepEqual([climbed.action, climbed.ladder.step, climbed.blockMs], ['drop', 2, 600_000])
    const high = policy.climb({ ...wide, ladder: { name: 'proven', step: 3 } }, NOW_MS)
    assert.equal(high.ladder.step, 3)
  })

  test('of a guarded address has one step: a limit that spares flows', () => {
    const policy = createPolicy({ limitPps: 7 })
    const soft = policy.soften(policy.judge(attack(NOW_MS), NOW_MS)[0]!)
    assert.deepEqual(
      [soft.kind, soft.action, soft.sparesFlows, soft.blockMs],
      ['spoofable', 'limit', true, 60_000],
    )
    assert.deepEqual(soft.limit, { unit: 'packets', perSecond: 7 })
  })

  test('that is wrong leaves all settings in place', () => {
    const policy = createPolicy({ blockAtPoints: 50 })
    assert.throws(() => policy.configure({ ladder: [], blockAtPoints: 500 }), /policy\.ladder/)
    assert.equal(policy.judge([evidence('login', 60)], NOW_MS)[0]?.action, 'drop')
  })
})
