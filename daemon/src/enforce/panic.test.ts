import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PanicRow } from '../record/panic-table.js'
import { createPanic, type PanicChange, type PastWord } from './panic.js'

/** Wall time begins at 1,000,000 s, boot time at 1,000 s. */
function world() {
  const time = { wallMs: 1_000_000_000, bootMs: 1_000_000 }
  const settings = { panicUntilBootUs: 0 }
  const disk: { row: PanicRow | undefined; isFull: boolean } = { row: undefined, isFull: false }
  const changes: PanicChange[] = []
  const faults: Error[] = []
  const notes: { panic?: PastWord; resume?: PastWord } = {}
  const open = () =>
    createPanic({
      kernel: {
        settings,
        setPanic: (untilBootUs) => {
          settings.panicUntilBootUs = untilBootUs
        },
      },
      store: {
        panic: () => disk.row,
        savePanic: (row) => {
          if (disk.isFull) throw new Error('the disk is full')
          disk.row = row
        },
      },
      clock: { nowMs: () => time.wallMs, bootUs: () => time.bootMs * 1000 },
      noted: (action) => notes[action],
      onChange: (change) => changes.push(change),
      onUnstored: (fault) => faults.push(fault),
    })
  const pass = (ms: number) => {
    time.wallMs += ms
    time.bootMs += ms
  }
  return { time, settings, disk, changes, faults, notes, open, pass, panic: open() }
}

const order = { forMs: 60_000, by: 'alice', reason: 'ticket 7' }
const how = (changes: readonly PanicChange[]) => changes.map((change) => change.how)

test('a panic is in the kernel and in the store from its beginning to its end', () => {
  const { panic, settings, disk, changes, time } = world()
  const state = { sinceMs: time.wallMs, untilMs: time.wallMs + 60_000, by: 'alice', reason: 'ticket 7' }
  assert.deepEqual(panic.begin(order), state)
  assert.deepEqual(panic.state, state)
  assert.deepEqual(disk.row, state)
  assert.equal(settings.panicUntilBootUs, (time.bootMs + 60_000) * 1000)
  panic.end()
  assert.deepEqual([panic.state, disk.row, settings.panicUntilBootUs], [undefined, undefined, 0])
  assert.deepEqual(changes, [
    { panic: state, before: undefined, how: 'asked' },
    { panic: undefined, before: state, how: 'asked' },
  ])
})

test('without a length it has no end', () => {
  const { panic, settings, disk, pass } = world()
  assert.equal(panic.begin({ ...order, forMs: 0 }).untilMs, 0)
  assert.equal(settings.panicUntilBootUs, Number.POSITIVE_INFINITY)
  pass(10 * 365 * 86_400_000)
  panic.watch()
  assert.equal(panic.state?.untilMs, 0)
  assert.equal(disk.row?.untilMs, 0)
})

test('it is over in its time, before anybody looks; the look stores and tells it once', () => {
  const { panic, disk, changes, pass } = world()
  panic.begin(order)
  pass(59_999)
  panic.watch()
  assert.notEqual(panic.state, undefined)
  pass(1)
  assert.equal(panic.state, undefined)
  panic.watch()
  panic.watch()
  assert.equal(disk.row, undefined)
  assert.deepEqual(how(changes), ['asked', 'over'])
})

test('a wall clock that is set moves its end, not its length', () => {
  const { panic, time, disk, pass } = world()
  panic.begin(order)
  time.wallMs += 3_600_000
  panic.watch()
  assert.equal(panic.state?.untilMs, time.wallMs + 60_000)
  assert.equal(disk.row?.untilMs, time.wallMs + 60_000)
  pass(59_000)
  assert.notEqual(panic.state, undefined)
})

test('what is written past the daemon is taken over, in both directions', () => {
  const { panic, settings, time, disk, changes } = world()
  settings.panicUntilBootUs = (time.bootMs + 30_000) * 1000
  panic.watch()
  const state = {
    ...{ sinceMs: time.wallMs, untilMs: time.wallMs + 30_000 },
    ...{ by: 'root, past the daemon', reason: '' },
  }
  assert.deepEqual(panic.state, state)
  assert.deepEqual(disk.row, state)
  settings.panicUntilBootUs = 0
  panic.watch()
  assert.deepEqual([panic.state, disk.row], [undefined, undefined])
  assert.deepEqual(how(changes), ['past', 'past'])
})

test('who wrote past the daemon and left a note is named, though the note comes after the word', () => {
  const { panic, settings, disk, changes, notes } = world()
  const note = { atMs: 999_999_000, by: 'uid:0 root (alice), past the daemon', reason: 'ticket 9' }
  settings.panicUntilBootUs = Number.POSITIVE_INFINITY
  panic.watch()
  assert.equal(panic.state?.by, 'root, past the daemon')
  notes.panic = note
  panic.watch()
  assert.deepEqual(panic.state, { sinceMs: note.atMs, untilMs: 0, by: note.by, reason: note.reason })
  assert.deepEqual(disk.row, panic.state)
  notes.resume = note
  settings.panicUntilBootUs = 0
  panic.watch()
  assert.deepEqual(how(changes), ['past', 'noted'])
})

test('at a start the note names who began it, also where the store knows another without an end', () => {
  const { disk, notes, open, changes, time } = world()
  disk.row = { sinceMs: 1, untilMs: 0, by: 'alice', reason: 'ticket 7' }
  notes.panic = { atMs: time.wallMs - 500, by: 'uid:0 root (bob), past the daemon', reason: '' }
  const panic = open()
  panic.restore(Number.POSITIVE_INFINITY)
  assert.equal(panic.state?.by, 'uid:0 root (bob), past the daemon')
  assert.deepEqual(how(changes), ['noted'])
})

test('a wall clock that was set a little over a start does not make its end one that somebody ended', () => {
  const { disk, open, changes, time, settings, pass } = world()
  disk.row = { sinceMs: time.wallMs, untilMs: time.wallMs + 61_500, by: 'alice', reason: 'ticket 7' }
  const panic = open()
  panic.restore((time.bootMs + 60_000) * 1000)
  assert.equal(panic.state?.untilMs, time.wallMs + 60_000)
  pass(60_001)
  panic.watch()
  assert.equal(settings.panicUntilBootUs, 0)
  assert.deepEqual(how(changes), ['asked', 'over'])
})

test('its word is a whole one, by which it is known again', () => {
  const { panic, time, settings } = world()
  time.bootMs += 0.0004
  panic.begin(order)
  assert.equal(settings.panicUntilBootUs, (1_000_000 + 60_000) * 1000)
})

test('a store that takes nothing does not hinder it; what it missed it gets later', () => {
  const { panic, settings, disk, faults } = world()
  disk.isFull = true
  panic.begin({ ...order, forMs: 0 })
  assert.equal(settings.panicUntilBootUs, Number.POSITIVE_INFINITY)
  assert.equal(faults.length, 1)
  assert.throws(() => panic.watch(), /full/)
  disk.isFull = false
  panic.watch()
  assert.equal(disk.row?.reason, 'ticket 7')
})

test('ending what is not there changes nothing and tells nothing', () => {
  const { panic, changes } = world()
  panic.end()
  panic.watch()
  assert.deepEqual(changes, [])
})

const second = 1_000_000
for (const { name, stored, pinned, left, by, told } of [
  { name: 'nothing anywhere is no panic', stored: undefined, pinned: undefined, left: 0, by: '', told: [] },
  { name: 'pins without a panic are none', stored: undefined, pinned: 0, left: 0, by: '', told: [] },
  {
    ...{ name: 'without pins the store decides', stored: 60, pinned: undefined },
    ...{ left: 60, by: 'alice', told: ['asked'] },
  },
  {
    ...{ name: 'pins that agree with the store keep who began it', stored: 60, pinned: 60 },
    ...{ left: 60, by: 'alice', told: ['asked'] },
  },
  {
    ...{ name: 'without an end, in both, too', stored: Number.POSITIVE_INFINITY },
    ...{ pinned: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY, by: 'alice', told: ['asked'] },
  },
  {
    ...{ name: 'pins that were written past a dead daemon win', stored: undefined, pinned: 60 },
    ...{ left: 60, by: 'root, past the daemon', told: ['past'] },
  },
  {
    ...{ name: 'pins with another end win', stored: 60, pinned: Number.POSITIVE_INFINITY },
    ...{ left: Number.POSITIVE_INFINITY, by: 'root, past the daemon', told: ['past'] },
  },
  {
    ...{ name: 'resumed past a dead daemon, it is over', stored: 60, pinned: 0 },
    ...{ left: 0, by: '', told: ['past'] },
  },
  {
    ...{ name: 'one whose time ran out meanwhile is over', stored: -60, pinned: -60 },
    ...{ left: 0, by: '', told: ['over'] },
  },
  {
    ...{ name: 'the same without pins', stored: -60, pinned: undefined },
    ...{ left: 0, by: '', told: ['over'] },
  },
]) {
  test(`at a start: ${name}`, () => {
    const { time, settings, disk, changes, open } = world()
    const wall = (s: number) => (s === Number.POSITIVE_INFINITY ? 0 : time.wallMs + s * 1000)
    const boot = (s: number) => (s === 0 ? 0 : time.bootMs * 1000 + s * second)
    if (stored !== undefined)
      disk.row = { sinceMs: 1, untilMs: wall(stored), by: 'alice', reason: 'ticket 7' }
    const panic = open()
    panic.restore(pinned === undefined ? undefined : boot(pinned))
    assert.equal(settings.panicUntilBootUs, boot(left))
    assert.equal(panic.state?.untilMs, left === 0 ? undefined : wall(left))
    assert.equal(panic.state?.by ?? '', by)
    assert.equal(disk.row?.by ?? '', by)
    assert.deepEqual(how(changes), told)
    panic.watch()
    assert.deepEqual(how(changes), told)
  })
}

test('a wall clock that is behind at the next boot does not make a stored panic longer', () => {
  const { panic, settings, time, open } = world()
  panic.begin(order)
  settings.panicUntilBootUs = 0
  time.wallMs -= 900_000_000
  time.bootMs = 5_000
  open().restore(undefined)
  assert.ok(settings.panicUntilBootUs > 0)
  assert.ok(settings.panicUntilBootUs <= (5_000 + order.forMs) * 1000)
})
