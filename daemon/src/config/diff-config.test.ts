import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffConfig, settingsInWords, valueInWords } from './diff-config.js'
import { loadConfig } from './load-config.js'

test('equal configurations differ in nothing', () => {
  assert.deepEqual(diffConfig(configOf(''), configOf('')), { reloadable: [], needsRestart: [] })
})

test('what a running daemon can take over is told apart from what needs a restart', () => {
  const next = configOf(`
    mode = "detect"
    on_exit = "detach"
    [kernel]
    flows = 4096
    [detect.login]
    ports = [22]
    [policy]
    block_s = 60
    [guards]
    peer_min_age_s = 10
    [allow]
    entries = [{ target = "::1" }]
    [log]
    level = "debug"
    format = "json"
    [metrics]
    listen = "off"`)
  assert.deepEqual(diffConfig(configOf(''), next), {
    reloadable: [
      'mode',
      'on_exit',
      'detect.login.ports',
      'policy.block_s',
      'guards.peer_min_age_s',
      'allow.entries',
      'log.level',
    ],
    needsRestart: ['kernel.flows', 'metrics.listen', 'log.format'],
  })
})

function configOf(toml: string) {
  return loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile: () => toml, memoryBytes: 2 ** 33 }).config
}

test('settings are told in words, and a long list is cut', () => {
  const words = settingsInWords(configOf('mode = "detect"'), ['mode', 'policy.model_points'])
  assert.equal(words, 'mode = "detect"; policy.model_points = 5')
  const entries = Array.from({ length: 50 }, (_, i) => `{ target = "192.0.2.${i}", reason = "office" }`)
  const many = configOf(`[allow]\nentries = [${entries.join(', ')}]`)
  const text = settingsInWords(many, ['allow.entries'])
  assert.equal(text.length, 1_000)
  assert.match(text, /^allow\.entries = \[.*\.\.\.$/)
})

test('of a command its program is told, and no argument', () => {
  const config = configOf(
    '[[lists.scheduled]]\nname = "a"\ncommand = ["/usr/bin/curl", "-H", "X-Key: hunter22"]\n',
  )
  const told = [settingsInWords(config, ['lists.scheduled']), valueInWords(config, 'lists.scheduled')]
  for (const text of told) {
    assert.match(text, /curl with 2 arguments/)
    assert.ok(!text.includes('hunter22'), text)
  }
})
