import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import { call, createClient } from '../../src/publish/fake-daemon.js'
import { type Account, type Accounts, openAccounts } from './accounts.js'
import { framesTaken } from './attacks.js'
import {
  type Json,
  namesIn,
  openSite,
  type Site,
  skipE2e,
  spareInterface,
  startMs,
  unreadable,
  xdpProgram,
} from './harness.js'

/** CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF. Source: linux/capability.h. */
const keptMask = '000000c000001000'
const none = '0000000000000000'

/** `/proc/PID/task/TID/status` of every thread, as tables. */
function threads(pid: number): Record<string, string>[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) =>
    Object.fromEntries(
      readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8')
        .split('\n')
        .map((line) => line.split(/:\s*/, 2) as [string, string])
        .map(([name, value]) => [name, value?.replaceAll('\t', ' ') ?? '']),
    ),
  )
}

describe('an ordinary user', { skip: skipE2e || skipOrFail(unreadable()) }, () => {
  let lab: Lab
  let server: LabNamespace
  let attacker: LabNamespace
  let site: Site
  let accounts: Accounts
  let daemon: Account
  let reader: Account
  let operator: Account
  let stranger: Account
  let config: string

  before(async () => {
    accounts = openAccounts()
    const [operators, readers] = [accounts.group('ops'), accounts.group('look')]
    daemon = accounts.user('daemon')
    reader = accounts.user('reader', [readers])
    operator = accounts.user('operator', [operators])
    stranger = accounts.user('stranger')
    lab = await openLab({ topology: 'host', tag: 'e2epriv' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    await spareInterface(server, 'spare')
    site = openSite(server, 'priv')
    config = `
[grpc]
operator_group = "${operators}"
reader_group = "${readers}"

[events]
file = "${events()}"
max_bytes = 65536
keep = 2
`
  })

  after(async () => {
    await site?.close()
    await lab?.close()
    accounts?.close()
  })

  const asUser = (user: string) => ({
    interfaces: ['eth0', 'spare'],
    args: ['--user', user, '--metrics-listen', '127.0.0.1:9478'],
  })
  const events = () => join(site.dir, 'idsd-events/events.json')
  const ownerOf = (path: string) => statSync(path).uid
  const interfaceOf = async (name: string): Promise<Json> =>
    (await site.ok('status')).interfaces.find((each: Json) => each.name === name)

  test('a user that does not exist is told, and idsd stays root', async () => {
    await site.start({ ...asUser('idsd-nobody-of-that-name'), config })
    const { privilege, warnings } = await site.ok('status')
    assert.equal(privilege.uid, 0)
    assert.match(privilege.problem, /there is no user idsd-nobody-of-that-name \(sudo useradd/)
    assert.ok(warnings.includes(privilege.problem))
    const doctor = await site.ctl(['doctor', '--bpffs', site.bpffs])
    const finding = doctor.json.findings.find(({ check }: Json) => check === 'privilege')
    assert.equal(finding?.level, 'warning')
    // What a daemon of root leaves is taken over by the next start.
    await site.ok('block', '203.0.113.1', '--reason', 'by root')
    await site.stop()
    await site.start(asUser(daemon.name))
  })

  test('runs every thread of idsd, with three capabilities and no way to more', async () => {
    const found = threads(site.process.pid)
    assert.ok(found.length > 4, `only ${found.length} threads`)
    const { uid, gid } = daemon
    for (const status of found) {
      assert.deepEqual(
        {
          Uid: status.Uid,
          Gid: status.Gid,
          Groups: status.Groups?.trim(),
          CapInh: status.CapInh,
          CapPrm: status.CapPrm,
          CapEff: status.CapEff,
          CapBnd: status.CapBnd,
          CapAmb: status.CapAmb,
          NoNewPrivs: status.NoNewPrivs,
        },
        {
          Uid: `${uid} ${uid} ${uid} ${uid}`,
          Gid: `${gid} ${gid} ${gid} ${gid}`,
          Groups: `${gid}`,
          CapInh: none,
          CapPrm: keptMask,
          CapEff: keptMask,
          CapBnd: none,
          CapAmb: none,
          NoNewPrivs: '1',
        },
        `thread ${status.Pid} (${status.Name})`,
      )
    }
    // Nobody of that user may look into its memory.
    assert.equal(ownerOf(`/proc/${site.process.pid}/mem`), 0)
    const { privilege } = await site.ok('status')
    const capabilities = ['CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF']
    assert.deepEqual(privilege, { user: daemon.name, uid, capabilities, problem: null })
  })

  test('owns what idsd writes, also what root had written before', async () => {
    const files = [site.db, `${site.db}-wal`, events(), site.pin('xdp_link'), site.pin('settings'), site.dir]
    for (const path of files) assert.equal(ownerOf(path), daemon.uid, path)
    const { decisions } = await site.ok('decisions', 'list')
    assert.equal(decisions.find(({ target }: Json) => target === '203.0.113.1')?.reason, 'by root')
  })

  test('blocks and unblocks in the kernel', async () => {
    const passes = () => framesTaken(attacker, attacker.addresses.v4, server, { count: 5 })
    assert.equal(await passes(), 5)
    await site.ok('block', attacker.addresses.v4)
    assert.equal(await passes(), 0)
    await site.ok('unblock', attacker.addresses.v4)
    assert.equal(await passes(), 5)
  })

  test('reads the configuration again, and says when only root may read it', async () => {
    site.writeConfig(`${config}\n[enforce]\nlease_s = 7\n`)
    site.process.kill('SIGHUP')
    await until(
      () => site.log().some(({ msg, keys }) => msg === 'reloaded' && keys.includes('enforce.lease_s')),
      {
        what: 'the reload is told',
        timeoutMs: startMs,
      },
    )
    chmodSync(site.configFile, 0o600)
    site.process.kill('SIGHUP')
    const refused = () => site.log().find(({ msg }) => msg.startsWith('not reloaded'))
    await until(() => refused() !== undefined, { what: 'the refusal is told', timeoutMs: startMs })
    assert.match(refused()?.problem, new RegExp(`EACCES.*user ${daemon.name}.*chmod`))
    chmodSync(site.configFile, 0o644)
  })

  test('rotates the event file, and makes a new one when it was moved away', async () => {
    const client = createClient(`unix:${site.socket}`)
    try {
      // Between the two steps of a rotation there is no file of the first name.
      for (let i = 0; !existsSync(`${events()}.1`) || !existsSync(events()); i++) {
        assert.ok(i < 2_000, 'it never grew')
        await call(client, 'Block', { target: '203.0.113.2', reason: 'x'.repeat(200) })
        await call(client, 'Unblock', { target: '203.0.113.2' })
      }
      assert.equal(ownerOf(`${events()}.1`), daemon.uid)
      renameSync(events(), `${events()}.moved`)
      site.process.kill('SIGHUP')
      await until(
        async () => {
          await call(client, 'Block', { target: '203.0.113.2' })
          await call(client, 'Unblock', { target: '203.0.113.2' })
          return existsSync(events())
        },
        { what: 'there is a new file', timeoutMs: startMs },
      )
      assert.equal(ownerOf(events()), daemon.uid)
    } finally {
      client.close()
    }
  })

  test('guards an interface that went and came back', async () => {
    assert.equal((await server.exec(['ip', 'link', 'del', 'spare'])).code, 0)
    await until(async () => (await interfaceOf('spare')).xdp_mode === 'down', {
      what: 'it is gone',
      timeoutMs: startMs,
    })
    await spareInterface(server, 'spare')
    await until(async () => (await interfaceOf('spare')).xdp_mode !== 'down', {
      what: 'it is back',
      timeoutMs: startMs,
    })
    assert.notEqual(await xdpProgram(server, 'spare'), undefined)
    assert.equal(ownerOf(site.pin('xdp_link', 'spare')), daemon.uid)
    for (const status of threads(site.process.pid)) assert.equal(status.CapEff, keptMask)
  })

  test('takes its own pins over after SIGKILL', async () => {
    const made = await site.ok('block', '203.0.113.3')
    await site.killHard()
    await site.start(asUser(daemon.name))
    assert.equal((await site.ok('decisions', 'get', made.decision.id)).in_kernel, true)
    assert.equal(
      threads(site.process.pid).every(({ CapEff }) => CapEff === keptMask),
      true,
    )
  })

  test('a reader looks and changes nothing, an operator does everything, a stranger stays outside', async () => {
    const as = (who: Account, ...args: string[]) => site.ctl(args, { before: who.asUser })
    assert.equal((await as(reader, 'decisions', 'list')).code, 0)
    assert.equal((await as(reader, 'why', '203.0.113.9')).code, 0)
    const refused = await as(reader, 'block', '203.0.113.9', '--reason', 'curious')
    assert.equal(refused.code, 3)
    assert.match(
      refused.stderr,
      /Block needs the role operator, and uid:\d+ \S+-reader only has the role reader/,
    )
    assert.match(refused.stderr, /sudo.*join the group \S+-ops/)
    assert.equal((await as(operator, 'block', '203.0.113.9', '--reason', 'seen to')).code, 0)
    const outside = await as(stranger, 'status')
    assert.equal(outside.code, 5)
    assert.match(outside.stderr, /no permission/)

    const { rows } = await site.ok('audit', '--ip', '203.0.113.9')
    assert.deepEqual(
      rows.map(({ action, outcome, caller, reason }: Json) => [action, outcome, caller, reason]),
      [
        ['block', 'done', `uid:${operator.uid} ${operator.name}`, 'seen to'],
        ['block', 'refused', `uid:${reader.uid} ${reader.name}`, 'curious'],
      ],
    )
    const { stdout } = await server.exec([
      ...[
        'bash',
        '-c',
        'exec 3<>/dev/tcp/127.0.0.1/9478; printf "GET /metrics HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3',
      ],
    ])
    assert.match(stdout, /idsd_refused_requests_total\{role="reader"\} 1\n/)
    assert.match(stdout, /idsd_refused_requests_total\{role="none"\} 0\n/)
  })

  test('every change is kept with who, why, what was before and what is after', async () => {
    const who = operator.asUser
    const target = '203.0.113.20'
    const list = join(site.dir, 'list.txt')
    const policy = join(site.dir, 'policy.toml')
    writeFileSync(list, '203.0.113.21\n')
    writeFileSync(policy, '[policy]\nblock_at_points = 120\n')
    const changes: readonly (readonly [action: string, ...args: string[]])[] = [
      ['block', 'block', target],
      ['unblock', 'unblock', target],
      ['allow_add', 'allow', 'add', target],
      ['allow_remove', 'allow', 'rm', target],
      ['mode', 'mode', 'detect'],
      ['mode', 'mode', 'prevent'],
      ['panic', 'panic', '--bpffs', site.bpffs],
      ['resume', 'resume', '--bpffs', site.bpffs],
      ['list_import', 'import', list, '--list', 'feed'],
      ['list_import', 'import', list, '--list', 'feed', '--action', 'observe'],
      ['list_remove', 'lists', 'rm', 'feed'],
      ['apply', 'apply', policy],
      ['apply', 'apply', '--clear'],
      ['block', 'block', `${target}/32`, '--confirm', '60s'],
      ['confirm', 'confirm'],
      ['unblock', 'unblock', target],
      ['mode', 'mode', 'detect', '--confirm', '60s'],
      ['rollback', 'rollback'],
      ['calibrate_start', 'calibrate', 'start', '--for', '1h'],
      ['calibrate_apply', 'calibrate', 'finish', '--apply', '--force'],
      ['calibrate_clear', 'calibrate', 'clear'],
      ['calibrate_cancel', 'calibrate', 'cancel'],
      ['mode', 'mode', 'prevent'],
    ]
    for (const [i, [action, ...args]] of changes.entries()) {
      const { code, stderr } = await site.ctl([...args, '--reason', `ticket ${i}`], { before: who })
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
      const { rows } = await site.ok('audit', '--last', '1')
      const [row] = rows
      const outcome = args.includes('--force') ? 'forced' : 'done'
      assert.deepEqual(
        [row.action, row.outcome, row.caller, row.reason],
        [action, outcome, `uid:${operator.uid} ${operator.name}`, `ticket ${i}`],
      )
      assert.notEqual(row.before, row.after, action)
      assert.ok(row.before && row.after, action)
    }
  })

  test('who started idsd through sudo does everything', async () => {
    await site.stop()
    const { args, ...rest } = asUser(daemon.name)
    const env = { SUDO_UID: String(stranger.uid) }
    await site.start({ ...rest, env, args: [...args, '--on-exit', 'detach'] })
    const { code, stderr } = await site.ctl(['unblock', '203.0.113.9'], { before: stranger.asUser })
    assert.equal(code, 0, stderr)
    assert.equal((await site.ctl(['status'], { before: reader.asUser })).code, 0)
  })

  test('takes the programs off at the end when it is told to', async () => {
    await site.stop()
    assert.equal(await xdpProgram(server), undefined)
    assert.deepEqual(namesIn(site.bpffs), [])
  })
})
