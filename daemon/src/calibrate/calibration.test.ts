import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Config } from '../config/config.js'
import { loadConfig } from '../config/load-config.js'
import { createDetectors } from '../detect/detectors.js'
import { refusedFlow, testFlow } from '../detect/test-flow.js'
import { NotFoundError } from '../errors.js'
import type { Store } from '../record/store.js'
import { testStore } from '../record/test-store.js'
import { detectorOptions } from '../room-options.js'
import { createCalibration, type ModelInUse } from './calibration.js'
import { isLearning } from './run-state.js'
import { thresholdsOf } from './thresholds.js'

const NOW = 1_700_000_000_000

const configured = (toml: string): Config =>
  loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile: () => toml, memoryBytes: 2 ** 33 }).config

function world(t: TestContext, given: { store?: Store; toml?: string; pinned?: readonly string[] } = {}) {
  const store = given.store ?? testStore(t)
  const written = configured(given.toml ?? '[calibrate]\nsave_s = 1\nmin_flows = 3')
  const model: ModelInUse = { name: 'flow-gbt', sha256: 'ab', threshold: 0.9 }
  const inUse = { now: model }
  let config = written
  const lines: string[] = []
  const say = (_fields: object, message: string) => void lines.push(message)
  const pinned = new Set(given.pinned ?? [])
  const calibration = createCalibration({
    ...{ store, config: () => config, isPinned: (path) => pinned.has(path), surroundings: {} },
    standing: { isKnown: () => false, isBlocked: () => false },
    ...{ model: () => inUse.now, scoresOf: () => [], log: { info: say, warn: say } },
    onSite: () => {
      config = calibration.fit(written)
    },
  })
  config = calibration.fit(written)
  let detectors = createDetectors(detectorOptions(config))
  let uptimeMs = 0
  /** A batch, and a second later an empty one. */
  const pass = (flows = [testFlow()], score = 0.1) => {
    for (const batch of [flows, []]) {
      const nowMs = NOW + uptimeMs
      const found = [...detectors.observe(batch, [], nowMs), ...detectors.tick(nowMs)]
      const scores = batch.map(() => score)
      calibration.observe({ flows: batch, scores, found, nowMs, uptimeMs, heardMs: nowMs })
      uptimeMs += 1_000
    }
  }
  return {
    ...{ store, calibration, pass, inUse, lines },
    config: () => config,
    setConfig: (next: Config) => {
      config = next
      detectors = createDetectors(detectorOptions(next))
    },
    start: (forMs = 60_000) => calibration.start({ forMs, by: 'alice', modeBefore: 'prevent', nowMs: NOW }),
    propose: (include: readonly string[] = []) =>
      calibration.propose({
        alerts: 1,
        saidOf: (source) => (include.includes(source) ? true : undefined),
        named: include,
      }),
  }
}

/** 25 shut ports of one host within a quarter of a second. */
const look = (src: string) =>
  Array.from({ length: 25 }, (_, i) => {
    const startUs = NOW * 1_000 + i * 10_000
    return refusedFlow({ src, startUs, lastUs: startUs, dstPort: 500 + i })
  })

describe('calibration', () => {
  it('learns until its time is over, by time in which it learnt', (t) => {
    const { calibration, pass, start, store } = world(t)
    assert.throws(() => world(t).propose(), NotFoundError)
    start(6_000)
    assert.equal(isLearning(store.calibration('run')), true)
    for (let i = 0; i < 3; i++) pass()
    assert.deepEqual([calibration.run?.endedAtMs, calibration.run?.learntMs], [0, 5_000])
    pass()
    assert.ok((calibration.run?.endedAtMs as number) > 0)
    assert.equal(calibration.run?.flows, 4)
    assert.equal(isLearning(store.calibration('run')), false)
    pass()
    assert.equal(calibration.run?.flows, 4, 'what comes later does not count')
  })

  it('goes on after a restart with what was kept', (t) => {
    const first = world(t)
    first.start()
    for (let i = 0; i < 3; i++) first.pass()
    const second = world(t, { store: first.store })
    assert.equal(second.calibration.run?.flows, 3)
    second.pass()
    assert.deepEqual(
      [second.calibration.run?.flows, second.calibration.run?.learntMs, second.calibration.run?.startedAtMs],
      [4, 6_000, NOW],
    )
    assert.deepEqual(second.lines, [])
  })

  it('does not take the time for learnt in which nothing was seen', (t) => {
    const { calibration, pass, start } = world(t)
    start(3_600_000)
    pass([])
    calibration.observe({
      ...{ flows: [], scores: [], found: [], nowMs: NOW, uptimeMs: 86_400_000, heardMs: NOW },
    })
    assert.ok((calibration.run?.learntMs as number) <= 6_000)
  })

  it('begins anew when thresholds or model are others than when it began', (t) => {
    const changes: ((made: ReturnType<typeof world>) => void)[] = [
      (made) => made.setConfig(configured('[detect.login]\nconnections = 12')),
      (made) => {
        made.inUse.now = { ...made.inUse.now, sha256: 'cd' }
      },
    ]
    for (const change of changes) {
      const first = world(t)
      first.start()
      first.pass()
      const second = world(t, { store: first.store })
      change(second)
      second.pass([])
      assert.equal(second.calibration.run?.flows, 0)
      assert.match(second.lines.join(), /begins anew/)
    }
  })

  it('raises what fires on a named source, and only that, and puts it in force until it is cleared', (t) => {
    const { calibration, config, pass, start, propose } = world(t)
    start()
    pass(look('10.0.0.7'))
    pass()
    assert.equal(propose().sources[0]?.standing, 'left_out')
    const proposal = propose(['10.0.0.7'])
    assert.deepEqual(
      proposal.detectors
        .filter(({ before, proposed }) => before !== proposed)
        .map(({ detector }) => detector),
      ['scan_vertical'],
    )
    const before = thresholdsOf(config())
    const site = calibration.apply({ ...proposal, missing: [] }, { by: 'alice', nowMs: NOW })
    assert.deepEqual(site.thresholds, { scan_vertical: 30 })
    assert.deepEqual(thresholdsOf(config()), { ...before, scan_vertical: 30 })
    calibration.clear()
    assert.deepEqual(thresholdsOf(config()), before)
  })

  it('is in force after a restart, but for keys that the file names', (t) => {
    const { calibration, pass, start, propose, store } = world(t)
    start()
    pass(look('10.0.0.7'))
    pass()
    calibration.apply(propose(['10.0.0.7']), { by: 'alice', nowMs: NOW })
    assert.equal(thresholdsOf(world(t, { store }).config()).scan_vertical, 30)
    const pinned = ['detect.scan_vertical.ports']
    assert.equal(thresholdsOf(world(t, { store, pinned }).config()).scan_vertical, 20)
  })

  it('lets the fitted bundle block, not another one, nor against the word of the file', (t) => {
    const first = world(t)
    first.start()
    for (let i = 0; i < 5; i++) first.pass()
    first.calibration.apply(first.propose(), { by: 'alice', nowMs: NOW })
    assert.deepEqual([first.config().policy.modelMayBlock, first.calibration.isModelFitted()], [true, true])
    first.inUse.now = { ...first.inUse.now, threshold: 0.89 }
    assert.equal(first.calibration.isModelFitted(), false, 'a lower threshold was not fitted')
    const other = world(t, { store: first.store })
    other.inUse.now = { ...other.inUse.now, sha256: 'cd' }
    assert.equal(other.calibration.fit(other.config()).model.threshold, 0.9)
    const against = world(t, { store: first.store, pinned: ['policy.model_may_block'] })
    assert.equal(against.config().policy.modelMayBlock, false)
  })

  it('takes a document that is none of its own for nothing', (t) => {
    const documents: unknown[] = [
      ...[1, 'x', null, [], { version: 2 }, { version: 1, startedAtMs: 'x' }],
      { version: 1, startedAtMs: 1, endedAtMs: 0, learntMs: 0, forMs: 1, thresholds: null, sample: {} },
      { version: 1, startedAtMs: 1, endedAtMs: 0, learntMs: 0, forMs: 1, thresholds: {}, sample: {} },
    ]
    for (const document of documents) {
      const store = testStore(t)
      store.saveCalibration('run', document)
      store.saveCalibration('site', document)
      const { calibration } = world(t, { store })
      assert.deepEqual([calibration.run, calibration.site], [undefined, undefined], JSON.stringify(document))
    }
    const store = testStore(t)
    const thresholds = { login: -1, rate: 'x', slow_scan: 1e9, scan_vertical: 30 }
    store.saveCalibration('site', { atMs: 1, thresholds, model: { sha256: 7 } })
    assert.deepEqual(world(t, { store }).calibration.site?.thresholds, { scan_vertical: 30 })
  })

  it('is as it was when the store refuses to begin', (t) => {
    const broken = { ...testStore(t), saveCalibration: () => assert.fail('the disk is full') }
    const calibration = world(t, { store: broken as Store }).calibration
    assert.throws(() => calibration.start({ forMs: 1_000, by: '', modeBefore: 'prevent', nowMs: NOW }))
    assert.equal(calibration.run, undefined)
  })
})
