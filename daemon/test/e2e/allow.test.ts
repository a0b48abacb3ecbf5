import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { tcpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { alertsAbout, eventually, framesTaken, metricsOf, reload } from './attacks.js'
import { type Json, openSite, type Site, sendPath, skipE2e, whileItLasts } from './harness.js'

const config = `
[guards]
resolvers = ["10.77.0.53"]

[allow]
entries = [
  { target = "10.77.0.30", reason = "quiet by file" },
  { target = "10.77.0.31", reason = "loud by file", log_only = true },
]
`

describe('allow', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eallow', extraAddresses: 20, defaultRoute: true })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'allow')
    await site.start({ config, args: ['--metrics-listen', '127.0.0.1:9478'] })
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  afterEach(async () => {
    for (const { target, source } of (await site.ok('allow', 'list')).entries) {
      if (source === 'operator') await site.ok('allow', 'rm', target)
    }
    await site.unblockAll()
  })

  const taken = (source: string) => framesTaken(attacker, source, server)

  /** A horizontal scan in the name of `source`. */
  const scan = async (source: string) => {
    const file = `${site.dir}/${source}.pcap`
    const frames = Array.from({ length: 48 }, (_, i) => ({
      timeUs: i * 5_000,
      data: tcpPacket({
        ...{ srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string },
        ...{ src: source, dst: `10.77.0.${100 + i}`, srcPort: 5_000 + i, dstPort: 445, flags: 'S' },
      }),
    }))
    writePcap(file, frames)
    const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', file])
    assert.equal(code, 0, stderr)
  }

  test('lifts blocks at once, of operator and detector, inside it too; a wider one holds around it', async () => {
    await scan('10.77.0.20')
    const automatic = await eventually('a block by a detector', async () =>
      (await site.ok('decisions', 'list', '--ip', '10.77.0.20')).decisions.at(0),
    )
    assert.equal(automatic.origin, 'detector')
    const manual = (await site.ok('block', '10.77.0.21', '--ttl', '1h', '--reason', 'mine')).decision
    const wide = (await site.ok('block', '10.77.0.16/28')).decision
    assert.equal((await taken('10.77.0.20')) + (await taken('10.77.0.21')) + (await taken('10.77.0.26')), 0)

    const dry = await site.ok('allow', 'add', '10.77.0.20/31', '--dry-run')
    assert.equal((await site.ok('decisions', 'list')).total, 3)
    const added = await site.ok('allow', 'add', '10.77.0.20/31', '--reason', 'ours')
    for (const { lifted, overrides } of [dry, added]) {
      assert.deepEqual(lifted.map(({ id }: Json) => id).sort(), [automatic.id, manual.id].sort())
      assert.deepEqual(
        overrides.map(({ id }: Json) => id),
        [wide.id],
      )
    }
    assert.ok(
      added.undo_lifted.some((line: string) =>
        /^idsctl block 10\.77\.0\.21 --ttl \w+ --reason mine$/.test(line),
      ),
    )
    assert.deepEqual([await taken('10.77.0.20'), await taken('10.77.0.21')], [20, 20])
    assert.equal(await taken('10.77.0.26'), 0, 'the wider block holds around it')
    assert.equal((await site.ok('decisions', 'get', automatic.id)).state, 'lifted')

    // Once the entry is gone the wider block is all there is: what was lifted stays lifted.
    await site.ok('allow', 'rm', '10.77.0.20/31')
    await site.ok('unblock', wide.id)
    assert.equal(await taken('10.77.0.21'), 20)
  })

  test('is silent about its sources; with --log-only it tells of them; neither ever blocks', async () => {
    await site.ok('allow', 'add', '10.77.0.22', '--reason', 'quiet')
    const added = await site.ok('allow', 'add', '10.77.0.23', '--log-only', '--reason', 'loud')
    assert.equal(added.entry.log_only, true)
    for (const last of [22, 30, 23, 31]) await scan(`10.77.0.${last}`)
    for (const loud of ['10.77.0.23', '10.77.0.31']) {
      const [alert] = await alertsAbout(site, loud)
      assert.deepEqual([alert.detector, alert.decision_id], ['scan_horizontal', null])
    }
    await eventually('the silence is counted', async () => {
      const silenced = (await metricsOf(server)).get('idsd_silenced_evidence_total') as number
      return silenced >= 2
    })
    for (const quiet of ['10.77.0.22', '10.77.0.30']) {
      assert.equal((await site.ok('alerts', '--ip', quiet)).total, 0, quiet)
    }
    const { decisions } = await site.ok('decisions', 'list', '--all', '--ip', '10.77.0.22/31')
    assert.ok(!decisions.some(({ origin }: Json) => origin !== 'operator'))
    for (const last of [22, 23]) assert.equal(await taken(`10.77.0.${last}`), 20)
  })

  test('ends by itself with --ttl, and what it held off holds again', async () => {
    await site.ok('block', '10.77.0.24/30')
    const isOver = () => eventually('the entry is over', async () => (await taken('10.77.0.25')) === 0)
    const { entry } = await whileItLasts({
      begin: async (seconds) => ({
        ...(await site.ok('allow', 'add', '10.77.0.25', '--ttl', `${seconds}s`)),
        lasts: seconds * 1_000,
      }),
      look: async ({ entry, lasts }) => {
        assert.equal(await taken('10.77.0.25'), 20)
        assert.equal(Date.parse(entry.expires_at) - Date.parse(entry.created_at), lasts)
      },
      again: isOver,
    })
    await isOver()
    assert.ok(Date.now() >= Date.parse(entry.expires_at))
    const { entries } = await site.ok('allow', 'list')
    assert.ok(!entries.some(({ target }: Json) => target === '10.77.0.25'))
    assert.ok(
      site.log().some(({ msg, target }) => msg === 'an allow entry is over' && target === '10.77.0.25'),
    )
  })

  test('whose end came while idsd was dead does not come back with it', async () => {
    const { entry } = await site.ok('allow', 'add', '10.77.0.26', '--ttl', '1s')
    await site.killHard()
    await eventually('the time is over', () => Date.now() > Date.parse(entry.expires_at))
    await site.start({ args: ['--metrics-listen', '127.0.0.1:9478'] })
    assert.equal((await site.ok('allow', 'check', '10.77.0.26')).allowed, false)
  })

  test('check names the entry, and what would happen without it', async () => {
    const check = (target: string) => site.ok('allow', 'check', target)
    await site.ok('allow', 'add', '10.77.0.28', '--reason', 'monitor')
    assert.match((await check('10.77.0.28')).otherwise, /^its packets pass: no block covers it/)
    await site.ok('block', '10.77.0.28/30', '--reason', 'noise')
    const found = await check('10.77.0.28')
    assert.deepEqual([found.allowed, found.entry.reason], [true, 'monitor'])
    assert.match(found.otherwise, /^its packets are dropped by d\d+ \(10\.77\.0\.28\/30: noise\)$/)
    const page = await site.text(['allow', 'check', '10.77.0.28'])
    assert.match(
      page.stdout,
      /is allowed by 10\.77\.0\.28 \(monitor\)\n(.*\n)* +without it +its packets are dropped/,
    )

    await site.ok('allow', 'add', '10.77.0.28/31', '--reason', 'both')
    const wider = await check('10.77.0.28')
    assert.deepEqual(
      wider.wider.map(({ target }: Json) => target),
      ['10.77.0.28/31'],
    )
    assert.equal(wider.otherwise, 'it is allowed by 10.77.0.28/31 (both)')
    // What it says is so.
    await site.ok('allow', 'rm', '10.77.0.28')
    assert.equal(await taken('10.77.0.28'), 20)
    await site.ok('allow', 'rm', '10.77.0.28/31')
    assert.equal(await taken('10.77.0.28'), 0)
  })

  test('own addresses, the gateway and resolvers are listed with their reason, and check names them', async () => {
    const { entries } = await site.ok('allow', 'list')
    const reasons = new Map(
      entries.map(({ target, source, reason }: Json) => [target, `${source}: ${reason}`]),
    )
    assert.equal(reasons.get('10.77.0.1'), 'automatic: an address of this host')
    assert.equal(reasons.get('10.77.0.254'), 'automatic: the gateway')
    assert.equal(reasons.get('10.77.0.53'), 'automatic: a resolver')
    const { allowed, entry, guards } = await site.ok('allow', 'check', '10.77.0.254')
    assert.deepEqual([allowed, entry.source, entry.reason], [false, 'automatic', 'the gateway'])
    assert.equal(guards.length, 1)
    const { stdout } = await site.text(['allow', 'check', '10.77.0.254'])
    assert.match(stdout, /is guarded by the automatic entry 10\.77\.0\.254 \(the gateway\)/)
  })

  test('every change is audited with who, why, and what was so before and after', async () => {
    await site.ok('block', '10.77.0.29', '--ttl', '1h', '--reason', 'noise')
    await site.ctl(['block', '10.77.0.254'])
    await site.ok('block', '10.77.0.254', '--force', '--reason', 'sure')
    await site.ok('unblock', '10.77.0.254', '--reason', 'not so sure')
    await site.ok('unblock', '10.77.0.254', '--dry-run').catch(() => undefined)
    await site.ok('mode', 'detect', '--reason', 'too loud')
    await site.ok('mode', 'prevent')
    await site.ok('allow', 'add', '10.77.0.29', '--reason', 'ours', '--ttl', '1h')
    await site.ok('allow', 'rm', '10.77.0.29', '--reason', 'sold')
    const { rows } = await site.ok('audit', '--since', '1m', '--last', '8')
    const short = rows.map((row: Json) => [row.action, row.outcome, row.reason, row.before, row.after])
    const until = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`
    const expected: readonly (readonly [string, string, string | null, RegExp | null, RegExp | null])[] = [
      ['allow_remove', 'done', 'sold', new RegExp(`^allowed until ${until} \\(ours\\)$`), /^not allowed$/],
      [
        'allow_add',
        'done',
        'ours',
        /^not allowed; drop until .*\(d\d+: noise\)$/,
        /^allowed until .*\(ours\)$/,
      ],
      ['mode', 'done', null, /^detect$/, /^prevent$/],
      ['mode', 'done', 'too loud', /^prevent$/, /^detect$/],
      ['unblock', 'done', 'not so sure', /^drop until unblocked \(d\d+: sure\)$/, /^not blocked$/],
      ['block', 'forced', 'sure', /^not blocked$/, /^drop until unblocked \(d\d+: sure\)$/],
      ['block', 'refused', 'blocked by the operator', null, null],
      ['block', 'done', 'noise', /^not blocked$/, new RegExp(`^drop until ${until} \\(d\\d+: noise\\)$`)],
    ]
    assert.equal(short.length, expected.length)
    for (const [i, [action, outcome, reason, before, after]] of expected.entries()) {
      const row = short[i] as (string | null)[]
      assert.deepEqual(row.slice(0, 3), [action, outcome, reason])
      for (const [at, pattern] of [
        [3, before],
        [4, after],
      ] as const) {
        if (pattern === null) assert.equal(row[at], null)
        else assert.match(row[at] as string, pattern)
      }
    }
    for (const { caller, at } of rows) {
      assert.match(caller, /^uid:0 root/)
      assert.ok(Date.parse(at) <= Date.now())
    }
    const only = await site.ok('audit', '--ip', '10.77.0.254', '--since', '1m')
    assert.deepEqual(
      only.rows.map(({ action }: Json) => action),
      ['unblock', 'block', 'block'],
    )
    await reload(site, `${config}\n[policy]\nmodel_points = 7\n`)
    const [reloaded] = (await site.ok('audit', '--last', '1')).rows
    assert.deepEqual(
      [reloaded.action, reloaded.caller, reloaded.detail, reloaded.before, reloaded.after],
      [
        ...['reload', 'configuration', 'policy.model_points'],
        ...['policy.model_points = 5', 'policy.model_points = 7'],
      ],
    )
    const { stdout } = await site.text(['audit', '--ip', '10.77.0.29', '--last', '1'])
    assert.match(stdout, /^TIME +WHO +ACTION .*\n.* uid:0 root.* +allow_remove +10\.77\.0\.29 +done .*sold: /)
  })
})
