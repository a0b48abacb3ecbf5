import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { runIdsctl } from '../test/run-idsctl.js'
import type { CliError } from './errors.js'
import { checkReach } from './reach.js'

const NOBODY = 65_534
const folder = mkdtempSync(join(tmpdir(), 'idsctl-reach-'))
const socket = join(folder, 'idsd.sock')

/** Root may use every socket, so root becomes somebody else for the length of the call. */
async function asNobody(use: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    await use()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('a daemon that is not reachable', () => {
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('without a socket is told how to start, exit 5', async () => {
    const { code, stderr } = await runIdsctl(['status', '--socket', join(folder, 'none')])
    assert.match(stderr, /idsd is not running: there is no socket .*none\n.*systemctl start idsd/)
    assert.equal(code, 5)
  })

  it('whose socket nobody serves is told how to start, exit 5', async () => {
    const { code, stderr } = await runIdsctl(['block', '1.2.3.4', '--socket', folder])
    assert.match(stderr, /idsd is not running: nobody listens/)
    assert.equal(code, 5)
  })

  it('whose socket is not for this user is told sudo and the group, exit 5', async () => {
    const server = createServer().listen(socket)
    chmodSync(socket, 0o000)
    await assert.rejects(
      asNobody(() => checkReach(socket, 1_000)),
      (error: CliError) => {
        assert.equal(error.exitCode, 5)
        assert.match(
          `${error.message}\n${error.hints.join('\n')}`,
          /no permission[\s\S]*sudo usermod -aG idsd \$USER/,
        )
        return true
      },
    )
    server.close()
  })

  it('that takes the connection and stays silent is given up on after --timeout, exit 5', async () => {
    const server = createServer(() => {}).listen(socket)
    const { code, stderr } = await runIdsctl(['status', '--timeout', '1s'], { socket })
    server.close()
    assert.match(stderr, /did not answer within 1 s/)
    assert.equal(code, 5)
  })
})
