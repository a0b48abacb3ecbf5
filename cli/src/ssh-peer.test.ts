import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { openFakeDaemon } from '../test/fake-daemon.js'
import { cleanEnv, IDSCTL, outcomeOf } from '../test/run-idsctl.js'
import { decision } from '../test/samples.js'
import { sshPeer } from './ssh-peer.js'

const CONNECTION = '198.51.100.9 50022 192.0.2.10 22'

/** A /proc of the chain 100 <- 99 <- ..., with the environment of some. */
function proc(environments: Readonly<Record<number, string>>): (path: string) => string {
  return (path) => {
    const [pid, file] = path.split('/')
    if (file === 'stat') return `${pid} (a (odd) name) S ${Number(pid) - 1} 1 1`
    const environ = environments[Number(pid)]
    if (environ === undefined) throw new Error('EACCES')
    return environ
  }
}

const cases: readonly (readonly [string, Record<string, string>, Record<number, string>, string])[] = [
  ['the own environment', { SSH_CONNECTION: CONNECTION }, {}, '198.51.100.9'],
  [
    'a parent, past one that may not be read',
    {},
    { 98: `A=1\0SSH_CONNECTION=${CONNECTION}\0` },
    '198.51.100.9',
  ],
  ['the tenth parent', {}, { 90: `SSH_CONNECTION=${CONNECTION}\0` }, '198.51.100.9'],
  ['nothing from the eleventh', {}, { 89: `SSH_CONNECTION=${CONNECTION}\0` }, ''],
  ['nothing from a name that only ends so', {}, { 99: `OLD_SSH_CONNECTION=${CONNECTION}\0` }, ''],
  ['IPv6 without its zone', { SSH_CONNECTION: 'fe80::1%eth0 5 fe80::2 22' }, {}, 'fe80::1'],
  ['nothing from a value that is no address', { SSH_CONNECTION: 'UNKNOWN 65535 UNKNOWN 65535' }, {}, ''],
]

describe('the far end of the own SSH session', () => {
  for (const [name, env, environments, expected] of cases) {
    it(`is taken from: ${name}`, () => {
      assert.equal(sshPeer({ env, pid: 100, readProc: proc(environments) }), expected)
    })
  }

  it('reaches the daemon although the environment was stripped on the way', async () => {
    const daemon = await openFakeDaemon({ block: () => ({ decision }) })
    const script = 'env -u SSH_CONNECTION -u SUDO_USER "$0" "$1" block 203.0.113.7; exit $?'
    const env = { ...cleanEnv(daemon), SSH_CONNECTION: CONNECTION }
    const outcome = await outcomeOf(spawn('sh', ['-c', script, process.execPath, IDSCTL], { env }))
    await daemon.close()
    assert.equal(outcome.code, 0, outcome.stderr)
    assert.equal(daemon.requests[0]?.request.callerPeer, '198.51.100.9')
  })
})
