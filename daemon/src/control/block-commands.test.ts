import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { ArgumentError, KernelError, NotFoundError, RefusedError } from '../errors.js'
import type { BlockCommand } from './commands.js'
import { caller, createTestCommands, gateway, NOW } from './test-commands.js'

let { commands, enforcement, audit, objections, peersAsked, block } = createTestCommands()
beforeEach(() => {
  ;({ commands, enforcement, audit, objections, peersAsked, block } = createTestCommands())
})

const allow = (target: string, reason = 'office') =>
  commands.addAllow({ target, reason, ttlMs: 0, isLogOnly: false, dryRun: false, caller })
const unblock = (target: string, decisionNumber = 0, dryRun = false) =>
  commands.unblock({ target, decisionNumber, reason: 'mistake', dryRun, caller })

describe('an action', () => {
  const limit = { unit: 'packets', perSecond: 100 } as const

  it('of the ladder is in the decision and, with its rate, in the audit', () => {
    const { decision } = block({ action: 'limit', limit, sparesFlows: true })
    assert.deepEqual([decision.action, decision.limit, decision.sparesFlows], ['limit', limit, true])
    assert.match(audit[0]!.detail, /^limit to 100 packets\/s, sparing flows until unblocked: /)
    assert.match(audit[0]!.after ?? '', /^limit to 100 packets\/s, sparing flows until unblocked \(d1: /)
    block({ action: 'reject' })
    assert.match(audit[1]!.detail, /^reject until unblocked: /)
  })

  const refused: readonly (readonly [string, Partial<BlockCommand>, string])[] = [
    ['a limit without a rate', { action: 'limit' }, 'limit'],
    ['a rate with another action', { action: 'drop', limit }, 'limit'],
    ['a rate below one', { action: 'limit', limit: { ...limit, perSecond: 0.5 } }, 'limit'],
    ['a rate that is no number', { action: 'limit', limit: { ...limit, perSecond: Number.NaN } }, 'limit'],
    [
      'more packets than a clock tells apart',
      { action: 'limit', limit: { ...limit, perSecond: 2e9 } },
      'limit',
    ],
    [
      'more packets than the kernel tells apart',
      { action: 'limit', limit: { ...limit, perSecond: 2e7 } },
      'limit',
    ],
    [
      'fewer bits than it can count with',
      { action: 'limit', limit: { unit: 'bits', perSecond: 500 } },
      'limit',
    ],
    ['more bits than that', { action: 'limit', limit: { unit: 'bits', perSecond: 2e12 } }, 'limit'],
    ['sparing what passes anyway', { action: 'count', sparesFlows: true }, 'spares_flows'],
  ]
  for (const [name, command, field] of refused) {
    it(`of ${name} is a wrong ${field}`, () => {
      assert.throws(
        () => block(command),
        (error) => error instanceof ArgumentError && error.message.startsWith(`${field}: `),
      )
      assert.deepEqual(enforcement.decisions, [])
    })
  }

  it('is no ban of a guarded address only as a limit that spares flows', () => {
    objections.push(gateway)
    assert.equal(block({ action: 'limit', limit, sparesFlows: true }).decision.number, 1)
    assert.throws(() => block({ action: 'limit', limit }), RefusedError)
    assert.throws(() => block({ action: 'synDrop', sparesFlows: true }), RefusedError)
    objections.push({ guard: 'own', entry: '10.0.0.2', text: '10.0.0.2 is an address of this host' })
    assert.throws(() => block({ action: 'limit', limit, sparesFlows: true }), RefusedError)
  })
})

describe('block', () => {
  it('stays until unblocked without a TTL and says who asked', () => {
    const { decision, dryRun, overridden } = block()
    assert.equal(decision.number, 1)
    assert.equal(decision.expiresAtMs, 0)
    assert.equal(decision.reason, 'blocked by the operator')
    assert.equal(decision.createdBy, 'uid:1000 (alice)')
    assert.equal(dryRun, false)
    assert.deepEqual(overridden, [])
    assert.deepEqual(audit, [
      {
        atMs: NOW,
        action: 'block',
        target: '192.0.2.7',
        caller: 'uid:1000 (alice)',
        outcome: 'done',
        detail: 'drop until unblocked: blocked by the operator',
        decisionNumbers: [1],
        reason: 'blocked by the operator',
        before: 'not blocked',
        after: 'drop until unblocked (d1: blocked by the operator)',
      },
    ])
  })

  it('ends a TTL after now', () => {
    assert.equal(block({ ttlMs: 3_600_000 }).decision.expiresAtMs, NOW + 3_600_000)
  })

  const bad: [string, Partial<BlockCommand>, string][] = [
    ['nothing as target', { target: ' ' }, 'target'],
    ['a name as target', { target: 'example.org' }, 'target'],
    ['a TTL under a second', { ttlMs: 999 }, 'ttl_ms'],
    ['a negative TTL', { ttlMs: -1 }, 'ttl_ms'],
    ['a TTL over ten years', { ttlMs: 315_576_000_001 }, 'ttl_ms'],
    ['a TTL of half a millisecond', { ttlMs: 1000.5 }, 'ttl_ms'],
    ['a reason of two lines', { reason: 'a\nb' }, 'reason'],
    ['a reason of 201 characters', { reason: 'x'.repeat(201) }, 'reason'],
    ['a prefix as peer', { callerPeer: '10.0.0.0/8' }, 'caller_peer'],
    ['a word as peer', { callerPeer: 'me' }, 'caller_peer'],
  ]
  for (const [name, change, field] of bad) {
    it(`refuses ${name}, naming ${field}, and audits nothing`, () => {
      assert.throws(
        () => block(change),
        (error) => error instanceof ArgumentError && error.field === field,
      )
      assert.deepEqual(audit, [])
      assert.deepEqual(enforcement.decisions, [])
    })
  }

  it('asks the guards about the far end of the session without its zone', () => {
    block({ callerPeer: 'fe80::1%eth0' })
    assert.deepEqual(peersAsked, ['fe80::1'])
  })

  it('is refused by a guard, which is audited', () => {
    objections.push(gateway)
    assert.throws(
      () => block({ target: '10.0.0.1' }),
      (error) =>
        error instanceof RefusedError &&
        /gateway of eth0 \(--force/.test(error.message) &&
        error.guards.length === 1,
    )
    assert.deepEqual(enforcement.decisions, [])
    assert.equal(audit.length, 1)
    assert.equal(audit[0]?.outcome, 'refused')
    assert.equal(audit[0]?.detail, gateway.text)
  })

  it('overrides a guard by force and says what was overridden', () => {
    objections.push(gateway)
    assert.deepEqual(block({ target: '10.0.0.1', force: true }).overridden, [gateway.text])
    assert.equal(audit[0]?.outcome, 'forced')
    assert.match(audit[0]?.detail ?? '', /gateway of eth0/)
  })

  it('is refused for an allowed address even by force, naming the entry and the way out', () => {
    allow('198.51.100.0/24')
    for (const force of [false, true]) {
      assert.throws(
        () => block({ target: '198.51.100.9', force }),
        (error) =>
          error instanceof RefusedError && /office.*idsctl allow rm 198\.51\.100\.0\/24$/.test(error.message),
      )
    }
    assert.deepEqual(
      audit.map((row) => row.outcome),
      ['done', 'refused', 'refused'],
    )
  })

  it('is refused by force too when a guard says that the target is allowed', () => {
    objections.push({ guard: 'allow', entry: '10.0.0.0/8', text: 'allowed' })
    assert.throws(() => block({ force: true }), /allow rm 10\.0\.0\.0\/8/)
  })

  it('holds a prefix that contains an allowed address', () => {
    allow('198.51.100.9')
    assert.equal(block({ target: '198.51.100.0/24' }).decision.number, 1)
  })

  it('changes and audits nothing in a dry run, but is refused all the same', () => {
    const { decision, dryRun } = block({ dryRun: true })
    assert.equal(decision.number, 0)
    assert.equal(dryRun, true)
    objections.push(gateway)
    assert.throws(() => block({ dryRun: true }), RefusedError)
    assert.deepEqual(enforcement.decisions, [])
    assert.deepEqual(audit, [])
  })

  it('audits what the kernel did not take', () => {
    enforcement.block = () => {
      throw new KernelError('bpf_map_update_elem', 7, 'E2BIG')
    }
    assert.throws(() => block(), KernelError)
    assert.equal(audit[0]?.outcome, 'failed')
    assert.match(audit[0]?.detail ?? '', /E2BIG/)
  })
})

describe('unblock', () => {
  it('lifts every active block of the target and audits their numbers', () => {
    block()
    block()
    const { lifted } = unblock('192.0.2.7')
    assert.deepEqual(
      lifted.map(({ number, state }) => [number, state]),
      [
        [1, 'lifted'],
        [2, 'lifted'],
      ],
    )
    assert.deepEqual(audit.at(-1)?.decisionNumbers, [1, 2])
    assert.equal(audit.at(-1)?.reason, 'mistake')
    assert.match(audit.at(-1)?.before ?? '', /^drop until unblocked \(d1: .*; drop until unblocked \(d2: /)
    assert.equal(audit.at(-1)?.after, 'not blocked')
    assert.throws(() => unblock('192.0.2.7'), NotFoundError)
  })

  it('audits the wider block that still holds', () => {
    block()
    block({ target: '192.0.2.0/24', reason: 'scanners' })
    unblock('192.0.2.7')
    assert.equal(audit.at(-1)?.after, 'in 192.0.2.0/24: drop until unblocked (d2: scanners)')
  })

  it('lifts one decision by its number', () => {
    block()
    block()
    assert.deepEqual(
      unblock('', 2).lifted.map(({ number }) => number),
      [2],
    )
    assert.throws(() => unblock('', 2), /d2 \(192\.0\.2\.7\) is not active: lifted at 2023-/)
    assert.throws(() => unblock('', 9), /no decision d9/)
  })

  it('takes a target or a number, not both and not neither', () => {
    const names = (field: string) => (error: unknown) =>
      error instanceof ArgumentError && error.field === field
    assert.throws(() => unblock('192.0.2.7', 1), names('decision_id'))
    assert.throws(() => unblock(''), names('target'))
  })

  it('names the prefix that covers an address which is not blocked by itself', () => {
    block({ target: '192.0.2.0/24', reason: 'scanners' })
    assert.throws(
      () => unblock('192.0.2.7'),
      (error) =>
        error instanceof NotFoundError &&
        /lies in 192\.0\.2\.0\/24, blocked by d1 \(scanners\)/.test(error.message) &&
        /idsctl allow add 192\.0\.2\.7/.test(error.message),
    )
  })

  it('names an address that is blocked inside the prefix', () => {
    block()
    assert.throws(() => unblock('192.0.2.0/24'), /inside it, 192\.0\.2\.7 \(d1\) is$/)
  })

  it('changes nothing in a dry run', () => {
    block()
    assert.equal(unblock('192.0.2.7', 0, true).lifted[0]?.state, 'active')
    assert.equal(enforcement.decisions[0]?.state, 'active')
    assert.equal(audit.length, 1)
  })
})
