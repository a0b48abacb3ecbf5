import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Calibration, CalibrationRun } from '../calibrate/calibration.js'
import type { Proposal } from '../calibrate/proposal.js'
import type { SiteThresholds } from '../calibrate/site.js'
import { ArgumentError, NotFoundError, RefusedError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { AuditRow } from './audit-row.js'
import { createCalibrateCommands } from './calibrate-command.js'
import type { CommandsOptions } from './commands.js'
import { createFakeEnforcement } from './fake-enforcement.js'
import { createFakePanic } from './fake-panic.js'

const NOW = 1_700_000_000_000
const order = {
  forMs: 0,
  reason: 'new site',
  force: false,
  dryRun: false,
  caller: { uid: 1000, text: 'alice' },
}
const question = { alerts: 0, include: [], exclude: [] }
const learning: CalibrationRun = {
  ...{
    startedAtMs: NOW - 1_000,
    endedAtMs: 0,
    learntMs: 1_000,
    forMs: 60_000,
    by: 'bob',
    modeBefore: 'prevent',
  },
  ...{ flows: 12, sources: 3, scored: 10, leftOut: 0, classes: {} },
}
const site: SiteThresholds = {
  ...{ atMs: NOW, by: 'alice', alerts: 1, flows: 12, sources: 3, sinceMs: 0, untilMs: NOW, forced: '' },
  ...{ thresholds: { login: 20 }, model: undefined },
}

function world(
  given: {
    run?: CalibrationRun
    site?: SiteThresholds
    missing?: readonly string[]
    trial?: CommandsOptions['trial']
  } = {},
) {
  const audit: AuditRow[] = []
  const asked: { alerts: number; ours: readonly (boolean | undefined)[]; named: readonly string[] }[] = []
  const calls: string[] = []
  const enforcement = createFakeEnforcement(() => NOW)
  const proposal = {
    ...{ alerts: 1, flows: 12, scored: 10, detectors: [], model: undefined, sources: [] },
    missing: given.missing ?? [],
  } as Proposal
  const calibration: Calibration = {
    ...{ observe: () => undefined, save: () => undefined, fit: (config) => config },
    ...{ run: given.run, site: given.site, isModelFitted: () => false },
    propose: ({ alerts, saidOf, named }) => {
      if (given.run === undefined) throw new NotFoundError('nothing was learnt yet')
      asked.push({ alerts, ours: ['192.0.2.1', '192.0.2.9', '203.0.113.1'].map(saidOf), named })
      return proposal
    },
    start: () => void calls.push('start'),
    apply: () => {
      calls.push('apply')
      return site
    },
    stop: () => undefined,
    cancel: () => void calls.push('cancel'),
    clear: () => void calls.push('clear'),
  }
  const commands = createCalibrateCommands({
    ...{ enforcement, panic: createFakePanic(() => NOW), calibration, calibrateForMs: () => 86_400_000 },
    ...{ refusals: () => [], audit: (row: AuditRow) => audit.push(row), parseTarget, nowMs: () => NOW },
    ...(given.trial === undefined ? {} : { trial: given.trial }),
  })
  return { audit, asked, calls, commands, enforcement }
}

const kept = (audit: readonly AuditRow[]) =>
  audit.map(({ action, outcome, caller, reason, before, after }) => [
    ...[action, outcome, caller, reason, before, after],
  ])

describe('calibrate', () => {
  test('does not begin while a mode is on trial: that one would be in force', () => {
    const state = { sinceMs: NOW, untilMs: NOW + 90_000, leftMs: 90_000, by: 'bob', reason: '' }
    const change = { mode: 'prevent', added: [], lifted: [], allow: { added: [], removed: [] } }
    const trial = { state: { ...state, what: 'mode detect to prevent' }, change } as never
    const { commands, calls, audit, enforcement } = world({ trial })
    assert.throws(() => commands.startCalibration({ ...order, dryRun: true }), RefusedError)
    assert.throws(() => commands.startCalibration(order), /another change is on trial/)
    assert.deepEqual([calls, enforcement.mode], [[], 'prevent'])
    assert.deepEqual(
      audit.map(({ action, outcome }) => [action, outcome]),
      [['calibrate_start', 'refused']],
    )
  })

  test('start learns in detect for as long as is configured, and audits the mode before and after', () => {
    const { audit, calls, commands, enforcement } = world()
    const { modeBefore, mode } = commands.startCalibration(order)
    assert.deepEqual([calls, modeBefore, mode, enforcement.mode], [['start'], 'prevent', 'detect', 'detect'])
    assert.deepEqual(kept(audit), [
      [
        ...['calibrate_start', 'done', 'uid:1000 (alice)', 'new site'],
        ...['mode prevent', 'mode detect, learning for 86400 s'],
      ],
    ])
  })

  test('start is refused while it learns, audited, and forced with a word in the audit', () => {
    const { audit, calls, commands } = world({ run: learning })
    assert.throws(() => commands.startCalibration(order), RefusedError)
    assert.deepEqual(calls, [])
    const forced = commands.startCalibration({ ...order, force: true })
    assert.equal(forced.overridden.length, 1)
    assert.deepEqual(
      audit.map(({ outcome }) => outcome),
      ['refused', 'forced'],
    )
  })

  test('apply is refused on too little, and forced with a word in the audit', () => {
    const { audit, calls, commands } = world({ run: learning, missing: ['12 flows were learnt from'] })
    assert.throws(() => commands.applyCalibration({ ...order, ...question }), /12 flows were learnt from/)
    commands.applyCalibration({ ...order, ...question, force: true })
    assert.deepEqual(calls, ['apply'])
    assert.deepEqual(
      kept(audit).map(([, outcome, , , before, after]) => [outcome, before, after]),
      [
        ['refused', undefined, undefined],
        ['forced', 'not calibrated', 'login 20'],
      ],
    )
  })

  test('who is named counts as ours, who is excluded does not, the exclusion wins', () => {
    const { asked, commands } = world({ run: learning })
    commands.proposeCalibration({
      ...{ alerts: 2.5, include: ['192.0.2.0/24', '203.0.113.1'], exclude: ['192.0.2.9'] },
    })
    assert.deepEqual(asked, [{ alerts: 2.5, ours: [true, false, true], named: ['203.0.113.1'] }])
  })

  test('cancel and clear undo, with what was before', () => {
    const { audit, calls, commands } = world({ run: learning, site })
    commands.cancelCalibration(order)
    commands.clearCalibration(order)
    assert.deepEqual(calls, ['cancel', 'clear'])
    assert.deepEqual(
      kept(audit).map(([, , , , before, after]) => [before, after]),
      [
        ['12 flows learnt from since 2023-11-14T22:13:19.000Z', 'nothing learnt'],
        ['login 20', 'not calibrated'],
      ],
    )
  })

  test('a dry run of each changes and audits nothing', () => {
    const { audit, calls, commands, enforcement } = world({ run: { ...learning, endedAtMs: NOW }, site })
    const dry = { ...order, dryRun: true }
    const all = [
      commands.startCalibration(dry),
      commands.applyCalibration({ ...dry, ...question }),
      commands.cancelCalibration(dry),
      commands.clearCalibration(dry),
    ]
    assert.ok(all.every(({ dryRun }) => dryRun))
    assert.deepEqual([audit, calls, enforcement.mode], [[], [], 'prevent'])
  })

  test('where there is nothing, there is nothing to end', () => {
    const { commands } = world()
    assert.throws(() => commands.cancelCalibration(order), NotFoundError)
    assert.throws(() => commands.clearCalibration(order), NotFoundError)
    assert.throws(() => commands.applyCalibration({ ...order, ...question }), NotFoundError)
  })

  const wrong: readonly (readonly [string, object])[] = [
    ['alerts', { alerts: -1 }],
    ['alerts', { alerts: Number.NaN }],
    ['alerts', { alerts: 1_001 }],
    ['include', { include: Array(101).fill('192.0.2.1') }],
    ['target', { exclude: ['nonsense'] }],
  ]
  for (const [field, given] of wrong) {
    test(`${JSON.stringify(given).slice(0, 40)} is an error of ${field}`, () => {
      const { commands } = world({ run: learning })
      assert.throws(
        () => commands.proposeCalibration({ ...question, ...given }),
        (error) => error instanceof ArgumentError && error.field === field,
      )
    })
  }
})
