import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import {
  namesIn,
  openSite,
  root,
  type Site,
  skipE2e,
  spareInterface,
  startMs,
  unreadable,
  xdpProgram,
} from './harness.js'

describe('starting', { skip: skipE2e, concurrency: 3 }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2estart' })
    server = lab.ns('server')
    client = lab.ns('client')
    site = openSite(server, 'running')
    await site.start({ config: ['[guards]', 'management_ports = [2222]', 'peer_min_age_s = 4'].join('\n') })
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('a peer on a management port is protected once its connection has lasted, not before', async () => {
    const listen = server.spawn([
      process.execPath,
      '-e',
      `require('net').createServer((c) => c.on('error', () => {})).listen(2222, '::', () => console.log('listening'))`,
    ])
    await listen.untilOutput(/listening/, startMs)
    const peer = client.addresses.v4
    const dryRun = async () => (await site.ctl(['block', peer, '--dry-run'])).code
    const startedMs = Date.now()
    const session = client.spawn(['bash', '-c', 'exec 3<>/dev/tcp/10.77.0.1/2222; echo open; read -u 3'])
    await session.untilOutput(/open/, startMs)
    const early = await dryRun()
    if (Date.now() - startedMs < 4_000) assert.equal(early, 0, 'a young connection is not protected')
    await until(async () => (await dryRun()) === 3, {
      what: 'an old one is',
      timeoutMs: 20_000,
      intervalMs: 200,
    })
    assert.ok(Date.now() - startedMs >= 4_000)
    await session.stop({ signal: 'SIGKILL' })
    await until(async () => (await dryRun()) === 0, {
      what: 'its end ends the protection',
      timeoutMs: 20_000,
      intervalMs: 200,
    })
    await listen.stop()
  })

  test('the user who started idsd through sudo is admitted, nobody else is', {
    skip: skipOrFail(unreadable()),
  }, async () => {
    await using other = openSite(server, 'sudo')
    await spareInterface(server, 'sudo0')
    await other.start({ interfaces: ['sudo0'], env: { SUDO_UID: '65534', SUDO_GID: '65534' } })
    assert.equal(statSync(other.socket).uid, 65_534)
    const as = (uid: number) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
    const admitted = await other.ctl(['block', '192.0.2.1'], { before: as(65_534) })
    assert.equal(admitted.code, 0, admitted.stderr)
    assert.match(admitted.json.decision.created_by, /^uid:65534/)
    assert.equal((await other.text(['status'], { before: as(65_533) })).code, 5)
  })

  test('an interface that idsd cannot guard is refused by name, and nothing is left', async () => {
    await using other = openSite(server, 'start')
    await spareInterface(server, 'taken0')
    const pass = join(root, 'build/lab/xdp_pass.o')
    const attach = await server.exec(
      ['ip', 'link', 'set', 'dev', 'taken0', 'xdpdrv', 'object', pass, 'section', 'xdp.frags'],
      {},
    )
    assert.equal(attach.code, 0, attach.stderr)
    const program = await xdpProgram(server, 'taken0')
    const cases: readonly (readonly [interfaces: readonly string[], why: RegExp])[] = [
      [['lo'], /lo carries no Ethernet header/],
      [['eth9'], /there is no interface eth9 here; there are: .*eth0/],
      [
        ['taken0'],
        /taken0 already carries an XDP program \(.*id \d+.*ip link set dev taken0 xdp off.*bpftool link detach/,
      ],
    ]
    for (const [interfaces, why] of cases) {
      const { code, stderr } = await server.exec(other.argv({ interfaces }), { timeoutMs: startMs })
      assert.equal(code, 1, stderr)
      assert.match(stderr, why)
      assert.doesNotMatch(stderr, /\n\s+at /, 'a message, not a stack')
      assert.deepEqual(namesIn(join(other.bpffs, interfaces[0] as string)), [])
    }
    assert.equal(await xdpProgram(server, 'taken0'), program, 'the program of the others is untouched')

    await spareInterface(server, 'spare0')
    const both = await server.exec(other.argv({ interfaces: ['spare0', 'eth9'] }), { timeoutMs: startMs })
    assert.equal(both.code, 1)
    assert.deepEqual(namesIn(join(other.bpffs, 'spare0')), [])

    const sameLocks = other.argv().map((word) => (word === other.dir ? site.dir : word))
    const second = await server.exec(sameLocks, { timeoutMs: startMs })
    assert.equal(second.code, 1)
    assert.match(second.stderr, /eth0: another idsd guards this interface \(.*eth0\.lock is locked\)/)
    assert.equal((await site.ok('status')).interfaces[0].xdp_mode, 'native', 'the first one goes on')
  })

  test('a start that fails late takes off what it had put on', async () => {
    await using other = openSite(server, 'late')
    await spareInterface(server, 'late0')
    writeFileSync(other.socket, 'no socket')
    const { code, stderr } = await server.exec(other.argv({ interfaces: ['late0'] }), { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stderr, /expected a socket or nothing/)
    assert.equal(await xdpProgram(server, 'late0'), undefined)
    assert.deepEqual(namesIn(join(other.bpffs, 'late0')), [])
  })

  test('a bad configuration names every fault at once, and --check-config says ok of a good one', async () => {
    await using other = openSite(server, 'faults')
    other.writeConfig(
      ['mode = "maybe"', 'colour = "red"', '[kernel]', 'flows = 3', '[policy]', 'block_s = "long"'].join(
        '\n',
      ),
    )
    for (const args of [['--check-config'], ['--iface', 'eth0']]) {
      const { code, stderr } = await other.run(args)
      assert.equal(code, 1)
      for (const fault of [/mode/, /colour/, /kernel\.flows/, /policy\.block_s/]) assert.match(stderr, fault)
    }
    other.writeConfig('mode = "detect"')
    const { code, stdout } = await other.run(['--check-config'])
    assert.equal(code, 0)
    assert.match(stdout, /ok/)
  })

  test('a bad flag or value of one exits 2, a bad file 1, and a start without an interface 1 with what to type', async () => {
    await using other = openSite(server, 'flags')
    const unknown = await other.run(['--ifase', 'eth0'])
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /--iface/)
    for (const words of [
      ['--mode', 'no'],
      ['--flows=3'],
      ['--flows'],
      ['--help=x'],
      ['eth0'],
      ['--detach', '--check-config'],
    ]) {
      assert.equal((await other.run(words)).code, 2, words.join(' '))
    }
    other.writeConfig('mode = "no"')
    assert.equal((await other.run(['--check-config'])).code, 1)
    other.writeConfig('')
    const none = await other.run([])
    assert.equal(none.code, 1)
    assert.match(none.stderr, /--iface NAME/)
  })

  test('a damaged database is told as such, and idsd does not start without the blocks', async () => {
    await using other = openSite(server, 'damaged')
    await spareInterface(server, 'damaged0')
    writeFileSync(other.db, `${'not a database, '.repeat(1_000)}`)
    const { code, stderr } = await server.exec(other.argv({ interfaces: ['damaged0'] }), {
      timeoutMs: startMs,
    })
    assert.equal(code, 1)
    assert.match(stderr, /idsd\.db: .*this is no sound database.*Move it away/)
    assert.doesNotMatch(stderr, /\n\s+at /)
    assert.equal(await xdpProgram(server, 'damaged0'), undefined)
  })

  test('a pin folder that is not on a bpffs is refused with where it must lie', async () => {
    await using other = openSite(server, 'nobpffs')
    await spareInterface(server, 'plain0')
    const plain = join(other.dir, 'plain')
    mkdirSync(plain)
    const argv = other.argv({ interfaces: ['plain0'] }).map((word) => (word === other.bpffs ? plain : word))
    const { code, stderr } = await server.exec(argv, { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stderr, /plain0? is not on a bpffs: .*\/sys\/fs\/bpf/)
    assert.equal(await xdpProgram(server, 'plain0'), undefined)
  })

  test('without the rights to attach, idsd says so', {
    skip: skipOrFail(unreadable()),
  }, async () => {
    await using other = openSite(server, 'norights')
    chmodSync(other.dir, 0o777)
    const plain = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, stderr, stdout } = await server.exec([...plain, ...other.argv()], { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stdout + stderr, /CAP_BPF|sudo idsd/)
    assert.doesNotMatch(stderr, /\n\s+at /)
  })

  test('--detach is refused while an idsd guards the interface, and nothing changes', async () => {
    const program = await xdpProgram(server)
    const { code, stderr } = await site.detach()
    assert.equal(code, 1)
    assert.match(stderr, /eth0: an idsd guards this interface .*stop it first/)
    assert.equal(await xdpProgram(server), program)
    assert.ok(namesIn(join(site.bpffs, 'eth0')).includes('xdp_link'))
  })

  test('with --on-exit detach nothing stays in the kernel when idsd ends', async () => {
    await using other = openSite(server, 'exit')
    await spareInterface(server, 'exit0')
    await other.start({ interfaces: ['exit0'], args: ['--on-exit', 'detach'] })
    assert.notEqual(await xdpProgram(server, 'exit0'), undefined)
    await other.stop()
    assert.equal(await xdpProgram(server, 'exit0'), undefined)
    assert.deepEqual(namesIn(join(other.bpffs, 'exit0')), [])
  })

  test('a SIGHUP during the start does not end idsd', async () => {
    await using other = openSite(server, 'hup')
    await spareInterface(server, 'hup0')
    const starting = server.spawn(other.argv({ interfaces: ['hup0'] }))
    await until(() => existsSync(other.db), {
      what: 'the start has begun',
      timeoutMs: startMs,
      intervalMs: 1,
    })
    starting.kill('SIGHUP')
    await starting.untilOutput(/"msg":"reloaded/, startMs)
    assert.equal(starting.exit, undefined)
    assert.equal((await starting.stop({ graceMs: 15_000 })).code, 0)
  })
})
