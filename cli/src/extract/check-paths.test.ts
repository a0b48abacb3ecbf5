import assert from 'node:assert/strict'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkPaths } from './check-paths.js'

function folderOf(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'idsctl-paths-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = (name: string) => join(folder, name)
  for (const name of ['a.csv', 'b.pcap', 'c.csv.part']) writeFileSync(path(name), name)
  symlinkSync('a.csv', path('soft.csv'))
  linkSync(path('a.csv'), path('hard.csv'))
  mkdirSync(path('d.csv'))
  return path
}

test('an output beside its captures, there or not, is fine', (t) => {
  const path = folderOf(t)
  checkPaths([path('a.csv'), path('b.pcap'), path('missing')], path('new.csv'))
  checkPaths([path('b.pcap')], path('a.csv'))
  checkPaths([path('b.pcap')], undefined)
})

const refused: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ['the output is the capture', ['a.csv'], 'a.csv', /would overwrite the capture/],
  ['the output leads to the capture', ['b.pcap', 'a.csv'], 'soft.csv', /would overwrite the capture/],
  ['the output is the capture by another name', ['a.csv'], 'hard.csv', /would overwrite the capture/],
  ['the output grows under the name of the capture', ['c.csv.part'], 'c.csv', /would overwrite the capture/],
  ['the output is a folder', ['b.pcap'], 'd.csv', /that is a folder/],
  ['a capture is named twice', ['a.csv', 'b.pcap', 'soft.csv'], 'new.csv', /named twice/],
]

for (const [what, captures, output, expected] of refused) {
  test(`wrong use when ${what}`, (t) => {
    const path = folderOf(t)
    assert.throws(() => checkPaths(captures.map(path), path(output)), { exitCode: 2, message: expected })
  })
}

test('wrong use when standard input is named twice', () => {
  assert.throws(() => checkPaths(['-', '-'], undefined), { exitCode: 2, message: /named twice/ })
})

test('an output in a folder that is not there is an error before anything is read', (t) => {
  const path = folderOf(t)
  assert.throws(() => checkPaths([path('b.pcap')], path('none/x.csv')), {
    exitCode: 1,
    message: /cannot write .*none/,
  })
})
