import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { NotFoundError, RefusedError } from '../errors.js'
import type { AuditRow } from './audit-row.js'
import type { AddAllowCommand } from './commands.js'
import { caller, createTestCommands, gateway, NOW } from './test-commands.js'

let { commands, enforcement, audit, objections, block } = createTestCommands()
beforeEach(() => {
  ;({ commands, enforcement, audit, objections, block } = createTestCommands())
})

const allow = (target: string, change: Partial<AddAllowCommand> = {}) =>
  commands.addAllow({
    ...{ target, reason: 'office', ttlMs: 0, isLogOnly: false, dryRun: false, caller },
    ...change,
  })

describe('allow', () => {
  const remove = (target: string, dryRun = false) =>
    commands.removeAllow({ target, reason: 'moved', dryRun, caller })

  it('that would let most addresses through together with those before is refused, forced only with a word', () => {
    allow('0.0.0.0/1')
    for (const dryRun of [true, false])
      assert.throws(() => allow('128.0.0.0/1', { dryRun }), {
        code: 'ERR_REFUSED',
        message: /100 % of all IPv4 addresses/,
      })
    assert.throws(() => allow('::/0'), /100 % of all IPv6 addresses in use/)
    assert.throws(() => allow('2000::/3'), RefusedError)
    assert.deepEqual(
      audit.map(({ outcome }) => outcome),
      ['done', 'refused', 'refused', 'refused'],
    )
    assert.equal(enforcement.allows.length, 1)
    assert.equal(allow('128.0.0.0/1', { force: true }).overridden?.length, 1)
    assert.equal(audit.at(-1)?.outcome, 'forced')
    assert.match(audit.at(-1)?.detail ?? '', /100 % of all IPv4/)
    // What adds nothing is free.
    assert.equal(allow('192.0.2.1').overridden, undefined)
  })

  it('lifts the blocks that lie in the entry, and names the wider one that it overrides', () => {
    block({ target: '198.51.100.9' })
    block({ target: '198.51.100.0/24' })
    block({ target: '198.51.0.0/16' })
    const planned = allow('198.51.100.0/24', { dryRun: true })
    const { entry, lifted, overrides } = allow('198.51.100.0/24')
    assert.equal(entry.source, 'operator')
    for (const found of [planned.lifted, lifted]) {
      assert.deepEqual(
        found.map(({ target }) => target),
        ['198.51.100.0/24', '198.51.100.9'],
      )
    }
    assert.deepEqual(
      overrides.map(({ target }) => target),
      ['198.51.0.0/16'],
    )
    assert.deepEqual(
      enforcement.decisions.map(({ state }) => state),
      ['lifted', 'lifted', 'active'],
    )
    const row = audit.at(-1)
    assert.equal(row?.action, 'allow_add')
    assert.equal(row?.reason, 'office')
    assert.deepEqual(row?.decisionNumbers, [2, 1])
    assert.match(
      row?.before ?? '',
      /^not allowed; drop until unblocked \(d2: .*; drop until unblocked \(d1: /,
    )
    assert.equal(row?.after, 'allowed until removed (office)')
  })

  it('leaves blocks of a list to the list', () => {
    const { decision } = block({ target: '198.51.100.9' })
    enforcement.decisions[0] = { ...decision, origin: 'list' }
    const { lifted, overrides } = allow('198.51.100.9')
    assert.deepEqual(lifted, [])
    assert.deepEqual(
      overrides.map(({ number }) => number),
      [1],
    )
  })

  it('ends a TTL after now, may only log, and says both in the audit', () => {
    const { entry } = allow('198.51.100.9', { ttlMs: 60_000, isLogOnly: true })
    assert.equal(entry.expiresAtMs, NOW + 60_000)
    assert.equal(entry.isLogOnly, true)
    allow('198.51.100.9')
    assert.equal(audit.at(-1)?.before, 'allowed until 2023-11-14T22:14:20.000Z, log only (office)')
    assert.equal(audit.at(-1)?.after, 'allowed until removed (office)')
    assert.throws(() => allow('198.51.100.9', { ttlMs: 5 }), /ttl_ms/)
  })

  it('adds nothing in a dry run', () => {
    assert.equal(allow('10.0.0.1', { dryRun: true }).dryRun, true)
    assert.deepEqual(enforcement.allows, [])
    assert.deepEqual(audit, [])
  })

  it('removes an entry, and names the wider one when there is none of exactly this', () => {
    allow('198.51.100.0/24')
    assert.throws(() => remove('198.51.100.9'), /allowed by 198\.51\.100\.0\/24; idsctl allow rm/)
    remove('198.51.100.0/24', true)
    assert.equal(enforcement.allows.length, 1)
    assert.equal(remove('198.51.100.0/24').entry.reason, 'office')
    const { reason, before, after } = audit.at(-1) as AuditRow
    assert.deepEqual([reason, before, after], ['moved', 'allowed until removed (office)', 'not allowed'])
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
    objections.push(gateway)
    const { entry, guards, blocks } = commands.checkAllow('198.51.100.9', '')
    assert.equal(entry?.target, '198.51.100.0/24')
    assert.deepEqual(guards, [gateway.text])
    assert.deepEqual(
      blocks.map(({ number }) => number),
      [1],
    )
    assert.equal(commands.checkAllow('203.0.113.1', '').entry, undefined)
  })

  const fates: [string, () => unknown, string][] = [
    ['nothing blocks', () => {}, 'its packets pass: no block covers it, and a block of it would hold'],
    [
      'a guard protects',
      () => {
        objections.push(gateway)
      },
      'its packets pass, and a block of it is refused without --force',
    ],
    [
      'a prefix blocks',
      () => block({ target: '198.51.0.0/16', reason: 'noise' }),
      'its packets are dropped by d1 (198.51.0.0/16: noise)',
    ],
    [
      'a prefix counts',
      () => block({ target: '198.51.0.0/16', reason: 'noise', action: 'count' }),
      'its packets are counted by d1 (198.51.0.0/16: noise)',
    ],
    ['a wider entry allows', () => allow('198.51.0.0/16'), 'it is allowed by 198.51.0.0/16 (office)'],
  ]
  for (const [name, prepare, otherwise] of fates) {
    it(`says what an allowed address would meet without its entry where ${name}`, () => {
      prepare()
      allow('198.51.100.9')
      assert.equal(commands.checkAllow('198.51.100.9', '').otherwise, otherwise)
    })
  }

  it('names the automatic entry of an own address', () => {
    const own = {
      ...{ target: '10.0.0.2', reason: 'an address of this host', createdAtMs: 0, createdBy: 'idsd' },
      source: 'automatic',
    } as const
    const { allowEntry } = enforcement
    enforcement.allowEntry = (target) => (target.text === own.target ? own : allowEntry(target))
    assert.equal(commands.checkAllow('10.0.0.2', '').entry, own)
  })
})
