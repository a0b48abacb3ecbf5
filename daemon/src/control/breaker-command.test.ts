import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DetectorName } from '../detect/evidence.js'
import { ArgumentError, KernelError, NotFoundError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { BreakerState } from '../policy/breaker.js'
import type { AuditRow } from './audit-row.js'
import { createBreakerCommand } from './breaker-command.js'
import { createFakeEnforcement } from './fake-enforcement.js'
import { createFakePanic } from './fake-panic.js'

const NOW = 1_700_000_000_000
const caller = { uid: 1000, text: 'alice' }
const tripped: BreakerState = {
  ...{ origin: 'model', trippedAtMs: NOW - 1, untilMs: NOW + 600_000, lengthMs: 600_001, why: '3 blocks' },
}

function world(states: readonly BreakerState[] = [tripped], fault?: Error) {
  const audit: AuditRow[] = []
  const reset: DetectorName[] = []
  const { resumeOrigin } = createBreakerCommand({
    enforcement: createFakeEnforcement(() => NOW),
    panic: createFakePanic(() => NOW),
    breakers: {
      states: () => [...states],
      reset: (origin) => {
        if (fault !== undefined) throw fault
        reset.push(origin)
        return tripped
      },
    },
    refusals: () => [],
    audit: (row) => audit.push(row),
    parseTarget,
    nowMs: () => NOW,
  })
  const resume = (origin: string, dryRun = false) =>
    resumeOrigin({ origin, reason: 'seen to', dryRun, caller })
  return { audit, reset, resume }
}

describe('resume of an origin', () => {
  test('closes its breaker, and audits who, why, before and after', () => {
    const { audit, reset, resume } = world()
    assert.deepEqual(resume('model'), { tripped, dryRun: false })
    assert.deepEqual(reset, ['model'])
    assert.deepEqual(audit, [
      {
        ...{ atMs: NOW, action: 'breaker_reset', target: '', caller: 'uid:1000 (alice)', reason: 'seen to' },
        ...{ outcome: 'done', detail: '3 blocks', decisionNumbers: [] },
        ...{ before: 'model only counts until 2023-11-14T22:23:20.000Z', after: 'model blocks' },
      },
    ])
  })

  test('changes and audits nothing in a dry run', () => {
    const { audit, reset, resume } = world()
    assert.deepEqual(resume('model', true), { tripped, dryRun: true })
    assert.deepEqual([audit, reset], [[], []])
  })

  const faults: readonly (readonly [
    string,
    string,
    BreakerState[],
    new (...given: never[]) => Error,
    RegExp,
  ])[] = [
    [
      'an unknown origin',
      'nonsense',
      [tripped],
      ArgumentError,
      /one of scan_vertical, .*model, got "nonsense"/,
    ],
    ['what is no origin', 'breaker', [tripped], ArgumentError, /got "breaker"/],
    [
      'one that is not tripped, naming those that are',
      'login',
      [tripped],
      NotFoundError,
      /that of model is$/,
    ],
    ['one where none is tripped', 'login', [], NotFoundError, /nor is any other$/],
  ]
  for (const [name, origin, states, type, words] of faults) {
    test(`refuses ${name}`, () => {
      const { audit, reset, resume } = world(states)
      assert.throws(
        () => resume(origin),
        (error) => error instanceof type && words.test(error.message),
      )
      assert.deepEqual([audit, reset], [[], []])
    })
  }

  test('that fails is audited', () => {
    const { audit, resume } = world([tripped], new KernelError('bpf_map_update_elem', 7, 'E2BIG'))
    assert.throws(() => resume('model'), KernelError)
    assert.equal(audit[0]?.outcome, 'failed')
  })
})
