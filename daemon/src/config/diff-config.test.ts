import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffConfig } from './diff-config.js'
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
