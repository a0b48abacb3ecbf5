import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { Calibration, CalibrationRun } from '../calibrate/calibration.js'
import { KernelError } from '../errors.js'
import { caller, createTestCommands, NOW } from './test-commands.js'

let run: CalibrationRun | undefined
/** As far as a mode asks for it. */
const calibration = {
  get run() {
    return run
  },
  stop: (nowMs: number) => {
    if (run !== undefined) run = { ...run, endedAtMs: nowMs }
  },
} as unknown as Calibration

let { commands, enforcement, audit } = createTestCommands({ calibration })
beforeEach(() => {
  ;({ commands, enforcement, audit } = createTestCommands({ calibration }))
  run = undefined
})

const setMode = (mode: 'prevent' | 'detect', dryRun = false) =>
  commands.setMode({ mode, reason: 'noise', dryRun, caller })

describe('mode', () => {
  it('changes, says from what and whose decisions it touches, and is audited', () => {
    const block = { ttlMs: 0, reason: '', force: false, dryRun: false, callerPeer: '', caller } as const
    const { decision } = commands.block({ ...block, target: '192.0.2.7', action: 'drop' })
    enforcement.decisions[0] = { ...decision, origin: 'detector' }
    audit.length = 0
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

  describe('while this site is learnt', () => {
    const prevent = (given: { force?: boolean; dryRun?: boolean } = {}) =>
      commands.setMode({ mode: 'prevent', reason: '', dryRun: false, caller, ...given })
    beforeEach(() => {
      enforcement.setMode('detect')
      run = { startedAtMs: NOW - 1_000, endedAtMs: 0 } as CalibrationRun
    })

    it('prevent is refused with the reason, changes nothing, and is audited', () => {
      for (const dryRun of [true, false])
        assert.throws(() => prevent({ dryRun }), {
          code: 'ERR_REFUSED',
          message: /learns this site since .*calibrate cancel/,
        })
      assert.deepEqual([enforcement.mode, run?.endedAtMs, audit.length], ['detect', 0, 1])
      assert.deepEqual([audit[0]?.outcome, audit[0]?.action], ['refused', 'mode'])
    })

    it('prevent by force ends the learning, and says so', () => {
      assert.equal(prevent({ force: true, dryRun: true }).overridden?.length, 1)
      assert.deepEqual([enforcement.mode, run?.endedAtMs], ['detect', 0])
      assert.equal(prevent({ force: true }).overridden?.length, 1)
      assert.deepEqual([enforcement.mode, run?.endedAtMs], ['prevent', NOW])
      assert.deepEqual(
        [audit[0]?.outcome, audit[0]?.detail],
        ['forced', 'detect to prevent; the learning of this site was ended'],
      )
    })

    it('prevent by force that the kernel does not follow goes on learning', () => {
      enforcement.setMode = () => {
        throw new KernelError('bpf_map_update_elem', 5, 'EIO')
      }
      assert.throws(() => prevent({ force: true }), { code: 'ERR_KERNEL' })
      assert.equal(run?.endedAtMs, 0)
    })

    it('detect is no matter of it, and prevent is free once it has ended', () => {
      assert.equal(setMode('detect').mode, 'detect')
      run = { ...run, endedAtMs: NOW } as CalibrationRun
      assert.equal(prevent().mode, 'prevent')
    })
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
