import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  everyPinnedName,
  freeLastFolderOf,
  lastFoldersOf,
  nextFolderOf,
  pinFolderOf,
  pinnedNames,
} from './bpffs.js'

function folderWith(t: TestContext, names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-bpffs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of names) mkdirSync(join(folder, name))
  return folder
}

test('pins that are being made or gave way are those of no other interface', (t) => {
  const folder = folderWith(t, ['eth0', 'eth0%next', 'eth0%last1', 'eth0%2e5', 'eth1%next'])
  assert.deepEqual(pinnedNames(folder).sort(), ['eth0', 'eth0.5'])
  assert.deepEqual(everyPinnedName(folder).sort(), ['eth0', 'eth0.5', 'eth1'])
})

test('pins that gave way are found by the interface, and none is taken twice', (t) => {
  const folder = folderWith(t, ['eth0', 'eth0%last1', 'eth0%last2', 'eth0%2e5%last1'])
  const own = pinFolderOf(folder, 'eth0')
  assert.deepEqual(
    lastFoldersOf(own)
      .map((path) => basename(path))
      .sort(),
    ['eth0%last1', 'eth0%last2'],
  )
  assert.equal(basename(freeLastFolderOf(own)), 'eth0%last3')
  assert.equal(basename(nextFolderOf(own)), 'eth0%next')
})

test('without a folder there are no names', (t) => {
  const folder = folderWith(t, [])
  assert.deepEqual(pinnedNames(join(folder, 'none')), [])
  assert.deepEqual(everyPinnedName(join(folder, 'none')), [])
  assert.deepEqual(lastFoldersOf(join(folder, 'none', 'eth0')), [])
})
