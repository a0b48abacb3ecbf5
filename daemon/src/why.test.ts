import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createEnforcer } from './enforce/enforcer.js'
import { at, testAllow, testOrder, testVerdict } from './enforce/test-enforcer.js'
import { openAddressTrace } from './kernel/address-trace.js'
import { openBlockList } from './kernel/block-list.js'
import { openDataPath } from './kernel/data-path.js'
import { createFakeBinding } from './kernel/fake-binding.js'
import { settings } from './kernel/wire.js'
import { parseTarget } from './policy/address.js'
import { sampleStatus } from './publish/fake-view.js'
import { testEvidence, testStore } from './record/test-store.js'
import { unloadedState } from './score/scorer.js'
import { createWhy } from './why.js'

const sizes = {
  ...{ flows: 16, tombstones: 16, blocks: 128, prefixes: 64, allows: 16, suspects: 4, sources: 4 },
  ...{ urgentRingBytes: 4096, bulkRingBytes: 4096 },
}

/** An enforcer with a store, over maps without a kernel. */
function world(t: TestContext) {
  const binding = createFakeBinding()
  const path = openDataPath({ binding, root: '', ifindex: 2, newFlowsPerSecond: 0, hashSeed: 7, sizes })
  const blockList = openBlockList({ binding, path, blocks: sizes.blocks, hashSeed: 7 })
  const store = testStore(t)
  const wallMs = binding.time.wallUs / 1000
  const clock = { nowMs: () => wallMs, bootUs: () => binding.time.bootUs }
  const enforcer = createEnforcer({
    ...{ blockList, store, parseTarget, clock, mode: 'prevent', onChange: () => undefined },
    automaticAllow: () => [testAllow('192.0.2.9', 'automatic', 'the gateway')],
  })
  const why = createWhy({
    ...{ trace: openAddressTrace(binding, path), clock, enforcer, store },
    scorer: { explain: async () => undefined, state: () => ({ ...unloadedState, problem: 'none here' }) },
    model: () => sampleStatus.model,
  })
  return { enforcer, store, wallMs, binding, path, blockList, why: (text: string) => why(at(text)) }
}

test('of what is as it should be nothing is told, and times are wall times', async (t) => {
  const { enforcer, why, wallMs } = world(t)
  const decision = enforcer.block(testOrder('192.0.2.0/24', { expiresAtMs: wallMs + 60_000 }))
  enforcer.addAllow(at('192.0.2.1'), testAllow('192.0.2.1', 'operator'))
  const found = await why('192.0.2.1')
  assert.deepEqual(found.divergences, [])
  assert.deepEqual([found.fate, found.fateWithoutAllow], ['allowed', 'dropped'])
  assert.equal(found.entries[0]?.decision, decision.number)
  assert.equal(found.entries[0]?.expiresAtMs, decision.expiresAtMs)
  assert.deepEqual([found.entries[0]?.origin, found.entries[0]?.reason], ['operator', 'manual'])
  assert.match(found.modelProblem, /no model is loaded: none here/)
})

test('what is on trial is told apart from what stands', async (t) => {
  const { enforcer, why } = world(t)
  enforcer.addAllow(at('192.0.2.0/24'), testAllow('192.0.2.0/24', 'operator'))
  enforcer.draftTrial(() => enforcer.addAllow(at('192.0.2.1'), testAllow('192.0.2.1', 'operator')))
  const { allows } = await why('192.0.2.1')
  assert.deepEqual(
    allows.map(({ entry, isOnTrial }) => [entry.target, isOnTrial]),
    [
      ['192.0.2.1', true],
      ['192.0.2.0/24', false],
    ],
  )
})

type World = ReturnType<typeof world>
const cases: readonly (readonly [string, (world: World) => void, RegExp])[] = [
  [
    'an entry that is gone',
    ({ blockList }) => void blockList.remove(at('192.0.2.1')),
    /^d1 is active, but the kernel holds no entry for 192\.0\.2\.1$/,
  ],
  [
    'an entry that does something else',
    ({ blockList }) => {
      const { leasedFromBootUs: _lease, ...entry } = blockList.get(at('192.0.2.1')) ?? assert.fail()
      blockList.set(at('192.0.2.1'), { ...entry, action: 2 })
    },
    /^the kernel's entry for 192\.0\.2\.1 is not what d1 asks for$/,
  ],
  [
    'a stage that is off',
    ({ binding, path }) => settings.set.exact4(new DataView(binding.mapMemory(path.fd('settings'))), 0, 0),
    /^the entry for 192\.0\.2\.1 is in its map, but the stage before it is off$/,
  ],
  [
    'an entry without a decision',
    ({ blockList }) =>
      blockList.set(at('192.0.2.0/25'), { decision: 99, action: 1, origin: 1, reason: 1, expiresBootUs: 0 }),
    /^the kernel holds an entry for 192\.0\.2\.0\/25 that no active decision is behind$/,
  ],
  [
    'an allow entry that is gone',
    ({ blockList }) => void blockList.disallow(at('192.0.2.0/28')),
    /^the allow entry 192\.0\.2\.0\/28 is not in the kernel$/,
  ],
  [
    'an allow entry without an origin',
    ({ blockList }) => blockList.allow(at('192.0.2.0/30'), 77),
    /^the kernel allows 192\.0\.2\.0\/30, which nobody asked for$/,
  ],
]

for (const [name, spoil, sentence] of cases) {
  test(`${name} is told`, async (t) => {
    const made = world(t)
    made.enforcer.addAllow(at('192.0.2.0/28'), testAllow('192.0.2.0/28', 'operator'))
    made.enforcer.block(testOrder('192.0.2.1'))
    assert.deepEqual((await made.why('192.0.2.1')).divergences, [])
    spoil(made)
    const { divergences } = await made.why('192.0.2.1')
    assert.equal(divergences.length, 1, divergences.join('\n'))
    assert.match(divergences[0] as string, sentence)
  })
}

test('the deciding decision comes first, then the others, and what has ended is history', async (t) => {
  const { enforcer, why } = world(t)
  const exact = enforcer.block(testOrder('192.0.2.1', { action: 'count' }))
  const wide = enforcer.block(testOrder('192.0.0.0/16'))
  const ended = enforcer.block(testOrder('192.0.2.1'))
  enforcer.lift([ended], 'test')
  enforcer.block(testOrder('192.0.2.2'))
  const found = await why('192.0.2.1')
  assert.deepEqual(
    found.decisions.map(({ number }) => number),
    [wide.number, exact.number],
  )
  assert.deepEqual(
    found.history.rows.map(({ number }) => number),
    [ended.number],
  )
  assert.equal(found.history.total, 1)
  assert.equal((await why('192.0.2.0/24')).decisionsInside, 2)
})

test('the flow with the highest score whose features were kept is the one that is explained', async (t) => {
  const { enforcer, store } = world(t)
  const [low, high, unkept] = [11, 12, 13]
  const evidence = testEvidence({ source: '192.0.2.1' })
  const [flow] = evidence.flows
  assert.ok(flow)
  const flows = [low, high, unkept].map((id) => ({ ...flow, id }))
  enforcer.enforce(testVerdict('192.0.2.1', { evidence: [{ ...evidence, flows, scores: [0.2, 0.9, 0.95] }] }))
  const asked: number[] = []
  const why = createWhy({
    trace: () => ({ entries: [], allows: [], fate: 'passes', fateWithoutAllow: 'passes' }),
    clock: { nowMs: () => 0, bootUs: () => 0 },
    enforcer,
    store: {
      ...store,
      flow: (id) => ({ flow: { ...flow, id }, score: [0.2, 0.9, 0.95][id - low] as number, reasons: [] }),
      features: (id) => (id === unkept ? undefined : { names: ['id'], values: Float32Array.of(id) }),
    },
    scorer: {
      explain: async ({ values }) => {
        asked.push(values[0] as number)
        return { score: 0.9, weights: [] }
      },
      state: () => ({ ...unloadedState, isLoaded: true }),
    },
    model: () => sampleStatus.model,
  })
  const found = await why(at('192.0.2.1'))
  assert.deepEqual(asked, [high])
  assert.equal(found.modelReason?.flow.flow.id, high)
  assert.equal(found.modelProblem, '')
})
