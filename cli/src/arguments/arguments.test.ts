import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detectorNames, severities } from '../../../daemon/src/detect/evidence.js'
import { ttlText } from '../output/units.js'
import { durationMs } from './duration.js'
import { DETECTORS, SEVERITIES } from './filter.js'
import { parseMoment } from './moment.js'
import { parseDecisionId, parseTarget, parseUnblocked } from './target.js'

const NOW_MS = Date.UTC(2031, 4, 4, 12, 30)

const durations: readonly (readonly [string, number | undefined])[] = [
  ['30s', 30_000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['2d', 172_800_000],
  ['1h30m', 5_400_000],
  ['1d1h1m1s', 90_061_000],
  ['1 d', 86_400_000],
  ['1 day', 86_400_000],
  ['90s', 90_000],
  ['1 h', 3_600_000],
  ['2 days 12 hours', 216_000_000],
  ['1 hour 30 minutes', 5_400_000],
  ['1h 30min', 5_400_000],
  ['1.5h', 5_400_000],
  ['1.1h', 3_960_000],
  ['1500\u00b5s', 1],
  ['250ms', 250],
  ['3h59m12.5s', 14_352_500],
  ['0s', 0],
  ['', undefined],
  [' ', undefined],
  ['1', undefined],
  ['90', undefined],
  ['day', undefined],
  ['1 dayh', undefined],
  ['1month', undefined],
  ['1.h', undefined],
  ['1e3s', undefined],
  ['-1h', undefined],
  ['30m1h', undefined],
  ['1h1h', undefined],
  ['1w', undefined],
]

const moments: readonly (readonly [string, number])[] = [
  ['1h', NOW_MS - 3_600_000],
  ['2031-05-04T12:00:00Z', NOW_MS - 1_800_000],
  ['2031-05-04t12:00:00z', NOW_MS - 1_800_000],
  ['2031-05-04 14:00:00+02:00', NOW_MS - 1_800_000],
  ['2031-05-04T12:00Z', NOW_MS - 1_800_000],
  ['2031-05-04T12:00:00.250Z', NOW_MS - 1_799_750],
]

const targets: readonly (readonly [string, boolean])[] = [
  ['1.2.3.4', true],
  ['1.2.3.0/24', true],
  ['0.0.0.0/0', true],
  ['2001:db8::1', true],
  ['2001:db8::/32', true],
  ['::ffff:1.2.3.4', true],
  ['1.2.3', false],
  ['1.2.3.256', false],
  ['0x1.2.3.4', false],
  ['16909060', false],
  ['1.2.3.4/', false],
  ['1.2.3.4/33', false],
  ['1.2.3.4/-1', false],
  ['1.2.3.4/8/8', false],
  ['2001:db8::/129', false],
  ['2001:db8::1%eth0', false],
  ['localhost', false],
]

describe('arguments', () => {
  for (const [text, expected] of durations) {
    it(`"${text}" is ${expected === undefined ? 'no duration' : `${expected} ms`}`, () => {
      assert.equal(durationMs(text), expected)
    })
  }

  it('what ttlText writes is read back', () => {
    for (const ms of [1_000, 59_000, 3_600_000, 5_461_000, 90_061_000])
      assert.equal(durationMs(ttlText(ms)), ms)
  })

  for (const [text, expected] of moments) {
    it(`"${text}" is ${new Date(expected).toISOString()}`, () => {
      assert.equal(parseMoment(text, NOW_MS), expected)
    })
  }

  for (const text of [
    '2031-05-04',
    '12:00',
    '2031-05-04T12:00:00',
    '2031-13-01T00:00:00Z',
    '2031-04-31T00:00:00Z',
  ]) {
    it(`"${text}" is no point in time`, () => {
      assert.throws(() => parseMoment(text, NOW_MS), /RFC 3339 with offset/)
    })
  }

  for (const [text, isTarget] of targets) {
    it(`"${text}" is ${isTarget ? 'a' : 'no'} target`, () => {
      if (isTarget) assert.equal(parseTarget(text), text)
      else assert.throws(() => parseTarget(text), /an address or a CIDR/)
    })
  }

  it('a decision id is taken with and without its d, but only with it where an address may stand', () => {
    assert.equal(parseDecisionId('12'), 'd12')
    assert.equal(parseDecisionId('d12'), 'd12')
    assert.deepEqual(parseUnblocked('d12'), { decisionId: 'd12' })
    assert.throws(() => parseUnblocked('12'))
    assert.throws(() => parseDecisionId('d0'))
  })

  it('of detectors and severities are those that the daemon has', () => {
    assert.deepEqual([DETECTORS, SEVERITIES], [detectorNames, severities])
  })
})
