import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Enforcer } from './enforce/enforcer.js'
import { createHousekeeping } from './housekeeping.js'
import type { Logger } from './log.js'
import { createTestLog } from './publish/fake-daemon.js'

/** Counts what is called, under fake timers. */
function world(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const calls: Record<string, number> = {}
  const faults: Record<string, Error> = {}
  const count = (name: string) => {
    calls[name] = (calls[name] ?? 0) + 1
    if (faults[name] !== undefined) throw faults[name]
  }
  const pruned = { pieces: 1 }
  const log = createTestLog()
  const housekeeping = createHousekeeping({
    kernel: {
      interfaces: { watch: () => count('watch') } as never,
      sweep: () => count('sweep'),
    },
    enforcer: {
      expire: () => count('expire'),
      reconcile: () => count('reconcile'),
    } as unknown as Enforcer,
    panic: { watch: () => count('panic') },
    peers: { refresh: () => count('peers'), peers: () => [] },
    store: {
      checkpoint() {},
      prune: () => {
        count('prune')
        return { flows: 0, alerts: 0, decisions: 0, auditRows: 0, isDone: --pruned.pieces <= 0 }
      },
    },
    log: log as unknown as Logger,
    sweepMs: 200,
    reconcileS: 15,
    retention: () => ({}),
  })
  const pass = (ms: number) => {
    for (let at = 0; at < ms; at += 100) t.mock.timers.tick(100)
  }
  return { housekeeping, calls, faults, pruned, log, pass }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('each task comes at its own pace, and none before start or after stop', (t) => {
  const { housekeeping, calls, pass } = world(t)
  pass(10_000)
  assert.deepEqual(calls, {})
  housekeeping.start()
  pass(60_000)
  const expected = { expire: 60, reconcile: 60, watch: 60, panic: 60, sweep: 300, peers: 12, prune: 1 }
  assert.deepEqual(calls, expected)
  housekeeping.stop()
  pass(60_000)
  assert.deepEqual(calls, expected)
})

test('a task that fails keeps no other, is tried again, and is told once a minute', (t) => {
  const { housekeeping, calls, faults, log, pass } = world(t)
  faults.expire = new Error('no disk')
  housekeeping.start()
  pass(120_000)
  assert.equal(calls.expire, 120)
  assert.equal(calls.reconcile, 120)
  assert.equal(log.lines.length, 2)
  assert.match(log.lines[0]?.message ?? '', /expiry of decisions failed/)
  delete faults.expire
  pass(1_000)
  faults.expire = new Error('no disk again')
  pass(1_000)
  assert.equal(log.lines.length, 3, 'a new trouble is told at once')
  housekeeping.stop()
})

test('retention goes on piece by piece until it is done', async (t) => {
  const { housekeeping, calls, pruned, pass } = world(t)
  pruned.pieces = 5
  housekeeping.start()
  pass(60_000)
  assert.equal(calls.prune, 1)
  for (let i = 0; i < 10; i++) await turn()
  assert.equal(calls.prune, 5)
  housekeeping.stop()
})

test('a piece of retention that fails is told and does not end the process', async (t) => {
  const { housekeeping, calls, faults, pruned, log, pass } = world(t)
  pruned.pieces = 5
  housekeeping.start()
  pass(60_000)
  faults.prune = new Error('no disk')
  await turn()
  assert.equal(log.lines.length, 1)
  await turn()
  assert.equal(calls.prune, 2)
  delete faults.prune
  pass(60_000)
  await turn()
  assert.equal(calls.prune, 4, 'the next minute tries again')
  housekeeping.stop()
})

test('nothing is pruned after stop, when the store may be closed', async (t) => {
  const { housekeeping, calls, pruned, pass } = world(t)
  pruned.pieces = 1_000
  housekeeping.start()
  pass(60_000)
  await turn()
  housekeeping.stop()
  const before = calls.prune
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(calls.prune, before)
})

test('a minute that passes while retention is at work begins no second round', async (t) => {
  const { housekeeping, calls, pruned, pass } = world(t)
  pruned.pieces = 1_000
  housekeeping.start()
  pass(180_000)
  assert.equal(calls.prune, 1)
  housekeeping.stop()
})
