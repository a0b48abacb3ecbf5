import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadConfig } from './load-config.js'
import { printConfig, printExample, printTable } from './print-config.js'

/** From `build/daemon/src/config/`. */
const EXAMPLE = fileURLToPath(new URL('../../../../packaging/idsd.toml', import.meta.url))

const README = fileURLToPath(new URL('../../../../README.md', import.meta.url))

test('the printed configuration, fed back, gives the same configuration', () => {
  const argv = ['--iface', 'eth0', '--db', '/a "b"\\c\x7f.db', '--model', 'none', '--metrics-listen', 'off']
  const loaded = loadFrom('[allow]\nentries = [{ target = "::/0", reason = "all" }]\n', argv)
  const again = loadFrom(printConfig(loaded), [])
  assert.deepEqual(again.config, loaded.config)
})

test('each line says where its value comes from', () => {
  const text = printConfig(loadFrom('mode = "detect"\n', ['--iface', 'eth0']))
  assert.match(text, /^interfaces = \["eth0"\] {2}# --iface$/m)
  assert.match(text, /^mode = "detect" {2}# \/etc\/idsd\/idsd.toml$/m)
  assert.match(text, /^flows = "auto" {2}# default, here 16384$/m)
})

test('the example file with every key uncommented gives the defaults', () => {
  const uncommented = readFileSync(EXAMPLE, 'utf8').replace(/^#(?=[a-z])/gm, '')
  const argv = ['--iface', 'eth0']
  const fromExample = loadFrom(uncommented, argv)
  assert.deepEqual(fromExample.config, loadFrom('', argv).config)
  const untouched = [...fromExample.settings].filter(([, { origin }]) => origin === 'default')
  assert.deepEqual(untouched, [])
})

test('the example file is what the key table gives (make wire writes it)', () => {
  assert.equal(readFileSync(EXAMPLE, 'utf8'), printExample())
})

test('the configuration table of README.md is what the key table gives', () => {
  const rows = readFileSync(README, 'utf8').split('\n')
  const first = rows.indexOf('| key | default | live | meaning |') + 2
  assert.deepEqual(rows.slice(first, first + printTable().length), printTable())
})

function loadFrom(toml: string, argv: string[]) {
  return loadConfig({
    argv,
    env: {},
    readFile: () => toml,
    memoryBytes: 2 ** 29,
    shippedModelDir: '/shipped',
  })
}
