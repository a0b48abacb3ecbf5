import assert from 'node:assert/strict'
import { linkSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { isNote } from '../../src/local/note-name.js'
import { framesTaken } from './attacks.js'
import {
  extraSources,
  type Json,
  openSite,
  root,
  type Site,
  serveHttp,
  skipE2e,
  startMs,
  whileItLasts,
} from './harness.js'

const leaseS = 2
const metricsListen = '127.0.0.1:9478'

describe('lease and panic', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  /** Each test attacks from addresses of its own. */
  let sources: string[]

  const start = (leaseExpired: 'lapse' | 'keep' = 'lapse') =>
    site.start({
      args: ['--metrics-listen', metricsListen],
      config: [
        '[enforce]',
        `lease_s = ${leaseS}`,
        `lease_expired = "${leaseExpired}"`,
        ...['[policy]', 'points_last_s = 3', 'block_s = 300'],
      ].join('\n'),
    })

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2epanic', extraAddresses: 16 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    site = openSite(server, 'panic')
    await Promise.all([start(), serveHttp(server)])
  })

  after(async () => {
    site?.process.kill('SIGCONT')
    await site?.close()
    await lab?.close()
  })

  afterEach(() => site.unblockAll())

  const notesLeft = () => readdirSync(site.dir).filter(isNote)
  const nextSource = () => sources.shift() as string
  /** An open port first, whose handshake proves the source; then many that are closed. */
  const scan = (source: string) =>
    attacker.exec(
      [
        ...[process.execPath, join(root, 'build/lab/programs/connect-scan.js')],
        ...['--target', server.addresses.v4, '--bind', source, '--ports', '80,1-100'],
        ...['--timeout', '500', '--rate', '100'],
      ],
      { timeoutMs: 60_000 },
    )
  const decided = (source: string): Promise<Json> =>
    until(async () => (await site.ok('decisions', 'list', '--ip', source)).decisions[0], {
      what: `a decision against ${source}`,
      timeoutMs: startMs,
      intervalMs: 50,
    })
  const blockedByDetector = async () => {
    const source = nextSource()
    await scan(source)
    const { origin, action } = await decided(source)
    assert.deepEqual([origin, action], ['detector', 'drop'])
    return source
  }
  const blockedByOperator = async () => {
    const source = nextSource()
    await site.ok('block', source, '--ttl', '10m', '--force')
    return source
  }
  const passed = (source: string, sending?: { count: number; rate: number }) =>
    framesTaken(attacker, source, server, sending)
  const untilPassed = (source: string, isPassing: boolean) =>
    until(async () => (await passed(source)) === (isPassing ? 20 : 0), {
      what: `${source} ${isPassing ? 'passes' : 'is dropped'}`,
      timeoutMs: startMs,
    })
  const metric = async (name: string) => {
    const { stdout } = await server.exec(['curl', '-s', `http://${metricsListen}/metrics`])
    const line = stdout.split('\n').find((each) => each.startsWith(`${name} `))
    assert.ok(line !== undefined, `no metric ${name}`)
    return Number(line.split(' ')[1])
  }

  test('stopped by SIGSTOP, automatic blocks lapse and manual ones stay; SIGCONT brings them back', async () => {
    const [automatic, manual] = [await blockedByDetector(), await blockedByOperator()]
    const lapsedBefore = await metric('idsd_spared_packets_total{why="lapsed"}')
    assert.deepEqual([await passed(automatic), await passed(manual)], [0, 0])
    site.process.kill('SIGSTOP')
    const stoppedMs = performance.now()
    await untilPassed(automatic, true)
    assert.ok(performance.now() - stoppedMs > leaseS * 1_000 - 500, 'it lapsed before its lease was over')
    assert.equal(await passed(manual), 0)
    site.process.kill('SIGCONT')
    await untilPassed(automatic, false)
    assert.equal(await passed(manual), 0)
    assert.ok((await metric('idsd_spared_packets_total{why="lapsed"}')) >= lapsedBefore + 20)
    const { lapsed, in_kernel } = await site.ok('decisions', 'get', (await decided(automatic)).id)
    assert.deepEqual([lapsed, in_kernel], [false, true])
  })

  test('killed, the daemon leaves blocks of which the automatic ones lapse; the next start enforces both', async () => {
    const [automatic, manual] = [await blockedByDetector(), await blockedByOperator()]
    await site.killHard()
    await untilPassed(automatic, true)
    assert.equal(await passed(manual), 0)
    await start()
    assert.deepEqual([await passed(automatic), await passed(manual)], [0, 0])
  })

  test('an idle daemon beats: without any traffic an automatic block outlasts its lease', async () => {
    const automatic = await blockedByDetector()
    // The only packets are those that are dropped.
    assert.equal(await passed(automatic, { count: 50, rate: 10 }), 0)
  })

  test('with lease_expired = "keep", by SIGHUP, they stay though the daemon is stopped', async () => {
    const automatic = await blockedByDetector()
    const lines = site.log().length
    site.writeConfig(`[enforce]\nlease_s = ${leaseS}\nlease_expired = "keep"\n[policy]\nblock_s = 300\n`)
    site.process.kill('SIGHUP')
    await until(
      () =>
        site
          .log()
          .slice(lines)
          .some(({ msg }) => msg === 'reloaded'),
      { what: 'SIGHUP is taken' },
    )
    site.process.kill('SIGSTOP')
    assert.equal(await passed(automatic, { count: 50, rate: 10 }), 0)
    site.process.kill('SIGCONT')
    await site.stop()
    await start()
  })

  test('in a panic nothing is dropped and decisions are made; it outlasts a kill and a start, and resume ends it', async () => {
    const [automatic, manual] = [await blockedByDetector(), await blockedByOperator()]
    const dry = await site.ok('panic', '--dry-run')
    assert.deepEqual([dry.dry_run, dry.decisions_dropping, dry.undo], [true, 2, null])
    assert.equal(await passed(manual), 0)

    const begun = await site.ok('panic', '--reason', 'ticket 7')
    assert.deepEqual([begun.via, begun.before, begun.after.until], ['daemon', null, null])
    assert.equal(begun.undo, 'idsctl resume')
    assert.deepEqual([await passed(automatic), await passed(manual)], [20, 20])
    assert.equal((await site.ok('status')).panic.reason, 'ticket 7')
    assert.match((await site.text(['status'])).stdout, /PANIC, nothing is dropped until idsctl resume/)
    assert.equal(await metric('idsd_panic'), 1)
    const met = await blockedByDetector()
    assert.equal(await passed(met), 20)

    await site.killHard()
    assert.deepEqual([await passed(automatic), await passed(manual)], [20, 20])
    await start()
    assert.deepEqual([await passed(automatic), await passed(manual), await passed(met)], [20, 20, 20])
    const { panic } = await site.ok('status')
    assert.deepEqual([panic.reason, panic.since], ['ticket 7', begun.after.since])

    const ended = await site.ok('resume')
    assert.deepEqual([ended.after, ended.undo], [null, "idsctl panic --reason 'ticket 7'"])
    assert.deepEqual([await passed(automatic), await passed(manual), await passed(met)], [0, 0, 0])
    assert.equal((await site.ok('status')).panic, null)
    assert.equal(await metric('idsd_panic'), 0)
    assert.match((await site.text(['resume'])).stdout, /^there is no panic/)
  })

  test('with the daemon dead root stops and resumes past it; others are told how; it ends by itself', async () => {
    const manual = await blockedByOperator()
    await site.killHard()
    const past = ['--bpffs', site.bpffs]
    const nobody = ['setpriv', '--reuid=65534', '--clear-groups']
    const refused = await site.text(['panic', ...past], { before: nobody })
    assert.equal(refused.code, 5)
    assert.match(refused.stderr, /written past the daemon, by root: run the same through sudo/)
    const nowhere = await site.text(['panic', '--bpffs', '/sys/fs/bpf/nowhere'])
    assert.equal(nowhere.code, 5)
    assert.match(nowhere.stderr, /nothing is enforced from there/)
    assert.equal(await passed(manual), 0)

    const dry = await site.ok('panic', '--dry-run', ...past)
    assert.deepEqual([dry.via, dry.interfaces], ['maps', ['eth0']])
    assert.equal(await passed(manual), 0)
    const begun = await site.ok('panic', '--reason', 'ticket 8', ...past)
    assert.deepEqual([begun.via, begun.before, begun.after.until], ['maps', null, null])
    assert.equal(begun.undo, `idsctl resume --bpffs ${site.bpffs}`)
    assert.equal(await passed(manual), 20)
    await site.ok('resume', '--reason', 'it was not idsd', ...past)
    assert.equal(await passed(manual), 0)
    await whileItLasts({
      begin: (seconds) => site.ok('panic', '--for', `${seconds}s`, ...past),
      look: async () => assert.equal(await passed(manual), 20),
      again: () => untilPassed(manual, false),
    })
    await untilPassed(manual, false)
    await start()
    assert.equal((await site.ok('status')).panic, null)
    assert.equal(await passed(manual), 0)
    const { rows } = await site.ok('audit', '--last', '100')
    assert.deepEqual(
      rows
        .filter(({ reason }: Json) => ['ticket 8', 'it was not idsd'].includes(reason))
        .map(({ action, caller, before: from, after: to }: Json) => [action, caller, from, to]),
      [
        ['resume', 'uid:0 root, past the daemon', 'nothing is dropped until resumed', 'enforcing'],
        ['panic', 'uid:0 root, past the daemon', 'enforcing', 'nothing is dropped until resumed'],
      ],
    )
    await until(() => notesLeft().length === 0, { what: 'the notes are taken away' })
  })

  test('begun past a dead daemon, it outlasts a start that guards another interface only', async () => {
    const manual = await blockedByOperator()
    await site.killHard()
    await site.ok('panic', '--reason', 'ticket 9', '--bpffs', site.bpffs)
    assert.equal(await passed(manual), 20)
    await server.exec(['ip', 'link', 'add', 'other0', 'type', 'veth', 'peer', 'name', 'other1'])
    try {
      await site.start({ interfaces: ['other0'] })
      assert.equal(await passed(manual), 20)
      const { by, reason } = (await site.ok('status')).panic
      assert.deepEqual([by, reason], ['uid:0 root, past the daemon', 'ticket 9'])
      await site.ok('resume')
      assert.equal(await passed(manual), 0)
      await site.stop()
    } finally {
      await server.exec(['ip', 'link', 'del', 'other0'])
      await start()
    }
  })

  test('what lies beside the pins keeps nobody from a panic', async () => {
    const manual = await blockedByOperator()
    await site.killHard()
    const stray = join(site.bpffs, 'another-map')
    linkSync(site.pin('settings'), stray)
    try {
      await site.ok('panic', '--bpffs', site.bpffs)
      assert.equal(await passed(manual), 20)
      await site.ok('resume', '--bpffs', site.bpffs)
    } finally {
      rmSync(stray)
      await start()
    }
  })

  test('a panic past a daemon that hangs is taken over when it goes on, and ends by itself in its time', async () => {
    const manual = await blockedByOperator()
    site.process.kill('SIGSTOP')
    const begun = await site.ok('panic', '--for', '6s', '--timeout', '1s', '--bpffs', site.bpffs)
    assert.equal(begun.via, 'maps')
    assert.equal(await passed(manual), 20)
    site.process.kill('SIGCONT')
    const panic = await until(async () => (await site.ok('status')).panic, { what: 'the daemon shows it' })
    assert.equal(panic.by, 'uid:0 root, past the daemon')
    assert.ok(Math.abs(Date.parse(panic.until) - Date.parse(begun.after.until)) < 2_000)
    await untilPassed(manual, false)
    await until(async () => (await site.ok('status')).panic === null, { what: 'the daemon says it is over' })
    const { rows } = await site.ok('audit', '--last', '4')
    assert.deepEqual(
      rows
        .filter(({ action }: Json) => ['panic', 'resume'].includes(action))
        .map(({ action, caller }: Json) => [action, caller])
        .slice(0, 2),
      [
        ['resume', 'idsd, its time was over'],
        ['panic', 'uid:0 root, past the daemon'],
      ],
    )
    assert.ok(site.log().some(({ msg, how }) => /the panic is over/.test(msg) && how === 'over'))
  })

  test('what was detached and started again is still in a panic, from the store', async () => {
    const manual = await blockedByOperator()
    await site.ok('panic', '--for', '10m')
    await site.stop()
    assert.equal((await site.detach()).code, 0)
    await start()
    assert.equal(await passed(manual), 20)
    const until = Date.parse((await site.ok('status')).panic.until)
    assert.ok(until > Date.now() && until < Date.now() + 600_000)
    await site.ok('resume')
    assert.equal(await passed(manual), 0)
  })
})
