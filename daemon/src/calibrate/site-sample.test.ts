import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import { IN_FORCE } from './ladder.js'
import { createScoreSketch } from './score-sketch.js'
import { createSiteSample, type SiteSample, type Standing } from './site-sample.js'

const nobody: Standing = { isKnown: () => false, isBlocked: () => false }
const firing = (source: string, level = IN_FORCE) => ({ source, detector: 'login' as const, level })
const see = (sample: SiteSample, src: string, score: number, given = {}) =>
  sample.observe([testFlow({ src, ...given })], [score], [])
const above = (sample: SiteSample, threshold: number) =>
  createScoreSketch(sample.state().scores).countFrom(threshold)

describe('site sample', () => {
  it('takes over what waited when it settles, and not before', () => {
    const sample = createSiteSample()
    see(sample, '10.0.0.1', 0.25)
    see(sample, '2001:db8::1', 0.75)
    assert.deepEqual([sample.flows, sample.scored], [0, 0])
    sample.settle(nobody)
    assert.deepEqual([sample.flows, sample.sources, sample.scored, above(sample, 0.5)], [2, 2, 2, 1])
  })

  it('counts a flow once, by the highest score of all its records', () => {
    const sample = createSiteSample()
    for (const [kind, score] of [
      ['opened', Number.NaN],
      ['snapshot', 0.9],
      ['ended', 0.2],
    ] as const)
      see(sample, '10.0.0.1', score, { id: 5, kind })
    sample.settle(nobody)
    assert.deepEqual([sample.flows, sample.scored, above(sample, 0.9)], [1, 1, 1])
  })

  it('keeps what one source did before it fired in the same time out, and its later scores too', () => {
    const sample = createSiteSample()
    see(sample, '10.0.0.1', 0.99)
    sample.observe([], [], [firing('10.0.0.1')])
    sample.settle(nobody)
    see(sample, '10.0.0.1', 0.99)
    sample.settle(nobody)
    assert.deepEqual([sample.flows, sample.scored, sample.leftOut], [0, 0, 1])
    assert.equal(sample.state().leftOutFlows, 2)
  })

  it('takes the scores of one that fired below what is in force, or that is known', () => {
    const sample = createSiteSample()
    see(sample, '10.0.0.1', 0.5)
    see(sample, '10.0.0.2', 0.5)
    sample.observe([], [], [firing('10.0.0.1', IN_FORCE - 1), firing('10.0.0.2')])
    sample.settle({ ...nobody, isKnown: (source) => source === '10.0.0.2' })
    assert.equal(sample.scored, 2)
    const [, second] = sample.state().sources
    assert.deepEqual([second?.[0], second?.[1].isKnown], ['10.0.0.2', true])
  })

  it('leaves out who is blocked', () => {
    const sample = createSiteSample()
    see(sample, '10.0.0.1', 0.5)
    sample.settle({ ...nobody, isBlocked: () => true })
    assert.deepEqual([sample.scored, sample.leftOut], [0, 1])
  })

  it('gives no source more than 64 scores in a time, so that one of 10,000 flows owns nothing', () => {
    const sample = createSiteSample()
    for (let i = 0; i < 10_000; i++) see(sample, '10.0.0.1', 1)
    for (let i = 0; i < 640; i++) see(sample, `10.0.1.${i % 64}`, 0)
    sample.settle(nobody)
    assert.deepEqual([above(sample, 1), sample.scored, sample.flows], [64, 704, 10_640])
  })

  it('leaves hostile scores out', () => {
    const sample = createSiteSample()
    for (const score of [Number.NaN, Number.POSITIVE_INFINITY, -1, 2]) see(sample, '10.0.0.1', score)
    sample.settle(nobody)
    assert.deepEqual([sample.scored, sample.flows], [0, 4])
  })

  it('stays bounded, and keeps the known when a crowd of new sources fires', () => {
    const sample = createSiteSample()
    see(sample, '192.0.2.1', 0.1)
    sample.observe([], [], [firing('192.0.2.1')])
    sample.settle({ ...nobody, isKnown: (source) => source === '192.0.2.1' })
    for (let i = 0; i < 20_000; i++) {
      see(sample, `2001:db8::${i.toString(16)}`, 0.9)
      sample.observe([], [], [firing(`2001:db8::${i.toString(16)}`)])
    }
    sample.settle(nobody)
    const { sources, leftOut, unkept } = sample.state()
    assert.deepEqual([sources.length, leftOut.length, unkept], [4_096, 16_384, 0])
    assert.ok(sources.some(([source]) => source === '192.0.2.1'))
    assert.equal(sample.flows, 15_905, 'of 4,095 that were kept apart it is known that they fired')
  })

  it('goes on from what was stored as if nothing had been', () => {
    const sample = createSiteSample()
    see(sample, '10.0.0.1', 0.3, { dstPort: 443 })
    see(sample, '10.0.0.2', 0.9, { protocol: 17, dstPort: 50_000 })
    sample.observe([], [], [firing('10.0.0.2'), firing('10.0.0.2', 4)])
    sample.settle(nobody)
    const again = createSiteSample(JSON.parse(JSON.stringify(sample.state())))
    assert.deepEqual(again.state(), sample.state())
    assert.deepEqual(again.classes, { tcp_system: 1, udp_dynamic: 1 })
    see(again, '10.0.0.2', 0.9)
    see(again, '10.0.0.3', 0.9)
    again.settle(nobody)
    assert.deepEqual([again.flows, again.sources], [2, 2], 'the second is left out still')
  })
})
