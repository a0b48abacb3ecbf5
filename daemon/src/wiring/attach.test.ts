import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPanic } from '../enforce/panic.js'
import { KernelError } from '../errors.js'
import type { PinnedPanicWords } from '../kernel/kernel.js'
import { attach } from './attach.js'

test('earlier maps that cannot be opened do not keep what is met later from being stored', () => {
  const settled: string[] = []
  const cannot = () => {
    throw new KernelError('open', 13, 'EACCES')
  }
  attach({
    kernel: {
      openPinnedPanic: () => ({ read: () => undefined, replace() {} }),
      settings: { panicUntilBootUs: 0 },
      interfaces: { attachAll() {}, readEarlierHits: cannot, readEarlierTables: cannot },
    } as never,
    panic: { restore() {} } as never,
    trial: { lookAgain() {} },
    enforcer: { settleHits: (earlier) => settled.push(`entries ${earlier.length}`) },
    lists: { settleHits: (earlier) => settled.push(`lists ${earlier.length}`) },
    beat() {},
    log: { error() {} } as never,
  })
  assert.deepEqual(settled, ['entries 0', 'lists 0'])
})

const nowUs = 1_000_000
const endUs = 61_000_000
const never = Number.POSITIVE_INFINITY

/**
 * An operator who writes past the daemon while it starts.
 * @param writes what is written when: into the pins of before, or of this run
 * @returns the word that is in force afterwards, and after the look at the panic
 */
function startWith(
  pinnedUs: number,
  writes: Partial<Record<'read' | 'restored' | 'attached', { before?: number; own?: number }>>,
): readonly [number, number] {
  const words = { own: 0, before: pinnedUs }
  const write = (when: keyof typeof writes) => Object.assign(words, writes[when] ?? {})
  let looks = 0
  let seen = { ...words }
  const pinned: PinnedPanicWords = {
    read() {
      seen = { ...words }
      if (looks++ === 0) write('read')
      return seen.before > nowUs ? seen.before : 0
    },
    replace(untilUs) {
      for (const place of ['own', 'before'] as const) if (words[place] === seen[place]) words[place] = untilUs
    },
  }
  const settings = {
    get panicUntilBootUs() {
      return words.own
    },
  }
  const kernel = {
    settings,
    setPanic: (untilUs: number) => {
      words.own = untilUs
    },
  }
  const panic = createPanic({
    kernel,
    store: { panic: () => undefined, savePanic() {} },
    clock: { nowMs: () => 1, bootUs: () => nowUs },
    onChange() {},
    onUnstored() {},
  })
  attach({
    kernel: {
      openPinnedPanic: () => pinned,
      settings,
      interfaces: {
        attachAll: () => write('attached'),
        readEarlierHits: (read: (maps: []) => void) => read([]),
        readEarlierTables: () => [],
      },
    } as never,
    panic,
    trial: { lookAgain() {} },
    enforcer: { settleHits() {} },
    lists: { settleHits() {} },
    beat: () => write('restored'),
    log: { error() {} } as never,
  })
  const inForce = words.own
  panic.watch()
  return [inForce, words.own]
}

for (const [name, pinnedUs, writes, expected] of [
  ['a panic goes on', endUs, {}, endUs],
  ['begun once the words are read, it is in force', 0, { read: { before: endUs } }, endUs],
  ['begun before the switch, it is in force', 0, { restored: { before: never } }, never],
  ['begun while the pins change, it is in force', 0, { attached: { before: endUs } }, endUs],
  ['begun in the new pins, it stays', 0, { attached: { own: endUs } }, endUs],
  ['resumed once the words are read, it is over', endUs, { read: { before: 0 } }, 0],
  ['resumed before the switch, it is over', never, { restored: { before: 0 } }, 0],
  ['resumed in the new pins, it stays so', endUs, { attached: { own: 0 } }, 0],
] as const) {
  test(`past a daemon that starts: ${name}`, () => {
    assert.deepEqual(startWith(pinnedUs, writes), [expected, expected])
  })
}
