import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Io } from '../io.js'
import { createProgress, progressText } from './progress.js'

/** A terminal and a clock by hand. */
function fakeIo(isTTY: boolean) {
  const shown: string[] = []
  const clock = { ms: 5_000 }
  const stderr = { isTTY, write: (text: string) => shown.push(text) }
  return { io: { stderr, nowMs: () => clock.ms } as unknown as Io, clock, shown }
}

test('a bar appears on a terminal, at most five times a second, and goes away', () => {
  const { io, clock, shown } = fakeIo(true)
  const progress = createProgress(io)
  progress.show(1, 0.5)
  progress.show(2, 0.6)
  assert.equal(shown.length, 1)
  assert.match(shown[0] as string, /50 %.*1 flows/)
  clock.ms += 200
  progress.show(3, undefined)
  assert.match(shown[1] as string, /3 flows/)
  progress.clear()
  assert.equal(shown[2], '\r\u001b[K')
})

test('what is done before the wait is over shows no bar, and takes none away', () => {
  const { io, clock, shown } = fakeIo(true)
  const progress = createProgress(io, { afterMs: 1_000 })
  clock.ms += 999
  progress.show(1, 0.5)
  progress.clear()
  assert.deepEqual(shown, [])
  clock.ms += 1
  progress.show(1, 0.5)
  assert.equal(shown.length, 1)
})

test('a bar without flows says nothing of them', () => {
  assert.doesNotMatch(progressText(0, 0.5), /flows/)
})

test('nothing is shown where nobody looks', () => {
  const { io, shown } = fakeIo(false)
  const progress = createProgress(io)
  progress.show(1, 0.5)
  progress.clear()
  assert.deepEqual(shown, [])
})
