import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import {
  idsctlPath,
  idsdPath,
  namesIn,
  openSite,
  root,
  type Site,
  skipE2e,
  startMs,
  xdpProgram,
} from './harness.js'

const config = `
[guards]
resolvers = ["10.77.0.53", "fd77::53"]
management_ports = [2222]
peer_min_age_s = 4

[allow]
entries = [{ target = "198.51.100.0/24", reason = "the office" }]
`

const isRootOnly =
  spawnSync('setpriv', ['--reuid=65534', '--clear-groups', 'test', '-x', idsctlPath]).status !== 0

describe('refused', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2erefuse', defaultRoute: true })
    server = lab.ns('server')
    client = lab.ns('client')
    site = openSite(server, 'refuse')
    await site.start({ config })
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  afterEach(() => site.unblockAll())

  const active = async () => (await site.ok('decisions', 'list')).total as number

  test('a block of what must stay reachable exits 3, says why, and changes nothing', async () => {
    const cases: readonly (readonly [target: string, why: RegExp])[] = [
      ['10.77.0.1', /10\.77\.0\.1 is an address of this host/],
      ['fd77::1', /fd77::1 is an address of this host/],
      ['10.77.0.0/30', /covers 10\.77\.0\.1, an address of this host/],
      ['10.77.0.254', /the gateway/],
      ['fd77::fe', /the gateway/],
      ['10.77.0.53', /a configured resolver/],
      ['fd77::53', /a configured resolver/],
      ['127.0.0.1', /loopback/],
      ['::1', /loopback/],
      ['224.0.0.5', /multicast/],
      ['ff02::1', /multicast/],
      ['0.0.0.0/0', /an address of this host/],
    ]
    for (const [target, why] of cases) {
      const { code, stderr, stdout } = await site.ctl(['block', target])
      assert.equal(code, 3, `${target}: ${stderr}`)
      assert.match(stderr, why)
      assert.match(stderr, /--force overrides/)
      assert.equal(stdout, '')
    }
    assert.equal(await active(), 0)
  })

  test('--force overrides a guard and says which, --dry-run changes nothing', async () => {
    const dry = await site.ok('block', '10.77.0.254', '--force', '--dry-run')
    assert.equal(dry.dry_run, true)
    assert.equal(dry.undo, null)
    assert.equal(await active(), 0)
    assert.equal((await site.ctl(['block', '10.77.0.254', '--dry-run'])).code, 3)
    const forced = await site.ok('block', '10.77.0.254', '--force')
    assert.match(forced.overridden.join(), /the gateway/)
    assert.equal(await active(), 1)
    await site.ok('unblock', '10.77.0.254', '--dry-run')
    assert.equal(await active(), 1)
    await site.ok('allow', 'add', '203.0.113.9', '--dry-run')
    assert.equal((await site.ok('allow', 'check', '203.0.113.9')).allowed, false)
  })

  test('an entry of the configuration refuses too, and --force does not help', async () => {
    const { code, stderr } = await site.ctl(['block', '198.51.100.7', '--force'])
    assert.equal(code, 3)
    assert.match(stderr, /198\.51\.100\.0\/24 \(the office\)/)
    const removal = await site.ctl(['allow', 'rm', '198.51.100.0/24'])
    assert.equal(removal.code, 3)
    assert.match(removal.stderr, /configuration/)
  })

  test("the far end of the caller's own SSH session is refused", async () => {
    const env = { SSH_CONNECTION: `${client.addresses.v4} 50000 10.77.0.1 22` }
    const { code, stderr } = await site.ctl(['block', client.addresses.v4], { env })
    assert.equal(code, 3)
    assert.match(stderr, /the far end of an operator's connection/)
    const prefix = await site.ctl(['block', '10.77.0.2/31'], { env })
    assert.equal(prefix.code, 3)
    assert.equal((await site.ctl(['block', client.addresses.v4, '--dry-run'])).code, 0, 'without it, not')
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

  test('exit codes tell wrong use, what is not there, and a daemon that is not reachable', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, why: RegExp])[] = [
      [['block', 'nonsense'], 2, /Expected an address or a CIDR/],
      [['block', '192.0.2.1', '--ttl', 'soon'], 2, /soon/],
      [['block'], 2, /address\|cidr/],
      [['decisions', 'list', '--last', '0'], 2, /--last/],
      [['unblock', '192.0.2.1'], 4, /192\.0\.2\.1 is not blocked/],
      [['unblock', 'd999'], 4, /no decision d999/],
      [['decisions', 'get', 'd999'], 4, /no decision d999/],
      [['allow', 'rm', '192.0.2.1'], 4, /not an entry/],
    ]
    for (const [args, code, why] of cases) {
      const found = await site.ctl(args)
      assert.equal(found.code, code, `${args.join(' ')}: ${found.stderr}`)
      assert.match(found.stderr, why)
    }
    const gone = await server.exec([idsctlPath, '--socket', join(site.dir, 'none.sock'), 'status'])
    assert.equal(gone.code, 5)
    assert.match(gone.stderr, /idsd is not running.*start it/s)
  })

  test('the socket is for its owner and group, and another user is told what to do', {
    skip: isRootOnly ? 'the checkout is not readable for others' : false,
  }, async () => {
    assert.equal(statSync(site.socket).mode & 0o777, 0o660)
    assert.equal(statSync(site.db).mode & 0o777, 0o600)
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, stderr } = await site.text(['status'], { before: nobody })
    assert.equal(code, 5)
    assert.match(stderr, /no permission to use the socket/)
    assert.match(stderr, /usermod -aG idsd/)
  })

  test('the user who started idsd through sudo is admitted, nobody else is', {
    skip: isRootOnly ? 'the checkout is not readable for others' : false,
  }, async () => {
    await using other = openSite(server, 'sudo')
    await server.exec(['ip', 'link', 'add', 'sudo0', 'type', 'veth', 'peer', 'name', 'sudo1'])
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
    await server.exec(['ip', 'link', 'add', 'taken0', 'type', 'veth', 'peer', 'name', 'taken1'])
    const pass = join(root, 'build/lab/xdp_pass.o')
    const attach = await server.exec(
      ['ip', 'link', 'set', 'dev', 'taken0', 'xdpdrv', 'object', pass, 'section', 'xdp'],
      {},
    )
    assert.equal(attach.code, 0, attach.stderr)
    const program = await xdpProgram(server, 'taken0')
    const cases: readonly (readonly [interfaces: readonly string[], why: RegExp])[] = [
      [['lo'], /lo carries no Ethernet header/],
      [['eth9'], /there is no interface eth9 here; there are: .*eth0/],
      [['taken0'], /taken0 already carries an XDP program \(.*id \d+.*ip link set dev taken0 xdp off/],
    ]
    for (const [interfaces, why] of cases) {
      const { code, stderr } = await server.exec(other.argv({ interfaces }), { timeoutMs: startMs })
      assert.equal(code, 1, stderr)
      assert.match(stderr, why)
      assert.doesNotMatch(stderr, /\n\s+at /, 'a message, not a stack')
      assert.deepEqual(namesIn(join(other.bpffs, interfaces[0] as string)), [])
    }
    assert.equal(await xdpProgram(server, 'taken0'), program, 'the program of the others is untouched')

    const both = await server.exec(other.argv({ interfaces: ['sudo1', 'eth9'] }), { timeoutMs: startMs })
    assert.equal(both.code, 1)
    assert.deepEqual(namesIn(join(other.bpffs, 'sudo1')), [])

    const second = await server.exec([...other.argv(), '--run-dir', site.dir], { timeoutMs: startMs })
    assert.equal(second.code, 1)
    assert.match(second.stderr, /eth0: another idsd guards this interface \(.*eth0\.lock is locked\)/)
    assert.equal((await site.ok('status')).interfaces[0].xdp_mode, 'native', 'the first one goes on')
  })

  test('a start that fails late takes off what it had put on', async () => {
    await using other = openSite(server, 'late')
    await server.exec(['ip', 'link', 'add', 'late0', 'type', 'veth', 'peer', 'name', 'late1'])
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
    other.writeConfig(config)
    const { code, stdout } = await other.run(['--check-config'])
    assert.equal(code, 0)
    assert.match(stdout, /ok/)
  })

  test('an unknown flag exits 2, and a start without an interface 1 with what to type', async () => {
    await using other = openSite(server, 'flags')
    const unknown = await other.run(['--ifase', 'eth0'])
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /--iface/)
    const none = await other.run([])
    assert.equal(none.code, 1)
    assert.match(none.stderr, /--iface NAME/)
  })

  test('a damaged database is told as such, and idsd does not start without the blocks', async () => {
    await using other = openSite(server, 'damaged')
    writeFileSync(other.db, `${'not a database, '.repeat(1_000)}`)
    const { code, stderr } = await server.exec(other.argv({ interfaces: ['late0'] }), { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stderr, /idsd\.db: .*this is no sound database.*Move it away/)
    assert.doesNotMatch(stderr, /\n\s+at /)
    assert.equal(await xdpProgram(server, 'late0'), undefined)
  })

  test('a pin folder that is not on a bpffs is refused with the mount command', async () => {
    await using other = openSite(server, 'nobpffs')
    const plain = join(other.dir, 'plain')
    mkdirSync(plain)
    const argv = [...other.argv({ interfaces: ['late0'] }), '--bpffs', plain]
    const { code, stderr } = await server.exec(argv, { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stderr, /mount -t bpf bpf \/sys\/fs\/bpf/)
    assert.equal(await xdpProgram(server, 'late0'), undefined)
  })

  test('without the rights to attach, idsd says so', {
    skip: isRootOnly ? 'the checkout is not readable for others' : false,
  }, async () => {
    await using other = openSite(server, 'norights')
    chmodSync(other.dir, 0o777)
    const plain = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, stderr, stdout } = await server.exec([...plain, ...other.argv()], { timeoutMs: startMs })
    assert.equal(code, 1)
    assert.match(stdout + stderr, /CAP_BPF|sudo idsd/)
    assert.doesNotMatch(stderr, /\n\s+at /)
    assert.ok(existsSync(idsdPath))
  })
})
