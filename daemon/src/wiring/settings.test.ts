import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../config/load-config.js'
import { ConfigError } from '../errors.js'
import { createSettings } from './settings.js'

const load = (text: string) => loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile: () => text }).config
const blockS = (n: number) => `[policy]\nblock_s = ${n}\n`

function settingsWorld(stored?: string, onTrial?: string | null) {
  const faults: Error[] = []
  const settings = createSettings({
    file: load('[policy]\nblock_s = 10\nmodel_points = 7\n'),
    pinned: new Set(['policy.block_s']),
    store: { applied: () => stored },
    onTrial,
    onUnusable: (fault) => faults.push(fault),
  })
  const seconds = () => [settings.now.policy.blockS, settings.confirmed.policy.blockS]
  return { settings, faults, seconds }
}

test('what was applied stands above the file, and what is on trial above both', () => {
  assert.deepEqual(settingsWorld().seconds(), [10, 10])
  assert.deepEqual(settingsWorld(blockS(20)).seconds(), [20, 20])
  assert.deepEqual(settingsWorld(blockS(20), blockS(30)).seconds(), [30, 20])
  assert.deepEqual(settingsWorld(blockS(20), null).seconds(), [10, 20])
})

test('a trial is kept or dropped', () => {
  for (const [isKept, expected] of [
    [true, [30, 30]],
    [false, [20, 20]],
  ] as const) {
    const { settings, seconds } = settingsWorld(blockS(20))
    settings.use(blockS(30), true)
    assert.deepEqual(seconds(), [30, 20])
    if (isKept) settings.keep()
    else settings.drop()
    assert.deepEqual(seconds(), expected)
  }
})

test('a key that is applied is pinned, as one of the file is', () => {
  const { settings } = settingsWorld('[policy]\nmodel_points = 3\n')
  assert.deepEqual([...settings.pinned], ['policy.block_s', 'policy.model_points'])
})

test('another file keeps what is applied; one that contradicts it is refused and changes nothing', () => {
  const { settings, seconds } = settingsWorld(blockS(20))
  settings.reload(load('[policy]\nmodel_points = 9\n'), new Set())
  assert.deepEqual([seconds(), settings.now.policy.modelPoints], [[20, 20], 9])
  assert.throws(
    () => settings.reload(load('[policy]\nblock_s = 5\nmax_block_s = 15\n'), new Set()),
    ConfigError,
  )
  assert.deepEqual([seconds(), settings.now.policy.modelPoints], [[20, 20], 9])
})

test('what was applied and cannot be used any more is told, and idsd goes on without it', () => {
  const { seconds, faults } = settingsWorld('[policy]\ngone = 1\n')
  assert.deepEqual([seconds(), faults.length], [[10, 10], 1])
})

test('of what cannot be used any more the allow entries stay', () => {
  const allow = '[allow]\nentries = [{ target = "198.51.100.7" }]\n'
  const { settings, seconds, faults } = settingsWorld(`[policy]\ngone = 1\nblock_s = 20\n${allow}`)
  assert.deepEqual([seconds(), faults.length], [[10, 10], 1])
  assert.deepEqual(
    settings.now.allow.entries.map(({ target }) => target),
    ['198.51.100.7'],
  )
  settings.reload(load(blockS(40)), new Set())
  assert.deepEqual([seconds(), settings.now.allow.entries.length], [[40, 40], 1])
  assert.deepEqual(settingsWorld(`[policy]\ngone = 1\n[allow]\nentries = 3\n`).settings.now.allow.entries, [])
})
