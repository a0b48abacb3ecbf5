import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../config/config.js'
import { loadConfig } from '../config/load-config.js'
import { mapBytes } from '../kernel/data-path.js'
import { banner, mapSizes, sudoUser } from './start.js'

const loaded = loadConfig({ argv: ['--iface', 'eth0'], env: {} }).config

const withKernel = (kernel: Partial<Config['kernel']>): Config => ({
  ...loaded,
  kernel: { ...loaded.kernel, ...kernel },
})

test('hashed maps are sized to the next power of two, the others as they were asked for', () => {
  const sizes = mapSizes(withKernel({ blocks: 100_000, sources: 5_000, prefixes: 10_000, flows: 1_000 }))
  assert.equal(sizes.blocks, 131_072)
  assert.equal(sizes.sources, 8_192)
  assert.equal(sizes.prefixes, 10_000)
  assert.equal(sizes.tombstones, 1_024)
})

for (const [what, env, expected] of [
  ['nobody', {}, undefined],
  ['nobody by an empty word', { SUDO_UID: '' }, undefined],
  ['a user', { SUDO_UID: '1000' }, 1000],
  ['root', { SUDO_UID: '0' }, undefined],
  ['nonsense', { SUDO_UID: 'abc' }, undefined],
] as const) {
  test(`who called sudo: ${what}`, () => assert.equal(sudoUser(env), expected))
}

const state = { name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true } as const

function lines(config: Config, given: Partial<Parameters<typeof banner>[0]['interfaces'][0]> = {}) {
  const sizes = mapSizes(config)
  return banner({
    config,
    version: '1.0.0',
    interfaces: [{ ...state, ...given }],
    sizes,
    bytes: mapBytes(sizes, 1),
    lists: { addresses: 3, prefixes: 2, allowed: 1 },
    model: 'flow-gbt 1.1.0',
  })
}

test('the banner says interface, mode, sizes, memory and new flows a second', () => {
  const text = lines(withKernel({ flows: 120_000 })).map(({ message }) => message)
  assert.match(text[0] ?? '', /eth0: XDP native, egress tcx/)
  assert.match(
    text[1] ?? '',
    /maps: 120000 flows per interface, .* MiB; sustains 1000 new flows\/s on each, 9600 while/,
  )
  assert.equal(text[2], 'lists: 3 addresses and 2 prefixes blocked, 1 allowed; model: flow-gbt 1.1.0')
  assert.match(text[3] ?? '', /mode prevent/)
  assert.ok(lines(loaded).every(({ level }) => level === 'info'))
})

test('generic mode, missing frags and mode detect are warnings', () => {
  assert.match(lines(loaded, { xdpMode: 'generic' })[0]?.message ?? '', /generic mode, about 3 times slower/)
  assert.equal(lines(loaded, { xdpMode: 'generic' })[0]?.level, 'warn')
  assert.equal(lines(loaded, { frags: false })[1]?.level, 'warn')
  assert.equal(lines({ ...loaded, mode: 'detect' }).at(-1)?.level, 'warn')
})
