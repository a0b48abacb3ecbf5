import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type FakeDaemon, openFakeDaemon, type Request, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { status } from '../../test/samples.js'

const tripped = {
  origin: 'model',
  sinceMs: 1_700_000_000_000,
  untilMs: 1_700_000_600_000,
  why: '3 blocks within 60 s',
}

let daemon: FakeDaemon

async function run(line: string): Promise<Outcome> {
  daemon = await openFakeDaemon({
    resumeOrigin: ({ dryRun }: Request) => ({ tripped, dryRun }),
    getStatus: () => ({ ...status, breakers: [tripped] }),
  })
  return runIdsctl(line.split(' '), { socket: daemon.socket, env: { SUDO_USER: 'alice' } })
}

describe('idsctl resume ORIGIN', () => {
  afterEach(() => daemon.close())

  it('closes that breaker alone and says what it was tripped by', async () => {
    const { code, stdout } = await run('resume model --reason looked')
    assert.equal(code, 0)
    assert.deepEqual(
      daemon.requests.map(({ name, request }) => [name, said(request)]),
      [['resumeOrigin', { origin: 'model', reason: 'looked', caller: 'alice' }]],
    )
    assert.match(stdout, /^model may block again, and its blocks that stand drop again\n/)
    assert.match(stdout, /because +3 blocks within 60 s\n/)
  })

  it('says in a dry run that nothing was changed', async () => {
    const { stdout } = await run('resume model --dry-run')
    assert.equal(daemon.requests[0]?.request.dryRun, true)
    assert.match(stdout, /^would let model block again; nothing was changed\n/)
    assert.doesNotMatch(stdout, /undo/)
  })

  it('tells programs what was tripped', async () => {
    const { stdout } = await run('resume model -o json')
    const { schema, tripped: was, undo } = JSON.parse(stdout)
    assert.deepEqual(
      [schema, was.origin, was.until, undo],
      ['idsd.breaker_reset.v1', 'model', '2023-11-14T22:23:20.000Z', null],
    )
  })

  it('refuses a folder of pins, which reaches a panic only', async () => {
    const { code, stderr } = await run('resume model --bpffs /sys/fs/bpf/idsd')
    assert.equal(code, 2)
    assert.match(stderr, /idsctl resume model/)
    assert.deepEqual(daemon.requests, [])
  })

  it('is what the status names while a breaker is tripped', async () => {
    const { stdout } = await run('status')
    assert.match(
      stdout,
      /breakers +model only counts until .* \(3 blocks within 60 s\); idsctl resume model ends it\n/,
    )
  })
})
