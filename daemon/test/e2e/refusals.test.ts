import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail } from '../../../lab/namespaces.js'
import { idsctlPath, openSite, type Site, skipE2e, unreadable } from './harness.js'

const config = `
[guards]
resolvers = ["10.77.0.53", "fd77::53"]

[allow]
entries = [{ target = "198.51.100.0/24", reason = "the office" }]
`

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
    const refusals = cases.map(async ([target, why]) => {
      const { code, stderr, stdout } = await site.ctl(['block', target])
      assert.equal(code, 3, `${target}: ${stderr}`)
      assert.match(stderr, why)
      assert.match(stderr, /--force overrides/)
      assert.equal(stdout, '')
    })
    await Promise.all(refusals)
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
    const runs = cases.map(async ([args, code, why]) => {
      const found = await site.ctl(args)
      assert.equal(found.code, code, `${args.join(' ')}: ${found.stderr}`)
      assert.match(found.stderr, why)
    })
    await Promise.all(runs)
    const gone = await server.exec([idsctlPath, '--socket', join(site.dir, 'none.sock'), 'status'])
    assert.equal(gone.code, 5)
    assert.match(gone.stderr, /idsd is not running.*start it/s)
  })

  test('the socket is for its owner and group, and another user is told what to do', {
    skip: skipOrFail(unreadable()),
  }, async () => {
    assert.equal(statSync(site.socket).mode & 0o777, 0o660)
    assert.equal(statSync(site.db).mode & 0o777, 0o600)
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const { code, stderr } = await site.text(['status'], { before: nobody })
    assert.equal(code, 5)
    assert.match(stderr, /no permission to use the socket/)
    assert.match(stderr, /usermod -aG idsd/)
  })
})
