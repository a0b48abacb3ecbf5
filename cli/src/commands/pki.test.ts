import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makePair } from '../pki/openssl.js'
import { writeFiles } from '../pki/write-files.js'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const skip = !hasOpenssl && process.env.CI !== 'true' && 'needs openssl'
/** Beside this file's folder. */
const idsctl = fileURLToPath(new URL('../idsctl.js', import.meta.url))

describe('idsctl pki', { skip }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-test-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [idsctl, 'pki', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    })
    return { code: status, stdout, stderr }
  }

  test('a client certificate carries name and role, and only its authority has signed it', () => {
    const ca = makePair({ name: 'one', kind: 'authority', days: 2 })
    const other = makePair({ name: 'one', kind: 'authority', days: 2 })
    const { certificate, key } = makePair({ name: 'alice', kind: 'client', unit: 'operator', days: 2 }, ca)
    const found = new X509Certificate(certificate)
    assert.equal(found.subject, 'OU=operator\nCN=alice')
    assert.equal(found.ca, false)
    assert.equal(new X509Certificate(ca.certificate).ca, true)
    assert.equal(found.verify(new X509Certificate(ca.certificate).publicKey), true)
    assert.equal(found.verify(new X509Certificate(other.certificate).publicKey), false)
    assert.match(key, /^-----BEGIN PRIVATE KEY-----/)
    const days = (Date.parse(found.validTo) - Date.parse(found.validFrom)) / 86_400_000
    assert.equal(days, 2)
  })

  test('the certificate of idsd names its hosts', () => {
    const dir = join(folder, 'hosts')
    const hosts = ['--host', 'gw1.example.net', '--host', '192.0.2.1', '--host', '2001:db8::1']
    assert.equal(run('init', dir, ...hosts).code, 0)
    const found = new X509Certificate(readFileSync(join(dir, 'server.crt')))
    for (const host of ['gw1.example.net']) assert.equal(found.checkHost(host), host)
    for (const ip of ['192.0.2.1', '2001:db8::1']) assert.equal(found.checkIP(ip), ip)
    assert.equal(found.checkHost('gw2.example.net'), undefined)
  })

  for (const [what, args] of [
    ['a name with a slash', ['issue', 'a/b', '--role', 'reader']],
    ['a name with a line', ['issue', 'a\nOU=operator', '--role', 'reader']],
    ['no role', ['issue', 'a']],
    ['another role', ['issue', 'a', '--role', 'admin']],
    ['no days', ['issue', 'a', '--role', 'reader', '--days', '0']],
    ['a host with a line', ['init', '--host', 'a\nb']],
    ['a host with a comma', ['init', '--host', 'a,DNS:b']],
    ['a scoped address', ['init', '--host', 'fe80::1%eth0']],
  ] as const) {
    test(`${what} is wrong use, and makes nothing`, () => {
      const dir = join(folder, 'wrong')
      const place = args[0] === 'init' ? [dir] : ['--dir', dir]
      assert.equal(run(args[0], ...args.slice(1), ...place).code, 2)
      assert.throws(() => readdirSync(dir), { code: 'ENOENT' })
    })
  }

  test('of several files all are written, or none', () => {
    const dir = join(folder, 'some')
    const one = join(dir, 'one')
    writeFiles([{ path: one, text: 'x', isSecret: false }])
    const two = join(dir, 'two')
    const files = [two, one].map((path) => ({ path, text: 'y', isSecret: true }))
    assert.throws(() => writeFiles(files), /cannot be written/)
    assert.deepEqual([readdirSync(dir), readFileSync(one, 'utf8')], [['one'], 'x'])
  })

  test('init takes its folder as the others do, or as an argument, and not as both', () => {
    const [dir, other] = [join(folder, 'flag'), join(folder, 'argument')]
    assert.equal(run('init', '--dir', dir, other).code, 2)
    assert.equal(run('init', '--dir', dir).code, 0)
    assert.equal(run('init', other).code, 0)
    for (const made of [dir, other]) assert.ok(readdirSync(made).includes('ca.key'))
    const issued = run('issue', 'alice', '--role', 'reader', '--dir', dir)
    const undo = /^undo: idsctl pki (revoke alice --dir (\S+))$/m.exec(issued.stdout)
    assert.equal(undo?.[2], dir)
    const { code, stdout } = run(...(undo?.[1] ?? '').split(' '))
    assert.deepEqual([code, /^called back alice/.test(stdout)], [0, true])
  })

  test('a file of another one is left alone', () => {
    const dir = mkdtempSync(join(folder, 'taken-'))
    writeFileSync(join(dir, 'server.key'), 'mine')
    const { code, stderr } = run('init', dir)
    assert.equal(code, 3)
    assert.match(stderr, /server\.key is there already, and is never overwritten/)
    assert.deepEqual(readdirSync(dir), ['server.key'])
  })
})
