import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { tcpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { tinyBundle } from '../../src/score/tiny-model.js'
import { decisionAgainst, eventually, framesTaken, metricsOf, program, reload, summaryOf } from './attacks.js'
import { type Json, openSite, type Site, sendPath, serveHttp, skipE2e } from './harness.js'

const host = '10.77.0.1'
/** Seconds in proven two-way traffic that make an address known good here. */
const knownGoodS = 4
/** Seconds of a first trip in the tests that wait for its end. */
const tripS = 6
const own = (number: number) => `10.77.0.${16 + number}`

/** Nobody is a hit at 0.99 of this bundle, everybody at 0.1; one hit blocks, and so does one scan. */
const config = (bundle: string, threshold: number, breaker = 'share_percent = 100') => `
[model]
dir = "${bundle}"
threshold = ${threshold}
[policy]
model_may_block = true
model_points = 100
model_points_cap = 100
[breaker]
known_good_s = ${knownGoodS}
${breaker}
[detect.scan_vertical]
ports = 6
points = 120
`

describe('breaker', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let bundle: string
  const cleanUp: (() => void)[] = []
  const visitors: LabProcess[] = []
  const args = ['--flows', '65536', '--metrics-listen', '127.0.0.1:9478']

  const visit = (from: LabNamespace, address: string) =>
    visitors.push(
      from.spawn(
        program(
          'http-client',
          ...['--target', host, '--port', '80', '--bind', address, '--rate', '10'],
          ...['--connection', 'fresh', '--duration', '300', '--progress', '0.1'],
        ),
      ),
    )
  const visiting = () => [client.addresses.v4, own(0), own(1), own(2)]
  const answered = (visitor: LabProcess): number =>
    JSON.parse(visitor.stdout.trim().split('\n').at(-1) as string).answered
  const trips = async () => (await site.ok('alerts', '--detector', 'breaker')).alerts
  const tripped = async () => (await site.ok('status')).breakers.map(({ origin }: Json) => origin)
  const scan = (address: string) =>
    attacker.spawn(
      program('connect-scan', '--target', host, '--bind', address, '--ports', '501-560', '--rate', '50'),
    )

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ebreaker', extraAddresses: 8, defaultRoute: true })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'breaker')
    bundle = tinyBundle({ after: (work: () => void) => cleanUp.push(work) } as unknown as TestContext, {
      manifest: { features: ['SYN Flag Count', 'FIN Flag Count'] },
    })
    await Promise.all([site.start({ config: config(bundle, 0.99), args }), serveHttp(server)])
    visit(client, client.addresses.v4)
    for (const address of visiting().slice(1)) visit(attacker, address)
  })

  after(async () => {
    await site?.close()
    await lab?.close()
    for (const work of cleanUp) work()
  })

  test('stays closed when 2,000 new sources attack, and all of them are blocked', async () => {
    const frame = { dstMac: server.macs.eth0 as string, srcMac: attacker.macs.eth0 as string, dst: host }
    const sources = Array.from({ length: 2_000 }, (_, i) => `198.18.${i >> 8}.${i & 255}`)
    const capture = join(site.dir, 'crowd.pcap')
    writePcap(
      capture,
      Array.from({ length: 16_000 }, (_, i) => ({
        timeUs: i * 250,
        data: tcpPacket({
          ...frame,
          src: sources[i % sources.length] as string,
          srcPort: 5_000,
          dstPort: 700 + Math.floor(i / sources.length),
          flags: 'S',
        }),
      })),
    )
    const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', capture], {
      timeoutMs: 60_000,
    })
    assert.equal(code, 0, stderr)
    await eventually(
      'all of them are blocked',
      async () => (await site.ok('status')).decisions_active >= 2_000,
    )
    assert.deepEqual([await tripped(), await trips()], [[], []])
    const metrics = await metricsOf(server)
    assert.equal(metrics.get('idsd_breaker{origin="scan_vertical"}'), 0)
    assert.equal(metrics.get('idsd_breaker{origin="model"}'), 0)
  })

  test('trips over a bundle that flags everything within 2 s of its third good client, once', async () => {
    for (const address of visiting()) {
      await eventually(`${address} is known good`, async () => {
        const { flows } = await site.ok('flows', '--ip', address, '--last', '1000')
        const begun = flows
          .filter((flow: Json) => flow.path_proven)
          .map(({ start }: Json) => Date.parse(start))
        return Math.min(...begun) < Date.now() - (knownGoodS + 1) * 1_000
      })
    }
    await reload(site, config(bundle, 0.1))
    const [alert, ...rest] = await eventually('the breaker trips', async () => {
      const found = await trips()
      return found.length > 0 ? found : undefined
    })
    assert.equal(rest.length, 0)
    assert.deepEqual([alert.severity, alert.about, alert.points], ['critical', 'destination', 0])
    assert.ok(visiting().includes(alert.source), alert.source)
    assert.match(
      alert.text,
      /^breaker: model only counts until .*Z: 3 blocks within 60 s hit addresses in proven/,
    )
    assert.deepEqual(await tripped(), ['model'])

    // The three blocks that told are lifted by the trip itself.
    const { decisions } = await site.ok('decisions', 'list', '--all', '--last', '1000')
    const lifted = decisions.filter((one: Json) => visiting().includes(one.target) && one.state === 'lifted')
    assert.equal(lifted.length, 3)
    const third = Math.max(...lifted.map(({ created_at }: Json) => Date.parse(created_at)))
    const last = Math.max(...lifted.map(({ ended_at }: Json) => Date.parse(ended_at)))
    assert.ok(last - third <= 2_000, `${last - third} ms after the third block`)
    assert.ok(Math.abs(Date.parse(alert.at) - third) <= 2_000, `${alert.at}, ${third}`)
    const metrics = await metricsOf(server)
    assert.equal(metrics.get('idsd_breaker{origin="model"}'), 1)
    assert.equal(metrics.get('idsd_breaker{origin="login"}'), 0)
  })

  test('its verdicts only count from here on, and every client is served', async () => {
    const made = await decisionAgainst(site, own(2), ({ kind }) => kind === 'would_block')
    assert.deepEqual([made.action, made.origin], ['count', 'model'])
    assert.match(made.reason, /only counts: the breaker of model is tripped/)
    for (const visitor of visitors) {
      const before = answered(visitor)
      await eventually('the client goes on', () => answered(visitor) > before + 20)
    }
    const { decisions } = await site.ok('decisions', 'list')
    const dropping = decisions.filter((one: Json) => visiting().includes(one.target) && one.action === 'drop')
    assert.deepEqual(
      await Promise.all(dropping.map(async ({ target }: Json) => framesTaken(attacker, target, server))),
      dropping.map(() => 20),
    )
  })

  test('a detector goes on to block', async () => {
    scan(own(5))
    const made = await decisionAgainst(site, own(5), ({ kind }) => kind === 'block')
    assert.deepEqual([made.action, made.origin, made.created_by], ['drop', 'detector', 'scan_vertical'])
    assert.equal(await framesTaken(attacker, own(5), server), 0)
  })

  test('stays tripped over a restart, and tells that nowhere twice', async () => {
    await site.stop()
    await site.start({ config: config(bundle, 0.1), args })
    assert.deepEqual(await tripped(), ['model'])
    assert.equal((await trips()).length, 1)
    const { stdout } = await site.text(['status'])
    assert.match(stdout, /breakers +model only counts until .*idsctl resume model ends it/)
  })

  test('is closed by idsctl resume, which is audited, and by nothing that does not name it', async () => {
    const dry = await site.ok('resume', 'model', '--dry-run')
    assert.deepEqual([dry.schema, dry.dry_run, dry.tripped.origin], ['idsd.breaker_reset.v1', true, 'model'])
    assert.deepEqual(await tripped(), ['model'])
    assert.equal((await site.ctl(['resume', 'login'])).code, 4)
    assert.equal((await site.ctl(['resume', 'nonsense'])).code, 2)
    await reload(site, config(bundle, 0.99))
    const done = await site.ok('resume', 'model', '--reason', 'seen to')
    assert.deepEqual([done.dry_run, done.tripped.origin], [false, 'model'])
    const [row] = (await site.ok('audit', '--last', '1')).rows
    assert.deepEqual([row.action, row.outcome, row.reason], ['breaker_reset', 'done', 'seen to'])
    assert.ok(row.before && row.after && row.before !== row.after, `${row.before} -> ${row.after}`)
    assert.deepEqual(await tripped(), [])
    assert.equal((await metricsOf(server)).get('idsd_breaker{origin="model"}'), 0)
    assert.equal((await site.ctl(['resume', 'model'])).code, 4)
  })

  test('of all this no client noticed more than a moment', async () => {
    for (const visitor of visitors) {
      const { ok, failed } = await summaryOf(visitor)
      assert.ok(ok > 100 && failed <= ok / 10, `${failed} of ${ok + failed} failed`)
    }
  })

  test('trips over a share of the proven bytes too, for its time, and blocks again when that is over', async () => {
    visit(client, client.addresses.v4)
    await eventually('a visit goes on', () => answered(visitors.at(-1) as LabProcess) > 20)
    await reload(site, config(bundle, 0.1, `good_addresses = 1000\nshare_after_s = 1\ntrip_s = ${tripS}`))
    const [alert] = await eventually('the breaker trips', async () => {
      const found = await trips()
      return found.length > 1 ? found : undefined
    })
    const said = /hit addresses with ([\d.]+) % of the proven two-way bytes \(threshold 20 %\)/.exec(
      alert.text,
    )
    assert.ok(Number(said?.[1]) > 20, alert.text)
    await reload(site, config(bundle, 0.99))
    await summaryOf(visitors.at(-1) as LabProcess)
    await eventually('the trip is over', async () => (await tripped()).length === 0)
    assert.equal((await metricsOf(server)).get('idsd_breaker{origin="model"}'), 0)
  })

  test('trips over more addresses than the model may block on a quiet line, and for twice as long', async () => {
    const most = 5
    const rules = `good_addresses = 1000\nshare_percent = 100\nmodel_addresses = ${most}\ntrip_s = ${tripS}`
    await reload(site, config(bundle, 0.1, rules))
    const frame = { dstMac: server.macs.eth0 as string, srcMac: attacker.macs.eth0 as string, dst: host }
    const capture = join(site.dir, 'few.pcap')
    const sources = Array.from({ length: most + 3 }, (_, i) => `198.19.0.${i + 1}`)
    // A connection that is refused is over: the model looks at it.
    const packets = sources.map((src) =>
      tcpPacket({ ...frame, src, srcPort: 5_000, dstPort: 501, flags: 'S' }),
    )
    writePcap(
      capture,
      packets.map((data, i) => ({ timeUs: i * 100_000, data })),
    )
    const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', capture])
    assert.equal(code, 0, stderr)
    const [alert] = await eventually('the breaker trips', async () => {
      const found = await trips()
      return found.length > 2 ? found : undefined
    })
    assert.match(
      alert.text,
      /: 6 addresses blocked within 60 s while there are no more packets than usual \(threshold 5\)/,
    )
    const [, until = ''] = /only counts until (\S+Z):/.exec(alert.text) ?? []
    const lengthMs = Date.parse(until) - Date.parse(alert.at)
    assert.ok(lengthMs > 1_500 * tripS && lengthMs <= 2_000 * tripS + 1_000, `${lengthMs} ms`)
    const [first = ''] = sources
    assert.equal(await framesTaken(attacker, first, server), 20)
    await eventually('the trip is over', async () => (await tripped()).length === 0)
    assert.equal(await framesTaken(attacker, first, server), 0)
  })
})
