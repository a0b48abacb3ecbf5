import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type EventFileOptions, openEventFile } from './event-file.js'
import { createTestLog, until } from './fake-daemon.js'

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'idsd-events-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

async function opened(t: TestContext, change: Partial<EventFileOptions> = {}) {
  const path = change.path ?? join(folder(t), 'events.jsonl')
  const log = createTestLog()
  const file = await openEventFile({ path, maxBytes: null, keep: 2, log, ...change })
  t.after(() => file.close())
  const done = (count: number) =>
    until(() => {
      const { written, lost } = file.counts()
      return written + lost >= count
    })
  return { path, log, file, done }
}

const numbers = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { n: number }).n)

test('events are lines in their order, behind what the file held, in a file that others cannot read', async (t) => {
  const path = join(folder(t), 'events.jsonl')
  const umask = process.umask(0o077)
  t.after(() => process.umask(umask))
  const { file } = await opened(t, { path })
  assert.equal(statSync(path).mode & 0o777, 0o640)
  file.write([{ n: 1 }, { n: 2 }])
  file.write([{ n: 3 }])
  await file.close()
  const again = await opened(t, { path })
  again.file.write([{ n: 4 }])
  await again.file.close()
  await again.file.close()
  assert.deepEqual(numbers(path), [1, 2, 3, 4])
  assert.deepEqual(again.file.counts(), { written: 1, lost: 0 })
})

test('a file is rotated before it grows past its size, and the oldest goes', async (t) => {
  // A line is 8 bytes while n has one digit.
  const { path, file, done } = await opened(t, { maxBytes: 20, keep: 2 })
  for (let n = 1; n <= 9; n++) {
    file.write([{ n }])
    await done(n)
  }
  assert.deepEqual([numbers(path), numbers(`${path}.1`), numbers(`${path}.2`)], [[9], [7, 8], [5, 6]])
  assert.equal(existsSync(`${path}.3`), false)
  assert.equal(file.counts().written, 9)
})

/** What stands where a rotated file should go, and where that is. */
const obstacles = [
  { name: 'the file itself', keep: 1, number: 1 },
  { name: 'an older one', keep: 3, number: 3 },
] as const
for (const { name, keep, number } of obstacles) {
  test(`a file that cannot be rotated grows on and loses nothing, and is tried again: ${name}`, async (t) => {
    const { path, log, file, done } = await opened(t, { maxBytes: 20, keep })
    const obstacle = `${path}.${number}`
    mkdirSync(obstacle)
    // Older files that would be moved.
    for (let older = 1; older < number; older++) writeFileSync(`${path}.${older}`, `{"n":-${older}}\n`)
    for (let n = 1; n <= 6; n++) {
      file.write([{ n }])
      await done(n)
    }
    assert.deepEqual(file.counts(), { written: 6, lost: 0 })
    assert.deepEqual(numbers(path), [1, 2, 3, 4, 5, 6])
    assert.equal(log.lines.length, 1)
    assert.match(JSON.stringify(log.lines[0]), /EISDIR.*cannot be rotated/)
    rmSync(obstacle, { recursive: true })
    file.write([{ n: 7 }])
    await done(7)
    assert.deepEqual([numbers(path), numbers(`${path}.1`)], [[7], [1, 2, 3, 4, 5, 6]])
    assert.equal(file.counts().lost, 0)
  })
}

test('many lines at once are spread over files by the same rule', async (t) => {
  const { path, file, done } = await opened(t, { maxBytes: 20, keep: 3 })
  file.write([1, 2, 3, 4, 5].map((n) => ({ n })))
  await done(5)
  assert.deepEqual([numbers(path), numbers(`${path}.1`), numbers(`${path}.2`)], [[5], [3, 4], [1, 2]])
})

test('a file that somebody moved away is followed: the next line opens the path anew', async (t) => {
  const { path, file, done } = await opened(t)
  file.write([{ n: 1 }])
  await done(1)
  renameSync(path, `${path}.moved`)
  file.reopen()
  file.write([{ n: 2 }])
  await done(2)
  assert.deepEqual([numbers(`${path}.moved`), numbers(path)], [[1], [2]])
})

test('a move is noticed without being told, within a second or so', async (t) => {
  const { path, file } = await opened(t)
  renameSync(path, `${path}.moved`)
  await until(() => {
    file.write([{ n: 1 }])
    return existsSync(path)
  })
})

test('a disk that is full loses events, which are counted and told once', async (t) => {
  const { log, file, done } = await opened(t, { path: '/dev/full' })
  file.write([{ n: 1 }, { n: 2 }])
  await done(2)
  file.write([{ n: 3 }])
  await done(3)
  assert.deepEqual(file.counts(), { written: 0, lost: 3 })
  assert.equal(log.lines.length, 1)
  assert.match(JSON.stringify(log.lines[0]), /ENOSPC/)
})

test('no half line is left behind when the disk fills up, and it goes on once there is room', async (t) => {
  if (process.getuid?.() !== 0) {
    assert.ok(!process.env.CI, 'needs root for a small file system: in CI nothing is skipped')
    return t.skip('needs root for a small file system')
  }
  const small = join(folder(t), 'small')
  mkdirSync(small)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { encoding: 'utf8' })
  assert.equal(mounted.status, 0, mounted.stderr)
  try {
    writeFileSync(join(small, 'ballast'), Buffer.alloc(40_960))
    const { path, file, done } = await opened(t, { path: join(small, 'events.jsonl') })
    const padding = 'x'.repeat(1_000)
    file.write(Array.from({ length: 40 }, (_, n) => ({ n, padding })))
    await done(40)
    assert.equal(file.counts().lost, 40)
    rmSync(join(small, 'ballast'))
    file.write([{ n: 40 }])
    await done(41)
    assert.deepEqual(numbers(path), [40])
    await file.close()
  } finally {
    spawnSync('umount', [small])
  }
})

test('a folder that went away loses events and gets a new file when it is back', async (t) => {
  const base = join(folder(t), 'log')
  mkdirSync(base)
  const { path, file, done } = await opened(t, { path: join(base, 'events.jsonl') })
  rmSync(base, { recursive: true })
  file.reopen()
  file.write([{ n: 1 }])
  await done(1)
  assert.equal(file.counts().lost, 1)
  mkdirSync(base)
  file.reopen()
  file.write([{ n: 2 }])
  await done(2)
  assert.deepEqual(numbers(path), [2])
})

test('a path that cannot be opened is named with its key', async (t) => {
  const log = createTestLog()
  const path = join(folder(t), 'missing', 'events.jsonl')
  await assert.rejects(openEventFile({ path, maxBytes: null, keep: 1, log }), {
    code: 'ERR_EVENTS',
    message: new RegExp(`^events\\.file ${path}: ENOENT`),
  })
})
