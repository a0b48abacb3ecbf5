import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AuditRow } from '../control/audit-row.js'
import { encodePastAct, type PastAct } from '../control/past-act.js'
import { noteAct } from '../local/note-act.js'
import { createPastActs } from './past-acts.js'

const bpffs = '/sys/fs/bpf/idsd'
const act = (change: Partial<PastAct> = {}): PastAct => ({
  ...{ action: 'panic', atMs: 1_000_000_000, atBootUs: 5_000_000, bootId: 'boot 1', bpffs },
  ...{ uid: 0, user: 'root', claim: 'alice', reason: 'ticket 7', fromUs: 0, toUs: 60_000_000 },
  ...change,
})
const trial = { untilBootUs: 90_000_000, what: 'block of 203.0.113.0/24' }

/** A folder of a socket, and the audit of the daemons that start there. */
function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-past-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'idsd.sock')
  const rows: AuditRow[] = []
  const fault: { is: Error | undefined } = { is: undefined }
  const open = (lastBeatBootUs = 0) =>
    createPastActs({
      ...{ socket, bpffs, bootId: 'boot 1', lastBeatBootUs, nowMs: () => Date.now() },
      store: {
        auditRows: ({ sinceMs = 0, untilMs = 0 }) => {
          if (fault.is !== undefined) throw fault.is
          const found = rows.filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs)
          return { rows: found, total: found.length }
        },
        trial: () => undefined,
      },
      audit: (row) => rows.push(row),
    })
  const note = (change: Partial<PastAct> = {}) => noteAct(socket, act(change))
  const told = () => rows.map(({ action, reason }) => `${action}: ${reason}`)
  return { folder, rows, open, note, told, fault }
}

test('what was noted is in the audit once, in its order, and the notes are gone', (t) => {
  const { folder, rows, open, note, told } = world(t)
  note({ action: 'resume', atMs: 2_000_000_000, fromUs: 60_000_000, toUs: 0, reason: 'better' })
  note()
  const acts = open()
  acts.tick()
  acts.tick()
  open().tick()
  assert.deepEqual(told(), ['panic: ticket 7', 'resume: better'])
  assert.equal(rows[0]?.caller, 'uid:0 root (alice), past the daemon')
  assert.deepEqual(readdirSync(folder), [])
})

test('it explains the panic that it began, until the next look, and no other', (t) => {
  const { open, note } = world(t)
  note()
  const acts = open()
  const word = { atMs: 1_000_000_000, by: 'uid:0 root (alice), past the daemon', reason: 'ticket 7' }
  assert.deepEqual(acts.panic('panic', 60_000_000), word)
  assert.equal(acts.panic('panic', Number.POSITIVE_INFINITY), undefined)
  assert.equal(acts.panic('panic', 70_000_000), undefined)
  assert.equal(acts.panic('resume', 60_000_000), undefined)
  acts.tick()
  assert.equal(acts.panic('panic', 60_000_000), undefined)
})

test('a panic that was resumed past the daemon explains no later one', (t) => {
  const { open, note } = world(t)
  const toUs = Number.POSITIVE_INFINITY
  note({ toUs })
  note({ action: 'resume', atMs: 1_000_000_001, fromUs: toUs, toUs: 0, reason: 'better' })
  const acts = open()
  assert.equal(acts.panic('panic', toUs), undefined)
  assert.equal(acts.panic('resume', toUs)?.reason, 'better')
})

test('a note of another boot is told and explains nothing', (t) => {
  const { open, note, told } = world(t)
  note({ bootId: 'boot 0' })
  assert.equal(open().panic('panic', 60_000_000), undefined)
  assert.deepEqual(told(), ['panic: ticket 7'])
})

test('a note that the daemon before could not take is told late, and explains nothing that is so by now', (t) => {
  const { open, note, told } = world(t)
  note({ toUs: Number.POSITIVE_INFINITY })
  assert.equal(open(60_000_000).panic('panic', Number.POSITIVE_INFINITY), undefined)
  assert.deepEqual(told(), ['panic: ticket 7'])
})

test('a trial that was taken back is told with what it was', (t) => {
  const { rows, open, note } = world(t)
  note({ action: 'rollback', fromUs: trial.untilBootUs, toUs: 0, reason: 'it hurts' })
  const acts = open()
  assert.equal(acts.hasRolledBack(trial), true)
  assert.equal(acts.hasRolledBack({ ...trial, untilBootUs: 190_000_000 }), false)
  assert.deepEqual([rows[0]?.detail, rows[0]?.reason], [trial.what, 'it hurts'])
})

test('notes for the pins of another daemon are left to it', (t) => {
  const { folder, open, note, told } = world(t)
  note({ bpffs: '/sys/fs/bpf/other' })
  open().tick()
  assert.deepEqual(told(), [])
  assert.equal(readdirSync(folder).length, 1)
})

test('a start that fails once it has told a note tells nothing twice, and the next one is explained the panic', (t) => {
  const { open, note, told } = world(t)
  note()
  open().tick()
  const next = open()
  next.tick()
  assert.equal(next.panic('panic', 60_000_000)?.reason, 'ticket 7')
  assert.deepEqual(told(), ['panic: ticket 7'])
})

test('a store that cannot be read explains nothing, and keeps no change from being followed; the note waits', (t) => {
  const { folder, open, note, told, fault } = world(t)
  note({ action: 'rollback', fromUs: trial.untilBootUs, toUs: 0 })
  const acts = open()
  fault.is = new Error('the store is broken')
  assert.equal(acts.panic('panic', 60_000_000), undefined)
  assert.equal(acts.hasRolledBack(trial), false)
  assert.throws(() => acts.tick(), /broken/)
  assert.equal(readdirSync(folder).length, 1)
  fault.is = undefined
  acts.tick()
  assert.deepEqual(told(), ['rollback: ticket 7'])
})

test('a folder into which everybody may write has no notes', (t) => {
  const { folder, open, note, told } = world(t)
  note()
  chmodSync(folder, 0o1777)
  assert.throws(() => note(), { code: 'ERR_NOTES' })
  open().tick()
  assert.deepEqual(told(), [])
})

test('the owner of the folder may read a note, and not write one', (t) => {
  const { folder, open, note, told } = world(t)
  note()
  const path = join(folder, readdirSync(folder)[0] as string)
  assert.equal(statSync(path).mode & 0o777, 0o640)
  if (process.geteuid?.() !== 0) return
  chownSync(folder, 65_534, 65_534)
  chownSync(path, 65_534, 65_534)
  note({ atMs: 1_000_000_001, reason: 'by root' })
  open().tick()
  assert.deepEqual(told(), ['panic: by root'])
})

for (const [name, plant] of [
  ['is a link', (path: string, other: string) => symlinkSync(other, path)],
  ['has a second name', (path: string, other: string) => linkSync(other, path)],
  [
    'others may write',
    (path: string) => {
      writeFileSync(path, encodePastAct(act()))
      chmodSync(path, 0o666)
    },
  ],
  ['is too long', (path: string) => writeFileSync(path, encodePastAct(act()).padEnd(5_000), { mode: 0o600 })],
] as const) {
  test(`a note that ${name} is not believed`, (t) => {
    const { folder, open, told } = world(t)
    const other = join(folder, 'other')
    writeFileSync(other, encodePastAct(act()), { mode: 0o600 })
    plant(join(folder, 'past-000001000000000-7.json'), other)
    open().tick()
    assert.deepEqual(told(), [])
  })
}

test('garbage is taken away and not told; a draft only when nobody writes it any more', (t) => {
  const { folder, open, told } = world(t)
  const [garbage, draft] = ['past-000001000000000-7.json', 'past-000001000000000-8.json.tmp']
  for (const name of [garbage, draft]) writeFileSync(join(folder, name), '{"action":', { mode: 0o600 })
  const acts = open()
  acts.tick()
  assert.deepEqual(readdirSync(folder), [draft])
  utimesSync(join(folder, draft), 1, 1)
  acts.tick()
  assert.deepEqual([readdirSync(folder), told()], [[], []])
})

test('where there is no folder there are no notes, and none is left', (t) => {
  const { folder, open, note, told } = world(t)
  rmSync(folder, { recursive: true })
  open().tick()
  assert.throws(() => note(), { code: 'ENOENT' })
  assert.deepEqual([existsSync(folder), told()], [false, []])
})

test('a thousand notes that nobody takes are enough', (t) => {
  const { folder, note } = world(t)
  for (let i = 0; i < 1_000; i++) writeFileSync(join(folder, `past-000001000000000-${i}.json`), '')
  assert.throws(() => note(), { code: 'ERR_NOTES' })
})
