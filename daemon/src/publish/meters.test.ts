import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleEvidence } from './fake-view.js'
import { createHistogram } from './histogram.js'
import { createMeters } from './meters.js'

test('a bucket holds every value up to its bound, the bound itself included', () => {
  const histogram = createHistogram([1, 2, 5])
  for (const value of [0, 1, 1.5, 2, 4, 9, Number.NaN]) histogram.observe(value)
  assert.deepEqual(histogram.read(), { bounds: [1, 2, 5], cumulative: [2, 4, 5], sum: 17.5, count: 6 })
})

test('alerts are counted by detector and severity, from 0 for every pair', () => {
  const meters = createMeters()
  assert.equal(meters.read().alerts.exfiltration.critical, 0)
  meters.countAlerts([sampleEvidence(), sampleEvidence(), sampleEvidence({ severity: 'low' })])
  const { alerts, alertsTotal } = meters.read()
  assert.deepEqual(alerts.login, { low: 1, medium: 0, high: 2, critical: 0 })
  assert.equal(alertsTotal, 3)
})

test('decisions are counted by who, what and why not', () => {
  const meters = createMeters()
  meters.countDecision({ origin: 'detector', action: 'count', kind: 'spoofable' })
  meters.countDecision({ origin: 'operator', action: 'drop', kind: 'block' })
  meters.countDecision({ origin: 'operator', action: 'drop', kind: 'block' })
  const made = meters.read().decisionsMade
  assert.equal(made.length, 28)
  assert.deepEqual(
    made.filter(({ count }) => count > 0).map(({ origin, kind, count }) => [origin, kind, count]),
    [
      ['operator', 'block', 2],
      ['detector', 'spoofable', 1],
    ],
  )
})

test('the time to a block is counted in seconds', () => {
  const meters = createMeters()
  for (const seconds of [0.0004, 0.003, 7]) meters.observeTimeToBlock(seconds)
  const { bounds, cumulative, count } = meters.read().timeToBlock
  assert.equal(cumulative[bounds.indexOf(0.0005)], 1)
  assert.equal(cumulative[bounds.indexOf(0.002)], 1)
  assert.equal(cumulative[bounds.indexOf(5)], 2)
  assert.equal(count, 3)
})
