import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from './folder.js'

test('folders are made down to the last, and one that is there is left', (t) => {
  const base = mkdtempSync(join(tmpdir(), 'idsd-folder-'))
  t.after(() => rmSync(base, { recursive: true }))
  const deep = join(base, 'a', 'b', 'c')
  makeFolder(deep, 0o755, 'paths.db')
  makeFolder(deep, 0o755, 'paths.db')
  assert.ok(existsSync(deep))
  writeFileSync(join(base, 'file'), '')
  assert.throws(() => makeFolder(join(base, 'file', 'x'), 0o755, 'paths.db'), {
    code: 'ERR_FOLDER',
    message: /^paths\.db: the folder .*file\/x cannot be made \(ENOTDIR\)$/,
  })
})

test('where no folder can be made the error comes at once', () => {
  assert.throws(() => makeFolder('/proc/idsd-is-not-here/x', 0o755, 'paths.run_dir'), { code: 'ERR_FOLDER' })
})
