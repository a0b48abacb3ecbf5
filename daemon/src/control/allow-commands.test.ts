import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { NotFoundError, RefusedError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { Refusal } from '../policy/guards.js'
import type { AuditRow } from './audit-row.js'
import { type BlockCommand, type Commands, createCommands } from './commands.js'
import { createFakeEnforcement, type FakeEnforcement } from './fake-enforcement.js'

const NOW = 1_700_000_000_000
const caller = { uid: 1000, text: 'alice' }
const gateway: Refusal = { guard: 'gateway', entry: '10.0.0.1', text: '10.0.0.1 is the gateway of eth0' }

let enforcement: FakeEnforcement
let audit: AuditRow[]
let objections: Refusal[]
let peersAsked: string[]
let commands: Commands

beforeEach(() => {
  enforcement = createFakeEnforcement(() => NOW)
  audit = []
  objections = []
  peersAsked = []
  commands = createCommands({
    enforcement,
    parseTarget,
    nowMs: () => NOW,
    audit: (row) => audit.push(row),
    refusals: (_target, peer) => {
      peersAsked.push(peer)
      return objections
    },
  })
})

function block(change: Partial<BlockCommand> = {}) {
  return commands.block({
    target: '192.0.2.7',
    ttlMs: 0,
    reason: '',
    action: 'drop',
    force: false,
    dryRun: false,
    callerPeer: '',
    caller,
    ...change,
  })
}

const allow = (target: string, reason = 'office') =>
  commands.addAllow({ target, reason, dryRun: false, caller })

describe('allow', () => {
  const remove = (target: string, dryRun = false) => commands.removeAllow({ target, dryRun, caller })

  it('names the blocks that the new entry overrides', () => {
    block({ target: '198.51.100.9' })
    block({ target: '198.51.100.0/24' })
    block({ target: '198.51.0.0/16' })
    const { entry, overrides } = allow('198.51.100.0/24')
    assert.equal(entry.source, 'operator')
    assert.deepEqual(
      overrides.map(({ target }) => target),
      ['198.51.100.0/24', '198.51.100.9'],
    )
    assert.equal(audit.at(-1)?.action, 'allow_add')
  })

  it('adds nothing in a dry run', () => {
    assert.equal(commands.addAllow({ target: '10.0.0.1', reason: '', dryRun: true, caller }).dryRun, true)
    assert.deepEqual(enforcement.allows, [])
    assert.deepEqual(audit, [])
  })

  it('removes an entry, and names the wider one when there is none of exactly this', () => {
    allow('198.51.100.0/24')
    assert.throws(() => remove('198.51.100.9'), /allowed by 198\.51\.100\.0\/24; idsctl allow rm/)
    remove('198.51.100.0/24', true)
    assert.equal(enforcement.allows.length, 1)
    assert.equal(remove('198.51.100.0/24').entry.reason, 'office')
    assert.throws(() => remove('198.51.100.0/24'), NotFoundError)
  })

  it('leaves what the configuration allows', () => {
    const entry = {
      target: '10.0.0.0/8',
      reason: 'lan',
      createdAtMs: 0,
      createdBy: 'config',
      source: 'config',
    } as const
    enforcement.allows.push(entry)
    assert.throws(
      () => remove('10.0.0.0/8'),
      (error) => error instanceof RefusedError && /configuration file/.test(error.message),
    )
    assert.equal(audit[0]?.outcome, 'refused')
    assert.equal(allow('10.0.0.0/8').entry, entry)
  })

  it('checks an address: the entry, the guards, the blocks', () => {
    allow('198.51.100.0/24')
    block({ target: '198.51.0.0/16' })
    objections = [gateway]
    const { entry, guards, blocks } = commands.checkAllow('198.51.100.9', '')
    assert.equal(entry?.target, '198.51.100.0/24')
    assert.deepEqual(guards, [gateway.text])
    assert.deepEqual(
      blocks.map(({ number }) => number),
      [1],
    )
    assert.equal(commands.checkAllow('203.0.113.1', '').entry, undefined)
  })
})
