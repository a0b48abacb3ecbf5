import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { request } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { detectorNames, severities } from '../detect/evidence.js'
import { createTestLog } from './fake-daemon.js'
import { createHistogram } from './histogram.js'
import { createMeters } from './meters.js'
import { type MetricsServer, openMetrics } from './metrics.js'
import type { MetricsSnapshot } from './metrics-snapshot.js'

const nothing = { packets: 0, bytes: 0 }
const fresh: MetricsSnapshot = {
  version: '0.1.0',
  traffic: { ingress: { passed: nothing, dropped: nothing }, egress: { passed: nothing, dropped: nothing } },
  dropped: [
    { reason: 'manual', origin: 'operator', packets: 0 },
    { reason: 'login', origin: 'detector', packets: 0 },
  ],
  lost: { ring_full: 0, table_full: 0 },
  withoutFlow: { pppoe: 0 },
  spared: { count_only: 0, allowed: 0, expired: 0, lapsed: 0, flow: 0 },
  ladder: { limitedPackets: 0, synDroppedPackets: 0, sparedPackets: 0, rejectedAnswers: 0 },
  isPanic: false,
  trialUntilMs: 0,
  calibration: { isLearning: false, flows: 0, isModelFitted: false },
  tripped: [],
  newFlows: 0,
  endedFlows: { pressure: 0 },
  guardedVerdicts: 0,
  silencedEvidence: 0,
  flows: 0,
  maps: [{ name: 'flows', entries: 0, capacity: 65_536 }],
  decisions: {},
  interfaces: [{ name: 'eth0', xdpMode: 'native' }],
  flowRecords: { opened: 0, snapshot: 0, ended: 0 },
  alerts: createMeters().read().alerts,
  decisionsMade: [{ origin: 'detector', action: 'count', kind: 'spoofable', count: 0 }],
  refusedRequests: { none: 0, reader: 0 },
  timeToBlock: createHistogram([0.001, 1]).read(),
  scores: createHistogram([0.5]).read(),
  sources: { detect: { held: 0, evicted: 0 }, policy: { held: 0, evicted: 0 } },
  storeRowsWaiting: 0,
  events: { written: 0, lost: 0 },
  scoredFlows: 0,
  divergencesRepaired: 0,
  lists: [],
  displaced: 0,
  listImportFailures: 0,
  listImportsFailing: 0,
  listsUnloaded: 0,
  streamLost: 0,
  modelLoaded: false,
  exemptPackets: { nd: 0, arp: 0 },
}

let snapshot = fresh
let ready: true | string = true
const log = createTestLog()
let server: MetricsServer
const options = { collect: () => snapshot, ready: () => ready, log }

before(async () => {
  server = await openMetrics({ ...options, listen: { host: '127.0.0.1', port: 0 } })
})
after(() => server.close())
beforeEach(() => {
  snapshot = fresh
  ready = true
})

function get(path: string, method = 'GET'): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, path, method }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      const type = String(response.headers['content-type'])
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type, body }))
    })
    call.on('error', reject)
    call.end()
  })
}

/** Series of idsd by name and labels. */
async function scrape(): Promise<Map<string, number>> {
  const { status, type, body } = await get('/metrics')
  assert.equal(status, 200)
  assert.match(type, /^text\/plain; version=0\.0\.4/)
  const lines = body.split('\n').filter((line) => line.startsWith('idsd_'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]))
}

describe('a scrape', () => {
  it('holds every series from the first, at 0 where nothing happened', async () => {
    const series = await scrape()
    const expected: Record<string, number> = {
      'idsd_packets_without_flow_total{kind="pppoe"}': 0,
      'idsd_refused_requests_total{role="none"}': 0,
      'idsd_refused_requests_total{role="reader"}': 0,
      'idsd_spared_packets_total{why="count_only"}': 0,
      'idsd_spared_packets_total{why="allowed"}': 0,
      'idsd_spared_packets_total{why="expired"}': 0,
      'idsd_spared_packets_total{why="lapsed"}': 0,
      'idsd_spared_packets_total{why="flow"}': 0,
      'idsd_held_back_packets_total{action="limit"}': 0,
      'idsd_held_back_packets_total{action="syn_drop"}': 0,
      idsd_reject_answers_total: 0,
      idsd_panic: 0,
      idsd_trial_until_seconds: 0,
      idsd_calibration_learning: 0,
      idsd_calibration_flows: 0,
      idsd_calibration_model_fitted: 0,
      idsd_new_flows_total: 0,
      'idsd_ended_flows_total{reason="pressure"}': 0,
      idsd_guarded_verdicts_total: 0,
      idsd_silenced_evidence_total: 0,
      'idsd_lost_total{cause="ring_full"}': 0,
      'idsd_lost_total{cause="table_full"}': 0,
      'idsd_dropped_packets_total{reason="manual",origin="operator"}': 0,
      'idsd_dropped_packets_total{reason="login",origin="detector"}': 0,
      'idsd_xdp_mode{iface="eth0",mode="native"}': 1,
      'idsd_xdp_mode{iface="eth0",mode="generic"}': 0,
      'idsd_xdp_mode{iface="eth0",mode="down"}': 0,
      'idsd_map_entries{map="flows"}': 0,
      'idsd_map_capacity{map="flows"}': 65_536,
      'idsd_build_info{version="0.1.0"}': 1,
      'idsd_exempt_packets_total{kind="nd"}': 0,
      'idsd_exempt_packets_total{kind="arp"}': 0,
      idsd_flows: 0,
      idsd_scored_flows_total: 0,
      idsd_divergences_repaired_total: 0,
      idsd_decisions_displaced_total: 0,
      idsd_list_import_failures_total: 0,
      idsd_list_imports_failing: 0,
      idsd_lists_unloaded: 0,
      idsd_stream_lost_total: 0,
      idsd_model_loaded: 0,
      'idsd_decisions_total{origin="detector",action="count",kind="spoofable"}': 0,
      'idsd_time_to_block_seconds_bucket{le="0.001"}': 0,
      'idsd_time_to_block_seconds_bucket{le="1"}': 0,
      'idsd_time_to_block_seconds_bucket{le="+Inf"}': 0,
      idsd_time_to_block_seconds_sum: 0,
      idsd_time_to_block_seconds_count: 0,
      'idsd_scores_bucket{le="0.5"}': 0,
      'idsd_scores_bucket{le="+Inf"}': 0,
      idsd_scores_sum: 0,
      idsd_scores_count: 0,
      'idsd_sources{room="detect"}': 0,
      'idsd_sources{room="policy"}': 0,
      'idsd_sources_evicted_total{room="detect"}': 0,
      'idsd_sources_evicted_total{room="policy"}': 0,
      idsd_store_rows_waiting: 0,
      idsd_events_total: 0,
      idsd_events_lost_total: 0,
    }
    for (const name of ['packets', 'bytes']) {
      for (const direction of ['ingress', 'egress']) {
        for (const verdict of ['passed', 'dropped']) {
          expected[`idsd_${name}_total{direction="${direction}",verdict="${verdict}"}`] = 0
        }
      }
    }
    for (const origin of ['operator', 'detector', 'model', 'list']) {
      for (const action of ['drop', 'count', 'limit', 'syn_drop', 'reject'])
        expected[`idsd_decisions{origin="${origin}",action="${action}"}`] = 0
    }
    for (const kind of ['opened', 'snapshot', 'ended'])
      expected[`idsd_flow_records_total{kind="${kind}"}`] = 0
    for (const origin of detectorNames.filter((name) => name !== 'breaker')) {
      expected[`idsd_breaker{origin="${origin}"}`] = 0
    }
    for (const detector of detectorNames) {
      for (const severity of severities)
        expected[`idsd_alerts_total{detector="${detector}",severity="${severity}"}`] = 0
    }
    assert.deepEqual(
      Object.fromEntries([...series].sort()),
      Object.fromEntries(Object.entries(expected).sort()),
    )
  })

  it('shows what the kernel counted, however often it is asked', async () => {
    snapshot = {
      ...fresh,
      traffic: { ...fresh.traffic, ingress: { passed: nothing, dropped: { packets: 7, bytes: 2 ** 40 } } },
      decisions: { model: { drop: 3 } },
      modelLoaded: true,
      timeToBlock: { bounds: [0.001, 1], cumulative: [2, 3], sum: 7.5, count: 4 },
      events: { written: 5, lost: 6 },
    }
    await scrape()
    const series = await scrape()
    assert.equal(series.get('idsd_packets_total{direction="ingress",verdict="dropped"}'), 7)
    assert.equal(series.get('idsd_bytes_total{direction="ingress",verdict="dropped"}'), 2 ** 40)
    assert.equal(series.get('idsd_decisions{origin="model",action="drop"}'), 3)
    assert.equal(series.get('idsd_model_loaded'), 1)
    assert.equal(series.get('idsd_time_to_block_seconds_bucket{le="0.001"}'), 2)
    assert.equal(series.get('idsd_time_to_block_seconds_bucket{le="+Inf"}'), 4)
    assert.equal(series.get('idsd_time_to_block_seconds_sum'), 7.5)
    assert.equal(series.get('idsd_events_lost_total'), 6)
  })

  it('names twenty lists at most, and sums up the others', async () => {
    const lists = Array.from({ length: 25 }, (_, i) => ({ name: `l${i}`, entries: 10, droppedPackets: i }))
    snapshot = { ...fresh, lists }
    const series = await scrape()
    const named = [...series.keys()].filter((name) => name.startsWith('idsd_list_entries{'))
    assert.equal(named.length, 20)
    assert.equal(series.get('idsd_list_entries{list="other"}'), 60)
    assert.equal(series.get('idsd_list_dropped_packets_total{list="other"}'), 19 + 20 + 21 + 22 + 23 + 24)
    snapshot = { ...fresh, lists: lists.slice(0, 20) }
    assert.equal((await scrape()).get('idsd_list_dropped_packets_total{list="l19"}'), 19)
  })

  it('forgets an interface that is gone and follows one that changes mode', async () => {
    snapshot = { ...fresh, interfaces: [{ name: 'eth1', xdpMode: 'generic' }] }
    const series = await scrape()
    assert.equal(series.has('idsd_xdp_mode{iface="eth0",mode="native"}'), false)
    assert.equal(series.get('idsd_xdp_mode{iface="eth1",mode="generic"}'), 1)
  })

  it('measures the process and the lag of the event loop', async () => {
    const { body } = await get('/metrics')
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      assert.match(body, new RegExp(`^${name} `, 'm'))
    }
  })

  it('is clean to promtool', (t) => {
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      assert.notEqual(process.env.CI, 'true', 'promtool is missing')
      return t.skip('needs promtool')
    }
    return get('/metrics?x=1').then(({ body }) => {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: body,
        encoding: 'utf8',
      })
      assert.equal(`${stdout}${stderr}`, '')
      assert.equal(status, 0)
    })
  })
})

describe('health', () => {
  it('is well as long as it answers', async () => {
    assert.deepEqual(await get('/healthz'), { status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' })
  })

  it('is ready, or says with 503 why not', async () => {
    assert.equal((await get('/readyz')).status, 200)
    ready = 'eth0 is down'
    const { status, body } = await get('/readyz')
    assert.deepEqual([status, body], [503, 'eth0 is down\n'])
  })
})

describe('the server', () => {
  it('knows no other page and no other method', async () => {
    assert.equal((await get('/')).status, 404)
    assert.equal((await get('/metrics', 'POST')).status, 405)
    const head = await get('/healthz', 'HEAD')
    assert.deepEqual([head.status, head.body], [200, ''])
  })

  it('answers 500 when collecting fails, logs it and lives on', async () => {
    const broken = await openMetrics({
      ...options,
      listen: { host: '127.0.0.1', port: 0 },
      collect: () => {
        throw new Error('secret')
      },
    })
    const response = await fetch(`http://127.0.0.1:${broken.port}/metrics`)
    assert.equal(response.status, 500)
    assert.doesNotMatch(await response.text(), /secret/)
    assert.equal(log.lines.at(-1)?.level, 'error')
    await broken.close()
  })

  it('names its option when the port is taken or the address is not ours', async () => {
    const port = server.port ?? 0
    await assert.rejects(openMetrics({ ...options, listen: { host: '127.0.0.1', port } }), {
      code: 'ERR_LISTEN',
      message: `--metrics-listen 127.0.0.1:${port}: another process listens there; choose another address or off`,
    })
    await assert.rejects(openMetrics({ ...options, listen: { host: '192.0.2.1', port } }), {
      code: 'ERR_LISTEN',
      message: /--metrics-listen 192\.0\.2\.1.*EADDRNOTAVAIL/,
    })
  })

  it('serves IPv6, and nothing when it is off', async () => {
    const six = await openMetrics({ ...options, listen: { host: '::1', port: 0 } })
    assert.equal((await fetch(`http://[::1]:${six.port}/healthz`)).status, 200)
    await six.close()
    await six.close()
    const off = await openMetrics({ ...options, listen: null })
    assert.equal(off.port, undefined)
    await off.close()
  })
})
