import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon, type Request, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { status } from '../../test/samples.js'

let daemon: FakeDaemon

async function run(answers: Answers, ...words: string[]): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(words, { socket: daemon.socket, env: { SUDO_USER: 'alice' } })
}

const sinceMs = Date.UTC(2031, 4, 4, 10, 30)
const standing = { sinceMs, untilMs: 0, by: 'bob', reason: 'ticket 7' }
/** A daemon with 3 decisions that drop, in a panic or not. */
const setPanic =
  (before: typeof standing | null = null) =>
  ({ on, forMs, dryRun, reason, caller }: Request) => ({
    before,
    after: on ? { sinceMs, untilMs: forMs === 0 ? 0 : sinceMs + Number(forMs), by: caller, reason } : null,
    ...{ dryRun, decisionsDropping: 3 },
  })

describe('idsctl panic and resume', () => {
  afterEach(() => daemon.close())

  it('stops all enforcement as the user behind sudo, and says how to undo it', async () => {
    const { code, stdout } = await run(
      { setPanic: setPanic() },
      'panic',
      '--for',
      '10m',
      '--reason',
      'why not',
    )
    assert.equal(code, 0)
    assert.deepEqual(said(daemon.requests[0]!.request), {
      ...{ on: true, forMs: 600_000, reason: 'why not', caller: 'alice' },
    })
    assert.match(stdout, /^PANIC: nothing is dropped any more\n/)
    assert.match(stdout, /until +2031-05-04T/)
    assert.match(stdout, /3 active decisions only count from here on/)
    assert.match(stdout, /undo +idsctl resume\n$/)
  })

  it('without --for it lasts until resume', async () => {
    const { stdout } = await run({ setPanic: setPanic() }, 'panic')
    assert.match(stdout, /until +idsctl resume\n/)
  })

  it('resume names the panic that would bring back what was', async () => {
    const { stdout } = await run({ setPanic: setPanic(standing) }, 'resume')
    assert.match(stdout, /^enforcement is resumed\n/)
    assert.match(stdout, /3 active decisions drop from here on/)
    assert.match(stdout, /undo +idsctl panic --reason 'ticket 7'\n$/)
  })

  it('resume without a panic changes nothing and says so', async () => {
    const { code, stdout } = await run({ setPanic: setPanic() }, 'resume')
    assert.equal(code, 0)
    assert.equal(stdout, 'there is no panic: idsd enforces; nothing was changed\n')
  })

  it('a dry run says what would change and offers nothing to undo', async () => {
    const { stdout } = await run({ setPanic: setPanic() }, 'panic', '--dry-run')
    assert.equal(daemon.requests[0]!.request.dryRun, true)
    assert.match(stdout, /^would stop all enforcement; nothing was changed\n/)
    assert.match(stdout, /3 active decisions would only count from here on/)
    assert.doesNotMatch(stdout, /undo/)
  })

  it('tells programs what was and what is', async () => {
    const { stdout } = await run({ setPanic: setPanic(standing) }, 'panic', '--for', '10m', '-o', 'jsonl')
    assert.deepEqual(JSON.parse(stdout), {
      ...{ schema: 'idsd.panic.v1', dry_run: false, via: 'daemon', interfaces: null },
      before: { since: '2031-05-04T10:30:00.000Z', until: null, by: 'bob', reason: 'ticket 7' },
      after: {
        since: '2031-05-04T10:30:00.000Z',
        until: '2031-05-04T10:40:00.000Z',
        by: 'alice',
        reason: null,
      },
      ...{ decisions_dropping: 3, undo: "idsctl panic --reason 'ticket 7'" },
    })
  })

  it('the status is loud about it', async () => {
    const answers = { getStatus: () => ({ ...status, panic: standing }) }
    const { stdout } = await run(answers, 'status')
    assert.match(stdout, /PANIC, nothing is dropped until idsctl resume \(since .* by bob: ticket 7\)/)
    await daemon.close()
    const plain = await run({ getStatus: () => status }, 'status')
    assert.doesNotMatch(plain.stdout, /PANIC|panic/)
  })

  for (const words of [
    ['panic', '--for', '0s'],
    ['panic', '--for', 'soon'],
    ['panic', 'now'],
  ]) {
    it(`refuses ${words.join(' ')}`, async () => {
      const { code } = await run({}, ...words)
      assert.equal(code, 2)
      assert.deepEqual(daemon.requests, [])
    })
  }

  it('with neither a daemon nor pins it says that nothing is enforced from there', async () => {
    daemon = await openFakeDaemon({})
    const folder = mkdtempSync(join(tmpdir(), 'idsctl-panic-'))
    try {
      const { code, stderr } = await runIdsctl(['panic', '--bpffs', join(folder, 'none')], {
        socket: join(folder, 'no.sock'),
      })
      assert.equal(code, 5)
      assert.match(stderr, /idsd is not running/)
      assert.match(stderr, /no programs of idsd are pinned below/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
