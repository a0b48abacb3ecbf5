import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { type DetectorName, detectorNames } from '../detect/evidence.js'
import { testFlow } from '../detect/test-flow.js'
import { openStore } from './store.js'
import { temporaryPath, testEvidence } from './test-store.js'

/** What is known of a flow when nothing is ever late. */
interface Known {
  flow: FlowRecord
  score: number
  reasons: Set<DetectorName>
}

/** Numbers in [0, 1) that are the same in every run. Source: the mulberry32 generator. */
function drawFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let drawn = Math.imul(state ^ (state >>> 15), 1 | state)
    drawn = (drawn + Math.imul(drawn ^ (drawn >>> 7), 61 | drawn)) ^ drawn
    return ((drawn ^ (drawn >>> 14)) >>> 0) / 2 ** 32
  }
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`whenever it writes, the store holds the same as one that writes everything at once: seed ${seed}`, async (t) => {
    const draw = drawFrom(seed)
    const below = (end: number) => Math.floor(draw() * end)
    const clock = { nowMs: 0 }
    const path = temporaryPath(t)
    const options = { path, uptimeMs: () => clock.nowMs, flowWaitMs: 100 }
    let store = openStore(options)
    const model = new Map<number, Known>()

    /** Any record of one of 60 flows; those of higher numbers are later. */
    const record = (): FlowRecord => {
      const seq = below(12)
      const kind = seq === 0 ? 'opened' : seq === 11 ? 'ended' : 'snapshot'
      const id = 1_000 + below(60)
      return testFlow({
        ...{ id, seq, kind, srcPort: id, startUs: 1_000_000, lastUs: 1_000_000 + Math.min(seq, 9) },
        ...{ packetsFwd: seq + 1, endReason: kind === 'ended' ? 'timeout' : '' },
      })
    }
    const learn = (flow: FlowRecord, score: number, detector?: DetectorName) => {
      const known = model.get(flow.id)
      if (known === undefined) {
        model.set(flow.id, { flow, score, reasons: new Set(detector === undefined ? [] : [detector]) })
        return
      }
      if (flow.seq >= known.flow.seq) known.flow = flow
      if (Number.isNaN(known.score) || score > known.score) known.score = score
      if (detector !== undefined) known.reasons.add(detector)
    }
    const drawScore = () => (draw() < 0.5 ? Number.NaN : below(10) / 8)

    for (let round = 0; round < 400; round++) {
      const flows = Array.from({ length: below(8) }, record)
      const scores = flows.map(drawScore)
      for (const [i, flow] of flows.entries()) if (flow.kind !== 'opened') learn(flow, scores[i]!)
      const alerts = Array.from({ length: draw() < 0.1 ? 1 + below(2) : 0 }, () => {
        const detector = detectorNames[below(detectorNames.length)]!
        const cited = Array.from({ length: below(4) }, record)
        const citedScores = cited.map(drawScore)
        for (const [i, flow] of cited.entries()) learn(flow, citedScores[i]!, detector)
        return { evidence: testEvidence({ detector, flows: cited, scores: citedScores }), decisionNumber: 0 }
      })
      store.append({ flows, scores, alerts })
      clock.nowMs += below(60)
      if (draw() < 0.4) store.flush(draw() < 0.5 ? 0 : 5)
      if (draw() < 0.02) {
        await store.close()
        store = openStore(options)
      }
      if (draw() < 0.05 || round === 399) {
        const held = store.flows({ last: 100 }).rows
        assert.equal(held.length, model.size)
        for (const { flow, score, reasons } of held) {
          const known = model.get(flow.id)!
          assert.deepEqual(flow, known.flow)
          assert.deepEqual(score, known.score)
          assert.deepEqual(new Set(reasons), known.reasons)
        }
      }
    }
    await store.close()
  })
}
