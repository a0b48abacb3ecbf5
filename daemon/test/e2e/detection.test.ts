import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { framesTaken } from './attacks.js'
import {
  connects,
  extraSources,
  type Json,
  openSite,
  root,
  type Site,
  serveHttp,
  skipE2e,
  startMs,
} from './harness.js'

const traffic = (name: string, ...args: string[]) => [
  process.execPath,
  join(root, 'build/lab/programs', `${name}.js`),
  ...args,
]

/** Later lines win. Short memory of points, so that one test's evidence does not decide the next one. */
const config = (...lines: readonly string[]) =>
  [...lines, '[policy]', 'points_last_s = 3', 'block_s = 300'].join('\n')

describe('what nobody named', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  /** Each test attacks from an address of its own. */
  let sources: string[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2edetect', extraAddresses: 8 })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    site = openSite(server, 'detect')
    const logins = server.spawn(
      traffic('login-server', '--service', 'ssh', '--port', '22', '--duration', '600'),
    )
    await Promise.all([site.start({ config: config() }), serveHttp(server), logins.untilOutput(/./, startMs)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  afterEach(() => site.unblockAll())

  const nextSource = () => sources.shift() as string
  /** An open port first, whose handshake proves the source; then many that are closed. */
  const scan = (source: string, ports = '80,1-100') =>
    attacker.exec(
      traffic(
        'connect-scan',
        ...['--target', server.addresses.v4, '--bind', source, '--ports', ports, '--timeout', '500'],
        ...['--rate', '100'],
      ),
      { timeoutMs: 60_000 },
    )
  const decided = (source: string): Promise<Json> =>
    until(async () => (await site.ok('decisions', 'list', '--ip', source)).decisions[0], {
      what: `a decision against ${source}`,
      timeoutMs: startMs,
      intervalMs: 50,
    })
  const alerted = (source: string): Promise<Json> =>
    until(
      async () => {
        const { alerts } = await site.ok('alerts', '--ip', source)
        return alerts.length > 0 ? alerts : undefined
      },
      { what: `an alert about ${source}`, timeoutMs: startMs, intervalMs: 50 },
    )
  const passed = (source: string) => framesTaken(attacker, source, server)
  const reload = async (text: string) => {
    const before = site.log().length
    site.writeConfig(text)
    site.process.kill('SIGHUP')
    await until(
      () =>
        site
          .log()
          .slice(before)
          .find(({ msg }) => /reloaded/.test(msg)),
      {
        what: 'SIGHUP is taken',
      },
    )
  }

  test('a scanner is decided against with evidence and dropped, and a visitor meanwhile loses nothing', async () => {
    const source = nextSource()
    const visitingSinceMs = Date.now()
    const visitor = client.spawn(
      traffic(
        'http-client',
        ...['--target', server.addresses.v4, '--port', '80', '--rate', '20', '--duration', '60'],
      ),
    )
    const { stdout } = await scan(source)
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) as string)
    assert.ok(summary.timeout > 0, 'the end of the scan got no answer')

    const { id, origin, action, mode } = await decided(source)
    assert.deepEqual([origin, action, mode], ['detector', 'drop', 'prevent'])
    const decision = await site.ok('decisions', 'get', id)
    assert.match(decision.reason, /scan_vertical/)
    const scanned = decision.evidence.find(({ detector }: Json) => detector === 'scan_vertical')
    assert.match(scanned.text, /distinct TCP ports of 10\.77\.0\.1 .*threshold 20 in 15 s/)
    assert.equal(scanned.technique, 'T1046')
    assert.ok(scanned.flows.length > 0)
    assert.ok(scanned.flows.every((flow: Json) => flow.src === source))
    assert.equal(Date.parse(decision.expires_at) - Date.parse(decision.created_at), 300_000)
    const alerts = await alerted(source)
    assert.ok(alerts.some((alert: Json) => alert.detector === 'scan_vertical' && alert.decision_id === id))
    assert.equal(await passed(source), 0)

    await until(() => Date.now() - visitingSinceMs > 1_500, { what: 'the visit has lasted' })
    const { code } = await visitor.stop({ signal: 'SIGINT', graceMs: 10_000 })
    const visit = JSON.parse(visitor.stdout.trim().split('\n').at(-1) as string)
    assert.equal(code, 0, visitor.stdout + visitor.stderr)
    assert.equal(visit.failed, 0, visitor.stdout)
    assert.ok(visit.ok >= 20, `only ${visit.ok} pages were asked for`)
    assert.equal((await site.ok('alerts', '--ip', client.addresses.v4)).alerts.length, 0)
    assert.equal((await site.ok('decisions', 'list', '--ip', client.addresses.v4)).total, 0)
  })

  test('a scanner that has proven nothing is dropped for 60 s', async () => {
    const source = nextSource()
    await scan(source, '101-200')
    const { id, kind, created_at, expires_at } = await decided(source)
    assert.equal(kind, 'block')
    assert.equal(Date.parse(expires_at) - Date.parse(created_at), 60_000)
    const decision = await site.ok('decisions', 'get', id)
    assert.match(decision.reason, /path unproven: at most 60 s/)
    assert.ok(decision.evidence.every((one: Json) => one.path_proven === false))
    assert.equal(await passed(source), 0)
  })

  test('a password guesser is decided against and dropped', async () => {
    const source = nextSource()
    const guesses = attacker.spawn(
      traffic(
        'login-bruteforce',
        ...['--target', server.addresses.v4, '--service', 'ssh', '--port', '22', '--bind', source],
        ...['--rate', '20', '--duration', '60'],
      ),
    )
    const { id } = await decided(source)
    const decision = await site.ok('decisions', 'get', id)
    assert.match(decision.reason, /login/)
    assert.ok(decision.evidence.some((one: Json) => one.detector === 'login' && /22/.test(one.text)))
    await until(() => /"first-failure"/.test(guesses.stdout), {
      what: 'the guesser is cut off',
      timeoutMs: 20_000,
    })
    await guesses.stop({ signal: 'SIGINT' })
    assert.equal(await passed(source), 0)
  })

  test('in mode detect an attacker is only counted, and what the operator blocks is dropped', async () => {
    const source = nextSource()
    await reload(config('mode = "detect"'))
    assert.equal((await site.ok('status')).mode, 'detect')
    await scan(source)
    const { id, action, mode } = await decided(source)
    assert.deepEqual([action, mode], ['count', 'detect'])
    assert.equal(await passed(source), 20)
    assert.ok((await site.ok('decisions', 'get', id)).packets >= 20)

    const { decision } = await site.ok('block', source)
    assert.equal(await passed(source), 0, "the operator's block drops in every mode")
    await site.ok('unblock', decision.id)
    assert.equal(await passed(source), 20)

    await reload(config())
    assert.equal((await site.ok('status')).mode, 'prevent')
    const other = nextSource()
    await scan(other)
    await decided(other)
    assert.equal(await passed(other), 0, 'SIGHUP brought prevention back')
  })

  test('an automatic block changes with the mode: it counts in detect, and drops again in prevent', async () => {
    const source = nextSource()
    await scan(source)
    await decided(source)
    assert.equal(await passed(source), 0)
    await reload(config('mode = "detect"'))
    assert.equal(await passed(source), 20)
    await reload(config())
    assert.equal(await passed(source), 0)
  })

  test('a faulty configuration is refused by SIGHUP, and the one in force stays', async () => {
    const before = site.log().length
    site.writeConfig('mode = "maybe"')
    site.process.kill('SIGHUP')
    const entry = await until(
      () =>
        site
          .log()
          .slice(before)
          .find(({ msg }) => /not reloaded/.test(msg)),
      {
        what: 'the refusal is told',
      },
    )
    assert.match(entry.problem, /mode/)
    assert.equal((await site.ok('status')).mode, 'prevent')
    await reload(config())
  })

  test('an attacker whose allow entry only logs is alerted and not decided against', async () => {
    const source = nextSource()
    await site.ok('allow', 'add', source, '--log-only', '--reason', 'our own scanner')
    await scan(source)
    const alerts = await alerted(source)
    assert.deepEqual(new Set(alerts.map((alert: Json) => alert.decision_id ?? '')), new Set(['']))
    assert.equal((await site.ok('decisions', 'list', '--ip', source)).total, 0)
    assert.equal(await passed(source), 20)
    await site.ok('allow', 'rm', source)
  })

  test('a resolver that looks like a scanner is not decided against', async () => {
    const source = nextSource()
    await reload(config('[guards]', `resolvers = ["${source}"]`))
    // Longer than the addresses of the host are remembered.
    await until(async () => (await site.ctl(['block', source, '--dry-run'])).code === 3, {
      what: 'the resolver is guarded',
      timeoutMs: 20_000,
    })
    await scan(source)
    await alerted(source)
    assert.equal((await site.ok('decisions', 'list', '--ip', source)).total, 0)
    assert.ok(site.log().some(({ msg }) => /not blocked: a guard objects/.test(msg)))
    assert.ok(await connects(client, server.addresses.v4, 80, 10))
  })
})
