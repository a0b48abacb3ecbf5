import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { framesTaken } from './attacks.js'
import {
  extraSources,
  type Json,
  openSite,
  root,
  type Site,
  serveHttp,
  skipE2e,
  whileItLasts,
} from './harness.js'

const metricsListen = '127.0.0.1:9483'

describe('a change on trial', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  /** Each test attacks from addresses of its own. */
  let sources: string[]

  const start = (mode: 'prevent' | 'detect' = 'detect') =>
    site.start({
      args: ['--metrics-listen', metricsListen],
      config: [`mode = "${mode}"`, '[policy]', 'block_s = 300'].join('\n'),
    })

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2etrial', extraAddresses: 16 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    site = openSite(server, 'trial')
    await Promise.all([start(), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  afterEach(async () => {
    if ((await site.ok('status')).trial !== null) await site.ok('rollback')
    await site.unblockAll()
    for (const { name } of (await site.ok('lists')).lists) await site.ok('lists', 'rm', name)
  })

  const nextSource = () => sources.shift() as string
  /** A prefix that holds the source and nobody else. */
  const prefixOf = (source: string) => {
    const last = Number(source.split('.')[3])
    return `${source.split('.').slice(0, 3).join('.')}.${last - (last % 2)}/31`
  }
  const passed = (source: string) => framesTaken(attacker, source, server, { rate: 4_000 })
  const untilPassed = (source: string, timeoutMs = 10_000) =>
    until(async () => (await passed(source)) === 20, { what: `${source} passes`, timeoutMs, intervalMs: 50 })
  const trial = async (): Promise<Json> => (await site.ok('status')).trial
  const metric = async (name: string) => {
    const { stdout } = await server.exec(['curl', '-s', `http://${metricsListen}/metrics`])
    const line = stdout.split('\n').find((each) => each.startsWith(`${name} `))
    assert.ok(line !== undefined, `no metric ${name}`)
    return Number(line.split(' ')[1])
  }
  const untilOver = () =>
    until(async () => (await trial()) === null, { what: 'the daemon says that it is over' })
  const blockOnTrial = (source: string, time: string) =>
    site.ok('block', prefixOf(source), '--force', '--reason', 'too wide', '--confirm', time)
  /** After a daemon that is dead. */
  const startAgain = async () => {
    await start()
    await untilOver()
  }
  const lastAudit = async () => (await site.ok('audit', '--last', '1')).rows[0]

  test('a block that locks its maker out drops until its deadline, and is gone then', async () => {
    const source = nextSource()
    const what = `block of ${prefixOf(source)}`
    const { began, lasts } = await whileItLasts({
      begin: async (seconds) => {
        const [began, lasts] = [performance.now(), seconds * 1_000]
        return { ...(await blockOnTrial(source, `${seconds}s`)), began, lasts }
      },
      look: async ({ undo, decision, trial: begun, lasts }) => {
        assert.deepEqual([undo, decision.trial, begun.by.length > 0], ['idsctl rollback', 'trial', true])
        assert.equal(await passed(source), 0)
        const shown = await trial()
        assert.ok(shown.seconds_left > 0 && shown.seconds_left <= lasts / 1_000, `${shown.seconds_left}`)
        assert.equal(shown.what, what)
        assert.match((await site.text(['status'])).stdout, /on trial .*idsctl confirm keeps it/)
        assert.ok((await metric('idsd_trial_until_seconds')) > (Date.now() - lasts) / 1_000)
      },
      again: untilOver,
    })
    await untilPassed(source)
    assert.ok(performance.now() - began > lasts - 500, 'it was over before its time')
    await untilOver()
    assert.equal(await metric('idsd_trial_until_seconds'), 0)
    assert.equal((await site.ok('decisions', 'list')).decisions.length, 0)
    const { action, caller, before: was } = await lastAudit()
    assert.deepEqual([action, caller, was], ['rollback', 'idsd, its time was over', `on trial: ${what}`])
  })

  test('killed right after the block, the daemon is not needed for the deadline, nor does its start bring it back', async () => {
    const source = nextSource()
    await whileItLasts({
      begin: (seconds) => blockOnTrial(source, `${seconds}s`),
      look: async () => {
        await site.killHard()
        assert.equal(await passed(source), 0)
      },
      again: startAgain,
    })
    await untilPassed(source)
    await start()
    assert.deepEqual([await trial(), await passed(source)], [null, 20])
    assert.equal((await site.ok('decisions', 'list')).decisions.length, 0)
  })

  test('with the daemon dead root rolls back past it, nobody confirms, and its start forgets the change', async () => {
    const source = nextSource()
    await blockOnTrial(source, '10m')
    await site.killHard()
    const past = ['--bpffs', site.bpffs]
    const confirmed = await site.text(['confirm', ...past])
    assert.equal(confirmed.code, 5)
    assert.match(confirmed.stderr, /only idsd can keep a change: what is on trial is taken back in \d{3} s/)
    const refused = await site.text(['rollback', ...past], {
      before: ['setpriv', '--reuid=65534', '--clear-groups'],
    })
    assert.equal(refused.code, 5)
    assert.match(refused.stderr, /written past the daemon, by root: run the same through sudo/)
    const dry = await site.ok('rollback', '--dry-run', ...past)
    assert.deepEqual([dry.via, dry.interfaces, dry.trial.what], ['maps', ['eth0'], null])
    assert.ok(dry.trial.seconds_left > 500 && dry.trial.seconds_left <= 600, `${dry.trial.seconds_left}`)
    assert.equal(await passed(source), 0)

    const { code, stdout } = await site.text(['rollback', '--reason', 'it hurts', ...past])
    assert.equal(code, 0)
    assert.match(stdout, /^taken back: the change on trial\n.*idsd is not running.*into the maps of eth0/s)
    assert.equal(await passed(source), 20)
    const again = await site.text(['rollback', ...past])
    assert.equal(again.code, 4)
    assert.match(again.stderr, /no change is on trial: there is nothing to roll back/)

    await start()
    assert.deepEqual([await trial(), await passed(source)], [null, 20])
    assert.equal((await site.ok('decisions', 'list')).decisions.length, 0)
    const { action, caller, reason, after: to } = await lastAudit()
    assert.deepEqual([action, caller, reason], ['rollback', 'uid:0 root, past the daemon', 'it hurts'])
    assert.equal(to, `taken back: block of ${prefixOf(source)}`)
  })

  test('past a daemon that hangs root rolls back too, and it takes that over when it goes on', async () => {
    const source = nextSource()
    await blockOnTrial(source, '10m')
    site.process.kill('SIGSTOP')
    const why = ['--reason', 'it hangs']
    const { via } = await site.ok('rollback', ...why, '--timeout', '1s', '--bpffs', site.bpffs)
    assert.deepEqual([via, await passed(source)], ['maps', 20])
    site.process.kill('SIGCONT')
    await untilOver()
    const { action, caller, reason } = await lastAudit()
    assert.deepEqual([action, caller, reason], ['rollback', 'uid:0 root, past the daemon', 'it hangs'])
    assert.equal((await site.ok('decisions', 'list')).decisions.length, 0)
  })

  test('a start within the time goes on with it, for the rest of its time', async () => {
    const source = nextSource()
    const { trial: begun } = await blockOnTrial(source, '10m')
    await site.killHard()
    await start()
    assert.equal(await passed(source), 0)
    const shown = await trial()
    assert.ok(Math.abs(Date.parse(shown.until) - Date.parse(begun.until)) < 500, shown.until)
  })

  test('confirmed it holds past its deadline and a kill; the start after it enforces it for good', async () => {
    const source = nextSource()
    const { trial: begun } = await whileItLasts({
      begin: (seconds) => blockOnTrial(source, `${seconds}s`),
      look: async () => {
        const { action, trial: kept } = await site.ok('confirm', '--reason', 'I am still here')
        assert.deepEqual([action, kept.what], ['confirm', `block of ${prefixOf(source)}`])
      },
      again: untilOver,
    })
    assert.equal(await trial(), null)
    await until(() => Date.now() > Date.parse(begun.until) + 1_200, { what: 'the deadline is over' })
    assert.equal(await passed(source), 0)
    await site.killHard()
    assert.equal(await passed(source), 0)
    await start()
    assert.equal(await passed(source), 0)
    assert.equal((await site.ok('decisions', 'list')).decisions[0].trial, null)
    assert.equal((await site.ctl(['confirm'])).code, 4)
  })

  test('rolled back it is gone at once, and audited; another one is refused while it runs', async () => {
    const [source, other] = [nextSource(), nextSource()]
    await blockOnTrial(source, '60s')
    const second = await site.text(['mode', 'prevent', '--confirm', '60s'])
    assert.equal(second.code, 3)
    assert.match(second.stderr, /another change is on trial .*idsctl confirm keeps it, idsctl rollback/s)
    await site.ok('block', other, '--force')
    assert.deepEqual([await passed(source), await passed(other)], [0, 0])
    const dry = await site.ok('rollback', '--dry-run')
    assert.deepEqual([dry.dry_run, await passed(source)], [true, 0])
    await site.ok('rollback', '--reason', 'wrong one')
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    const { action, reason, after: is } = await lastAudit()
    assert.deepEqual(
      [action, reason, is],
      ['rollback', 'wrong one', `taken back: block of ${prefixOf(source)}`],
    )
    assert.equal((await site.ctl(['rollback'])).code, 4)
  })

  test('mode prevent on trial: what detect made drops until the deadline, what is made meanwhile too', async () => {
    const scan = async (source: string) => {
      await attacker.exec(
        [
          ...[process.execPath, join(root, 'build/lab/programs/connect-scan.js')],
          ...['--target', server.addresses.v4, '--bind', source, '--ports', '80,1-100'],
          ...['--timeout', '300', '--rate', '200'],
        ],
        { timeoutMs: 60_000 },
      )
      return until<Json>(async () => (await site.ok('decisions', 'list', '--ip', source)).decisions[0], {
        what: `a decision against ${source}`,
        timeoutMs: 20_000,
      })
    }
    const source = nextSource()
    const begun = await site.ok('mode', 'prevent', '--confirm', '60s')
    assert.deepEqual([begun.before, begun.mode, begun.undo], ['detect', 'prevent', 'idsctl rollback'])
    assert.equal((await scan(source)).action, 'drop')
    assert.equal(await passed(source), 0)
    assert.equal((await site.text(['mode', 'detect'])).code, 3)
    await site.ok('rollback')
    assert.equal((await site.ok('status')).mode, 'detect')
    assert.equal(await passed(source), 20)
    await site.ok('mode', 'prevent', '--confirm', '60s')
    assert.equal(await passed(source), 0)
    await site.killHard()
    await start()
    assert.deepEqual([(await site.ok('status')).mode, await passed(source)], ['prevent', 0])
    await site.ok('confirm')
    assert.deepEqual([(await site.ok('status')).mode, await passed(source)], ['prevent', 0])
    await site.ok('mode', 'detect')
    assert.equal(await passed(source), 20)
  })

  test('an allow entry on trial lifts blocks until it is taken back; one that is taken out on trial comes back', async () => {
    const source = nextSource()
    const { decision } = await site.ok('block', source, '--force')
    const added = await site.ok('allow', 'add', source, '--confirm', '60s')
    assert.deepEqual([added.lifted[0].id, await passed(source)], [decision.id, 20])
    const why = await site.ok('why', source)
    assert.deepEqual(why.divergences, [])
    await site.ok('rollback')
    assert.equal(await passed(source), 0)
    assert.equal((await site.ok('decisions', 'get', decision.id)).state, 'active')
    await site.ok('allow', 'add', source)
    await site.ok('block', prefixOf(source), '--force')
    await site.ok('allow', 'rm', source, '--confirm', '60s')
    assert.equal((await site.ctl(['allow', 'check', source])).json.allowed, false)
    await site.ok('rollback')
    assert.equal((await site.ok('allow', 'check', source)).allowed, true)
    await site.ok('allow', 'rm', source)
  })

  test('an import on trial drops until its deadline, with the daemon or without it, and is gone then', async () => {
    const [source, kept] = [nextSource(), nextSource()]
    const write = (name: string, text: string) => {
      const file = join(site.dir, name)
      writeFileSync(file, text)
      return file
    }
    const names = async () => (await site.ok('lists')).lists.map(({ name }: Json) => name)
    const importOnTrial = (time: string) =>
      site.ok('import', write('new.txt', source), '--list', 'new', '--confirm', time)
    await site.ok('import', write('kept.txt', kept), '--list', 'kept')
    const dry = await site.ok(
      ...['import', write('new.txt', source), '--list', 'new', '--confirm', '2s', '--dry-run'],
    )
    assert.deepEqual([dry.trial.seconds_left, await passed(source)], [2, 20])

    await whileItLasts({
      begin: (seconds) => importOnTrial(`${seconds}s`),
      look: async (begun) => {
        assert.deepEqual([begun.undo, begun.trial.what], ['idsctl rollback', 'import of the list new'])
        assert.deepEqual([await passed(source), await passed(kept)], [0, 0])
        const { divergences, undo } = await site.ok('why', source)
        assert.deepEqual([divergences, undo[0].command], [[], 'idsctl rollback'])
        const refused = await site.text(['lists', 'rm', 'kept', '--dry-run'])
        assert.equal(refused.code, 3)
        assert.match(refused.stderr, /a change of the list new is on trial.*idsctl confirm keeps it/s)
      },
      again: untilOver,
    })
    await untilPassed(source)
    await untilOver()
    assert.deepEqual([await names(), await passed(kept)], [['kept'], 0])

    await whileItLasts({
      begin: (seconds) => importOnTrial(`${seconds}s`),
      look: async () => {
        await site.killHard()
        assert.deepEqual([await passed(source), await passed(kept)], [0, 0])
      },
      again: startAgain,
    })
    await untilPassed(source)
    assert.equal(await passed(kept), 0)
    await start()
    assert.deepEqual([await names(), await passed(source), await passed(kept)], [['kept'], 20, 0])

    await importOnTrial('10m')
    await site.killHard()
    await start()
    assert.deepEqual([await names(), await passed(source), await passed(kept)], [['kept', 'new'], 0, 0])
    await site.ok('rollback')
    assert.deepEqual([await names(), await passed(source), await passed(kept)], [['kept'], 20, 0])
    await site.ok('lists', 'rm', 'kept')
  })

  test('a list that is imported or taken out on trial stays so once it is confirmed, over kill and restart', async () => {
    const [source, other] = [nextSource(), nextSource()]
    const file = join(site.dir, 'list.txt')
    const importList = (text: string, ...more: string[]) => {
      writeFileSync(file, text)
      return site.ok('import', file, '--list', 'list', ...more)
    }
    const names = async () => (await site.ok('lists')).lists.map(({ name }: Json) => name)
    await importList(source)
    await importList(other, '--confirm', '60s')
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    await site.ok('confirm')
    await site.killHard()
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    await start()
    assert.deepEqual([await trial(), await passed(source), await passed(other)], [null, 20, 0])

    await site.ok('lists', 'rm', 'list', '--confirm', '60s')
    assert.deepEqual([await passed(other), await names()], [20, []])
    await site.ok('rollback')
    assert.deepEqual([await passed(other), await names()], [0, ['list']])
    await site.ok('lists', 'rm', 'list', '--confirm', '60s')
    await site.ok('confirm')
    await importList(source)
    assert.deepEqual([await passed(source), await passed(other)], [0, 20])
    await site.ok('lists', 'rm', 'list')
    assert.deepEqual([await passed(source), await names()], [20, []])
  })

  test('apply takes all of a file or nothing, outlasts a restart, and on trial goes back exactly', async () => {
    const source = nextSource()
    const write = (text: string) => {
      const file = join(site.dir, 'site.toml')
      writeFileSync(file, text)
      return file
    }
    const faulty = await site.text([
      'apply',
      write('[policy]\nblock_s = "x"\nblock_at = 3\n[lists]\na = 1\n[log]\nlevel = "info"\n'),
    ])
    assert.equal(faulty.code, 2)
    for (const fault of [/policy\.block_s: expected/, /policy\.block_at: /, /lists\.a: /, /log\.level: /])
      assert.match(faulty.stderr, fault)
    const guarded = await site.text(['apply', write('[allow]\nentries = [{ target = "0.0.0.0/0" }]\n')])
    assert.equal(guarded.code, 3)
    assert.match(guarded.stderr, /would let 100 % of all IPv4 addresses through/)

    const good = write(
      `[policy]\nblock_at_points = 50\n[allow]\nentries = [{ target = "${source}", reason = "us" }]\n`,
    )
    await site.ok('block', source, '--force')
    const plan = await site.ok('plan', 'apply', good)
    assert.deepEqual(plan.settings, [{ path: 'policy.block_at_points', before: 100, after: 50 }])
    assert.deepEqual([plan.allow_added[0].target, plan.overrides.length], [source, 1])
    assert.equal(await passed(source), 0)
    await site.ok('apply', good, '--confirm', '60s')
    assert.equal(await passed(source), 20)
    await site.killHard()
    await start()
    assert.equal(await passed(source), 20)
    await site.ok('rollback')
    assert.equal(await passed(source), 0)
    assert.deepEqual((await site.ok('apply', good, '--dry-run')).settings, plan.settings)

    const applied = await site.ok('apply', good)
    assert.equal(applied.undo, 'idsctl apply --clear')
    assert.equal(await passed(source), 20)
    await site.stop()
    await start()
    assert.equal(await passed(source), 20)
    assert.deepEqual((await site.ok('apply', good, '--dry-run')).settings, [])
    await whileItLasts({
      begin: (seconds) => site.ok('apply', '--clear', '--confirm', `${seconds}s`),
      look: async () => assert.equal(await passed(source), 0),
      again: untilOver,
    })
    await untilPassed(source)
    await untilOver()
    assert.deepEqual((await site.ok('apply', good, '--dry-run')).settings, [])
    await site.ok('apply', '--clear')
    assert.equal(await passed(source), 0)
  })

  test('a scheduled list that is applied on trial is imported once it is confirmed, and never if it is not', async () => {
    const source = nextSource()
    const [file, list] = [join(site.dir, 'lists.toml'), join(site.dir, 'scheduled.txt')]
    writeFileSync(list, source)
    writeFileSync(file, `[[lists.scheduled]]\nname = "applied"\nfile = "${list}"\nevery_s = 3600\n`)
    const names = async () => (await site.ok('lists')).lists.map(({ name }: Json) => name)
    // Longer than the schedule waits between two looks.
    await site.ok('apply', file, '--confirm', '3s')
    await untilOver()
    assert.deepEqual([await names(), await passed(source)], [[], 20])
    await site.ok('apply', file, '--confirm', '60s')
    await site.ok('confirm')
    await until(async () => (await names())[0] === 'applied', { what: 'it is imported' })
    assert.equal(await passed(source), 0)
    await site.ok('apply', '--clear')
    await site.ok('lists', 'rm', 'applied')
  })
})
