/** Breakers and /64s as the daemon joins them: pipeline, policy, enforcer and store; the clock is set by hand. */

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createBreakers } from '../src/breakers.js'
import type { DetectorName, Evidence } from '../src/detect/evidence.js'
import { testFlow } from '../src/detect/test-flow.js'
import type { Decision } from '../src/enforce/decision.js'
import { enforcerWorld } from '../src/enforce/test-enforcer.js'
import { BlockAction } from '../src/kernel/wire.js'
import type { Logger } from '../src/log.js'
import { createPipeline } from '../src/pipeline.js'
import { createBreaker } from '../src/policy/breaker.js'
import { createGuards } from '../src/policy/guards.js'
import { createKnownGood } from '../src/policy/known-good.js'
import { createNeighbours } from '../src/policy/neighbours.js'
import { createPacketRate } from '../src/policy/packet-rate.js'
import { createPathProof } from '../src/policy/path-proof.js'
import { createPolicy } from '../src/policy/policy.js'
import { createTestLog } from '../src/publish/fake-daemon.js'
import { createFeed } from '../src/publish/feed.js'
import { createMeters } from '../src/publish/meters.js'
import { testEvidence } from '../src/record/test-store.js'
import { type Scorer, unloadedState } from '../src/score/scorer.js'

const MINUTE_MS = 60_000
const nothing = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), isMoreWaiting: false }
const settings = {
  ...{ windowMs: MINUTE_MS, goodAddresses: 3, knownGoodMs: 10 * MINUTE_MS, share: 0.2 },
  ...{ shareAfterMs: MINUTE_MS, modelAddresses: 600, tripMs: 10 * MINUTE_MS, maxTripMs: 86_400_000 },
}
const host = '10.77.0.1'

function openWorld(t: TestContext, own: readonly string[] = []) {
  const known = createKnownGood({ windowMs: 10 * MINUTE_MS })
  const rate = createPacketRate({ windowMs: MINUTE_MS, meanMs: 10 * MINUTE_MS, quietFactor: 2 })
  const breaker = createBreaker({ ...settings, known, isQuiet: rate.isQuiet })
  const { enforcer, blockList, store, time, changes } = enforcerWorld(t, { tripped: breaker.open })
  const neighbours = createNeighbours({ addresses: 3, windowMs: 10 * MINUTE_MS })
  const path = createPathProof()
  const policy = createPolicy({
    path: path.of,
    repeats: store.repeats,
    tripped: breaker.open,
    modelMayBlock: true,
  })
  const log = createTestLog() as unknown as Logger
  let packets = 0
  const breakers = createBreakers({
    ...{ breaker, known, rate, enforcer, policy, store, log, bundle: 'ab' },
    packets: () => packets,
  })
  const seen: Evidence[] = []
  const scorer = { score: async () => new Float32Array(0), state: () => unloadedState } as unknown as Scorer
  const pipeline = createPipeline({
    kernel: {
      clocks: () => ({
        monotonicUs: time.bootMs * 1_000,
        bootUs: time.bootMs * 1_000,
        wallUs: time.wallMs * 1_000,
      }),
      counters: () => ({ lost: { overBudget: 0, tableFull: 0 } }) as never,
      sources: () => [],
      suspects: { set() {} },
    },
    ...{ scorer, enforcer, neighbours, breakers, path, store, log, meters: createMeters() },
    detectors: () => ({
      ...{ observe: () => seen.splice(0), tick: () => [], observeSources: () => [], suspects: () => [] },
      ...{ sources: 0, evicted: 0 },
    }),
    policy: () => policy,
    mayModelBlock: () => true,
    guards: createGuards({
      ...{ ownAddresses: () => own, gateways: () => [], resolvers: () => [], peers: () => [] },
      allow: () => enforcer.allowEntries().map(({ target }) => target),
    }),
    sample: () => ({ featuresMinScore: 0.5, samplePercent: 1 }),
    feeds: { flows: createFeed(), alerts: createFeed(), decisions: createFeed() },
  })

  const world = {
    ...{ breaker, breakers, known, enforcer, blockList, store, neighbours, policy, time, changes },
    action: (target: string) => blockList.entries.get(target)?.action,
    /** One batch in which all of them gave evidence that suffices. */
    async attack(
      sources: readonly string[],
      detector: DetectorName = 'login',
      given: Partial<Evidence> = {},
    ) {
      for (const source of sources)
        seen.push(
          testEvidence({
            source,
            detector,
            points: 120,
            pointsLastMs: 0,
            atMs: time.wallMs,
            flows: [],
            scores: [],
            ...given,
          }),
        )
      time.pass(100)
      await pipeline.take(nothing)
    },
    /** A minute in which they talk, and so many packets pass. */
    talk(addresses: readonly string[], minutes = 1, packetsPerMinute = 1_000) {
      for (let minute = 0; minute < minutes; minute++) {
        time.pass(MINUTE_MS)
        packets += packetsPerMinute
        const us = time.wallMs * 1_000
        const said = { pathProven: true, bytesFwd: 500, bytesBwd: 500, startUs: us, lastUs: us, dst: host }
        const flows = addresses.map((src) => testFlow({ ...said, src }))
        neighbours.observe(flows, time.wallMs)
        breakers.observe(flows, time.wallMs, time.bootMs)
        enforcer.expire()
      }
    },
    flood(more: number) {
      packets += more
    },
    async pass(ms: number) {
      time.pass(ms)
      enforcer.expire()
      await pipeline.take(nothing)
    },
    alerts: () => store.alerts({ detectors: ['breaker'] }).rows.map(({ evidence }) => evidence),
  }
  return world
}

const clients = Array.from({ length: 30 }, (_, i) => `10.77.1.${i}`)
const attackers = (count: number) => Array.from({ length: count }, (_, i) => `198.18.${i >> 8}.${i & 255}`)
const { drop, count } = BlockAction

describe('a breaker', () => {
  test('takes a detector that blocks known-good clients the power to block, in the batch that tells', async (t) => {
    const { talk, attack, action, alerts, breakers, store, enforcer } = openWorld(t)
    talk(clients, 11)
    await attack(['203.0.113.9'])
    await attack(clients.slice(0, 2))
    assert.deepEqual([action(clients[0] as string), action('203.0.113.9')], [drop, drop])
    await attack(clients.slice(2, 6))
    // The three that told are lifted; who came later in the batch, and who was blocked before, only counts.
    assert.deepEqual(clients.slice(0, 6).map(action), [undefined, undefined, undefined, count, count, count])
    assert.equal(action('203.0.113.9'), count)
    assert.deepEqual(
      breakers.states().map(({ origin }) => origin),
      ['login'],
    )
    const [alert, ...rest] = alerts()
    assert.equal(rest.length, 0)
    assert.equal(alert?.severity, 'critical')
    assert.equal(alert?.source, clients[2])
    assert.match(
      alert?.text ?? '',
      /^breaker: login only counts until .*Z: 3 blocks within 60 s .* idsctl resume login/,
    )
    assert.deepEqual(
      store.breakers().map(({ origin, bundle, lengthMs }) => [origin, bundle, lengthMs]),
      [['login', 'ab', 10 * MINUTE_MS]],
    )
    await attack([clients[7] as string])
    assert.deepEqual([...enforcer.active()].at(-1)?.kind, 'would_block')
  })

  test('leaves the others alone: another detector blocks on, also whom the tripped one only recorded', async (t) => {
    const { talk, attack, action } = openWorld(t)
    talk(clients, 11)
    await attack(clients.slice(0, 3))
    await attack(['203.0.113.9'])
    assert.equal(action('203.0.113.9'), count)
    await attack(['203.0.113.9', '203.0.113.10'], 'scan_vertical')
    assert.deepEqual([action('203.0.113.9'), action('203.0.113.10')], [drop, drop])
  })

  test('lets blocks that stand drop again when the trip is over, and trips twice as long', async (t) => {
    const { talk, attack, action, pass, breakers, alerts } = openWorld(t)
    talk(clients, 11)
    await attack(['203.0.113.9'])
    talk(clients, 10)
    await attack(['203.0.113.9'])
    await attack(clients.slice(0, 3))
    assert.equal(action('203.0.113.9'), count)
    talk(clients, 10)
    await pass(100)
    assert.deepEqual(breakers.states(), [])
    assert.equal(action('203.0.113.9'), drop)
    await attack(clients.slice(3, 6))
    assert.deepEqual(
      breakers.states().map(({ lengthMs }) => lengthMs),
      [20 * MINUTE_MS],
    )
    assert.equal(alerts().length, 2)
  })

  test('stays closed under 2,000 new attacking sources, whoever finds them', async (t) => {
    for (const detector of ['login', 'scan_vertical', 'syn_flood'] as const) {
      const { talk, attack, breakers, alerts, enforcer } = openWorld(t)
      talk(clients, 11)
      const sources = attackers(2_000)
      for (let i = 0; i < sources.length; i += 100) await attack(sources.slice(i, i + 100), detector)
      assert.deepEqual([breakers.states(), alerts()], [[], []])
      const dropping = [...enforcer.active()].filter(({ kind }: Decision) => kind === 'block')
      assert.equal(dropping.length, 2_000)
    }
  })

  test('stays closed under a crowd whose attack is all that the line has in proven traffic', async (t) => {
    const { talk, attack, breakers } = openWorld(t)
    const sources = attackers(200)
    talk(sources, 1)
    await attack(sources)
    assert.deepEqual(breakers.states(), [])
  })

  test('trips over a bundle that flags everything, though most are new: 601 addresses on a quiet line', async (t) => {
    const { talk, attack, breakers } = openWorld(t)
    talk([], 20)
    await attack(attackers(600), 'model')
    assert.deepEqual(breakers.states(), [])
    await attack(['203.0.113.9'], 'model')
    assert.match(breakers.states()[0]?.why ?? '', /^601 addresses blocked within 60 s while/)
  })

  test('does not take as many by the model for a mistake while packets are many times the usual', async (t) => {
    const { talk, attack, breakers } = openWorld(t)
    talk([], 20)
    talk([], 1, 50_000)
    await attack(attackers(2_000), 'model')
    assert.deepEqual(breakers.states(), [])
  })

  test('is no off switch: 2,000 by the model in the first two seconds of a flood, and one a while later', async (t) => {
    const { talk, attack, breakers, flood, pass } = openWorld(t)
    talk([], 20)
    for (let look = 0; look < 3; look++) {
      flood(50)
      await pass(3_000)
    }
    const sources = attackers(2_000)
    // Ten times the usual: the minute as a whole is not even a third above its mean.
    for (let i = 0; i < sources.length; i += 100) {
      flood(17)
      await attack(sources.slice(i, i + 100), 'model')
    }
    assert.deepEqual(breakers.states(), [])
    await pass(40_000)
    await attack(['203.0.113.9'], 'model')
    assert.deepEqual(breakers.states(), [])
  })

  test('in mode detect has nothing to take', async (t) => {
    const { talk, attack, breakers, enforcer } = openWorld(t)
    enforcer.setMode('detect')
    talk(clients, 11)
    await attack(clients)
    assert.deepEqual(breakers.states(), [])
  })

  test('of an attacker who was blocked counts nothing from before the block', async (t) => {
    const { talk, attack, breakers, pass } = openWorld(t)
    const three = attackers(3)
    talk([...three.slice(0, 2), ...clients], 11)
    await attack(three.slice(0, 2))
    await pass(10 * MINUTE_MS)
    talk([...three, ...clients], 1)
    await attack(three)
    assert.deepEqual(breakers.states(), [])
  })

  test('of another bundle is closed, that of the same one is not', async (t) => {
    const { store, time, talk, attack, breaker, enforcer, policy } = openWorld(t)
    talk(clients, 11)
    await attack(clients.slice(0, 3), 'model')
    for (const [bundle, isOpen] of [
      ['ab', true],
      // It does not load this time.
      ['', true],
      ['ab', true],
      ['cd', false],
    ] as const) {
      const known = createKnownGood({ windowMs: MINUTE_MS })
      const rate = createPacketRate({ windowMs: 1, meanMs: 1, quietFactor: 2 })
      const next = createBreaker({ ...settings, known, isQuiet: () => true })
      next.restore(store.breakers(), time.wallMs)
      const log = createTestLog() as unknown as Logger
      const rooms = { breaker: next, known, rate, packets: () => 0, enforcer, policy, store, log }
      assert.equal(createBreakers({ ...rooms, bundle }).states().length === 1, isOpen)
    }
    assert.deepEqual(store.breakers(), [])
    assert.deepEqual([...breaker.open], ['model'])
  })
})

const inSite = (last: number | string) => `2001:db8:0:1::${last}`
const site = '2001:db8:0:1::/64'

describe('three addresses of a /64', () => {
  test('are one entry of the /64, which names the alerts of the third and holds the evidence of all', async (t) => {
    const { attack, action, enforcer, store } = openWorld(t)
    await attack([inSite(1), inSite(2)])
    assert.equal(action(site), undefined)
    await attack([inSite(3)])
    assert.deepEqual([action(site), action(inSite(3))], [drop, undefined])
    const made = [...enforcer.active()].find(({ target }) => target === site) as Decision
    assert.deepEqual(
      made.evidence.map(({ source }) => source),
      [inSite(1), inSite(2), inSite(3)],
    )
    assert.equal(store.alerts({}).rows[0]?.decisionNumber, made.number)
    await attack([inSite(4)])
    assert.equal(action(inSite(4)), undefined, 'who is blocked by the /64 needs no entry')
  })

  test('are known for what they were when their block, that of the /64 too, was a mistake', async (t) => {
    const { talk, attack, known, breakers, time } = openWorld(t)
    const three = [inSite(1), inSite(2), inSite(3)]
    talk([...three, ...clients], 11)
    await attack(three)
    assert.equal(breakers.states().length, 1)
    talk(three, 1)
    for (const address of three) assert.ok(known.of(address, time.wallMs).knownMs >= 10 * MINUTE_MS, address)
  })

  test('stay three when a neighbour talks', async (t) => {
    const { attack, action, talk } = openWorld(t)
    talk([inSite('abc')])
    await attack([inSite(1), inSite(2), inSite(3)])
    assert.deepEqual([action(site), action(inSite(3))], [undefined, drop])
  })

  test('stay three when the /64 holds an address of this host', async (t) => {
    const mine = openWorld(t, [inSite('ffff')])
    await mine.attack([inSite(1), inSite(2), inSite(3)])
    assert.deepEqual([mine.action(site), mine.action(inSite(3))], [undefined, drop])
  })

  test('are judged anew when an operator lifts the /64', async (t) => {
    const world = openWorld(t)
    await world.attack([inSite(1), inSite(2), inSite(3)])
    const made = [...world.enforcer.active()].filter(({ target }) => target === site)
    world.enforcer.lift(made, 'uid:0')
    for (const { kind, decision } of world.changes) {
      if (kind !== 'lifted') continue
      world.policy.forget(decision.target)
      world.neighbours.forget(decision.target)
    }
    assert.equal(world.action(site), undefined)
    await world.attack([inSite(3)])
    assert.deepEqual([world.action(site), world.action(inSite(3))], [undefined, drop])
  })
})
