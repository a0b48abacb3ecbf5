import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab, until } from '../../../lab/namespaces.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import {
  alertsAbout,
  decisionAgainst,
  eventually,
  framesTaken,
  lengthS,
  metricsOf,
  program,
  summaryOf,
} from './attacks.js'
import { type Json, openSite, type Site, sendOn, sendPath, serveHttp, skipE2e, startMs } from './harness.js'

/** Thresholds that a test reaches in seconds; where none is named it is the default. */
const thresholds = `
[detect.slow_scan]
ports = 22
window_s = 60
[detect.connections]
open = 50
idle_s = 1
window_s = 2
[detect.exfiltration]
internal = ["10.77.0.1"]
min_bytes = 4_000_000
window_s = 1
past_windows = 1
`

/** Addresses of the attacker, one for each attack. */
const own = (number: number) => `10.77.0.${16 + number}`
const host = '10.77.0.1'
const nobody = '10.77.0.250'

interface Row {
  readonly detector: string
  readonly source: string
  readonly technique: string
  readonly severity: string
  readonly words: RegExp
  /** Length of the block, seconds: 600 where a handshake proved the source, 60 where nothing did. */
  readonly blockS: 600 | 60
}

const rows: readonly Row[] = [
  {
    ...{ detector: 'scan_vertical', source: own(0), technique: 'T1046', severity: 'medium', blockS: 600 },
    words:
      /^scan_vertical: \d+ distinct TCP ports of 10\.77\.0\.1 in .*\(threshold 20 in 15 s\), \d+ of \d+ unanswered/,
  },
  {
    ...{ detector: 'scan_horizontal', source: own(1), technique: 'T1046', severity: 'medium', blockS: 60 },
    words: /^scan_horizontal: \d+ distinct hosts on TCP port 445 in .*\(threshold 20 in 60 s\), .*100 %/,
  },
  {
    ...{ detector: 'slow_scan', source: own(2), technique: 'T1046', severity: 'medium', blockS: 60 },
    words: /^slow_scan: \d+ distinct closed TCP ports of 10\.77\.0\.1 in .*\(threshold 22 in 60 s\)/,
  },
  {
    ...{ detector: 'login', source: own(3), technique: 'T1110', severity: 'high', blockS: 600 },
    words: /^login: \d+ connections to 10\.77\.0\.1 port 22 in .*\(threshold 10 in 60 s\), .* B back/,
  },
  {
    ...{ detector: 'syn_flood', source: own(4), technique: 'T1498', severity: 'high', blockS: 60 },
    words:
      /^syn_flood: \d+ SYNs to 10\.77\.0\.1 in 2 s, \d+\/s \(threshold 1000\/s for 2 s\), without an answer/,
  },
  {
    ...{ detector: 'udp_flood', source: own(5), technique: 'T1498', severity: 'high', blockS: 60 },
    words: /^udp_flood: \d+ UDP packets to 10\.77\.0\.1 in 2 s, \d+\/s \(threshold 1000\/s for 2 s\)/,
  },
  {
    ...{ detector: 'rate', source: own(5), technique: 'T1498', severity: 'medium', blockS: 60 },
    words: /^rate: \d+ packets in 2 s, \d+\/s \(threshold 1000\/s\), of flows without two-way proof/,
  },
  {
    ...{ detector: 'icmp_flood', source: own(6), technique: 'T1498', severity: 'high', blockS: 60 },
    words: /^icmp_flood: \d+ ICMP packets to 10\.77\.0\.1 in 2 s, \d+\/s \(threshold 1000\/s for 2 s\)/,
  },
  {
    ...{ detector: 'connections', source: own(7), technique: 'T1499', severity: 'high', blockS: 600 },
    words: /^connections: \d+ open at once to 10\.77\.0\.1 port 80 \(threshold 50\), \d+ of \d+ idle/,
  },
]

describe('judgement', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let visitor: LabProcess
  const floods = new Map<string, { stop(): Promise<number> }>()

  const attack = (name: string, ...args: string[]) =>
    attacker.spawn(program(name, '--target', host, '--duration', '60', ...args))
  const taken = (source: string) => framesTaken(attacker, source, server)
  const link = () => ({ srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string, dst: host })
  const synFrame = (src: string) => tcpPacket({ ...link(), src, srcPort: 5_000, dstPort: 81, flags: 'S' })
  const udpFrame = (src: string) =>
    udpPacket({ ...link(), src, srcPort: 5_000, dstPort: 9_999, payload: 'x' })
  const flood = (name: string, frame: Uint8Array, ...args: string[]) =>
    floods.set(name, sendOn(attacker, { frame, rate: 2_500, args }))
  const stopFlood = async (name: string) => {
    assert.ok(((await floods.get(name)?.stop()) as number) > 0)
    floods.delete(name)
  }

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ejudge', extraAddresses: 20 })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'judge')
    const logins = server.spawn(
      program('login-server', '--service', 'ssh', '--port', '22', '--duration', '600'),
    )
    const args = ['--flows', '65536', '--metrics-listen', '127.0.0.1:9478']
    await Promise.all([
      site.start({ config: thresholds, args }),
      serveHttp(server),
      logins.untilOutput(/./, startMs),
    ])

    visitor = client.spawn(
      program(
        'http-client',
        '--target',
        host,
        '--port',
        '80',
        '--rate',
        '20',
        '--duration',
        '300',
        '--concurrency',
        '1',
      ),
    )
    await eventually('the visit is a proven conversation', async () => {
      const { flows } = await site.ok('flows', '--ip', client.addresses.v4)
      return flows.some((flow: Json) => flow.path_proven && flow.bytes_fwd > 0 && flow.bytes_bwd > 0)
    })

    // All at once, so that nobody waits for the evidence of another.
    attack('connect-scan', '--bind', own(2), '--ports', '501-560', '--rate', '1.25')
    attack(
      'http-flood',
      ...['--port', '80', '--style', 'slow', '--hold', '40000', '--interval', '300'],
      ...['--bind', own(7), '--concurrency', '60', '--count', '60', '--rate', '100'],
    )
    attack('login-bruteforce', '--service', 'ssh', '--port', '22', '--bind', own(3), '--rate', '15')
    // A port that answers with a handshake, and then closed ones.
    attack('connect-scan', '--bind', own(0), '--ports', '80,1-60', '--concurrency', '1', '--timeout', '100')
    const sweep = join(site.dir, 'sweep.pcap')
    writePcap(
      sweep,
      Array.from({ length: 48 }, (_, i) => ({
        timeUs: i * 20_000,
        data: tcpPacket({
          ...link(),
          src: own(1),
          dst: `10.77.0.${100 + i}`,
          srcPort: 5_000 + i,
          dstPort: 445,
          flags: 'S',
        }),
      })),
    )
    attacker.spawn([sendPath, 'replay', '--iface', 'eth0', sweep])
    flood('syn_flood', synFrame(own(4)), '--random-sport')
    flood('udp_flood', udpFrame(own(5)))
    // Answers that nobody asked for.
    flood('icmp_flood', icmpPacket({ ...link(), src: own(6), type: 0, echoId: 7 }))
    flood('nobody', udpFrame(nobody))
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  for (const { detector, source, technique, severity, words, blockS } of rows) {
    test(`${detector} is alerted in words, decided on for ${blockS} s, and its source dropped`, async () => {
      // The first one: a later one may be about a time whose flows were told of before.
      const alert = (await alertsAbout(site, source, '--detector', detector)).at(-1)
      assert.deepEqual(
        [alert.about, alert.source, alert.technique, alert.severity],
        ['source', source, technique, severity],
      )
      assert.match(alert.text, words)
      assert.ok(alert.flows.length > 0)
      for (const flow of alert.flows) assert.equal(flow.src, source)

      const decision = await decisionAgainst(site, source)
      assert.deepEqual(
        [decision.kind, decision.action, decision.origin, decision.in_kernel],
        ['block', 'drop', 'detector', true],
      )
      assert.equal(lengthS(decision), blockS)
      assert.equal(/path unproven: at most 60 s/.test(decision.reason), blockS === 60, decision.reason)
      assert.ok(decision.evidence.some((one: Json) => one.detector === detector && words.test(one.text)))
      const points = decision.evidence.reduce((sum: number, one: Json) => sum + one.points, 0)
      assert.ok(points >= 100, `${points} points`)
      assert.equal(await taken(source), 0)
      if (floods.has(detector)) await stopFlood(detector)
    })
  }

  test('a scan too slow for scan_vertical is found by slow_scan alone', async () => {
    const { alerts } = await site.ok('alerts', '--ip', own(2))
    const detectors = new Set(alerts.map((alert: Json) => alert.detector))
    // What the model thinks of a flow is another matter.
    detectors.delete('model')
    assert.deepEqual([...detectors], ['slow_scan'])
  })

  test('a host that sends far more out than it used to is alerted and never decided against', async () => {
    const load = client.spawn(
      program('http-client', '--target', host, '--port', '80', '--paths', '/bytes/12000000', '--count', '2'),
    )
    const [alert] = await alertsAbout(site, host, '--detector', 'exfiltration')
    assert.deepEqual([alert.technique, alert.severity, alert.points], ['T1048', 'high', 0])
    assert.match(alert.text, /out in less than 1 s \(threshold 4 MB\), usually .*\(threshold 10 times that\)/)
    assert.equal((await site.ok('decisions', 'list', '--ip', host)).total, 0)
    assert.equal((await load.exited).code, 0)
  })

  test('a flood in the name of a client in conversation is limited as spoofable, and nobody is dropped', async () => {
    // Not before: what the client opens while it lasts competes with the flood for the limit.
    flood('client', synFrame(client.addresses.v4), '--random-sport')
    const decision = await decisionAgainst(site, client.addresses.v4)
    assert.deepEqual([decision.kind, decision.action, decision.in_kernel], ['spoofable', 'limit', true])
    assert.deepEqual(
      [decision.limit.unit, decision.limit.per_second, decision.spares_flows],
      ['packets', 100, true],
    )
    assert.match(decision.reason, /spoofable: 10\.77\.0\.2 has an open conversation \(alibi since /)
    await until(async () => (await site.ok('decisions', 'get', decision.id)).packets > 1_000, {
      what: 'the flood meets the limit',
    })
    await stopFlood('client')
    const { decisions } = await site.ok('decisions', 'list', '--ip', client.addresses.v4)
    assert.ok(decisions.every((one: Json) => ['limit', 'syn_drop'].includes(one.action)))
  })

  test('a flood in the name of nobody blocks this address for at most 60 s', async () => {
    const decision = await decisionAgainst(site, nobody)
    assert.deepEqual([decision.kind, decision.action], ['block', 'drop'])
    assert.equal(lengthS(decision), 60)
    assert.ok(decision.evidence.every((one: Json) => !one.path_proven))
    assert.equal(await taken(nobody), 0)
    await stopFlood('nobody')
  })

  test('a flood from thousands of forged sources is an alert about its destination and decides on none', async () => {
    flood('many', synFrame('10.77.128.1'), '--spoof-src', '10.77.128.0/20')
    const alert = await eventually('an alert about the destination', async () => {
      const { alerts } = await site.ok('alerts', '--ip', host, '--detector', 'syn_flood')
      return alerts.find((one: Json) => one.about === 'destination' && sourcesIn(one) > 1_000)
    })
    await stopFlood('many')
    assert.deepEqual([alert.source, alert.severity, alert.points], [host, 'critical', 0])
    const sources = sourcesIn(alert)
    assert.ok(sources > 3_000 && sources < 5_500, alert.text)
    assert.equal((await site.ok('decisions', 'list', '--ip', '10.77.128.0/20')).total, 0)
    assert.equal((await site.ok('decisions', 'list', '--ip', host)).total, 0)
  })

  test('through all of it the client lost nothing', async () => {
    const visit = await summaryOf(visitor)
    assert.equal(visit.failed, 0, visitor.stdout)
    assert.ok(visit.ok > 100, `only ${visit.ok} pages were asked for`)
  })

  test('the metrics count every alert, every decision, its time to block, and the scores', async () => {
    const listed = async (kind: string) => {
      const { decisions } = await site.ok('decisions', 'list', '--all', '--last', '1000')
      return decisions.filter((one: Json) => one.kind === kind && one.origin === 'detector').length
    }
    const made = (kind: string, action: string) =>
      `idsd_decisions_total{origin="detector",action="${action}",kind="${kind}"}`
    // What is decided in between is in the next look.
    const metrics = await eventually('the metrics agree with the list of decisions', async () => {
      const found = await metricsOf(server)
      const blocks = await listed('block')
      const isSame =
        found.get(made('block', 'drop')) === blocks &&
        found.get('idsd_time_to_block_seconds_count') === blocks &&
        (found.get(made('spoofable', 'limit')) ?? 0) + (found.get(made('spoofable', 'syn_drop')) ?? 0) ===
          (await listed('spoofable'))
      return isSame ? found : undefined
    })
    assert.ok((metrics.get(made('spoofable', 'limit')) as number) >= 1)
    for (const { detector, severity } of rows) {
      const name = `idsd_alerts_total{detector="${detector}",severity="${severity}"}`
      assert.ok((metrics.get(name) as number) > 0, name)
    }
    assert.ok((metrics.get('idsd_scores_count') as number) > 0)
    assert.equal(metrics.get('idsd_scores_count'), metrics.get('idsd_scored_flows_total'))
  })
})

/** How many sources the alert tells; 0 where it names one. */
function sourcesIn({ text }: Json): number {
  return Number(/from about (\d+) sources/.exec(text)?.[1] ?? 0)
}
