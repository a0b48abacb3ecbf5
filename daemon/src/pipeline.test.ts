import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Detectors } from './detect/detectors.js'
import type { DetectorName, Evidence } from './detect/evidence.js'
import { enforcerWorld, testAllow, testOrder } from './enforce/test-enforcer.js'
import { addressBytes } from './kernel/exact-hash.js'
import type { RecordBatch } from './kernel/ring.js'
import { BlockAction, flowOpened, RecordType, wireVersion } from './kernel/wire.js'
import type { Logger } from './log.js'
import { createPipeline } from './pipeline.js'
import { parseTarget } from './policy/address.js'
import type { Refusal } from './policy/guards.js'
import { createPolicy } from './policy/policy.js'
import { createTestLog } from './publish/fake-daemon.js'
import { createFeed } from './publish/feed.js'
import type { DecisionChange } from './publish/handlers.js'
import { createMeters } from './publish/meters.js'
import type { AlertRow, FlowRow } from './publish/view.js'
import { testEvidence } from './record/test-store.js'
import { type Scorer, unloadedState } from './score/scorer.js'

const source = '10.0.0.1'

/** A record `opened` of a flow from `source`; `version` of another wire makes it a bad one. */
function opened(id: number, version = wireVersion): Uint8Array {
  const bytes = new Uint8Array(flowOpened.size)
  const view = new DataView(bytes.buffer)
  flowOpened.set.headerType(view, 0, RecordType.opened)
  flowOpened.set.headerVersion(view, 0, version)
  flowOpened.set.headerLength(view, 0, flowOpened.size)
  flowOpened.set.id(view, 0, id)
  bytes.set(addressBytes(parseTarget(source, 'source').bytes), flowOpened.offset.src)
  bytes.set(addressBytes(parseTarget('10.0.0.9', 'source').bytes), flowOpened.offset.dst)
  return bytes
}

function batchOf(...records: readonly Uint8Array[]): RecordBatch {
  const bytes = new Uint8Array(Buffer.concat(records))
  return { bytes, view: new DataView(bytes.buffer), isMoreWaiting: false }
}

/** A pipeline with the real policy, enforcer and store; what detectors see is put into `seen` by hand. */
function world(t: TestContext) {
  const { enforcer, blockList, store, time, changes } = enforcerWorld(t)
  const log = createTestLog()
  const uptime = { ms: 1_000_000 }
  const seen: Evidence[] = []
  const heard: number[] = []
  const refusals: Refusal[] = []
  const told: string[][] = []
  const fault: { detect?: Error; suspects?: Error; counters?: Error; guards?: Error; path?: Error } = {}
  let sourceLooks = 0
  let losses = 0
  const throwIf = (error: Error | undefined) => {
    if (error !== undefined) throw error
  }
  const detectors: Detectors = {
    observe: (_flows, _scores, _nowMs, _threshold, _severityOf, heardMs) => {
      heard.push(heardMs as number)
      throwIf(fault.detect)
      return seen.splice(0)
    },
    tick: () => [],
    observeSources: () => [],
    suspects: () => [],
    sources: 0,
    evicted: 0,
  }
  const scorer: Scorer = {
    score: async (_view, flows) => new Float32Array(flows.length).fill(Number.NaN),
    explain: async () => undefined,
    configure() {},
    state: () => unloadedState,
    async close() {},
  }
  const feeds = {
    flows: createFeed<FlowRow>(),
    alerts: createFeed<AlertRow>(),
    decisions: createFeed<DecisionChange>(),
  }
  const meters = createMeters()
  const policy = createPolicy()
  const pipeline = createPipeline({
    kernel: {
      clocks: () => ({
        monotonicUs: uptime.ms * 1000,
        bootUs: time.bootMs * 1000,
        wallUs: time.wallMs * 1000,
      }),
      counters: () => {
        throwIf(fault.counters)
        return { lost: { overBudget: ++losses, tableFull: 0 } } as never
      },
      sources: () => {
        sourceLooks++
        return []
      },
      suspects: {
        set: (sources) => {
          throwIf(fault.suspects)
          told.push([...sources.keys()])
        },
      },
    },
    scorer,
    detectors: () => detectors,
    policy: () => policy,
    mayModelBlock: () => false,
    path: {
      observe: () => throwIf(fault.path),
    },
    guards: {
      refusals: () => {
        throwIf(fault.guards)
        return refusals
      },
    },
    enforcer,
    store,
    sample: () => ({ featuresMinScore: 0.5, samplePercent: 1 }),
    feeds,
    meters,
    log: log as unknown as Logger,
  })
  const see = (points: number, detector: DetectorName = 'scan_vertical') => {
    seen.push(testEvidence({ source, points, atMs: time.wallMs, detector }))
  }
  const pass = (ms: number) => {
    time.pass(ms)
    uptime.ms += ms
  }
  const all = {
    pipeline,
    seen,
    heard,
    enforcer,
    blockList,
    store,
    time,
    changes,
    log,
    uptime,
    see,
    pass,
    refusals,
  }
  return { ...all, told, fault, feeds, meters, policy, sourceLooks: () => sourceLooks }
}

test('evidence over the threshold is a decision in the map, and an alert that names it', async (t) => {
  const { pipeline, see, blockList, store, feeds, meters, told } = world(t)
  const watcher = feeds.alerts.subscribe(
    () => true,
    () => {},
  )
  see(60)
  see(60)
  await pipeline.take(batchOf(opened(1)))
  assert.equal(blockList.entries.get(source)?.decision, 1)
  assert.deepEqual(
    store.alerts({}).rows.map(({ decisionNumber }) => decisionNumber),
    [1, 1],
  )
  assert.deepEqual(told.at(-1), [], 'who is blocked is no suspect')
  assert.equal(watcher.take()?.event.number, 1)
  assert.equal(meters.read().alertsTotal, 2)
  assert.equal(meters.read().timeToBlock.count, 1)
})

test('nothing is told of who is allowed, and nothing decided, unless the entry only logs', async (t) => {
  const { pipeline, see, seen, enforcer, store, refusals, time } = world(t)
  const target = parseTarget(source, 'target')
  const entry = testAllow(source, 'operator', 'office')
  enforcer.addAllow(target, entry)
  see(150)
  seen.push(testEvidence({ source, about: 'destination', points: 0, atMs: time.wallMs }))
  await pipeline.take(batchOf(opened(1)))
  const found = () => store.alerts({}).rows.map(({ evidence }) => [evidence.about, evidence.points])
  assert.deepEqual(found(), [['destination', 0]], 'a victim is told of')
  assert.equal(pipeline.counts().silenced, 1)

  refusals.push({ guard: 'allow', entry: source, text: 'allowed' })
  enforcer.addAllow(target, { ...entry, isLogOnly: true })
  see(150)
  await pipeline.take(batchOf(opened(2)))
  assert.deepEqual(found()[0], ['source', 150])
  assert.equal(pipeline.counts().silenced, 1)
  assert.equal(enforcer.activeCount, 0)
})

test('the time to block runs from the packet that completed the evidence to the entry in the map', async (t) => {
  const { pipeline, seen, meters, time } = world(t)
  for (const agoMs of [700, 400]) {
    const packetUs = (time.wallMs - agoMs) * 1_000
    seen.push(testEvidence({ source, points: 60, atMs: time.wallMs, packetUs }))
  }
  await pipeline.take(batchOf(opened(1)))
  assert.equal(meters.read().timeToBlock.sum, 0.4)
})

test('while more waits, silence counts from the last first packet that was read, in whole milliseconds', async (t) => {
  const { pipeline, heard, time } = world(t)
  const first = opened(1)
  flowOpened.set.timeUs(new DataView(first.buffer), 0, (1_000_000 - 700) * 1_000 + 345)
  await pipeline.take({ ...batchOf(first), isMoreWaiting: true })
  await pipeline.take(batchOf(opened(2)))
  assert.deepEqual(heard, [time.wallMs - 700, time.wallMs])
})

test('a bad record is counted and the others of its batch are taken', async (t) => {
  const { pipeline, feeds } = world(t)
  const reader = feeds.flows.subscribe(
    () => true,
    () => {},
  )
  await pipeline.take(batchOf(opened(1), opened(2, 99), opened(3)))
  assert.equal(pipeline.counts().unknownRecords, 1)
  assert.equal(pipeline.counts().flowRecords.opened, 2)
  assert.equal(reader.take()?.event.flow.id, 1)
  assert.equal(reader.take()?.event.flow.id, 3)
})

for (const step of ['detect', 'suspects', 'counters', 'path'] as const) {
  test(`a throw in one room (${step}) is counted, told once a minute, and loses neither batch nor loop`, async (t) => {
    const { pipeline, fault, see, log, pass, blockList } = world(t)
    fault[step] = new TypeError('broken')
    for (let i = 0; i < 3; i++) {
      await pipeline.take(batchOf(opened(i)))
      pass(1_000)
    }
    assert.equal(pipeline.counts().failures, 3)
    assert.equal(pipeline.counts().flowRecords.opened, 3)
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1)
    delete fault[step]
    see(120)
    await pipeline.take(batchOf(opened(9)))
    assert.equal(blockList.entries.size, 1)
  })
}

test('a reader that throws does not stop the loop', async (t) => {
  const { pipeline, feeds } = world(t)
  feeds.flows.subscribe(
    () => {
      throw new Error('reader')
    },
    () => {},
  )
  await pipeline.take(batchOf(opened(1)))
  assert.equal(pipeline.counts().failures, 1)
})

for (const [what, error] of [
  ['a full disk', Object.assign(new Error('full'), { code: 'ERR_STORE_FULL' })],
  ['a value that SQLite does not take', new RangeError('out of range')],
] as const) {
  test(`a store that throws (${what}) loses alerts, which are counted and told all the same`, async (t) => {
    const { pipeline, store, see, blockList, feeds, log } = world(t)
    const watcher = feeds.alerts.subscribe(
      () => true,
      () => {},
    )
    store.append = () => {
      throw error
    }
    see(120)
    await pipeline.take(batchOf(opened(1), opened(2)))
    await pipeline.take(batchOf(opened(3)))
    assert.equal(blockList.entries.size, 1)
    assert.equal(pipeline.counts().unstored, 1)
    assert.equal(watcher.take()?.event.number, 0)
    assert.equal(log.lines.filter(({ message }) => /the store takes nothing/.test(message)).length, 1)
  })
}

test('a guard’s refusal makes no decision, is counted, and is not repeated while it would have run', async (t) => {
  const { pipeline, refusals, see, blockList, store, pass } = world(t)
  refusals.push({ guard: 'own', entry: source, text: `${source} is an address of this host` })
  for (let i = 0; i < 5; i++) {
    see(120)
    await pipeline.take(batchOf(opened(i)))
    pass(1_000)
  }
  assert.equal(blockList.entries.size, 0)
  assert.equal(pipeline.counts().guarded, 1)
  assert.equal(store.alerts({}).rows[0]?.decisionNumber, 0)
})

test('who a guard protects is limited, flows spared, and never more, as long as the flood goes on', async (t) => {
  const { pipeline, refusals, see, blockList, enforcer, store, pass } = world(t)
  refusals.push({ guard: 'resolver', entry: source, text: `${source} is a configured resolver` })
  for (let i = 0; i < 150; i++) {
    see(120, 'udp_flood')
    await pipeline.take(batchOf(opened(i)))
    const entry = blockList.entries.get(source)
    assert.deepEqual([entry?.action, entry?.sparesFlows], [BlockAction.limit, true], `after ${i} s`)
    pass(1_000)
    enforcer.expire()
  }
  const { rows } = store.decisions({}, true)
  assert.deepEqual(new Set(rows.map(({ kind, action }) => `${kind} ${action}`)), new Set(['spoofable limit']))
  assert.equal(rows.length, 3, 'one for each minute')
  assert.match(rows[0]!.reason, /; limited at most: 10\.0\.0\.1 is a configured resolver$/)
  assert.equal(pipeline.counts().guarded, 3)
  // What an operator allowed is not touched.
  pass(60_000)
  enforcer.expire()
  refusals.push({ guard: 'allow', entry: source, text: 'allowed' })
  see(120, 'udp_flood')
  await pipeline.take(batchOf(opened(999)))
  assert.equal(blockList.entries.size, 0)
})

test('guards that cannot be asked block nobody', async (t) => {
  const { pipeline, fault, see, blockList, log } = world(t)
  fault.guards = new Error('no addresses')
  see(120)
  await pipeline.take(batchOf(opened(1)))
  assert.equal(blockList.entries.size, 0)
  assert.ok(log.lines.some(({ message }) => message === 'not blocked'))
})

test('a source that found no room is blocked by its next evidence when there is some', async (t) => {
  const { pipeline, blockList, see, pass } = world(t)
  blockList.capacity = 0
  see(120)
  await pipeline.take(batchOf(opened(1)))
  assert.equal(blockList.entries.size, 0)
  blockList.capacity = 1
  pass(1_000)
  see(120)
  await pipeline.take(batchOf(opened(2)))
  assert.equal(blockList.entries.size, 1)
})

test('a block that runs gets no second decision, not even from a policy that knows nothing of it', async (t) => {
  const { pipeline, enforcer, see, store, time, pass } = world(t)
  const running = enforcer.block(testOrder(source, { expiresAtMs: time.wallMs + 5_000 }))
  see(120)
  await pipeline.take(batchOf(opened(1)))
  assert.equal(store.decisions({}).total, 1)
  assert.equal(store.alerts({}).rows[0]?.decisionNumber, running.number)
  pass(5_000)
  enforcer.expire()
  see(120)
  await pipeline.take(batchOf(opened(2)))
  assert.equal(store.decisions({}).total, 2, 'what comes after its end is decided anew')
})

test('an operator’s count-only entry does not keep a detector from dropping', async (t) => {
  const { pipeline, enforcer, see, store } = world(t)
  enforcer.block(testOrder(source, { action: 'count' }))
  see(120)
  await pipeline.take(batchOf(opened(1)))
  assert.equal(store.decisions({}).total, 2)
})

test('a wall clock that is set back keeps neither sources nor suspects waiting', async (t) => {
  const { pipeline, sourceLooks, told, time, uptime } = world(t)
  await pipeline.take(batchOf(opened(1)))
  time.wallMs -= 3_600_000
  uptime.ms += 600
  await pipeline.take(batchOf(opened(2)))
  assert.equal(sourceLooks(), 2)
  assert.equal(told.length, 2)
})

test('an empty batch is looked at ten times a second at most', async (t) => {
  const { pipeline, told, pass } = world(t)
  for (let i = 0; i < 40; i++) {
    await pipeline.take(batchOf())
    pass(25)
  }
  assert.equal(told.length, 10)
})
