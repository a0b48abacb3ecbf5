import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon, type Request, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { status } from '../../test/samples.js'

let daemon: FakeDaemon

async function run(answers: Answers, line: string): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket, env: { SUDO_USER: 'alice' } })
}

/** A daemon in mode prevent with 3 blocks of its own. */
const setMode = ({ mode, dryRun }: Request) => ({
  ...{ before: 'MODE_PREVENT', mode, dryRun },
  decisionsChanged: mode === 'MODE_PREVENT' ? 0 : 3,
})

describe('idsctl mode', () => {
  afterEach(() => daemon.close())

  it('shows the mode and what it means, and asks for no change', async () => {
    const { stdout } = await run({ getStatus: () => status }, 'mode')
    assert.equal(stdout, 'prevent: what idsd decides is dropped\n')
    assert.deepEqual(
      daemon.requests.map(({ name }) => name),
      ['getStatus'],
    )
  })

  it('changes it as the user behind sudo, and says what that does and how to undo it', async () => {
    const { code, stdout } = await run({ setMode }, 'mode detect')
    assert.equal(code, 0)
    assert.deepEqual(said(daemon.requests[0]!.request), { mode: 'MODE_DETECT', caller: 'alice' })
    assert.match(stdout, /^changed the mode from prevent to detect\n/)
    assert.match(stdout, /decisions +3 active automatic decisions only count from here on\n/)
    assert.match(stdout, /undo +idsctl mode prevent\n$/)
  })

  it('says in a dry run what would change, and changes nothing', async () => {
    const { stdout } = await run({ setMode }, 'mode detect --dry-run')
    assert.equal(daemon.requests[0]!.request.dryRun, true)
    assert.match(stdout, /^would change the mode from prevent to detect; nothing was changed\n/)
    assert.match(stdout, /3 active automatic decisions would only count/)
    assert.doesNotMatch(stdout, /undo/)
  })

  it('says so when it is that mode already', async () => {
    const { stdout } = await run({ setMode }, 'mode prevent')
    assert.equal(stdout, 'the mode is prevent already; nothing was changed\n')
  })

  it('by force ends a learning, and says so', async () => {
    const forced = (request: Request) => ({
      ...{ ...setMode(request), before: 'MODE_DETECT', decisionsChanged: 2 },
      overridden: ['idsd learns this site'],
    })
    const { stdout } = await run({ setMode: forced }, 'mode prevent --force')
    assert.equal(daemon.requests[0]!.request.force, true)
    assert.match(stdout, /learning +ended; what was learnt stays\n/)
    assert.equal((await runIdsctl(['mode', '--force'], { socket: daemon.socket })).code, 2)
  })

  it('tells programs what was and what is', async () => {
    const { stdout } = await run({ setMode }, 'mode detect -o jsonl')
    assert.deepEqual(JSON.parse(stdout), {
      ...{ schema: 'idsd.mode_change.v1', dry_run: false, before: 'prevent', mode: 'detect' },
      ...{ decisions_changed: 3, trial: null, overridden: [], undo: 'idsctl mode prevent' },
    })
  })
})
