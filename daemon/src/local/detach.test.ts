import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { detachAll } from './detach.js'

for (const [what, names] of [
  ['no name', []],
  ['any', ['any']],
] as const) {
  test(`where nothing is pinned nothing is taken off, and no addon is loaded: ${what}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'idsd-detach-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const options = { root: folder, runDir: folder, names }
    assert.deepEqual(detachAll({ ...options, bpffs: join(folder, 'none') }), [])
    mkdirSync(join(folder, 'empty'))
    assert.deepEqual(detachAll({ ...options, bpffs: join(folder, 'empty') }), [])
  })
}
