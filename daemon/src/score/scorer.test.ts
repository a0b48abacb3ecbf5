import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { testFlow } from '../detect/test-flow.js'
import { flowRecord } from '../kernel/wire.js'
import { createTestLog } from '../publish/fake-daemon.js'
import { createScorer } from './scorer.js'
import { meanModel, tinyBundle } from './tiny-model.js'

async function world(t: TestContext, dir: string | null, threshold: number | null = null) {
  const log = createTestLog()
  const scorer = await createScorer({ model: { dir, threshold }, log })
  t.after(() => scorer.close())
  const bytes = new DataView(new ArrayBuffer(flowRecord.size))
  /** Which of the flows got a score. */
  const scored = async (...flows: FlowRecord[]) => {
    const offsets = flows.map(({ kind }) => (kind === 'opened' ? -1 : 0))
    const scores = await scorer.score(bytes, flows, offsets)
    assert.equal(scores.length, flows.length)
    return [...scores].map((score) => !Number.isNaN(score))
  }
  return { scorer, scored, log }
}

test('a flow is scored when it becomes ready and when it ends, not at its opening and not in between', async (t) => {
  const { scorer, scored } = await world(t, tinyBundle(t))
  const id = 7
  assert.deepEqual(
    await scored(
      testFlow({ id }),
      testFlow({ id, kind: 'snapshot', seq: 1 }),
      testFlow({ id, kind: 'snapshot', seq: 2, tcpState: 'ready' }),
    ),
    [false, false, true],
  )
  assert.deepEqual(await scored(testFlow({ id, kind: 'snapshot', seq: 3, tcpState: 'ready' })), [false])
  assert.deepEqual(await scored(testFlow({ id, kind: 'ended', seq: 4, tcpState: 'ready' })), [true])
  assert.equal(scorer.state().flowsScored, 2)
})

const cutCases: readonly (readonly [
  cuts: unknown,
  packets: readonly number[],
  scored: readonly boolean[],
])[] = [
  [
    ['ready', 'end'],
    [2, 4, 8],
    [false, false, false],
  ],
  [[4], [2, 4, 8], [false, true, false]],
  [
    ['end', 4, 8],
    [2, 5, 8, 16],
    [false, true, true, false],
  ],
  [
    [3, 4],
    [8, 16],
    [true, false],
  ],
]
for (const [cuts, packets, expected] of cutCases) {
  test(`snapshots at ${packets} packets are scored where a bundle with cuts ${JSON.stringify(cuts)} asks for it`, async (t) => {
    const { scored } = await world(t, tinyBundle(t, { manifest: { trained_on_cuts: cuts } }))
    const snapshots = packets.map((packetsFwd, i) =>
      testFlow({ id: 9, kind: 'snapshot', seq: i, packetsFwd, packetsBwd: 0 }),
    )
    assert.deepEqual(await scored(...snapshots), expected)
    assert.deepEqual(await scored(testFlow({ id: 9, kind: 'ended', packetsFwd: 20, packetsBwd: 0 })), [true])
  })
}

test('a flow in transit is never scored', async (t) => {
  const { scored } = await world(t, tinyBundle(t))
  assert.deepEqual(await scored(testFlow({ kind: 'ended', isTransit: true })), [false])
})

test('the threshold is the bundle’s, until the configuration names one', async (t) => {
  const dir = tinyBundle(t)
  const { scorer } = await world(t, dir)
  assert.equal(scorer.state().threshold, 0.75)
  scorer.configure({ dir, threshold: 0.9 })
  assert.equal(scorer.state().threshold, 0.9)
  scorer.configure({ dir, threshold: null })
  assert.equal(scorer.state().threshold, 0.75)
})

test('a bundle that does not load leaves a daemon without scores, which says why', async (t) => {
  const { scorer, scored, log } = await world(t, tinyBundle(t, { manifest: { sha256: 'no' } }))
  assert.equal(scorer.state().isLoaded, false)
  assert.match(scorer.state().problem, /model\.onnx has sha256/)
  assert.equal(log.lines[0]?.level, 'warn')
  assert.deepEqual(await scored(testFlow({ kind: 'ended' })), [false])
  assert.equal(scorer.state().threshold, 1)
})

test('a model that is switched off is no warning', async (t) => {
  const { scorer, log } = await world(t, null)
  assert.match(scorer.state().problem, /switched off/)
  assert.deepEqual(log.lines, [])
})

test('a feature that idsd does not compute is 0 in every flow, and is told in state and log', async (t) => {
  const features = ['Magic', 'Total Fwd Packets', 'Luck', 'Flow Duration']
  const { scorer, log } = await world(t, tinyBundle(t, { manifest: { features }, model: meanModel(4) }))
  assert.deepEqual(scorer.state().missingFeatures, ['Magic', 'Luck'])
  assert.equal(log.lines.length, 1)
  const view = new DataView(new ArrayBuffer(2 * flowRecord.size))
  flowRecord.set.flowDir0Packets(view, flowRecord.size, 8)
  const scores = await scorer.score(
    view,
    [testFlow({ kind: 'ended' }), testFlow({ kind: 'ended' })],
    [0, flowRecord.size],
  )
  assert.ok(Math.abs((scores[0] as number) - 0.5) < 1e-6)
  assert.ok(Math.abs((scores[1] as number) - 1 / (1 + Math.exp(-8 / 4))) < 1e-6)
})

test('severity is that of the bundle’s levels', async (t) => {
  const severity = { low: 0.5, high: 0.9 }
  const { scorer } = await world(t, tinyBundle(t, { manifest: { severity } }))
  assert.deepEqual([0.5, 0.9].map(scorer.state().severityOf), ['low', 'high'])
})

test('scores are counted for a histogram, and an answer outside [0, 1] is no score', async (t) => {
  const { scorer, log } = await world(t, tinyBundle(t, { model: meanModel(2, { sigmoid: false }) }))
  const view = new DataView(new ArrayBuffer(2 * flowRecord.size))
  flowRecord.set.flowDir0Packets(view, flowRecord.size, 8)
  const scores = await scorer.score(
    view,
    [testFlow({ kind: 'ended' }), testFlow({ kind: 'ended' })],
    [0, flowRecord.size],
  )
  assert.deepEqual([...scores], [0, Number.NaN])
  const { scores: counts, oddScores, flowsScored } = scorer.state()
  assert.deepEqual([counts.count, counts.cumulative[0], counts.sum, oddScores, flowsScored], [1, 1, 0, 1, 1])
  assert.equal(log.lines.length, 1)
})

test('a model that fails at work is put out of use once, and flows pass unscored', async (t) => {
  const { scorer, scored, log } = await world(t, tinyBundle(t))
  const noRecord = new DataView(new ArrayBuffer(8))
  const scores = await scorer.score(noRecord, [testFlow({ kind: 'ended' })], [0])
  assert.deepEqual([...scores], [Number.NaN])
  assert.equal(scorer.state().isLoaded, false)
  assert.notEqual(scorer.state().problem, '')
  assert.deepEqual(await scored(testFlow({ kind: 'ended' })), [false])
  assert.equal(log.lines.length, 1)
})
