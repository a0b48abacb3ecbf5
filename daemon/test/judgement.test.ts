/** Ledger, policy, enforcer and store as the daemon joins them, over days of a clock that is set by hand. */

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { testFlow } from '../src/detect/test-flow.js'
import type { Decision, DecisionKind, Mode } from '../src/enforce/decision.js'
import { enforcerWorld } from '../src/enforce/test-enforcer.js'
import { BlockAction } from '../src/kernel/wire.js'
import { createPathProof } from '../src/policy/path-proof.js'
import { createPolicy, type PolicySettings } from '../src/policy/policy.js'
import { strengthOf } from '../src/policy/strength.js'
import { testEvidence } from '../src/record/test-store.js'
import { createRandom } from './random.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const source = '10.77.0.2'

function openWorld(t: TestContext, settings: PolicySettings = {}) {
  const { enforcer, store, time, blockList, modes } = enforcerWorld(t)
  const ledger = createPathProof()
  const policy = createPolicy({
    ...settings,
    path: ledger.of,
    repeats: store.repeats,
    lastStep: store.lastStep,
  })

  /** Overwhelming evidence. @returns the decision that it led to */
  function attack(isProven = true): Decision | undefined {
    const evidence = testEvidence({ source, points: 120, pointsLastMs: 0, isProven, atMs: time.wallMs })
    for (const verdict of policy.judge([evidence], time.wallMs)) {
      const standing = enforcer.standing(source, verdict)
      if (standing === undefined) return enforcer.enforce(verdict)
      policy.resume(source, standing.expiresAtMs, strengthOf(verdict))
    }
    return undefined
  }

  return {
    enforcer,
    store,
    attack,
    policy,
    action: () => blockList.entries.get(source)?.action,
    pass(ms: number) {
      time.pass(ms)
      enforcer.expire()
    },
    setMode(mode: Mode) {
      const told = modes.length
      enforcer.setMode(mode)
      if (modes.length > told) policy.reconsider()
    },
    lift(decision: Decision) {
      enforcer.lift([decision], 'uid:0')
      policy.forget(decision.target)
    },
    /** A connection of the address with data both ways that is closed at once. */
    talk() {
      const us = time.wallMs * 1000
      const said = { bytesFwd: 9, bytesBwd: 9, tcpState: 'ready' } as const
      ledger.observe(
        [testFlow({ src: source, pathProven: true, startUs: us, lastUs: us, ...said })],
        time.wallMs,
      )
    },
  }
}

const minutes = (decision: Decision | undefined) =>
  decision === undefined ? undefined : (decision.expiresAtMs - decision.createdAtMs) / MINUTE_MS

describe('who comes back', () => {
  test('is blocked four times longer each time, for a day at most, and for ten minutes after a quiet week', (t) => {
    const { attack, pass } = openWorld(t)
    const lengths = Array.from({ length: 12 }, () => {
      const length = minutes(attack())
      pass((length ?? 0) * MINUTE_MS)
      return length
    })
    assert.deepEqual(lengths, [10, 40, 160, 640, ...Array(8).fill(1_440)])
    pass(6 * DAY_MS)
    assert.equal(minutes(attack()), 40)
    pass(7 * DAY_MS + 41 * MINUTE_MS)
    assert.equal(minutes(attack()), 10)
  })

  test('is not blocked longer for what meets the block', (t) => {
    const { attack, pass } = openWorld(t)
    const first = attack()
    pass(9 * MINUTE_MS)
    assert.equal(attack(), undefined)
    pass(MINUTE_MS - 1)
    assert.equal(attack(), undefined)
    pass(1)
    assert.deepEqual([minutes(first), minutes(attack())], [10, 40])
  })

  test('after an operator lifted the block is blocked as if for the first time', (t) => {
    const { attack, lift, pass } = openWorld(t)
    lift(attack() as Decision)
    pass(1_000)
    assert.equal(minutes(attack()), 10)
  })

  test('after hours of forged evidence in its name is blocked as if for the first time', (t) => {
    const { attack, pass } = openWorld(t)
    for (let minute = 0; minute < 300; minute++) {
      assert.equal(minutes(attack(false)), 1)
      pass(MINUTE_MS)
    }
    assert.equal(minutes(attack()), 10)
  })

  const seed = Number(process.env.IDSD_SEED ?? 11)
  test('at any times has the length that its past of seven days says', (t) => {
    const random = createRandom(seed)
    for (let round = 0; round < 20; round++) {
      const settings = {
        blockMs: (2 + random.below(20)) * MINUTE_MS,
        repeatFactor: 1 + random.below(5),
        maxBlockMs: (30 + random.below(2_000)) * MINUTE_MS,
      }
      const { attack, pass, store } = openWorld(t, settings)
      let past: { atMs: number; isFull: boolean }[] = []
      let nowMs = 0
      let untilMs = 0
      for (let step = 0; step < 60; step++) {
        const isProven = random.below(3) > 0
        past = past.filter(({ atMs }) => atMs >= nowMs - 7 * DAY_MS)
        const repeats = past.filter(({ isFull }) => isFull).length
        const fullMs = Math.min(settings.blockMs * settings.repeatFactor ** repeats, settings.maxBlockMs)
        const expectedMs = isProven ? fullMs : MINUTE_MS
        const made = attack(isProven)
        const what = `seed ${seed}, round ${round}, step ${step}`
        if (nowMs < untilMs) assert.equal(made, undefined, what)
        else {
          assert.equal(minutes(made), expectedMs / MINUTE_MS, what)
          past.push({ atMs: nowMs, isFull: isProven })
          untilMs = nowMs + expectedMs
        }
        const gapMs = random.below(random.pick([10 * MINUTE_MS, DAY_MS, 4 * DAY_MS])) + MINUTE_MS
        nowMs += gapMs
        pass(gapMs)
      }
      assert.ok(store.decisions({}).total > 0)
    }
  })
})

describe('an address with a conversation', () => {
  test('is only limited while others forge it, and dropped for a minute when it fell silent', (t) => {
    const { attack, talk, pass, action } = openWorld(t)
    talk()
    const kinds: (DecisionKind | undefined)[] = []
    for (let minute = 0; minute < 12; minute++) {
      kinds.push(attack(false)?.kind)
      const { limit, synDrop, drop } = BlockAction
      assert.equal(action(), minute === 0 ? limit : minute < 10 ? synDrop : drop)
      pass(MINUTE_MS)
    }
    assert.deepEqual(kinds, [...Array(10).fill('spoofable'), 'block', 'block'])
  })

  test('is dropped by its own proven attack, beside the record', (t) => {
    const { attack, talk, action } = openWorld(t)
    talk()
    assert.equal(attack(false)?.kind, 'spoofable')
    assert.equal(minutes(attack()), 10)
    assert.equal(action(), BlockAction.drop)
  })
})

describe('a change of the mode', () => {
  test('to prevent leaves what was recorded and drops the source at its next evidence', (t) => {
    const { attack, setMode, action, enforcer } = openWorld(t)
    setMode('detect')
    const recorded = attack()
    assert.deepEqual([recorded?.kind, action()], ['would_block', BlockAction.count])
    assert.equal(attack(), undefined)
    setMode('prevent')
    assert.equal(action(), BlockAction.count)
    const made = attack()
    assert.deepEqual([made?.kind, minutes(made), action()], ['block', 10, BlockAction.drop])
    assert.equal(enforcer.decision(recorded!.number)?.kind, 'would_block')
  })

  test('to detect stops the drops, and back they go on to their end', (t) => {
    const { attack, setMode, action, pass } = openWorld(t)
    assert.equal(attack()?.kind, 'block')
    setMode('detect')
    assert.equal(action(), BlockAction.count)
    assert.equal(attack(), undefined)
    pass(5 * MINUTE_MS)
    setMode('prevent')
    assert.equal(action(), BlockAction.drop)
    pass(5 * MINUTE_MS)
    assert.equal(action(), undefined)
  })

  test('makes of nothing that may be forged a drop', (t) => {
    const { attack, talk, setMode, action } = openWorld(t)
    setMode('detect')
    talk()
    assert.equal(attack(false)?.kind, 'spoofable')
    setMode('prevent')
    assert.equal(attack(false)?.kind, 'spoofable')
    assert.equal(action(), BlockAction.limit)
  })
})
