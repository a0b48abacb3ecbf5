import assert from 'node:assert/strict'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { makePair } from '../../../cli/src/pki/openssl.js'
import { type ExecResult, type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { idsctlPath, type Json, openSite, type Site, skipE2e } from './harness.js'

describe('idsd over TCP, with certificates of idsctl pki', { skip: skipE2e }, () => {
  let lab: Lab
  let server: LabNamespace
  let client: LabNamespace
  let site: Site
  let dir: string
  let toml: string

  const local = (...args: string[]): Promise<ExecResult> => server.exec([idsctlPath, ...args])
  const remote = (who: string, ...args: string[]): Promise<ExecResult> =>
    client.exec([idsctlPath, ...args], {
      env: {
        IDSD_ADDRESS: `${server.addresses.v4}:9479`,
        IDSD_TLS_CA: join(dir, 'ca.crt'),
        IDSD_TLS_CERT: join(dir, `${who}.crt`),
        IDSD_TLS_KEY: join(dir, `${who}.key`),
        SSH_CONNECTION: '',
      },
    })

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2epki' })
    server = lab.ns('server')
    client = lab.ns('client')
    site = openSite(server, 'pki')
    dir = join(site.dir, 'pki')
    const made = await local('pki', 'init', '--dir', dir, '--host', server.addresses.v4, '-o', 'json')
    assert.equal(made.code, 0, made.stderr)
    for (const [name, role] of [
      ['watcher', 'reader'],
      ['alice', 'operator'],
    ] as const) {
      const issued = await local('pki', 'issue', name, '--role', role, '--dir', dir, '-o', 'json')
      assert.equal(issued.code, 0, issued.stderr)
      const { environment, undo } = JSON.parse(issued.stdout)
      assert.ok(environment.includes(`IDSD_ADDRESS=${server.addresses.v4}:9479`))
      assert.equal(undo, `idsctl pki revoke ${name} --dir ${dir}`)
    }
    // What it prints is what the daemon takes. It reads its key as root, and runs as nobody afterwards.
    toml = JSON.parse(made.stdout).toml
    await site.start({ config: toml, args: ['--user', 'nobody'] })
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('keys are for their owner alone, and nothing is ever overwritten', async () => {
    for (const name of ['ca', 'server', 'watcher', 'alice']) {
      assert.equal(statSync(join(dir, `${name}.key`)).mode & 0o777, 0o600)
    }
    const times = () => ['ca', 'server', 'alice'].map((name) => statSync(join(dir, `${name}.key`)).mtimeMs)
    const before = times()
    assert.equal((await local('pki', 'init', dir)).code, 3)
    assert.equal((await local('pki', 'issue', 'alice', '--role', 'reader', '--dir', dir)).code, 3)
    assert.equal((await local('pki', 'issue', 'ca', '--role', 'reader', '--dir', dir)).code, 2)
    assert.equal((await local('pki', 'issue', '../evil', '--role', 'reader', '--dir', dir)).code, 2)
    assert.equal(
      (await local('pki', 'issue', 'carol', '--role', 'reader', '--dir', join(dir, 'none'))).code,
      4,
    )
    assert.deepEqual(times(), before)
  })

  test('a dry run makes nothing', async () => {
    const { code, stdout } = await local(
      'pki',
      'issue',
      'dave',
      '--role',
      'reader',
      '--dir',
      dir,
      '--dry-run',
    )
    assert.equal(code, 0)
    assert.match(stdout, /would make \S+dave\.crt/)
    assert.throws(() => statSync(join(dir, 'dave.crt')), { code: 'ENOENT' })
  })

  test('a reader lists and does not block, an operator blocks, and the audit names both', async () => {
    const listed = await remote('watcher', 'decisions', 'list')
    assert.equal(listed.code, 0, listed.stderr)
    const refused = await remote('watcher', 'block', '203.0.113.5', '--reason', 'curious')
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /cert:watcher reader only has the role reader.*OU=operator.*pki issue/)
    const blocked = await remote('alice', 'block', '203.0.113.5', '--reason', 'seen to')
    assert.equal(blocked.code, 0, blocked.stderr)
    const { rows } = await site.ok('audit', '--ip', '203.0.113.5')
    assert.deepEqual(
      rows.map(({ outcome, caller, reason }: Json) => [outcome, caller.replace(/ \(.*/, ''), reason]),
      [
        ['done', 'cert:alice operator', 'seen to'],
        ['refused', 'cert:watcher reader', 'curious'],
      ],
    )
  })

  test('a certificate of another authority is told why it gets nothing', async () => {
    const other = join(site.dir, 'other')
    assert.equal((await local('pki', 'init', other)).code, 0)
    assert.equal((await local('pki', 'issue', 'mallory', '--role', 'operator', '--dir', other)).code, 0)
    const { code, stderr } = await client.exec([
      ...[idsctlPath, '--address', `${server.addresses.v4}:9479`, '--tls-ca', join(dir, 'ca.crt')],
      ...['--tls-cert', join(other, 'mallory.crt'), '--tls-key', join(other, 'mallory.key'), 'status'],
    ])
    assert.equal(code, 5)
    assert.match(stderr, /no answer from idsd at .*is yours of its authority/s)
  })

  test('a certificate that is called back is refused from a SIGHUP on, other ones and a renewed server go on', async () => {
    const reloaded = async (config: string, wanted: RegExp) => {
      const lines = site.log().length
      site.writeConfig(config)
      site.process.kill('SIGHUP')
      await until(
        () =>
          site
            .log()
            .slice(lines)
            .some(({ msg }) => wanted.test(`${msg}`)),
        { what: `the log says ${wanted}` },
      )
    }
    const revoke = (...more: string[]) => local('pki', 'revoke', 'alice', '--dir', dir, ...more)
    assert.equal((await revoke('--dry-run')).code, 0)
    assert.throws(() => statSync(join(dir, 'revoked')), { code: 'ENOENT' })
    assert.equal((await local('pki', 'revoke', 'nobody', '--dir', dir)).code, 4)
    const made = await revoke('--reason', 'laptop\nlost', '-o', 'json')
    assert.equal(made.code, 0, made.stderr)
    const { serial, toml: revoked, undo } = JSON.parse(made.stdout)
    assert.match(
      readFileSync(join(dir, 'revoked'), 'utf8'),
      new RegExp(`^${serial}  # alice, .*laptop lost\\n$`),
    )
    assert.equal(JSON.parse((await revoke('-o', 'json')).stdout).was_revoked, true)
    assert.equal((await remote('alice', 'status')).code, 0)

    await reloaded(`${toml}\n${revoked.replace('[grpc]\n', '')}`, /certificates that are called back/)
    const refused = await remote('alice', 'status')
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /the certificate of cert:alice was called back/)
    assert.equal((await remote('watcher', 'status')).code, 0)

    // What is wrong with idsd.toml lets nobody in.
    const list = readFileSync(join(dir, 'revoked'), 'utf8')
    assert.equal((await local('pki', 'revoke', 'watcher', '--dir', dir)).code, 0)
    await reloaded('nonsense = 1\n', /certificates that are called back/)
    assert.equal((await remote('watcher', 'status')).code, 3)

    // A faulty list, and a key that only root reads: what was in force stays.
    writeFileSync(join(dir, 'revoked'), `${list}oops\n`)
    await reloaded(`${toml}\n${revoked.replace('[grpc]\n', '')}`, /grpc\.revoked was not read again/)
    assert.equal((await remote('alice', 'status')).code, 3)
    writeFileSync(join(dir, 'revoked'), list)

    const shown = async () => {
      const { stdout } = await client.exec([
        ...['sh', '-c', `openssl s_client -connect ${server.addresses.v4}:9479 </dev/null 2>/dev/null`],
      ])
      return /^-----BEGIN CERTIFICATE-----[\s\S]*?^-----END CERTIFICATE-----$/m.exec(stdout)?.[0]
    }
    const next = makePair(
      { name: 'gw', kind: 'server', hosts: [server.addresses.v4], days: 2 },
      {
        certificate: readFileSync(join(dir, 'ca.crt'), 'utf8'),
        key: readFileSync(join(dir, 'ca.key'), 'utf8'),
      },
    )
    const earlier = await shown()
    assert.equal(earlier, readFileSync(join(dir, 'server.crt'), 'utf8').trim())
    writeFileSync(join(dir, 'server.crt'), next.certificate)
    writeFileSync(join(dir, 'server.key'), next.key)
    await reloaded(toml, /grpc\.cert and grpc\.key were not read again/)
    assert.equal(await shown(), earlier)
    chmodSync(join(dir, 'server.key'), 0o644)
    await reloaded(toml, /grpc\.cert and grpc\.key are read again/)
    assert.equal(await shown(), next.certificate.trim())
    chmodSync(join(dir, 'server.key'), 0o600)
    // Without the list, and by the undo, alice is back.
    assert.equal((await remote('alice', 'status')).code, 0)
    assert.equal((await server.exec(['sh', '-c', undo])).code, 0)
    assert.equal(readFileSync(join(dir, 'revoked'), 'utf8'), '')
  })

  test('what is missing is told, and no command falls back to this machine', async () => {
    const bare = await client.exec([idsctlPath, '--address', `${server.addresses.v4}:9479`, 'status'])
    assert.equal(bare.code, 2)
    assert.match(bare.stderr, /--tls-ca, --tls-cert and --tls-key/)
    assert.equal((await remote('alice', 'doctor')).code, 2)
    const nowhere = await client.exec([idsctlPath, 'panic', '--dry-run'], {
      env: {
        IDSD_ADDRESS: `${server.addresses.v4}:9480`,
        IDSD_TLS_CA: join(dir, 'ca.crt'),
        IDSD_TLS_CERT: join(dir, 'alice.crt'),
        IDSD_TLS_KEY: join(dir, 'alice.key'),
      },
    })
    assert.equal(nowhere.code, 5)
    assert.match(nowhere.stderr, /not reachable at .*:9480/)
    assert.doesNotMatch(nowhere.stderr, /past the daemon/)
  })
})
