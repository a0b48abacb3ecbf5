import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { KernelError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { AuditRow } from './audit-row.js'
import { type Commands, createCommands } from './commands.js'
import { createFakeEnforcement, type FakeEnforcement } from './fake-enforcement.js'
import { createFakePanic } from './fake-panic.js'

const NOW = 1_700_000_000_000
const caller = { uid: 1000, text: 'alice' }

let enforcement: FakeEnforcement
let audit: AuditRow[]
let commands: Commands

beforeEach(() => {
  enforcement = createFakeEnforcement(() => NOW)
  audit = []
  commands = createCommands({
    enforcement,
    panic: createFakePanic(() => NOW),
    parseTarget,
    nowMs: () => NOW,
    audit: (row) => audit.push(row),
    refusals: () => [],
  })
})

const setMode = (mode: 'prevent' | 'detect', dryRun = false) =>
  commands.setMode({ mode, reason: 'noise', dryRun, caller })

describe('mode', () => {
  it('changes, says from what and whose decisions it touches, and is audited', () => {
    const block = { ttlMs: 0, reason: '', force: false, dryRun: false, callerPeer: '', caller } as const
    const { decision } = commands.block({ ...block, target: '192.0.2.7', action: 'drop' })
    enforcement.decisions[0] = { ...decision, origin: 'detector' }
    audit = []
    assert.deepEqual(setMode('detect'), {
      before: 'prevent',
      mode: 'detect',
      decisionsChanged: 1,
      dryRun: false,
    })
    assert.equal(enforcement.mode, 'detect')
    assert.deepEqual(audit, [
      {
        atMs: NOW,
        action: 'mode',
        target: '',
        caller: 'uid:1000 (alice)',
        outcome: 'done',
        detail: 'prevent to detect',
        decisionNumbers: [],
        reason: 'noise',
        before: 'prevent',
        after: 'detect',
      },
    ])
  })

  it('changes nothing in a dry run', () => {
    assert.deepEqual([setMode('detect', true).mode, enforcement.mode], ['detect', 'prevent'])
    assert.deepEqual(audit, [])
  })

  it('that is set already stays, and the wish is audited', () => {
    assert.equal(setMode('prevent').decisionsChanged, 0)
    assert.equal(audit[0]?.detail, 'prevent already')
  })

  it('that the kernel does not follow everywhere is thrown and audited as failed', () => {
    enforcement.setMode = () => {
      throw new KernelError('bpf_map_update_elem', 5, 'EIO')
    }
    assert.throws(() => setMode('detect'), { code: 'ERR_KERNEL' })
    assert.deepEqual(
      audit.map(({ action, outcome }) => [action, outcome]),
      [['mode', 'failed']],
    )
  })
})
