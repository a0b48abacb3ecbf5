import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../errors.js'
import { readApplied } from './applied.js'
import { loadConfig } from './load-config.js'

const { config: base } = loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile: () => '' })

function faultsOf(text: string): string[] {
  try {
    readApplied(text, 'site.toml', base)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    assert.equal(error.file, 'site.toml')
    return error.faults.map(({ path, expected }) => `${path}: ${expected}`)
  }
  return []
}

test('scheduled lists of files stand in the place of those of the file', () => {
  const text = '[lists]\nmax_bytes = 2048\n[[lists.scheduled]]\nname = "feed"\nfile = "/feed.txt"\n'
  const { lists } = readApplied(text, 'site.toml', base).over(base)
  assert.deepEqual(lists, {
    ...base.lists,
    maxBytes: 2_048,
    scheduled: [
      {
        ...{ name: 'feed', file: '/feed.txt', command: [], format: 'auto', column: null },
        ...{ everyS: 86_400, ttlS: 0, action: 'drop' },
      },
    ],
  })
})

test('a key that is named stands in the place of the same key, and all others stay', () => {
  const text =
    '[policy]\nblock_s = 30\nmodel_may_block = true\n[allow]\nentries = [{ target = "10.0.0.0/8" }]\n'
  const applied = readApplied(text, 'site.toml', base)
  assert.deepEqual(applied.paths, ['policy.block_s', 'policy.model_may_block', 'allow.entries'])
  const { policy, allow, ...rest } = applied.over(base)
  assert.deepEqual(policy, { ...base.policy, blockS: 30, modelMayBlock: true })
  assert.deepEqual(allow, { entries: [{ target: '10.0.0.0/8', reason: '' }] })
  const { policy: _policy, allow: _allow, ...others } = base
  assert.deepEqual(rest, others)
})

for (const [name, text, expected] of [
  ['a value of another kind', '[policy]\nblock_s = "x"\n', [/^policy\.block_s: a whole number/]],
  ['a key that is misspelt', '[policy]\nblock_seconds = 3\n', [/^policy\.block_seconds: /]],
  ['another table', '[log]\nlevel = "info"\n', [/^log\.level: a key of \[policy\], \[allow\] or \[lists\]/]],
  ['the mode, which is none of a table', 'mode = "detect"\n', [/^mode: a key of \[policy\], \[allow\]/]],
  ['a key of lists that there is not', '[lists]\na = 1\n', [/^lists\.a: /]],
  [
    'a list without a file',
    '[lists]\nscheduled = [{ name = "a" }]\n',
    [/^lists\.scheduled\[0\]: either file = /],
  ],
  [
    'a command, which would run on the host of idsd',
    '[lists]\nscheduled = [{ name = "a", file = "/a" }, { name = "b", command = ["/bin/sh"] }]\n',
    [/^lists\.scheduled\[1\]\.command: a file: idsd runs commands/],
  ],
  ['what is no TOML, by its line', '[policy]\nblock_s = = 3\n', [/^line 2, column /]],
  ['an empty file', '\n', [/^file: at least one key/]],
  [
    'an entry that is no address',
    '[allow]\nentries = [{ target = "x" }]\n',
    [/^allow\.entries\[0\]\.target: /],
  ],
  [
    'what contradicts the rest',
    '[policy]\nmax_block_s = 1\n',
    [/^policy\.max_block_s: at least policy\.block_s/],
  ],
  [
    'all of it at once',
    '[policy]\nblock_s = "x"\nmodel_points = -1\n[kernel]\nblocks = 1\n',
    [/^policy\.block_s: /, /^policy\.model_points: /, /^kernel\.blocks: /],
  ],
] as const) {
  test(`a fault is named: ${name}`, () => {
    const faults = faultsOf(text)
    assert.equal(faults.length, expected.length, faults.join('\n'))
    for (const pattern of expected)
      assert.ok(
        faults.some((fault) => pattern.test(fault)),
        faults.join('\n'),
      )
  })
}
