import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type FakeDaemon, openFakeDaemon, type Request, RpcError } from '../../test/fake-daemon.js'
import { runIdsctl } from '../../test/run-idsctl.js'

const list = {
  ...{
    name: 'feed',
    entries: 2,
    action: 'ACTION_DROP',
    source: '/var/feed.txt',
    createdAtMs: 1_700_000_000_000,
  },
  ...{
    createdBy: 'uid:0',
    expiresAtMs: 0,
    packets: 1_234,
    bytes: 60_000,
    droppedPackets: 1_200,
    loaded: true,
  },
}

describe('lists', () => {
  let daemon: FakeDaemon
  let folder: string
  let answer: (request: Request) => object
  let removed: object = {}
  let scheduled: object[] = []
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-lists-'))
    daemon = await openFakeDaemon({
      importList: (request) => answer(request),
      listLists: () => ({ lists: [list], scheduled }),
      removeList: ({ dryRun }) => ({ list, dryRun, ...removed }),
      exportList: (call) => {
        call.write({ list })
        call.write({ entries4: Buffer.from([192, 0, 2, 1, 32, 198, 51, 100, 0, 24]) })
        call.write({ entries6: Buffer.from([0x20, 1, 0xd, 0xb8, ...Array(12).fill(0), 32]) })
        call.end()
      },
    })
  })
  after(async () => {
    await daemon.close()
    rmSync(folder, { recursive: true })
  })
  const file = (text: string) => {
    const path = join(folder, 'feed.txt')
    writeFileSync(path, text)
    return path
  }
  const run = (...args: string[]) => runIdsctl(args, { socket: daemon.socket })

  test('an import sends what is good, tells bad and refused lines by number, and ends with 1', async () => {
    answer = () => ({
      list,
      added: 2,
      refused: [{ target: '192.0.2.9', guard: '192.0.2.9 is the gateway' }],
      refusedTotal: 1,
    })
    const path = file('192.0.2.1\nnonsense\n192.0.2.9\n2001:db8::/32\n')
    const found = await run('import', path, '--list', 'feed', '--ttl', '1h', '--action', 'observe')
    assert.equal(found.code, 1)
    const { request } = daemon.requests.at(-1) as { request: Request }
    const { name, ttlMs, action, dryRun } = request.list as Request
    assert.deepEqual([name, ttlMs, action, dryRun], ['feed', 3_600_000, 'ACTION_COUNT', false])
    assert.deepEqual([...(request.entries4 as Buffer)], [192, 0, 2, 1, 32, 192, 0, 2, 9, 32])
    assert.equal((request.entries6 as Buffer).length, 17)
    assert.match(found.stdout, /^imported feed: 2 entries\n/)
    assert.match(found.stdout, /bad line +2: expected an IPv4 or IPv6 address/)
    assert.match(found.stdout, /refused +line 3: 192\.0\.2\.9 is the gateway/)
    assert.match(found.stdout, /undo +idsctl lists rm feed\n/)
    assert.match(found.stderr, /1 bad line skipped, 3 entries good, 1 entry refused/)
  })

  for (const [words, action, limit, undo] of [
    [
      ['limit', '--rate', '100pps'],
      'ACTION_LIMIT',
      { unit: 'LIMIT_UNIT_PACKETS', perSecond: 100 },
      ' --action limit --rate 100pps',
    ],
    [
      ['limit', '--rate', '10Mbit'],
      'ACTION_LIMIT',
      { unit: 'LIMIT_UNIT_BITS', perSecond: 1e7 },
      ' --action limit --rate 10Mbit',
    ],
    [['syn-drop'], 'ACTION_SYN_DROP', null, ' --action syn-drop'],
    [['reject'], 'ACTION_REJECT', null, ' --action reject'],
    [['count'], 'ACTION_COUNT', null, ' --action observe'],
  ] as const) {
    test(`--action ${words.join(' ')} is sent, told, and in the undo of a later import`, async () => {
      answer = ({ list: header }) => {
        const { action, limit } = header as Request
        const told = { ...list, action, limit }
        return { list: told, before: told }
      }
      const args = ['import', file('192.0.2.1\n'), '--list', 'feed', '--action', ...words]
      const made = JSON.parse((await run(...args, '-o', 'json')).stdout)
      const sent = (daemon.requests.at(-1) as { request: Request }).request.list as Request
      assert.equal(sent.action, action)
      const { passed, limited, ...rate } = (sent.limit ?? {}) as Request
      assert.deepEqual(limit === null ? sent.limit : rate, limit)
      const word = action === 'ACTION_COUNT' ? 'observe' : words[0].replace('-', '_')
      assert.deepEqual([made.list.action, made.list.limit?.per_second], [word, limit?.perSecond])
      assert.equal(made.undo, `idsctl import /var/feed.txt --list feed${undo}`)
      const page = (await run(...args)).stdout
      assert.match(page, new RegExp(`action +${word}${limit === null ? '' : ` ${words[2]}`}\n`))
    })
  }

  test('a rate without a limit, a limit without a rate and an unknown action are not sent', async () => {
    const sent = daemon.requests.length
    const path = file('192.0.2.1\n')
    for (const command of [['import'], ['plan', 'import']]) {
      const args = [...command, path, '--list', 'feed', '--action']
      for (const words of [['limit'], ['drop', '--rate', '5pps'], ['limit', '--rate', '5'], ['tarpit']]) {
        const { code, stderr } = await run(...args, ...words)
        assert.equal(code, 2, stderr)
      }
    }
    assert.equal(daemon.requests.length, sent)
  })

  test('a list that was there comes back by its own import; a dry run has no undo', async () => {
    answer = ({ list: header }) => ({
      list,
      before: list,
      added: 1,
      removed: 1,
      dryRun: (header as Request).dryRun,
    })
    const args = ['import', file('192.0.2.1\n'), '--list', 'feed', '-o', 'json']
    assert.equal(JSON.parse((await run(...args)).stdout).undo, 'idsctl import /var/feed.txt --list feed')
    assert.equal(JSON.parse((await run(...args, '--dry-run')).stdout).undo, null)
  })

  test('on trial it asks for the time, tells how to keep it, and a rollback is its undo', async () => {
    const trial = {
      ...{ sinceMs: 1, untilMs: 90_001, leftMs: 90_000, by: 'uid:0', reason: '' },
      what: 'import of the list feed',
    }
    answer = () => ({ list, before: list, added: 1, trial })
    const args = ['import', file('192.0.2.1\n'), '--list', 'feed', '--confirm', '90s']
    const { stdout } = await run(...args)
    const { request } = daemon.requests.at(-1) as { request: Request }
    assert.equal((request.list as Request).confirmMs, 90_000)
    assert.match(stdout, /keep it +idsctl confirm\n +take back +idsctl rollback\n +undo +idsctl rollback\n/)
    const json = JSON.parse((await run(...args, '-o', 'json')).stdout)
    assert.deepEqual(
      [json.trial.what, json.trial.seconds_left, json.undo],
      [trial.what, 90, 'idsctl rollback'],
    )
    removed = { trial }
    const gone = JSON.parse((await run('lists', 'rm', 'feed', '--confirm', '90s', '-o', 'json')).stdout)
    removed = {}
    assert.deepEqual([gone.trial.what, gone.undo], [trial.what, 'idsctl rollback'])
    assert.equal((daemon.requests.at(-1) as { request: Request }).request.confirmMs, 90_000)
    assert.equal((await run(...args.slice(0, -1), 'soon')).code, 2)
  })

  test('what holds nothing, or is none of its format, is not sent; a refusal ends with 3', async () => {
    const sent = daemon.requests.length
    assert.equal((await run('import', file('# nothing\n'), '--list', 'feed')).code, 1)
    const broken = await run('import', file('["192.0.2.1"'), '--list', 'feed')
    assert.equal(broken.code, 1)
    assert.match(broken.stderr, /no JSON/)
    const decisions = [{ value: '192.0.2.1', duration: '1h', scope: '\u001b]0;x\u0007' }]
    const forged = await run('import', file(JSON.stringify([{ decisions }])), '--list', 'feed')
    assert.match(forged.stderr, /a decision about \uFFFD\]0;x\uFFFD 192\.0\.2\.1 is no address/)
    assert.equal((await run('import', file('192.0.2.1'), '--list', 'a b')).code, 2)
    assert.equal((await run('import', file('192.0.2.1'))).code, 2)
    assert.equal((await run('import', join(folder, 'none'), '--list', 'feed')).code, 1)
    assert.equal(daemon.requests.length, sent)
    answer = () => {
      throw new RpcError(status.FAILED_PRECONDITION, 'refused: nothing of the list is left')
    }
    assert.equal((await run('import', file('192.0.2.1'), '--list', 'feed')).code, 3)
  })

  test('decisions of CrowdSec end with the one that ends first, unless a time is given', async () => {
    answer = () => ({ list, added: 1 })
    const decisions = ['4h', '90s'].map((duration, i) => ({ duration, type: 'ban', value: `192.0.2.${i}` }))
    await run('import', file(JSON.stringify([{ decisions }])), '--list', 'feed')
    const { request } = daemon.requests.at(-1) as { request: Request }
    assert.equal((request.list as Request).ttlMs, 90_000)
  })

  test('lists, lists rm, export and diff show what the daemon has', async () => {
    assert.match((await run('lists')).stdout, /feed +2 +drop .* when removed +1,234 +60\.0 kB +1,200/)
    assert.equal(JSON.parse((await run('lists', '-o', 'json')).stdout).lists[0].hits, 1_234)
    const bad = {
      everyS: 60,
      failedTimes: 2,
      failedSinceMs: Date.now() - 75_000,
      problem: 'it ended with 22',
    }
    const dueAtMs = Date.now() + 160_000
    scheduled = [
      { name: 'feed', source: 'command curl', dueAtMs, ...bad },
      { name: 'none', source: '/none', dueAtMs, everyS: 60 },
    ]
    const { stderr } = await run('lists')
    assert.match(
      stderr,
      /feed: 2 imports failed since 1 min ago \(it ended with 22\); the list before stays, tried again in 2 min/,
    )
    assert.match(stderr, /none was not imported yet/)
    const [first] = JSON.parse((await run('lists', '-o', 'json')).stdout).scheduled
    assert.deepEqual([first.failed_times, first.next_at], [2, new Date(dueAtMs).toISOString()])
    assert.match(
      (await run('lists', 'rm', 'feed')).stdout,
      /removed feed, 2 entries\n.*\n +undo +idsctl import \/var\/feed.txt --list feed\n/,
    )
    assert.equal(
      (await run('export', '--list', 'feed')).stdout,
      '192.0.2.1\n198.51.100.0/24\n2001:db8::/32\n',
    )
    const json = await run('export', '--list', 'feed', '--format', 'json')
    assert.deepEqual(JSON.parse(json.stdout), ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32'])
    const csv = await run('export', '--list', 'feed', '--format', 'csv')
    assert.equal(csv.stdout.split('\n')[0], 'cidr')
    const diff = await run('diff', file('192.0.2.1\n192.0.2.2\n'), '--list', 'feed', '-o', 'json')
    const { added, removed, same } = JSON.parse(diff.stdout)
    assert.deepEqual([added, removed, same], [['192.0.2.2'], ['198.51.100.0/24', '2001:db8::/32'], 1])
  })
})
