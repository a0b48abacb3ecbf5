import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { processIo } from '../io.js'
import { createProgram } from '../program.js'
import { bashCompletion } from './bash.js'
import { commandTree } from './tree.js'
import { zshCompletion } from './zsh.js'

const tree = commandTree(createProgram(processIo()))

/** What bash would offer after these words; the last one is being typed. */
function offered(...words: readonly string[]): string[] {
  const script = `${bashCompletion(tree)}
    COMP_WORDS=(idsctl "$@"); COMP_CWORD=$#; _idsctl; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout.split('\n').filter((word) => word !== '')
}

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a command', ['dec'], ['decisions']],
  ['a command of a command', ['allow', ''], ['add', 'rm', 'list', 'check', 'help']],
  ['a command after a global option with value', ['-o', 'json', 'decisions', 'w'], ['watch']],
  ['an option', ['block', '1.2.3.4', '--tt'], ['--ttl']],
  ['a global option behind a command', ['flows', '--so'], ['--socket']],
  ['the choices of an option', ['status', '-o', 'json'], ['json', 'jsonl']],
  ['the choices of an option with =', ['block', '--action', '=', 'c'], ['count']],
  ['the choices of an argument', ['completion', 'z'], ['zsh']],
  ['a command of a command that does something by itself', ['flows', 'e'], ['export']],
  ['the detectors', ['alerts', '--detector', 'lo'], ['login']],
  ['files for an export', ['flows', 'export', '-o', '/dev/ful'], ['/dev/full']],
  ['captures to extract', ['extract', '/dev/ful'], ['/dev/full']],
  ['an option of a command that takes files', ['extract', '--other'], ['--other-protocols']],
  ['nothing for a free value', ['block', '--ttl', ''], []],
  ['nothing for an address', ['block', ''], []],
]

describe('completion', () => {
  for (const [name, words, expected] of cases) {
    it(`offers ${name} in bash`, () => {
      assert.deepEqual(offered(...words), expected)
    })
  }

  it('knows every command and every visible option in both shells', () => {
    const scripts = [bashCompletion(tree), zshCompletion(tree)]
    for (const { path, options } of tree) {
      for (const script of scripts) assert.ok(script.includes(`'${path}') `), path)
      for (const flag of options.flatMap(({ flags }) => flags)) {
        for (const script of scripts) assert.ok(script.includes(flag), flag)
      }
    }
    assert.equal(tree.length, 55)
  })

  it('is valid zsh', (t) => {
    const { error, status, stderr } = spawnSync('zsh', ['-n'], {
      input: zshCompletion(tree),
      encoding: 'utf8',
    })
    if (error !== undefined) {
      assert.ok(!process.env.CI, 'zsh is not installed: in CI nothing is skipped')
      return t.skip('zsh is not installed')
    }
    assert.equal(status, 0, stderr)
  })
})
