import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { AT_MS, alert, allowEntry, decision, flow, status } from '../../test/samples.js'

let daemon: FakeDaemon

async function run(answers: Answers, line: string): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket })
}

const listFlows = () => ({ flows: [flow, flow], total: 2_431 })

describe('lists and pages', () => {
  afterEach(() => daemon.close())

  it('a list asks for what its filter says', async () => {
    const since = '2001-01-01T00:00:00Z'
    await run({ listFlows }, `flows --since ${since} --until 1s --last 7 --ip 2001:db8::/32 --port 443`)
    const { untilMs, ...filter } = said(daemon.requests[0]!.request.filter)
    assert.deepEqual(filter, { sinceMs: Date.parse(since), ip: '2001:db8::/32', port: 443, last: 7 })
    assert.ok(Math.abs(Date.now() - Number(untilMs)) < 30_000)
  })

  it('a list of flows asks for what stands out, a list of alerts for who found it', async () => {
    await run({ listFlows }, 'flows --anomalous --min-score 0.75')
    assert.deepEqual(said(daemon.requests[0]!.request.filter), { minScore: 0.75, anomalous: true })
    await daemon.close()
    await run({ listAlerts: () => ({}) }, 'alerts --detector syn_flood --severity high')
    assert.deepEqual(said(daemon.requests[0]!.request.filter), { detector: 'syn_flood', severity: 'high' })
  })

  it('one alert says what was seen, whether the path is proven, and shows its flows', async () => {
    const { stdout } = await run({ getAlert: () => alert }, 'alert show 3')
    assert.deepEqual(daemon.requests[0]!.request, { id: 'a3' })
    assert.match(stdout, /^Alert a3\n {2}source +203\.0\.113\.7\n {2}found +25 distinct ports/)
    assert.match(stdout, /technique +T1046 \(MITRE ATT&CK\)\n {2}severity +high\n/)
    assert.match(stdout, /path +proven: the source receives/)
    assert.match(stdout, /decision +d12 \(idsctl decisions get d12\)\n/)
    assert.match(stdout, /Behind it: 1 flow\n {4}LAST PACKET[\s\S]* {4}2031-05-04T18:00:04\+05:30 +eth0/)
  })

  it('an alert about a victim has no path, and without points says that it leads to nothing', async () => {
    const victim = { ...alert, about: 'destination', points: 0, isProven: false }
    const { stdout } = await run({ getAlert: () => victim }, 'alert show a3')
    assert.match(stdout, /victim +203\.0\.113\.7\n/)
    assert.match(stdout, /points +none: it never leads to a block\n/)
    assert.doesNotMatch(stdout, /path /)
  })

  it('an alert as JSON has its technique, its path and the name of its flows in other tools', async () => {
    const { stdout } = await run({ getAlert: () => alert }, 'alert show a3 -o json')
    const document = JSON.parse(stdout)
    assert.deepEqual(
      [document.schema, document.technique, document.about, document.path_proven],
      ['idsd.alert.v1', 'T1046', 'source', true],
    )
    assert.equal(document.flows[0].community_id, '1:LQU9qZlK+B5F3KDmev6m5PMibrg=')
  })

  it('decisions say whether they block, would block, or may be forged', async () => {
    const kinds = ['DECISION_KIND_BLOCK', 'DECISION_KIND_WOULD_BLOCK', 'DECISION_KIND_SPOOFABLE']
    const decisions = kinds.map((kind) => ({ ...decision, kind, action: 'ACTION_COUNT' }))
    const { stdout } = await run({ listDecisions: () => ({ decisions, total: 3 }) }, 'decisions list')
    const shown = [...stdout.matchAll(/^d12 +203\.0\.113\.7 +(.*?) +count +active/gm)].map(([, kind]) => kind)
    assert.deepEqual(shown, ['block', 'would block', 'spoofable'])
    await daemon.close()
    const page = await run({ getDecision: () => decisions[2]! }, 'decisions get d12')
    assert.match(page.stdout, /kind +spoofable: the evidence may be forged and the address is in honest use/)
  })

  it('a list that is not whole says so on stderr only', async () => {
    const { stdout, stderr } = await run({ listFlows }, 'flows')
    assert.match(stderr, /^idsctl: showing 2 of 2,431 flows, newest first; --last 2431 shows more/)
    assert.equal(stdout.split('\n').length, 4)
  })

  it('a table shows local time with offset and human units, without colour in a pipe', async () => {
    const { stdout } = await run({ listFlows }, 'flows')
    assert.match(
      stdout,
      /2031-05-04T18:00:04\+05:30 +eth0 +tcp +203\.0\.113\.7:51234 +192\.0\.2\.10:22 +4 s +12 +10 +/,
    )
    assert.match(stdout, / 1\.48 kB +2\.96 kB +0\.938 +closed\n/)
    assert.ok(!stdout.includes('\u001b'))
  })

  it('JSON lines carry a schema, UTC, raw numbers and ids as strings', async () => {
    const { stdout } = await run({ listFlows }, 'flows -o jsonl')
    const lines = stdout.trimEnd().split('\n')
    assert.equal(lines.length, 2)
    const document = JSON.parse(lines[0]!)
    assert.equal(document.schema, 'idsd.flow.v1')
    assert.equal(document.id, '18446744073709551615')
    assert.equal(document.start, '2031-05-04T12:30:00.123456Z')
    assert.equal(document.bytes_bwd, 2_960)
    assert.equal(document.score, 0.9375)
  })

  it('JSON is one document with its total', async () => {
    const { stdout } = await run({ listFlows }, '-o json flows')
    const document = JSON.parse(stdout)
    assert.deepEqual([document.schema, document.total, document.shown], ['idsd.flows.v1', 2_431, 2])
    assert.equal(document.flows[1].schema, 'idsd.flow.v1')
  })

  it('flows that were not all searched are at least so many, which stderr and the document say', async () => {
    const partial = () => ({ ...listFlows(), partial: true })
    const { stdout, stderr } = await run({ listFlows: partial }, 'flows -o json')
    const { partial: isPartial, total } = JSON.parse(stdout)
    assert.deepEqual([isPartial, total], [true, 2_431])
    assert.match(stderr, /showing 2 of at least 2,431 flows/)
    assert.match(
      stderr,
      /^idsctl: older flows were not searched: narrow it with --since and --until, or use idsctl flows export$/m,
    )
    await daemon.close()
    const whole = await run({ listFlows }, 'flows -o json')
    assert.equal(JSON.parse(whole.stdout).partial, false)
    assert.doesNotMatch(whole.stderr, /searched/)
    await daemon.close()
    const none = await run({ listFlows: () => ({ partial: true }) }, 'flows')
    assert.match(none.stderr, /^idsctl: no flows match so far\nidsctl: older flows were not searched/)
  })

  it('a list of alerts shows 500 at most, and does not offer more', async () => {
    const alerts = (count: number) => ({ alerts: Array.from({ length: count }, () => alert), total: 900 })
    const { stderr } = await run({ listAlerts: () => alerts(100) }, 'alerts')
    assert.match(stderr, /--last 500 shows more/)
    await daemon.close()
    const most = await run({ listAlerts: () => alerts(500) }, 'alerts --last 500')
    assert.match(most.stderr, /showing 500 of 900 alerts, newest first; --since, --until and --ip select/)
    await daemon.close()
    assert.match((await run({}, 'alerts --help')).stdout, /at most this many, newest first, up to 500/)
  })

  it('an empty list is an empty output, exit 0', async () => {
    const { code, stdout, stderr } = await run({ listAlerts: () => ({}) }, 'alerts')
    assert.deepEqual([code, stdout, stderr], [0, '', 'idsctl: no alerts match\n'])
  })

  it('alerts name their decision', async () => {
    const { stdout } = await run({ listAlerts: () => ({ alerts: [alert], total: 1 }) }, 'alerts list')
    assert.match(
      stdout,
      /a3 +2031-05-04T18:00:00\+05:30 +high +203\.0\.113\.7 +scan +60 +d12 +25 distinct ports/,
    )
  })

  it('decisions say how they end and when the kernel does not hold them', async () => {
    const ended = { ...decision, id: 'd9', state: 'DECISION_STATE_LIFTED', endedAtMs: Date.now() - 120_500 }
    const lost = { ...decision, id: 'd8', inKernel: false, expiresAtMs: Date.now() + 3_599_000 }
    const answer = { decisions: [decision, ended, lost], total: 3 }
    const { stdout } = await run({ listDecisions: () => answer }, 'decisions list --all')
    assert.equal(daemon.requests[0]!.request.all, true)
    const [, first, second, third] = stdout.split('\n')
    assert.match(
      first!,
      /^d12 +203\.0\.113\.7 +block +drop +active +detector .* when unblocked +1,234 +98\.7 kB +login/,
    )
    assert.match(second!, /^d9 .* lifted .* 2 min ago /)
    assert.match(third!, /^d8 .* active, not in the kernel .* in 59 min /)
  })

  it('one decision is explained by its evidence, with points and flows', async () => {
    const { stdout } = await run({ getDecision: () => decision }, 'decisions get 12')
    assert.deepEqual(daemon.requests[0]!.request, { id: 'd12' })
    assert.match(stdout, /^Decision d12\n {2}target +203\.0\.113\.7\n/)
    assert.match(stdout, /Evidence: 120 points\n/)
    assert.match(stdout, /login, 60 points: 12 connections to port 22 in 60 s \(limit 10\)\n {4}LAST PACKET/)
    assert.match(stdout, / {4}2031-05-04T18:00:04\+05:30 +eth0 +tcp +203\.0\.113\.7:51234/)
    assert.match(stdout, /hits +1,234 packets, 98\.7 kB dropped/)
    assert.match(stdout, /undo +idsctl unblock d12\n/)
  })

  it('text from elsewhere cannot move the cursor', async () => {
    const { stdout } = await run(
      { getDecision: () => ({ ...decision, reason: '\u001b[2Jgone' }) },
      'decisions get d12',
    )
    assert.ok(!stdout.includes('\u001b'))
  })

  it('the status page shows losses, full maps and generic XDP', async () => {
    const { stdout } = await run({ getStatus: () => status }, 'status')
    assert.match(stdout, /losses +ring_full 17\n/)
    assert.match(stdout, /flows +12,345 +1,048,576 +1 % +403 MB\n/)
    assert.match(stdout, /blocks .* 90 % .* nearly full\n/)
    assert.match(stdout, /in, dropped +1,234 +98\.7 kB\n/)
    assert.match(stdout, /! detector login sees no egress on eth2\n/)
    assert.match(stdout, /! eth1 runs XDP in generic mode/)
    assert.match(stdout, /model +spine 1, threshold 0\.9, may not block alone, 4,096 flows scored\n/)
  })

  it('the status page says none when nothing is lost, and why there is no model', async () => {
    const quiet = { ...status, lost: { ring_full: 0 }, model: { problem: 'sha256 differs' } }
    const { stdout } = await run({ getStatus: () => quiet }, 'status')
    assert.match(stdout, /losses +none\n/)
    assert.match(stdout, /model +none: sha256 differs\n/)
  })

  it('the status as JSON has every loss, 0 included', async () => {
    const { stdout } = await run({ getStatus: () => status }, 'status -o json')
    const document = JSON.parse(stdout)
    assert.equal(document.schema, 'idsd.status.v1')
    assert.equal(document.started_at, new Date(AT_MS).toISOString())
    assert.deepEqual(document.lost, { flow_table_full: 0, ring_full: 17 })
  })

  it('the allowlist is listed, checked and changed with its undo', async () => {
    const overrides = [decision]
    const answers: Answers = {
      listAllow: () => ({ entries: [allowEntry] }),
      addAllow: ({ dryRun, ttlMs, logOnly }) => ({
        ...{ entry: { ...allowEntry, expiresAtMs: ttlMs, logOnly }, overrides, dryRun },
        lifted: [{ ...decision, id: 'd13', target: '203.0.113.9' }],
      }),
      removeAllow: () => ({ entry: allowEntry }),
      checkAllow: () => ({ guards: ['it is an own address'], otherwise: 'its packets pass' }),
    }
    const list = await run(answers, 'allow list')
    assert.match(
      list.stdout,
      /203\.0\.113\.0\/24 +operator +2031-05-04T18:00:00\+05:30 +when removed +no +uid:1000 \(alice\) +the office\n/,
    )
    const again = (line: string) => runIdsctl(line.split(' '), { socket: daemon.socket })
    const added = await again('allow add 203.0.113.0/24 --reason office')
    assert.match(
      added.stdout,
      /^allowed 203[\s\S]*lifted +d13 203[\s\S]*overrides +d12 203[\s\S]*undo +idsctl allow rm 203\.0\.113\.0\/24\n +idsctl block 203\.0\.113\.9 --reason 'login 60, scan 60'\n$/,
    )
    const dry = await again('allow add 203.0.113.0/24 --dry-run')
    assert.match(dry.stdout, /^would allow 203\.0\.113\.0\/24; nothing was changed\n/)
    assert.match(dry.stdout, / would lift +d13 203/)
    assert.match(dry.stdout, / alerts +none about this source\n/)
    const loud = await again('allow add 203.0.113.0/24 --ttl 1h --log-only')
    const { ttlMs, logOnly } = daemon.requests.at(-1)!.request
    assert.deepEqual([ttlMs, logOnly], [3_600_000, true])
    assert.match(loud.stdout, / alerts +as for any other address\n/)
    const removed = await again('allow rm 203.0.113.0/24')
    assert.match(removed.stdout, /undo +idsctl allow add 203\.0\.113\.0\/24 --reason 'the office'\n$/)
    const checked = await again('allow check 192.0.2.10')
    assert.match(
      checked.stdout,
      /not allowed: a block would be refused without --force\n {2}so +its packets pass\n {2}guarded +it is an own/,
    )
  })
})
