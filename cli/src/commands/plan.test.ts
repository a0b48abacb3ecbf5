import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { AT_MS, allowEntry, decision } from '../../test/samples.js'

let daemon: FakeDaemon | undefined

async function run(answers: Answers, line: string): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket })
}

const traffic = (packets: number) => ({
  ...{ flows: 2, packets, bytes: packets * 100 },
  wireBytesLeast: packets * 142,
})

const blockPlan = {
  sinceMs: AT_MS,
  untilMs: AT_MS + 3_600_000,
  recorded: traffic(4_000),
  hit: traffic(1_000),
  addresses: [
    { address: '203.0.113.7', target: '203.0.113.0/24', traffic: traffic(10), lastSeenMs: AT_MS, live: true },
    { address: '203.0.113.8', target: '203.0.113.0/24', traffic: traffic(990), lastSeenMs: AT_MS },
  ],
  addressesTotal: 25,
  liveTotal: 1,
  allowed: [{ target: '203.0.113.0/24', entry: allowEntry, spared: traffic(5) }],
  refused: [{ target: '203.0.113.0/24', guards: ['203.0.113.0/24 covers 203.0.113.1, the gateway'] }],
}

const modePlan = {
  before: 'MODE_DETECT',
  mode: 'MODE_PREVENT',
  sinceMs: AT_MS,
  untilMs: AT_MS + 1,
  decisions: [{ decision, atOnce: true, live: true, allowedBy: allowEntry }],
  decisionsTotal: 1,
  packets: 1_234,
  bytes: 98_720,
  atOnceTotal: 1,
  liveTotal: 1,
  partial: true,
}

const auditRow = {
  atMs: AT_MS,
  action: 'mode',
  caller: 'uid:0 (alice)',
  outcome: 'done',
  detail: 'detect to prevent',
  reason: 'night',
  before: 'detect',
  after: 'prevent',
}

describe('idsctl plan and audit', () => {
  afterEach(async () => {
    await daemon?.close()
    daemon = undefined
  })

  it('plans blocks of several targets against the time asked for', async () => {
    const { code, stdout } = await run(
      { planBlock: () => blockPlan },
      'plan block 203.0.113.0/24 2001:db8::1 --against 2h',
    )
    assert.equal(code, 0)
    const { targets, sinceMs } = daemon!.requests[0]!.request
    assert.deepEqual(targets, ['203.0.113.0/24', '2001:db8::1'])
    assert.ok(Math.abs(Date.now() - 7_200_000 - Number(sinceMs)) < 30_000)
    assert.match(stdout, /^would have dropped 1,000 packets by a block of 2 targets; nothing was changed\n/)
    assert.match(stdout, / hit +2 flows, 1,000 packets, 100 kB payload, at least 142 kB on the wire \(25 %/)
    assert.match(stdout, / far ends +25\n +live +1 of them\n/)
    assert.match(stdout, / spared +5 packets of 203\.0\.113\.0\/24, by the allow entry 203\.0\.113\.0\/24\n/)
    assert.match(stdout, / refused +203\.0\.113\.0\/24 covers 203\.0\.113\.1, the gateway\n/)
    assert.match(stdout, /\n203\.0\.113\.7 +yes +2 +10 +1\.00 kB +2031-05-04T18:00:00\+05:30 +203/)
    assert.match(stdout, /\n23 more; -o json shows up to 1,000\n$/)
  })

  it('tells programs the plan in raw numbers', async () => {
    const { stdout } = await run({ planBlock: () => blockPlan }, 'plan block 203.0.113.0/24 -o jsonl')
    const { schema, hit, addresses, live_total: live, allowed } = JSON.parse(stdout)
    assert.equal(schema, 'idsd.block_plan.v1')
    assert.deepEqual(hit, { flows: 2, packets: 1_000, bytes: 100_000, wire_bytes_least: 142_000 })
    assert.deepEqual([addresses[0].live, addresses[1].live, live], [true, false, 1])
    assert.equal(allowed[0].entry.target, '203.0.113.0/24')
  })

  it('plans a mode from what was counted, and says what changes at once', async () => {
    const { stdout } = await run({ planMode: () => modePlan }, 'plan mode prevent')
    assert.match(stdout, /^prevent would have dropped 1,234 packets; nothing was changed\n/)
    assert.match(stdout, /at least: more were made than could be looked at\n/)
    assert.match(stdout, / at once +1 standing decision would drop\n/)
    assert.match(stdout, /\nd12 +203\.0\.113\.7 +yes .* 1,234 +98\.7 kB +203\.0\.113\.0\/24 +login 60/)
    await daemon!.close()
    const { stdout: json } = await run({ planMode: () => modePlan }, 'plan mode prevent -o json')
    const document = JSON.parse(json)
    assert.equal(document.schema, 'idsd.mode_plan.v1')
    assert.deepEqual([document.packets, document.decisions[0].at_once, document.partial], [1_234, true, true])
  })

  for (const line of [
    'plan block',
    'plan block x',
    'plan mode',
    'plan mode warn',
    'plan mode detect --against 0s',
  ]) {
    it(`${line} is wrong use`, async () => {
      assert.equal((await runIdsctl(line.split(' '))).code, 2)
    })
  }

  it('the audit says who, why, and from what to what', async () => {
    const rows = [auditRow, { ...auditRow, reason: '', before: '', after: '', outcome: 'refused' }]
    const { stdout, stderr } = await run({ listAudit: () => ({ rows, total: 9 }) }, 'audit --last 2 --ip ::1')
    assert.deepEqual(daemon!.requests[0]!.request.filter, {
      ...{ sinceMs: 0, untilMs: 0, ip: '::1', port: 0, last: 2, minScore: 0, anomalous: false },
      ...{ detector: '', severity: '' },
    })
    const lines = stdout.split('\n')
    assert.match(
      lines[1]!,
      /^2031-05-04T18:00:00\+05:30 +uid:0 \(alice\) +mode +- +done +- +night: detect -> prevent$/,
    )
    assert.match(lines[2]!, / refused +- +detect to prevent$/)
    assert.match(stderr, /showing 2 of 9 rows/)
    await daemon!.close()
    const { stdout: json } = await run({ listAudit: () => ({ rows, total: 2 }) }, 'audit -o jsonl')
    const [first, second] = json
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.deepEqual([first.schema, first.reason, first.before], ['idsd.audit_row.v1', 'night', 'detect'])
    assert.deepEqual([second.reason, second.before, second.target], [null, null, null])
  })
})
