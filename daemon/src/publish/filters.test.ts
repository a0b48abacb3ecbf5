import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { sampleDecision, sampleEvidence, sampleFlow } from './fake-view.js'
import {
  alertMatcher,
  asWatchFilter,
  decisionMatcher,
  flowMatcher,
  readAlertFilter,
  readFlowFilter,
} from './filters.js'

const message = (change: object) => ({
  ...{ sinceMs: 0, untilMs: 0, ip: '', port: 0, last: 0 },
  ...{ minScore: 0, anomalous: false, detector: '', severity: '' },
  ...change,
})
const read = (change: object) => readFlowFilter(message(change), parseTarget)

describe('a flow matches', () => {
  const flow = sampleFlow({ src: '192.0.2.7', dst: '2001:db8::1', srcPort: 40_000, dstPort: 22 })
  const cases: [string, object, boolean][] = [
    ['an empty filter', {}, true],
    ['its source', { ip: '192.0.2.7' }, true],
    ['its destination', { ip: '2001:db8::1' }, true],
    ['a prefix around its source', { ip: '192.0.2.0/24' }, true],
    ['a prefix around its destination', { ip: '2001:db8::/32' }, true],
    ['not an address that its own begins with', { ip: '192.0.2.70' }, false],
    ['not a prefix beside it', { ip: '192.0.3.0/24' }, false],
    ['not all of IPv4 when asked about its other end alone', { ip: '2001:db9::/32' }, false],
    ['either port', { port: 22 }, true],
    ['not another port', { port: 23 }, false],
    ['not the right address with another port', { ip: '192.0.2.7', port: 23 }, false],
    ['not a score, while it has none', { minScore: 0.1 }, false],
    ['not what stands out, while nobody named it', { anomalous: true }, false],
  ]
  for (const [name, change, expected] of cases) {
    it(name, () => assert.equal(flowMatcher(read(change))({ flow, score: Number.NaN }), expected))
  }

  it('its own score and any below', () => {
    const matches = (minScore: number) => flowMatcher(read({ minScore }))({ flow, score: 0.5 })
    assert.deepEqual([0.4, 0.5, 0.6].map(matches), [true, true, false])
  })

  it('what stands out, once a detector named it', () => {
    const matches = flowMatcher(read({ anomalous: true }))
    assert.equal(matches({ flow, score: 0.1, reasons: ['login'] }), true)
    assert.equal(matches({ flow, score: 0.1, reasons: [] }), false)
  })
})

describe('an alert matches', () => {
  const row = { number: 1, evidence: sampleEvidence(), decisionNumber: 0 }
  const cases: [string, object, boolean][] = [
    ['an empty filter', {}, true],
    ['its source', { ip: '192.0.2.7' }, true],
    ['not the other end of its flows', { ip: '198.51.100.1' }, false],
    ['a port of its flows', { port: 22 }, true],
    ['not another port', { port: 23 }, false],
    ['its detector', { detector: 'login' }, true],
    ['not another detector', { detector: 'rate' }, false],
    ['its severity', { severity: 'high' }, true],
    ['a lesser severity', { severity: 'low' }, true],
    ['not a greater one', { severity: 'critical' }, false],
  ]
  for (const [name, change, expected] of cases) {
    it(name, () => assert.equal(alertMatcher(readAlertFilter(message(change), parseTarget))(row), expected))
  }
})

describe('a list of alerts', () => {
  const last = (count: number) => readAlertFilter(message({ last: count }), parseTarget).last

  it('holds 500 of them and no more: they come with their flows', () => {
    assert.equal(last(500), 500)
    assert.throws(() => last(501), { field: 'filter.last', message: /at most 500 alerts/ })
    assert.equal(read({ last: 501 }).last, 501)
  })
})

describe('a decision matches', () => {
  const cases: [string, string, string, boolean][] = [
    ['its own target', '192.0.2.7', '192.0.2.7', true],
    ['a wider prefix', '192.0.2.7', '192.0.2.0/24', true],
    ['an address inside its prefix', '192.0.2.0/24', '192.0.2.7', true],
    ['a prefix that ends inside a byte', '192.0.2.128/25', '192.0.2.200', true],
    ['not the other half of that byte', '192.0.2.128/25', '192.0.2.100', false],
    ['not the other family', '0.0.0.0/0', '::/0', false],
    ['IPv6', '2001:db8::/32', '2001:db8::7', true],
  ]
  for (const [name, target, ip, expected] of cases) {
    it(name, () =>
      assert.equal(decisionMatcher(read({ ip }), parseTarget)(sampleDecision({ target })), expected),
    )
  }
})

describe('a stream', () => {
  const watch = (change: object) => asWatchFilter(message(change), read(change))

  it('shows only what is new unless it is asked for the past', () => {
    assert.equal(watch({}).replays, false)
    assert.equal(watch({ last: 5 }).replays, true)
    assert.equal(watch({ last: 5 }).filter.last, 5)
    assert.equal(watch({ sinceMs: 1 }).replays, true)
    assert.equal(watch({ sinceMs: 1 }).filter.last, 10_000)
    const asked = message({ sinceMs: 1 })
    assert.equal(asWatchFilter(asked, read({ sinceMs: 1 }), 500).filter.last, 500)
  })

  it('has no end', () => {
    assert.throws(() => watch({ untilMs: 1 }), { code: 'ERR_ARGUMENT', field: 'filter.until_ms' })
  })
})
