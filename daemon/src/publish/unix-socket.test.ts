import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openUnixSocket, type UnixSocketOptions } from './unix-socket.js'

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'idsd-socket-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

function greet(socket: Socket): void {
  socket.on('error', () => {})
  socket.end('hello')
}

const open = (path: string, change: Partial<UnixSocketOptions> = {}) =>
  openUnixSocket({ path, mode: 0o660, onConnection: greet, onError: () => {}, ...change })

describe('the unix socket', () => {
  it('makes its folder, has its mode, and leaves nothing behind', async () => {
    const path = join(folder, 'new', 'idsd.sock')
    const umask = process.umask()
    const socket = await open(path, { mode: 0o600 })
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal(process.umask(), umask)
    socket.close()
    assert.equal(existsSync(path), false)
  })

  it('belongs to the group and to the admitted user', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    const path = join(folder, 'owned.sock')
    const socket = await open(path, { gid: 4242, admitUid: 4243 })
    const { uid, gid } = statSync(path)
    assert.deepEqual([uid, gid], [4243, 4242])
    socket.close()
  })

  it('replaces the file of a daemon that was killed', async () => {
    const path = join(folder, 'stale.sock')
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(existsSync(path), true)
    const socket = await open(path)
    const client = connect(path)
    assert.equal(String((await once(client, 'data'))[0]), 'hello')
    client.destroy()
    socket.close()
  })

  it('leaves a socket that somebody answers on', async () => {
    const path = join(folder, 'busy.sock')
    const first = await open(path)
    await assert.rejects(open(path), { code: 'ERR_LISTEN', message: /--socket .*another process answers/ })
    assert.equal(existsSync(path), true)
    first.close()
  })

  it('leaves a file that is not a socket', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'mine')
    await assert.rejects(open(path), { code: 'ERR_LISTEN', message: /expected a socket or nothing/ })
    assert.equal(existsSync(path), true)
  })

  it('says that a path is too long', async () => {
    await assert.rejects(open(join(folder, 'x'.repeat(108))), { code: 'ERR_LISTEN', message: /107 bytes/ })
  })
})
