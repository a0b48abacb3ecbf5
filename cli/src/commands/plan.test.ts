import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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
  ...{ action: 'ACTION_DROP', limit: null, sparesFlows: false, bound: 'PLAN_BOUND_EXACT' },
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
  bound: 'PLAN_BOUND_EXACT',
  spoofableTotal: 2,
  heldTotal: 3,
  tripped: ['login'],
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
    const { code, stdout, stderr } = await run(
      { planBlock: () => blockPlan },
      'plan block 203.0.113.0/24 2001:db8::1 --against 2h',
    )
    assert.equal(code, 3, 'as the block would be refused')
    assert.match(
      stderr,
      /^idsctl: the block would be refused: 203\.0\.113\.0\/24 covers 203\.0\.113\.1, the gateway$/m,
    )
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

  const limit = { unit: 'LIMIT_UNIT_PACKETS', perSecond: 100, passed: 0, limited: 0 }
  const actions: readonly (readonly [
    options: string,
    answer: object,
    asked: object,
    head: RegExp,
    bound: string,
  ])[] = [
    [
      '--action limit --rate 100pps --spare-flows',
      { action: 'ACTION_LIMIT', limit, sparesFlows: true, bound: 'PLAN_BOUND_AT_MOST' },
      { action: 'ACTION_LIMIT', limit: { unit: 'LIMIT_UNIT_PACKETS', perSecond: 100 }, sparesFlows: true },
      /^would have dropped at most 1,000 packets by a limit to 100pps of 192\.0\.2\.1, flows spared; nothing/,
      'at_most',
    ],
    [
      '--action syn-drop',
      { action: 'ACTION_SYN_DROP', bound: 'PLAN_BOUND_AT_MOST' },
      { action: 'ACTION_SYN_DROP', sparesFlows: false },
      /^would have dropped at most 1,000 SYNs of 192\.0\.2\.1; nothing/,
      'at_most',
    ],
    [
      '--action observe',
      { action: 'ACTION_COUNT' },
      { action: 'ACTION_COUNT', sparesFlows: false },
      /^would have counted 1,000 packets of 192\.0\.2\.1, and dropped none; nothing/,
      'exact',
    ],
    [
      '--action reject',
      { action: 'ACTION_REJECT' },
      { action: 'ACTION_REJECT', sparesFlows: false },
      /^would have rejected 1,000 packets by a block of 192\.0\.2\.1; nothing/,
      'exact',
    ],
  ]
  for (const [options, answer, asked, head, bound] of actions) {
    it(`block ${options} is planned as such, and says how sure the number is`, async () => {
      const planBlock = () => ({ ...blockPlan, refused: [], ...answer })
      const { code, stdout } = await run({ planBlock }, `plan block 192.0.2.1 ${options}`)
      assert.equal(code, 0)
      assert.match(stdout, head)
      const { action, limit, sparesFlows } = daemon!.requests[0]!.request as Record<string, unknown>
      const { unit, perSecond } = (limit ?? {}) as Record<string, unknown>
      assert.deepEqual(
        { action, sparesFlows, ...(limit === null ? {} : { limit: { unit, perSecond } }) },
        asked,
      )
      await daemon!.close()
      const { stdout: json } = await run({ planBlock }, `plan block 192.0.2.1 ${options} -o json`)
      assert.equal(JSON.parse(json).bound, bound)
    })
  }

  it('plans settings: who is hit and freed, which lists, and ends as the apply would', async () => {
    const change = { settings: [], allowAdded: [], allowRemoved: [], overrides: [], guards: ['too wide'] }
    const row = { target: '203.0.113.0/24', traffic: traffic(9), lastSeenMs: AT_MS }
    const planApply = () => ({
      change,
      ...{ sinceMs: AT_MS, untilMs: AT_MS + 1, mode: 'MODE_DETECT' },
      more: [{ source: '203.0.113.7', points: 120, atMs: AT_MS, packets: 77, bytes: 7_700 }],
      hit: {
        ...{ ...blockPlan, refused: [], bound: 'PLAN_BOUND_AT_MOST', addressesTotal: 1 },
        addresses: [{ ...row, address: '203.0.113.8', by: 'list drop', live: true }],
      },
      freed: [{ ...row, address: '203.0.113.9', by: 'd7' }],
      ...{ freedTotal: 1, freedTraffic: traffic(9) },
      lists: [
        { name: 'drop', action: 'ACTION_DROP', entries: 4, badLines: 1 },
        { name: 'old', left: true, action: 'ACTION_DROP', entries: 2 },
        { name: 'gone', action: 'ACTION_DROP', problem: 'it is not there' },
      ],
    })
    const file = join(mkdtempSync(join(tmpdir(), 'idsctl-plan-')), 'site.toml')
    writeFileSync(file, '[policy]\n')
    const { code, stdout, stderr } = await run({ planApply }, `plan apply ${file}`)
    assert.equal(code, 3)
    assert.match(stderr, /the apply would be refused: too wide/)
    for (const line of [
      / list +drop: drops 4 entries, 1 bad line\n/,
      / list +old: imported no more; its 2 entries stay in force: idsctl lists rm old ends them\n/,
      / list +gone: not in this plan: it is not there\n/,
      / mode +detect: what the policy decides only counts\n/,
      / hit +at most 2 flows, 1,000 packets, .* of 1 far end\n/,
      / freed +2 flows, 9 packets, .* of 1 far end\n/,
      /\n203\.0\.113\.7 +blocked +- +120 +77 /,
      /\n203\.0\.113\.8 +hit +yes +2 +9 +list drop: 203\.0\.113\.0\/24\n/,
      /\n203\.0\.113\.9 +freed +- +2 +9 +d7: 203/,
    ])
      assert.match(stdout, line)
    await daemon!.close()
    const { stdout: json } = await run({ planApply }, `plan apply ${file} -o json`)
    const { bound, hit, freed, lists, more } = JSON.parse(json)
    assert.deepEqual([bound, hit.hit.packets, hit.addresses[0].by], ['at_most', 1_000, 'list drop'])
    assert.deepEqual([freed.packets, freed.addresses[0].by, more[0].packets], [9, 'd7', 77])
    assert.deepEqual([lists[1].left, lists[2].problem], [true, 'it is not there'])
    rmSync(dirname(file), { recursive: true })
  })

  it('plans a mode from what was counted, and says what changes at once', async () => {
    const { stdout } = await run({ planMode: () => modePlan }, 'plan mode prevent')
    assert.match(stdout, /^prevent would have dropped 1,234 packets; nothing was changed\n/)
    assert.match(stdout, /at least: more were made than could be looked at\n/)
    assert.match(stdout, / limited +2 more decisions would limit at most, flows spared/)
    assert.match(stdout, / held +3 more decisions would go on counting: the breaker of login is tripped\n/)
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
    'plan mode detect --against soon',
    'plan block 192.0.2.1 --action limit',
    'plan block 192.0.2.1 --rate 9pps',
    'plan block 192.0.2.1 --action observe --spare-flows',
    'plan apply',
  ]) {
    it(`${line} is wrong use`, async () => {
      assert.equal((await runIdsctl(line.split(' '))).code, 2)
    })
  }

  it('the audit says why once, however short the reason is', async () => {
    const rows = ['no', 'detect (too late)', 'too late'].map((reason) => ({
      ...auditRow,
      ...{ reason, before: 'nothing is dropped', after: 'detect (too late)' },
    }))
    const { stdout } = await run({ listAudit: () => ({ rows, total: 3 }) }, 'audit')
    const lines = stdout.split('\n')
    assert.match(lines[1]!, / no: nothing is dropped -> detect \(too late\)$/)
    assert.match(lines[2]!, / detect \(too late\): nothing is dropped -> detect \(too late\)$/)
    assert.match(lines[3]!, / {2}nothing is dropped -> detect \(too late\)$/)
  })

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
