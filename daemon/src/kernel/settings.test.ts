import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSettings } from './settings.js'
import { settings as layout } from './wire.js'

const endless = Number.POSITIVE_INFINITY

test('an end is read as it was written, without end too', () => {
  const settings = openSettings(new ArrayBuffer(layout.size))
  for (const us of [0, 1, 61_000_000, endless]) {
    settings.panicUntilBootUs = us
    settings.trialUntilBootUs = us
    assert.deepEqual([settings.panicUntilBootUs, settings.trialUntilBootUs], [us, us])
  }
})

for (const from of [0, 61_000_000, endless]) {
  test(`a word that is no longer ${from} stays what somebody else made of it`, () => {
    const settings = openSettings(new ArrayBuffer(layout.size))
    settings.panicUntilBootUs = from
    settings.trialUntilBootUs = from
    assert.ok(settings.replacePanic(from, 7_000_000) && settings.replaceTrial(from, 8_000_000))
    assert.ok(!settings.replacePanic(from, 9_000_000) && !settings.replaceTrial(from, 9_000_000))
    assert.deepEqual([settings.panicUntilBootUs, settings.trialUntilBootUs], [7_000_000, 8_000_000])
  })
}

test('settings of a version without trials take none', () => {
  const { beatNs, leaseNs, panicUntilNs } = layout.offset
  const places = { beatNs, leaseNs, panicUntilNs, trialUntilNs: undefined }
  const settings = openSettings(new ArrayBuffer(layout.size), places)
  assert.equal(settings.replaceTrial(0, 8_000_000), false)
  assert.equal(settings.trialUntilBootUs, 0)
})
