import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'

let daemon: FakeDaemon

async function run(answers: Answers, words: readonly string[]): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl([...words], { socket: daemon.socket, env: { SUDO_USER: 'alice' } })
}

const trial = {
  ...{ sinceMs: 1_000, untilMs: 91_000, leftMs: 90_000 },
  ...{ by: 'uid:0', what: 'mode detect to prevent', reason: '' },
}

describe('a change on trial', () => {
  afterEach(() => daemon.close())

  it('is asked for by --confirm, and the answer says until when, how to keep it and how to take it back', async () => {
    const setMode = () => ({
      before: 'MODE_DETECT',
      mode: 'MODE_PREVENT',
      dryRun: false,
      decisionsChanged: 1,
      trial,
    })
    const { code, stdout } = await run({ setMode }, ['mode', 'prevent', '--confirm', '90s'])
    assert.equal(code, 0)
    assert.equal(daemon.requests[0]!.request.confirmMs, 90_000)
    assert.match(stdout, /on trial +until .* \(90 seconds\), then it is taken back by itself\n/)
    assert.match(stdout, /keep it +idsctl confirm\n/)
    assert.match(stdout, /undo +idsctl rollback\n$/)
    assert.doesNotMatch(stdout, /the next start of idsd/)
  })

  for (const name of ['confirm', 'rollback'] as const) {
    it(`is ended by idsctl ${name}, with why`, async () => {
      const { code, stdout } = await run({ [name]: () => ({ trial, dryRun: false }) }, [
        name,
        '--reason',
        'seen',
      ])
      assert.equal(code, 0)
      assert.deepEqual(said(daemon.requests[0]!.request), { reason: 'seen', caller: 'alice' })
      const head = name === 'confirm' ? 'confirmed' : 'taken back'
      assert.ok(stdout.startsWith(`${head}: mode detect to prevent\n`), stdout)
    })
  }

  it('is a document for programs', async () => {
    const { stdout } = await run({ confirm: () => ({ trial, dryRun: true }) }, [
      'confirm',
      '--dry-run',
      '-o',
      'jsonl',
    ])
    assert.deepEqual(JSON.parse(stdout), {
      ...{ schema: 'idsd.trial.v1', action: 'confirm', dry_run: true, via: 'daemon', interfaces: null },
      trial: {
        ...{ since: '1970-01-01T00:00:01.000Z', until: '1970-01-01T00:01:31.000Z', seconds_left: 90 },
        ...{ by: 'uid:0', what: 'mode detect to prevent', reason: null },
      },
    })
  })
})

describe('idsctl apply', () => {
  afterEach(() => daemon.close())

  const change = {
    settings: [{ path: 'policy.block_s', before: '600', after: '5' }],
    ...{ allowAdded: [], allowRemoved: [], overrides: [], guards: [] },
  }

  it('sends the text of the file with its name, shows what changes and how to undo it', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'idsctl-apply-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'site.toml')
    writeFileSync(file, '[policy]\nblock_s = 5\n')
    const apply = () => ({ change, dryRun: false, hadApplied: false })
    const { code, stdout } = await run({ apply }, ['apply', file])
    assert.equal(code, 0)
    const { text, name } = daemon.requests[0]!.request
    assert.deepEqual([text, name], ['[policy]\nblock_s = 5\n', file])
    assert.match(stdout, /policy\.block_s +600 -> 5\n/)
    assert.match(stdout, /undo +idsctl apply --clear\n$/)
  })

  for (const words of [['apply'], ['apply', 'a.toml', '--clear'], ['apply', '--previous', '--clear']]) {
    it(`asks nobody for ${words.join(' ')}`, async () => {
      const { code, stderr } = await run({}, words)
      assert.equal(code, 2)
      assert.match(stderr, /one of FILE, --previous and --clear is needed/)
      assert.equal(daemon.requests.length, 0)
    })
  }

  it('shows a plan: what would change, and whom it would have blocked', async () => {
    const planApply = () => ({
      change,
      ...{ sinceMs: 1_000, untilMs: 2_000, fewer: [], partial: false },
      more: [{ source: '192.0.2.7', points: 60, atMs: 1_500 }],
    })
    const { code, stdout } = await run({ planApply }, ['plan', 'apply', '--clear'])
    assert.equal(code, 0)
    assert.equal(daemon.requests[0]!.request.clear, true)
    assert.match(stdout, /^would apply nothing: idsd\.toml alone; nothing was changed\n/)
    assert.match(stdout, /192\.0\.2\.7 +blocked/)
  })
})
