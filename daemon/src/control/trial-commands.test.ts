import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { loadConfig } from '../config/load-config.js'
import { enforcerWorld, testAllow } from '../enforce/test-enforcer.js'
import { createTrial } from '../enforce/trial.js'
import { ArgumentError, NotFoundError, RefusedError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import type { Refusal } from '../policy/guards.js'
import { createApplyDesk } from '../wiring/apply-desk.js'
import { createSettings } from '../wiring/settings.js'
import type { AuditRow } from './audit-row.js'
import { createCommands } from './create-commands.js'
import { createFakePanic } from './fake-panic.js'

const caller = { uid: 1000, text: 'alice' }
const target = '203.0.113.7'
const block = { target, ttlMs: 0, reason: '', action: 'drop', force: false, callerPeer: '', caller } as const
const file = (text: string) => loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile: () => text }).config

/** Commands over the real enforcer, trial and settings. */
function commandsWorld(t: TestContext, objections: readonly Refusal[] = []) {
  const world = enforcerWorld(t)
  const { store, enforcer, time } = world
  const audit: AuditRow[] = []
  const words = { trialUntilBootUs: 0 }
  const settings = createSettings({
    file: file(''),
    pinned: new Set(),
    store,
    onTrial: undefined,
    onUnusable: (fault) => assert.fail(fault),
  })
  const entries = (config: typeof settings.now) =>
    config.allow.entries.map((entry) => testAllow(entry.target, 'config', entry.reason))
  const take = () => enforcer.setConfiguredAllow(entries(settings.confirmed), entries(settings.now))
  const clock = { nowMs: () => time.wallMs, bootUs: () => time.bootMs * 1000 }
  const trial = createTrial({
    settings: words,
    enforcer: () => enforcer,
    store,
    clock,
    bootId: 'boot 1',
    onEnd: (_trial, how) => (how === 'confirmed' ? settings.keep() : settings.drop()),
    onFault: (fault) => assert.fail(fault),
  })
  const commands = createCommands({
    enforcement: enforcer,
    panic: createFakePanic(clock.nowMs),
    trial,
    settings: createApplyDesk({
      ...{ settings, store },
      apply(text, isTrial) {
        if (!isTrial) store.saveApplied(text, time.wallMs)
        settings.use(text, isTrial)
        take()
      },
      allowEntries: entries,
    }),
    refusals: () => objections,
    audit: (row) => audit.push(row),
    parseTarget,
    nowMs: clock.nowMs,
  })
  return { ...world, audit, commands, words, settings }
}

const apply = (text: string, given = {}) => ({
  ...{ text, name: 'site.toml', isPrevious: false, isClear: false, confirmMs: 0, force: false },
  ...{ reason: '', dryRun: false, callerPeer: '', caller },
  ...given,
})

describe('a change with confirm_ms', () => {
  test('is on trial, which its audit says; kept, that is audited with what was and what is', (t) => {
    const { commands, audit, words, time } = commandsWorld(t)
    const { trial } = commands.block({ ...block, dryRun: false, confirmMs: 90_000 })
    assert.deepEqual(
      [trial?.leftMs, trial?.what, trial?.by],
      [90_000, `block of ${target}`, 'uid:1000 (alice)'],
    )
    assert.equal(words.trialUntilBootUs, (time.bootMs + 90_000) * 1000)
    assert.match(audit[0]?.detail ?? '', /; on trial until \d{4}-/)
    commands.endTrial({ isKept: true, reason: 'still here', dryRun: false, caller })
    const { action, reason, before, after } = audit[1] as AuditRow
    assert.deepEqual([action, reason, after], ['confirm', 'still here', `confirmed: block of ${target}`])
    assert.match(before ?? '', /^on trial until .*: block of /)
  })

  test('a dry run tells the trial that it would be, and begins none', (t) => {
    const { commands, words, audit } = commandsWorld(t)
    const { trial } = commands.block({ ...block, dryRun: true, confirmMs: 90_000 })
    assert.deepEqual([trial?.leftMs, words.trialUntilBootUs, audit.length], [90_000, 0, 0])
  })

  for (const confirmMs of [-1, 1, 999, 1_000.5, 86_400_001, Number.NaN]) {
    test(`${confirmMs} ms is no time for a trial`, (t) => {
      const { commands } = commandsWorld(t)
      const change = () => commands.block({ ...block, dryRun: false, confirmMs })
      assert.throws(change, (error) => error instanceof ArgumentError && error.field === 'confirm_ms')
    })
  }

  test('what is on trial is not changed by others meanwhile, and that is audited as refused', (t) => {
    const { commands, audit } = commandsWorld(t)
    commands.setMode({ mode: 'detect', reason: '', dryRun: false, caller, confirmMs: 90_000 })
    const others = [
      () => commands.setMode({ mode: 'prevent', reason: '', dryRun: false, caller }),
      () => commands.block({ ...block, dryRun: false, confirmMs: 90_000 }),
      () => commands.apply(apply('[policy]\nblock_s = 5\n')),
    ]
    for (const other of others) assert.throws(other, RefusedError)
    assert.deepEqual(
      audit.map(({ outcome }) => outcome),
      ['done', 'refused', 'refused', 'refused'],
    )
    // What has nothing to do with it goes on as ever.
    commands.block({ ...block, dryRun: false })
  })

  test('what is so already is on no trial', (t) => {
    const { commands, words } = commandsWorld(t)
    const { trial } = commands.setMode({
      mode: 'prevent',
      reason: '',
      dryRun: false,
      caller,
      confirmMs: 90_000,
    })
    assert.deepEqual([trial, words.trialUntilBootUs], [undefined, 0])
  })
})

test('past the deadline, though nobody looked yet, a command sees what is in force', (t) => {
  const { commands, time } = commandsWorld(t)
  const detect = { mode: 'detect', reason: '', dryRun: false, caller, confirmMs: 90_000 } as const
  const text = '[policy]\nblock_s = 5\n'
  for (const again of [false, true]) {
    const { before, trial } = commands.setMode(detect)
    assert.deepEqual([before, trial?.leftMs], ['prevent', 90_000], `again: ${again}`)
    time.pass(90_000)
  }
  commands.apply(apply(text, { confirmMs: 90_000 }))
  time.pass(90_000)
  const { settings } = commands.checkApply(apply(text), '')
  assert.deepEqual(settings, [{ path: 'policy.block_s', before: '600', after: '5' }])
})

test('without a trial there is nothing to confirm or to roll back', (t) => {
  const { commands } = commandsWorld(t)
  for (const isKept of [true, false])
    assert.throws(() => commands.endTrial({ isKept, reason: '', dryRun: false, caller }), NotFoundError)
})

describe('apply', () => {
  test('says what changes, is stored, audited with before and after, and leads back to what was', (t) => {
    const { commands, audit, store, settings } = commandsWorld(t)
    const first = '[policy]\nblock_s = 5\n'
    const { settings: changed, hadApplied } = commands.apply(apply(first))
    assert.deepEqual(changed, [{ path: 'policy.block_s', before: '600', after: '5' }])
    assert.equal(hadApplied, false)
    assert.deepEqual([audit[0]?.before, audit[0]?.after], ['policy.block_s = 600', 'policy.block_s = 5'])
    assert.deepEqual([store.applied(), settings.now.policy.blockS], [first, 5])
    commands.apply(apply('', { isClear: true }))
    assert.deepEqual([store.applied(), settings.now.policy.blockS], [undefined, 600])
    assert.equal(commands.apply(apply('', { isPrevious: true })).hadApplied, false)
    assert.equal(settings.now.policy.blockS, 5)
  })

  test('on trial it is stored when it is confirmed, and rolled back it never was', (t) => {
    for (const isKept of [true, false]) {
      const { commands, store, settings, blockList } = commandsWorld(t)
      const text = '[allow]\nentries = [{ target = "10.0.0.0/8" }]\n'
      const { allowAdded, trial } = commands.apply(apply(text, { confirmMs: 90_000 }))
      assert.deepEqual([allowAdded.map((entry) => entry.target), trial?.leftMs], [['10.0.0.0/8'], 90_000])
      assert.deepEqual([store.applied(), settings.now.allow.entries.length], [undefined, 1])
      commands.endTrial({ isKept, reason: '', dryRun: false, caller })
      assert.equal(store.applied(), isKept ? text : undefined)
      assert.deepEqual(
        [blockList.allowed.has('10.0.0.0/8'), settings.now.allow.entries.length],
        [isKept, isKept ? 1 : 0],
      )
    }
  })

  test('names every fault of the file, and changes nothing', (t) => {
    const { commands, audit } = commandsWorld(t)
    const faulty = () => commands.apply(apply('[policy]\nblock_s = "x"\nfoo = 1\n'))
    assert.throws(faulty, (error) => {
      assert.ok(error instanceof ArgumentError)
      return /site\.toml: 2 faults/.test(error.message) && /policy\.block_s/.test(error.message)
    })
    assert.deepEqual(audit, [])
  })

  test('is refused where everything would pass; by force it is done, and that is in the audit', (t) => {
    const { commands, audit } = commandsWorld(t)
    const halves = '{ target = "0.0.0.0/1" }, { target = "128.0.0.0/1" }'
    for (const entries of ['{ target = "::/0" }', halves]) {
      audit.length = 0
      const text = `[allow]\nentries = [${entries}]\n`
      assert.throws(() => commands.apply(apply(text)), RefusedError)
      assert.deepEqual(commands.apply(apply(text, { force: true })).guards.length, 1)
      assert.deepEqual(
        audit.map(({ outcome }) => outcome),
        ['refused', 'forced'],
      )
      assert.match(audit[1]?.detail ?? '', /100 % of all IPv/)
      // What stands already is no matter of the next file.
      assert.deepEqual(commands.apply(apply(`${text}[policy]\nblock_s = 5\n`)).guards, [])
      commands.apply(apply('', { isClear: true }))
    }
  })

  test('is refused where it and what operators allowed before let everything through together', (t) => {
    const { commands } = commandsWorld(t)
    const given = { reason: '', ttlMs: 0, isLogOnly: false, dryRun: false, caller: { uid: 0, text: '' } }
    commands.addAllow({ target: '0.0.0.0/1', ...given })
    const text = '[allow]\nentries = [{ target = "128.0.0.0/1" }]\n'
    assert.throws(() => commands.apply(apply(text)), /100 % of all IPv4 addresses/)
    commands.apply(apply('[allow]\nentries = [{ target = "192.0.2.0/24" }]\n', { force: true }))
  })

  test('is refused where a block would drop what guards protect once its allow entry is gone', (t) => {
    const guard: Refusal = { guard: 'resolver', entry: target, text: `${target} is a resolver` } as Refusal
    const { commands, enforcer } = commandsWorld(t, [guard])
    commands.apply(apply(`[allow]\nentries = [{ target = "${target}" }]\n`))
    // Nothing drops it: nothing is lost.
    assert.deepEqual(commands.checkApply(apply('', { isClear: true }), '').guards, [])
    enforcer.block({
      ...{ target: parseTarget('203.0.113.0/24', 'target'), action: 'drop', reason: '', createdBy: '' },
      ...{ createdAtMs: 0, expiresAtMs: 0 },
    })
    assert.throws(
      () => commands.apply(apply('', { isClear: true })),
      /without the allow entry .* is a resolver/,
    )
  })

  test('the name of a file forges no line of the audit', (t) => {
    const { commands, audit } = commandsWorld(t)
    commands.apply(apply('[policy]\nblock_s = 5\n', { name: `a\n\u001b[2J${'b'.repeat(200)}` }))
    assert.match(audit[0]?.detail ?? '', /^the settings of a\[2Jb{96}: policy\.block_s$/)
  })

  test('takes one of a file, previous and clear', (t) => {
    const { commands } = commandsWorld(t)
    for (const given of [{}, { isPrevious: true, isClear: true }, { text: 'x', isClear: true }])
      assert.throws(() => commands.apply(apply('', given)), ArgumentError)
    assert.throws(() => commands.apply(apply('', { isPrevious: true })), NotFoundError)
  })
})
