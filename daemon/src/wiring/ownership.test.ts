import assert from 'node:assert/strict'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { canReplace, giveFile, giveFiles, giveFolder, givePins } from './ownership.js'

const skip = process.getuid?.() !== 0 && 'needs root'
const owner = { uid: 4242, gid: 4343 }

describe('what changes hands', { skip }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-owner-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const file = (name: string) => {
    const path = join(folder, name)
    writeFileSync(path, 'x')
    return path
  }
  const uid = (path: string) => lstatSync(path).uid

  test('a regular file does', () => {
    const path = file('plain')
    giveFile(path, owner)
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [4242, 4343])
  })

  test('a link does not, and not what it points to', () => {
    const target = file('target')
    symlinkSync(target, join(folder, 'link'))
    giveFile(join(folder, 'link'), owner)
    assert.deepEqual([uid(target), uid(join(folder, 'link'))], [0, 0])
  })

  test('a file with a second name does not: it may be anybody’s', () => {
    const path = file('first')
    linkSync(path, join(folder, 'second'))
    giveFile(path, owner)
    assert.equal(uid(path), 0)
  })

  test('what is not there is no fault', () => giveFile(join(folder, 'absent'), owner))

  test('a folder with the name of idsd does, another one, or a link to one, does not', () => {
    for (const name of ['idsd', 'other']) mkdirSync(join(folder, name))
    symlinkSync('/etc', join(folder, 'idsd-link'))
    for (const name of ['idsd', 'other', 'idsd-link']) giveFolder(join(folder, name), owner)
    assert.deepEqual([uid(join(folder, 'idsd')), uid(join(folder, 'other')), uid('/etc')], [4242, 0, 0])
  })

  test('of the files of a folder those that match do', () => {
    const [one, two] = [file('e.json'), file('f.json')]
    giveFiles(folder, (name) => name === 'e.json', owner)
    assert.deepEqual([uid(one), uid(two)], [4242, 0])
  })

  test('pins do with their folders', () => {
    const pins = join(folder, 'pins')
    mkdirSync(join(pins, 'eth0'), { recursive: true })
    writeFileSync(join(pins, 'eth0', 'flows'), '')
    givePins(pins, owner)
    for (const path of [pins, join(pins, 'eth0'), join(pins, 'eth0', 'flows')]) assert.equal(uid(path), 4242)
  })

  test('whether a file can be replaced is what its folder allows', () => {
    const place = join(folder, 'place')
    mkdirSync(place)
    const cases = [
      [0o755, 0, 0, false],
      [0o757, 0, 0, true],
      [0o750, 4242, 0, true],
      [0o550, 4242, 0, false],
      [0o775, 0, 4343, true],
    ] as const
    for (const [mode, user, group, can] of cases) {
      chmodSync(place, mode)
      giveTo(place, user, group)
      assert.equal(canReplace(join(place, 'x'), owner), can, `${mode.toString(8)} ${user} ${group}`)
    }
    assert.equal(canReplace('/nowhere/at/all', owner), false)
  })

  const giveTo = (path: string, user: number, group: number) => givePins(path, { uid: user, gid: group })
})
