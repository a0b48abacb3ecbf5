import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorOf, decodePastAct, encodePastAct, maxNoteBytes, type PastAct, pastActRow } from './past-act.js'

const atMs = Date.UTC(2031, 4, 4, 10, 30)
const act: PastAct = {
  ...{ action: 'panic', atMs, atBootUs: 1_000_000, bootId: 'boot 1', bpffs: '/sys/fs/bpf/idsd' },
  ...{ uid: 0, user: 'root', claim: 'alice', reason: 'ticket 7', fromUs: 0, toUs: Number.POSITIVE_INFINITY },
}

test('a note reads back as it was written, an end that never comes too', () => {
  assert.deepEqual(decodePastAct(encodePastAct(act)), act)
  const ended: PastAct = { ...act, action: 'resume', fromUs: 61_000_000, toUs: 0 }
  assert.deepEqual(decodePastAct(encodePastAct(ended)), ended)
  for (const reason of ['null', 'never', '"', '{"toUs":0}']) {
    const quoted = { ...act, reason }
    assert.deepEqual(decodePastAct(encodePastAct(quoted)), quoted)
  }
})

for (const [name, text] of [
  ['nothing', ''],
  ['half of one', encodePastAct(act).slice(0, 60)],
  ['another document', '{"action":"panic"}'],
  ['null', 'null'],
  ['an action of another kind', encodePastAct({ ...act, action: 'unblock' as never })],
  ['a time without end', encodePastAct({ ...act, atMs: Number.POSITIVE_INFINITY })],
  ['a time that no calendar has', encodePastAct({ ...act, atMs: 8_640_000_000_000_001 })],
  ['a time before 1970', encodePastAct({ ...act, atMs: -1 })],
  ['a reason that is no text', JSON.stringify({ ...act, toUs: 1, reason: { toString: 'x' } })],
] as const) {
  test(`${name} is no note`, () => assert.equal(decodePastAct(text), undefined))
}

test('what a note says stays in its line and is cut', () => {
  const hostile = {
    ...act,
    claim: `eve\n2031-05-04 root\u001b[31m`,
    reason: `a\nb\u202e${'x'.repeat(5_000)}`,
  }
  const read = decodePastAct(JSON.stringify({ ...hostile, toUs: 0 })) as PastAct
  const { caller, reason } = pastActRow(read, '')
  assert.equal(caller, 'uid:0 root (eve2031-05-04 root[31m), past the daemon')
  assert.match(reason ?? '', /^abx{198}$/)
})

test('a note is never longer than what is read of one', () => {
  const long = '"'.repeat(10_000)
  assert.ok(
    Buffer.byteLength(encodePastAct({ ...act, user: long, claim: long, reason: long })) < maxNoteBytes,
  )
})

test('the one who did it is told once', () => {
  assert.equal(actorOf(act), 'uid:0 root (alice), past the daemon')
  assert.equal(actorOf({ ...act, claim: 'root' }), 'uid:0 root, past the daemon')
  assert.equal(actorOf({ ...act, uid: 1000, user: '', claim: '' }), 'uid:1000, past the daemon')
})

for (const [name, change, what, before, after] of [
  ['a panic without an end', {}, '', 'enforcing', 'nothing is dropped until resumed'],
  [
    ...['a panic of a minute', { toUs: 61_000_000 }, ''],
    ...['enforcing', 'nothing is dropped until 2031-05-04T10:31:00.000Z'],
  ],
  [
    ...['its end', { action: 'resume', fromUs: 61_000_000, toUs: 0 }, ''],
    ...['nothing is dropped until 2031-05-04T10:31:00.000Z', 'enforcing'],
  ],
  [
    ...['a trial that is taken back', { action: 'rollback', fromUs: 61_000_000, toUs: 0 }, 'block of x'],
    ...['on trial until 2031-05-04T10:31:00.000Z: block of x', 'taken back: block of x'],
  ],
  [
    ...['one that is not known', { action: 'rollback', fromUs: 1e300, toUs: 0 }, ''],
    ...['on trial: a change', 'taken back: a change'],
  ],
] as const) {
  test(`the audit tells before and after of ${name}`, () => {
    const row = pastActRow({ ...act, ...(change as Partial<PastAct>) }, what)
    assert.deepEqual([row.atMs, row.outcome, row.reason], [atMs, 'done', 'ticket 7'])
    assert.deepEqual([row.before, row.after], [before, after])
  })
}
