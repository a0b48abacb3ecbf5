import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { call, createClient } from '../../src/publish/fake-daemon.js'
import type { ImportedList } from '../../src/publish/generated/idsd/v1/ImportedList.js'
import {
  echo,
  echoesSeen,
  type Family,
  idsctlPath,
  idsdPath,
  openSite,
  type Site,
  send,
  skipE2e,
  startMs,
  whileItLasts,
} from './harness.js'

/** Format as idsctl tells it, its name, and a text of it that names two addresses. */
const formats: readonly (readonly [string, string, (four: string, six: string) => string])[] = [
  ['plain', 'Spamhaus DROP as text', (four, six) => `; DROP\n${four}/32 ; SBL1\n${six} ; SBL2\n`],
  [
    'json',
    'Spamhaus DROP as lines of JSON',
    (four, six) =>
      `{"cidr":"${four}/32","sblid":"SBL1"}\n{"cidr":"${six}/128"}\n{"type":"metadata","size":2}\n`,
  ],
  ['json', 'JSON', (four, six) => JSON.stringify([{ ip: four, why: 'x' }, { ip: six }])],
  ['csv', 'CSV', (four, six) => `first_seen,dst_ip,port\n"a, b",${four},443\n2026,${six},1\n`],
  [
    'crowdsec',
    'decisions of CrowdSec',
    (four, six) => {
      const decision = { duration: '3h59m4.2s', scope: 'Ip', type: 'ban', scenario: 'x', origin: 'cscli' }
      return JSON.stringify([{ decisions: [four, six].map((value) => ({ ...decision, value })) }])
    },
  ],
]

const octets = (first: number, i: number) => `${first + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`

/** Name, the entry of a number, and what their import may take: seconds and megabytes. */
const millions: readonly (readonly [string, (i: number) => string, number, number])[] = [
  ['IPv4 addresses', (i) => `${octets(11, i)}.${(i * 7) & 255}`, 3, 100],
  ['IPv4 prefixes', (i) => `${octets(11, i)}.${(i & 1) === 0 ? '0/25' : '128/26'}`, 6, 200],
]

describe('imported lists', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let addresses: Record<Family, string[]>

  const metricsListen = '127.0.0.1:9478'
  const start = (config = '') => site.start({ args: ['--metrics-listen', metricsListen], config })

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2elists', extraAddresses: 12 })
    server = lab.ns('server')
    client = lab.ns('attacker')
    const all = client.addresses.all
    addresses = {
      v4: all.filter((address) => !address.includes(':')).slice(1),
      v6: all.filter((address) => address.includes(':')).slice(1),
    }
    site = openSite(server, 'lists')
    await start()
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const frame = (source: string) => {
    const family: Family = source.includes(':') ? 'v6' : 'v4'
    return echo({ ...client, addresses: { ...client.addresses, [family]: source } }, server, family)
  }
  /** How many of 20 frames of a source the host takes. */
  const passed = async (source: string) => {
    const family: Family = source.includes(':') ? 'v6' : 'v4'
    const earlier = (await echoesSeen(server))[family]
    await send(client, { frame: frame(source), count: 20 })
    return (await echoesSeen(server))[family] - earlier
  }
  const file = (name: string, text: string | Uint8Array) => {
    const path = join(site.dir, name)
    writeFileSync(path, text)
    return path
  }
  const listed = async (name: string) => {
    const daemon = createClient(`unix:${site.socket}`)
    try {
      const { lists } = await call<{ lists: ImportedList[] }>(daemon, 'ListLists', {})
      return lists.find((list) => list.name === name)
    } finally {
      daemon.close()
    }
  }
  const metric = async (name: string) => {
    const { stdout } = await server.exec(['curl', '-s', `http://${metricsListen}/metrics`])
    return Number(
      stdout
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    )
  }

  test('what a list names is dropped, counted and told of, until the list goes', async () => {
    const [one = '', two = ''] = addresses.v4
    const [six = ''] = addresses.v6
    const path = file('first.netset', `# a list\n${one}\n${six}\n`)
    assert.equal((await site.ok('import', path, '--list', 'first', '--dry-run')).dry_run, true)
    assert.equal(await passed(one), 20)
    const made = await site.ok('import', path, '--list', 'first', '--ttl', '1h')
    assert.deepEqual([made.list.entries, made.added, made.undo], [2, 2, 'idsctl lists rm first'])
    assert.deepEqual([await passed(one), await passed(six), await passed(two)], [0, 0, 20])
    const [state] = (await site.ok('lists')).lists
    assert.deepEqual([state.name, state.hits, state.dropped_packets, state.loaded], ['first', 40, 40, true])
    const why = await site.ok('why', one)
    assert.deepEqual([why.fate, why.lists[0].name, why.lists[0].entry], ['dropped', 'first', one])
    assert.equal((await site.ok('status')).lists.entries, 2)
    assert.equal(await metric('idsd_list_dropped_packets_total{list="first"}'), 40)
    const { stdout } = await site.text(['export', '--list', 'first'])
    assert.equal(stdout, `${one}\n${six}\n`)
    await site.ok('lists', 'rm', 'first')
    assert.deepEqual([await passed(one), await passed(six)], [20, 20])
    assert.equal((await site.ctl(['lists', 'rm', 'first'])).code, 4)
    const { rows } = await site.ok('audit')
    assert.deepEqual(
      rows
        .slice(0, 2)
        .map(({ action, after }: { action: string; after: string }) => [action, after.slice(0, 18)]),
      [
        ['list_remove', 'no such list'],
        ['list_import', 'list first: drop 2'],
      ],
    )
  })

  test('an address in two lists, or blocked by hand too, stays until the last goes; a hit counts for each', async () => {
    const [source = ''] = addresses.v4
    const prefix = source.replace(/\d+$/, '0/24')
    await site.ok('import', file('a.txt', source), '--list', 'a')
    await site.ctl(['import', file('b.txt', prefix), '--list', 'b', '--force'])
    assert.equal(await passed(source), 0)
    assert.deepEqual([(await listed('a'))?.packets, (await listed('b'))?.packets], [20, 20])
    await site.ok('lists', 'rm', 'a')
    assert.equal(await passed(source), 0)
    await site.ok('block', source, '--ttl', '10m', '--force')
    await site.ok('lists', 'rm', 'b')
    assert.equal(await passed(source), 0)
    await site.unblockAll()
    assert.equal(await passed(source), 20)
  })

  test('an allow entry wins over a list, and a list that only observes lets through', async () => {
    const [source = '', other = ''] = addresses.v4
    await site.ok('allow', 'add', source)
    const { allowed } = await site.ok('import', file('c.txt', `${source}\n${other}`), '--list', 'c')
    assert.equal(allowed, 1)
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    assert.equal((await site.ok('why', source)).fate, 'allowed')
    await site.ok('allow', 'rm', source)
    assert.equal(await passed(source), 0)
    await site.ok('import', join(site.dir, 'c.txt'), '--list', 'c', '--action', 'observe')
    assert.equal(await passed(source), 20)
    // Twice what was dropped, and what only counts in both directions.
    assert.equal((await listed('c'))?.packets, 20 + 20 + 40)
    await site.ok('lists', 'rm', 'c')
  })

  test('bad lines are told by number and skipped; guards refuse theirs, and all of them with 3', async () => {
    const [source = ''] = addresses.v4
    const own = server.addresses.v4
    const text = `${source}\r\nnonsense\r\n192.0.2.7/24 # bits\r\n${own}\r\n0.0.0.0/0\r\n`
    const found = await site.ctl(['import', file('bad.txt', text), '--list', 'bad'])
    assert.equal(found.code, 1)
    const { bad_lines, faults, refused, list } = found.json
    assert.deepEqual([bad_lines, list.entries], [2, 1])
    assert.deepEqual(
      faults.map(({ line }: { line: number }) => line),
      [2, 3],
    )
    assert.deepEqual(refused.map(({ line }: { line: number }) => line).sort(), [4, 5])
    assert.equal(await passed(source), 0)
    const all = await site.ctl(['import', file('own.txt', own), '--list', 'bad'])
    assert.equal(all.code, 3)
    assert.match(all.stderr, /an address of this host/)
    assert.equal(await passed(source), 0)
    assert.equal((await site.ctl(['import', file('empty.txt', '# none\n'), '--list', 'bad'])).code, 1)
    assert.equal((await listed('bad'))?.entries, 1)
    const diff = await site.ok('diff', file('next.txt', '192.0.2.1\n'), '--list', 'bad')
    assert.deepEqual([diff.added, diff.removed, diff.same], [['192.0.2.1'], [source], 0])
    await site.ok('lists', 'rm', 'bad')
  })

  for (const [format, name, write] of formats) {
    test(`${name} is told by its looks, and what it names is dropped`, async () => {
      const [[source = ''], [six = '']] = [addresses.v4, addresses.v6]
      const text = write(source, six)
      const made = await site.ok('import', file('format', text), '--list', 'format', '--ttl', '1h')
      assert.deepEqual([made.format, made.list.entries, made.bad_lines], [format, 2, 0])
      assert.deepEqual([await passed(source), await passed(six)], [0, 0])
      const named = ['--list', 'format', '--format', format === 'plain' ? 'drop' : format, '-o', 'json']
      const again = await server.exec(
        [
          'sh',
          '-c',
          'exec "$@" < "$0"',
          join(site.dir, 'format'),
          idsctlPath,
          '--socket',
          site.socket,
        ].concat(...['import', '-'], named),
        { timeoutMs: startMs },
      )
      assert.equal(again.code, 0, again.stderr)
      const { added, removed, list } = JSON.parse(again.stdout)
      assert.deepEqual([added, removed, list.source], [0, 0, 'standard input'])
      await site.ok('lists', 'rm', 'format')
    })
  }

  for (const [name, entry, mostS, mostMb] of millions) {
    test(`a million ${name} are in force within ${mostS} s and in ${mostMb} MB, and again in place of others`, async () => {
      const [source = ''] = addresses.v4
      const lines = Array.from({ length: 1_000_000 }, (_, i) => entry(i))
      const [one, two] = [file('one.txt', lines.join('\n')), file('two.txt', [source, ...lines].join('\n'))]
      const tookMs: number[] = []
      for (const path of [one, two, one]) {
        const startMs = performance.now()
        const { list } = await site.ok('import', path, '--list', 'million')
        tookMs.push(performance.now() - startMs)
        assert.equal(list.entries, path === one ? 1_000_000 : 1_000_001)
        assert.equal(await passed(source), path === one ? 20 : 0)
      }
      const { bytes } = (await site.ok('status')).lists
      assert.ok(bytes > 1_000_000 && bytes <= mostMb * 1_000_000, `${bytes} B`)
      // Others are at work on this machine too: the best says what an import takes.
      assert.ok(Math.min(...tookMs) <= mostS * 1_000, `${tookMs.map(Math.round).join(', ')} ms`)
      await site.ok('lists', 'rm', 'million')
    })
  }

  test('a list that memory lacks for is refused beforehand, with the numbers, and the one in force stays', async () => {
    const [source = ''] = addresses.v4
    await site.ok('import', file('small.txt', source), '--list', 'small')
    await site.stop()
    // What the daemon reads of the machine's memory: enough for the small list, not for a million.
    const poor = file('meminfo', 'MemTotal: 65536 kB\nMemAvailable: 20480 kB\n')
    const script = 'mount --bind "$0" /proc/meminfo && exec "$@"'
    const program = ['unshare', '--mount', 'sh', '-c', script, poor, idsdPath]
    await site.start({ args: ['--metrics-listen', metricsListen], program })
    assert.equal(await passed(source), 0)
    const lines = Array.from({ length: 1_000_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    const path = file('large.txt', lines.join('\n'))
    for (const more of [['--dry-run'], []]) {
      const { code, stderr } = await site.ctl(['import', path, '--list', 'small', ...more])
      assert.equal(code, 1)
      assert.match(stderr, /may need \d+ MB while they are loaded, and 20 MB are available/)
    }
    assert.deepEqual([(await listed('small'))?.entries, await passed(source)], [1, 0])
    await site.stop()
    await start()
    await site.ok('lists', 'rm', 'small')
  })

  test('a restart brings all lists back; killed amid an import, the old list is whole', async () => {
    const [source = '', other = ''] = addresses.v4
    await site.ok('import', file('kept.txt', `${source}\n198.51.100.0/24\n`), '--list', 'kept')
    await site.stop()
    await start()
    assert.equal(await passed(source), 0)
    assert.equal((await listed('kept'))?.entries, 2)
    const many = Array.from({ length: 100_000 }, (_, i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    const big = file('many.txt.gz', gzipSync([other, ...many].join('\n')))
    const importing = site.spawnCtl(['import', big, '--list', 'kept'])
    await until(async () => (await site.text(['status'])).code === 0, {
      what: 'the daemon answers',
      timeoutMs: startMs,
    })
    await site.killHard()
    await importing.exited
    await start()
    const entries = (await listed('kept'))?.entries
    assert.ok(entries === 2 || entries === 100_001, `${entries} entries`)
    assert.deepEqual([await passed(source), await passed(other)], entries === 2 ? [0, 20] : [20, 0])
    await site.ok('import', big, '--list', 'kept')
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    await site.ok('lists', 'rm', 'kept')
  })

  test('a list ends by itself', async () => {
    const [source = ''] = addresses.v4
    const ended = () =>
      until(async () => (await listed('short')) === undefined, { what: 'the list ends', timeoutMs: startMs })
    await whileItLasts({
      begin: (seconds) =>
        site.ok('import', file('short.txt', source), '--list', 'short', '--ttl', `${seconds}s`),
      look: async () => assert.equal(await passed(source), 0),
      again: ended,
    })
    await ended()
    assert.equal(await passed(source), 20)
  })

  test('a scheduled list follows its file, and stays when the file is bad', async () => {
    const [source = '', other = ''] = addresses.v4
    const path = file('feed.csv', `id,ip\n1,${source}\n`)
    site.writeConfig(
      `[[lists.scheduled]]\nname = "feed"\nfile = "${path}"\nevery_s = 1\n` +
        `[[lists.scheduled]]\nname = "told"\ncommand = ["/bin/echo", "203.0.113.0/24"]\nevery_s = 1\naction = "observe"\n`,
    )
    site.process.kill('SIGHUP')
    await until(async () => (await listed('feed')) !== undefined && (await listed('told')) !== undefined, {
      what: 'the lists are imported',
      timeoutMs: startMs,
    })
    assert.equal(await passed(source), 0)
    const next = file('feed.next', `id,ip\n1,${other}\n`)
    renameSync(next, path)
    await until(async () => (await site.text(['export', '--list', 'feed'])).stdout === `${other}\n`, {
      what: 'the list follows its file',
      timeoutMs: startMs,
    })
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    renameSync(file('feed.next', 'id,ip\n1,nonsense\n'), path)
    await until(async () => (await metric('idsd_list_import_failures_total')) > 0, {
      what: 'a failure is counted',
      timeoutMs: startMs,
    })
    assert.deepEqual([await passed(source), await passed(other)], [20, 0])
    site.writeConfig('')
    site.process.kill('SIGHUP')
    await site.ok('lists', 'rm', 'feed')
    await site.ok('lists', 'rm', 'told')
  })

  test('a scheduled import that failed comes soon again, is told meanwhile, and no argument of its command is', async () => {
    const [source = ''] = addresses.v4
    const path = join(site.dir, 'late.txt')
    const script = `cat ${path} || { echo "$1 is no key" >&2; exit 1; }`
    const command = JSON.stringify(['/bin/sh', '-c', script, 'sh', 'hunter22'])
    site.writeConfig(
      `[lists]\nretry_s = 1\n[[lists.scheduled]]\nname = "late"\ncommand = ${command}\nevery_s = 86400\n`,
    )
    site.process.kill('SIGHUP')
    await until(
      async () => {
        const { scheduled } = await site.ok('lists')
        return scheduled[0]?.failed_times > 0 && scheduled[0].source === 'command sh with 4 arguments'
      },
      { what: 'the failure is told', timeoutMs: startMs },
    )
    assert.match(
      (await site.text(['lists'])).stderr,
      /late: .* failed .*\(the command sh failed: it ended with 1\)/,
    )
    assert.ok(
      (await site.ok('status')).warnings.some((text: string) => /import of the list late fails/.test(text)),
    )
    assert.equal(await metric('idsd_list_imports_failing'), 1)
    const doctor = JSON.parse((await site.text(['doctor', '-o', 'json'])).stdout)
    const finding = doctor.findings.find(({ subject }: { subject: string | null }) => subject === 'late')
    assert.deepEqual([finding?.check, finding?.level], ['lists', 'problem'], JSON.stringify(doctor))
    writeFileSync(path, `${source}\n`)
    await until(async () => (await listed('late')) !== undefined, {
      what: 'it is imported without waiting for a day',
      timeoutMs: startMs,
    })
    assert.equal(await passed(source), 0)
    assert.equal(await metric('idsd_list_imports_failing'), 0)
    const told = [
      await site.ok('lists'),
      await site.ok('audit'),
      await site.ok('why', source),
      site.process.stdout,
      site.process.stderr,
    ]
    assert.ok(!JSON.stringify(told).includes('hunter22'), JSON.stringify(told))
    site.writeConfig('')
    site.process.kill('SIGHUP')
    await site.ok('lists', 'rm', 'late')
  })

  test('a list that would drop most addresses is refused with 3', async () => {
    const slices = Array.from({ length: 255 }, (_, i) => `${i + 1}.0.0.0/9`)
    const half = await site.text([
      'import',
      file('half.txt', slices.join('\n')),
      '--list',
      'wide',
      '--dry-run',
    ])
    assert.equal(half.code, 1, 'without its refused entries it is a list still')
    const whole = file(
      'whole.txt',
      [...slices, ...slices.map((text) => text.replace('.0.', '.128.'))].join('\n'),
    )
    const refused = await site.text(['import', whole, '--list', 'wide'])
    assert.equal(refused.code, 3, refused.stderr)
    assert.match(refused.stderr, /% of all IPv4 addresses/)
    assert.equal(await listed('wide'), undefined)
  })

  test('a plan of an import tells what it would have hit, and changes nothing', async () => {
    const [source = ''] = addresses.v4
    await passed(source)
    const path = file('plan.txt', `${source}\n${server.addresses.v4}\n`)
    await until(
      async () => {
        const plan = await site.ok('plan', 'import', path, '--list', 'plan')
        return (
          plan.addresses.some(({ address }: { address: string }) => address === source) &&
          plan.refused.length === 1
        )
      },
      { what: 'the recorded flow is in the plan', timeoutMs: startMs },
    )
    assert.equal(await passed(source), 20)
  })
})
