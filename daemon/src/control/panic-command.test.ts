import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { KernelError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { AuditRow } from './audit-row.js'
import type { Commands, CommandsOptions, SetPanicCommand } from './commands.js'
import { createCommands } from './create-commands.js'
import { createFakeEnforcement, type FakeEnforcement } from './fake-enforcement.js'
import { createFakePanic } from './fake-panic.js'

const now = 1_700_000_000_000
let audit: AuditRow[]
let panic: CommandsOptions['panic']
let enforcement: FakeEnforcement

beforeEach(() => {
  audit = []
  panic = createFakePanic(() => now)
  enforcement = createFakeEnforcement(() => now)
})

function set(change: Partial<SetPanicCommand> = {}): ReturnType<Commands['setPanic']> {
  const options = { enforcement, panic, parseTarget, nowMs: () => now, refusals: () => [] }
  const commands = createCommands({ ...options, audit: (row: AuditRow) => audit.push(row) } as never)
  return commands.setPanic({
    ...{ isOn: true, forMs: 0, reason: '', dryRun: false },
    caller: { uid: 1000, text: 'alice' },
    ...change,
  })
}

test('it begins and ends, with who, why, what was and what is in the audit', () => {
  const begun = set({ forMs: 600_000, reason: 'ticket 7' })
  assert.equal(begun.before, undefined)
  assert.equal(begun.after?.untilMs, now + 600_000)
  const ended = set({ isOn: false, reason: 'it was the printer' })
  assert.equal(ended.before?.reason, 'ticket 7')
  assert.equal(ended.after, undefined)
  assert.equal(panic.state, undefined)
  const stopped = `nothing is dropped until ${new Date(now + 600_000).toISOString()}`
  assert.deepEqual(
    audit.map(({ action, caller, reason, before, after, outcome }) => [
      ...[action, caller, reason, before, after, outcome],
    ]),
    [
      ['panic', 'uid:1000 (alice)', 'ticket 7', 'enforcing', stopped, 'done'],
      ['resume', 'uid:1000 (alice)', 'it was the printer', stopped, 'enforcing', 'done'],
    ],
  )
})

test('a dry run tells what would be, changes nothing and is not audited', () => {
  const planned = set({ dryRun: true })
  assert.deepEqual([planned.dryRun, planned.after?.untilMs, panic.state], [true, 0, undefined])
  assert.deepEqual(audit, [])
})

test('it tells how many decisions drop', () => {
  enforcement.block({
    ...{ target: parseTarget('192.0.2.7', 'target'), action: 'drop', reason: '', createdBy: '' },
    ...{ createdAtMs: now, expiresAtMs: 0 },
  })
  assert.equal(set({ dryRun: true }).decisionsDropping, 1)
})

for (const forMs of [-1, 1, 999, 1.5, 1e15]) {
  test(`a length of ${forMs} ms is refused and names its field`, () => {
    assert.throws(() => set({ forMs }), { code: 'ERR_ARGUMENT', field: 'for_ms' })
    assert.equal(panic.state, undefined)
  })
}

test('a kernel that does not comply is audited as failed', () => {
  panic = {
    state: undefined,
    begin: () => {
      throw new KernelError('open', 1, 'EPERM')
    },
    end: () => undefined,
  }
  assert.throws(() => set(), { code: 'ERR_KERNEL' })
  assert.deepEqual(
    audit.map(({ action, outcome }) => [action, outcome]),
    [['panic', 'failed']],
  )
})
