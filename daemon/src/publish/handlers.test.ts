import assert from 'node:assert/strict'
import { fstatSync } from 'node:fs'
import { after, before, beforeEach, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { call, type FakeDaemon, failureOf, openFakeDaemon, trailer, until } from './fake-daemon.js'
import { sampleDecision, sampleEvidence, sampleFlow } from './fake-view.js'
import type { AddAllowResponse__Output } from './generated/idsd/v1/AddAllowResponse.js'
import type { Alert__Output } from './generated/idsd/v1/Alert.js'
import type { BlockPlan__Output } from './generated/idsd/v1/BlockPlan.js'
import type { BlockResponse__Output } from './generated/idsd/v1/BlockResponse.js'
import type { CheckAllowResponse__Output } from './generated/idsd/v1/CheckAllowResponse.js'
import type { Decision__Output } from './generated/idsd/v1/Decision.js'
import type { ListAlertsResponse__Output } from './generated/idsd/v1/ListAlertsResponse.js'
import type { ListAllowResponse__Output } from './generated/idsd/v1/ListAllowResponse.js'
import type { ListAuditResponse__Output } from './generated/idsd/v1/ListAuditResponse.js'
import type { ListDecisionsResponse__Output } from './generated/idsd/v1/ListDecisionsResponse.js'
import type { ListFlowsResponse__Output } from './generated/idsd/v1/ListFlowsResponse.js'
import type { ModePlan__Output } from './generated/idsd/v1/ModePlan.js'
import type { SetModeResponse__Output } from './generated/idsd/v1/SetModeResponse.js'
import type { Status__Output } from './generated/idsd/v1/Status.js'
import type { Top__Output } from './generated/idsd/v1/Top.js'
import type { UnblockResponse__Output } from './generated/idsd/v1/UnblockResponse.js'

let daemon: FakeDaemon
before(async () => {
  daemon = await openFakeDaemon()
})
after(() => daemon[Symbol.asyncDispose]())
beforeEach(() => daemon.reset())

const failure = (method: string, request: object) => failureOf(daemon.client, method, request)

describe('reading', () => {
  it('gives the status with losses at 0 and numbers as numbers', async () => {
    const answer = await call<Status__Output>(daemon.client, 'GetStatus', {})
    assert.equal(answer.mode, 'MODE_PREVENT')
    assert.deepEqual(answer.lost, { ring_full: 0, table_full: 4 })
    assert.equal(answer.startedAtMs, 1_700_000_000_000)
    assert.equal(answer.traffic?.droppedBytesIngress, 120)
    assert.equal(answer.traffic?.passedPacketsEgress, 9)
    assert.deepEqual(answer.interfaces, [
      { name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true },
    ])
    assert.equal(answer.model?.flowsScored, 7)
    assert.equal(answer.divergencesRepaired, 0)
    assert.equal(answer.warnings.length, 1)
  })

  it('lists flows; one that was not scored has no score', async () => {
    daemon.view.flowRows = [
      { flow: sampleFlow(), score: 0.5 },
      { flow: sampleFlow({ id: 2, ifindex: 3 }), score: Number.NaN },
    ]
    const { flows, total } = await call<ListFlowsResponse__Output>(daemon.client, 'ListFlows', {
      filter: { last: 2, ip: '192.0.2.0/24', port: 22, sinceMs: 5, untilMs: 6 },
    })
    assert.equal(total, 2)
    assert.equal(flows[0]?.id, 'f1')
    assert.equal(flows[0]?.bytesFwd, 5_000_000_000)
    assert.equal(flows[0]?.startUs, 1_700_000_000_000_001)
    assert.equal(flows[0]?.score, 0.5)
    assert.equal(flows[1]?.interface, 'eth1')
    assert.equal(flows[1]?.score, undefined)
    const asked = daemon.view.asked[0]
    assert.equal(asked?.target?.text, '192.0.2.0/24')
    assert.deepEqual([asked?.last, asked?.port, asked?.sinceMs, asked?.untilMs], [2, 22, 5, 6])
  })

  it('says whether the search for flows was whole', async () => {
    const { flows } = daemon.view
    const asked = async () => {
      const answer = await call<ListFlowsResponse__Output>(daemon.client, 'ListFlows', {})
      return [answer.partial, answer.total]
    }
    assert.deepEqual(await asked(), [false, 0])
    daemon.view.flows = () => ({ rows: [], total: 7, isPartial: true })
    assert.deepEqual(await asked(), [true, 7])
    daemon.view.flows = flows
  })

  it('shows a hundred rows when nobody says how many', async () => {
    await call(daemon.client, 'ListFlows', {})
    assert.equal(daemon.view.asked[0]?.last, 100)
  })

  it('lists active decisions, and ended ones when all are asked for', async () => {
    daemon.view.decisionRows = [
      sampleDecision(),
      sampleDecision({ number: 11, state: 'expired', endedAtMs: 9 }),
    ]
    const active = await call<ListDecisionsResponse__Output>(daemon.client, 'ListDecisions', {})
    assert.deepEqual(
      active.decisions.map(({ id, state, inKernel, packets }) => [id, state, inKernel, packets]),
      [['d12', 'DECISION_STATE_ACTIVE', true, 40]],
    )
    assert.equal(active.decisions[0]?.evidence[0]?.text, sampleEvidence().text)
    assert.deepEqual(active.decisions[0]?.evidence[0]?.flows, [])
    const all = await call<ListDecisionsResponse__Output>(daemon.client, 'ListDecisions', { all: true })
    assert.equal(all.total, 2)
    assert.equal(all.decisions[1]?.inKernel, false)
    assert.equal(all.decisions[1]?.packets, 0)
  })

  it('gives one decision with the flows behind it, by d12 and by 12', async () => {
    daemon.view.decisionRows = [sampleDecision()]
    for (const id of ['d12', '12', 'D12']) {
      const decision = await call<Decision__Output>(daemon.client, 'GetDecision', { id })
      assert.equal(decision.id, 'd12')
      assert.equal(decision.origin, 'ORIGIN_DETECTOR')
      assert.equal(decision.lastSeenMs, 1_700_000_002_000)
      assert.deepEqual(
        decision.evidence[0]?.flows.map(({ id, score }) => [id, score]),
        [
          ['f1', 0.75],
          ['f2', undefined],
        ],
      )
    }
  })

  it('lists alerts with the decision they led to', async () => {
    daemon.view.alertRows = [
      { number: 7, evidence: sampleEvidence(), decisionNumber: 12 },
      { number: 6, evidence: sampleEvidence(), decisionNumber: 0 },
    ]
    const { alerts } = await call<ListAlertsResponse__Output>(daemon.client, 'ListAlerts', {})
    assert.deepEqual(
      alerts.map(({ id, decisionId, detector, severity }) => [id, decisionId, detector, severity]),
      [
        ['a7', 'd12', 'login', 'high'],
        ['a6', '', 'login', 'high'],
      ],
    )
  })

  it('gives one alert with its flows, by a7 and by 7', async () => {
    daemon.view.alertRows = [{ number: 7, evidence: sampleEvidence(), decisionNumber: 12 }]
    for (const id of ['a7', '7']) {
      const alert = await call<Alert__Output>(daemon.client, 'GetAlert', { id })
      assert.deepEqual([alert.id, alert.about, alert.isProven], ['a7', 'source', true])
      assert.deepEqual(
        alert.flows.map(({ id: flow, reasons }) => [flow, reasons]),
        [
          ['f1', ['login']],
          ['f2', ['login']],
        ],
      )
    }
  })

  it('narrows alerts by detector and severity, and flows by score', async () => {
    const alerts = { filter: { detector: 'login', severity: 'medium' } }
    await call(daemon.client, 'ListAlerts', alerts)
    await call(daemon.client, 'ListFlows', { filter: { minScore: 0.5, anomalous: true } })
    const [first, second] = daemon.view.asked
    assert.deepEqual([first?.detector, first?.minSeverity], ['login', 'medium'])
    assert.deepEqual([second?.minScore, second?.isAnomalous], [0.5, true])
  })

  it('names a flow as others do, and says how long it lasted', async () => {
    daemon.view.flowRows = [{ flow: sampleFlow({ isContinuation: true }), score: 0.5, reasons: ['model'] }]
    const { flows } = await call<ListFlowsResponse__Output>(daemon.client, 'ListFlows', {})
    const flow = flows[0]
    assert.match(flow?.communityId ?? '', /^1:[A-Za-z0-9+/]{27}=$/)
    assert.equal(flow?.durationUs, 1_000_001)
    assert.deepEqual([flow?.reasons, flow?.isContinuation, flow?.firstIngress], [['model'], true, true])
  })

  it('tells blocks from what would be blocked and from what may be forged', async () => {
    daemon.view.decisionRows = (['block', 'would_block', 'spoofable'] as const).map((kind) =>
      sampleDecision({ kind }),
    )
    const { decisions } = await call<ListDecisionsResponse__Output>(daemon.client, 'ListDecisions', {})
    assert.deepEqual(
      decisions.map(({ kind }) => kind),
      ['DECISION_KIND_BLOCK', 'DECISION_KIND_WOULD_BLOCK', 'DECISION_KIND_SPOOFABLE'],
    )
  })

  it('takes a limit in an order, and tells what it met', async () => {
    const limit = { unit: 'LIMIT_UNIT_BITS', perSecond: 64_000 }
    const order = { target: '192.0.2.7', action: 'ACTION_LIMIT', limit, sparesFlows: true }
    const made = await call<BlockResponse__Output>(daemon.client, 'Block', order)
    assert.deepEqual(
      [made.decision?.action, made.decision?.sparesFlows, made.decision?.limit],
      ['ACTION_LIMIT', true, { ...limit, passed: 5, limited: 7 }],
    )
    const dropped = await call<BlockResponse__Output>(daemon.client, 'Block', { target: '192.0.2.8' })
    assert.deepEqual([dropped.decision?.sparesFlows, dropped.decision?.limit], [false, null])
  })

  for (const action of ['ACTION_SYN_DROP', 'ACTION_REJECT', 'ACTION_COUNT'] as const) {
    it(`takes ${action} as it is`, async () => {
      const made = await call<BlockResponse__Output>(daemon.client, 'Block', { target: '192.0.2.7', action })
      assert.equal(made.decision?.action, action)
    })
  }

  it('shows what moves: sources since it was first asked, suspects, decisions without evidence', async () => {
    const { view, feeds } = daemon
    view.decisionRows = [sampleDecision()]
    view.suspectRows = [{ source: '192.0.2.9', points: 60 }]
    const first = await call<Top__Output>(daemon.client, 'GetTop', {})
    assert.equal(first.windowMs, 0)
    assert.equal(first.status?.newFlowsTotal, 4)
    assert.deepEqual(first.suspects, [{ address: '192.0.2.9', points: 60 }])
    assert.deepEqual([first.decisions[0]?.packets, first.decisions[0]?.evidence], [40, []])
    const startUs = (Date.now() + 1_000) * 1_000
    feeds.flows.publish([
      { flow: sampleFlow({ seq: 0, startUs, bytesFwd: 70, bytesBwd: 7 }), score: Number.NaN },
    ])
    const { sources } = await call<Top__Output>(daemon.client, 'GetTop', { order: 'TOP_ORDER_PACKETS' })
    assert.deepEqual(sources, [{ address: '192.0.2.7', packets: 18, bytesFwd: 70, bytesBwd: 7, flows: 1 }])
  })

  it('lists the allowlist', async () => {
    const entry = {
      target: '10.0.0.0/8',
      reason: 'lan',
      createdAtMs: 5,
      createdBy: 'config',
      source: 'config',
    } as const
    daemon.view.allows = [entry]
    const { entries } = await call<ListAllowResponse__Output>(daemon.client, 'ListAllow', {})
    assert.deepEqual(entries, [{ ...entry, expiresAtMs: 0, logOnly: false }])
  })

  it('lists the audit, newest first, with what was so before and after', async () => {
    const row = {
      atMs: 5,
      action: 'unblock',
      target: '10.0.0.1',
      caller: 'uid:0',
      outcome: 'done',
      detail: '',
      reason: 'mistake',
      before: 'drop',
      after: 'not blocked',
    } as const
    daemon.view.auditRows = [{ ...row, decisionNumbers: [3, 4] }]
    const request = { filter: { last: 7, ip: '10.0.0.1' } }
    const answer = await call<ListAuditResponse__Output>(daemon.client, 'ListAudit', request)
    assert.deepEqual(answer, { rows: [{ ...row, decisionIds: ['d3', 'd4'] }], total: 1 })
    assert.deepEqual(
      [daemon.view.asked.at(-1)?.last, daemon.view.asked.at(-1)?.target?.text],
      [7, '10.0.0.1'],
    )
    assert.match((await failure('ListAudit', { filter: { port: 5 } })).details, /^filter\.port/)
  })

  it('plans blocks with the guards that would object, and takes no more than 1,000 targets', async () => {
    daemon.objections.push({ guard: 'gateway', entry: '10.0.0.1', text: '10.0.0.1 is the gateway' })
    const plan = await call<BlockPlan__Output>(daemon.client, 'PlanBlock', {
      targets: ['10.0.0.1', '10.0.0.1/32'],
    })
    assert.deepEqual(plan.refused, [{ target: '10.0.0.1', guards: ['10.0.0.1 is the gateway'] }])
    assert.equal(plan.untilMs, 2)
    assert.match((await failure('PlanBlock', { targets: [] })).details, /^targets/)
    const many = Array<string>(1_001).fill('10.0.0.1')
    assert.match((await failure('PlanBlock', { targets: many })).details, /^targets.*1001/)
    assert.match((await failure('PlanBlock', { targets: ['x'] })).details, /^target/)
    assert.match((await failure('PlanBlock', { targets: ['10.0.0.1'], sinceMs: -1 })).details, /^since_ms/)
  })

  it('plans a mode, and fails as other calls do', async () => {
    const plan = await call<ModePlan__Output>(daemon.client, 'PlanMode', { mode: 'MODE_DETECT' })
    assert.deepEqual([plan.before, plan.mode, plan.partial], ['MODE_DETECT', 'MODE_DETECT', false])
    assert.equal((await failure('PlanMode', {})).code, status.INVALID_ARGUMENT)
  })

  it('a plan that goes on when the daemon stops ends as unavailable', async () => {
    await using other = await openFakeDaemon()
    let isAsked = false
    other.view.planMode = async (_mode, _sinceMs, isWanted) => {
      isAsked = true
      await until(() => !isWanted())
      return assert.fail('nobody waits')
    }
    const waiting = assert.rejects(call(other.client, 'PlanMode', { mode: 'MODE_DETECT' }), {
      code: status.UNAVAILABLE,
    })
    await until(() => isAsked)
    await other.server.close()
    await waiting
  })
})

describe('changing', () => {
  it('blocks, shows the kernel counters and unblocks by id', async () => {
    const { decision, dryRun } = await call<BlockResponse__Output>(daemon.client, 'Block', {
      target: '203.0.113.5',
      ttlMs: 60_000,
      reason: 'noise',
      action: 'ACTION_COUNT',
      caller: 'alice',
    })
    assert.equal(dryRun, false)
    assert.equal(decision?.id, 'd1')
    assert.equal(decision?.action, 'ACTION_COUNT')
    assert.equal(decision?.createdBy, 'alice')
    assert.equal((decision?.expiresAtMs ?? 0) - (decision?.createdAtMs ?? 0), 60_000)
    const { lifted } = await call<UnblockResponse__Output>(daemon.client, 'Unblock', { decisionId: 'd1' })
    assert.equal(lifted[0]?.state, 'DECISION_STATE_LIFTED')
    assert.deepEqual(
      daemon.audit.map(({ action, outcome }) => [action, outcome]),
      [
        ['block', 'done'],
        ['unblock', 'done'],
      ],
    )
  })

  it('gives a dry run no id and changes nothing', async () => {
    const { decision } = await call<BlockResponse__Output>(daemon.client, 'Block', {
      target: '203.0.113.5',
      dryRun: true,
    })
    assert.equal(decision?.id, '')
    assert.equal(decision?.inKernel, false)
    assert.deepEqual(daemon.enforcement.decisions, [])
  })

  it('answers a refusal with the guards in words, and force overrides them', async () => {
    const text = '10.0.0.1 is the gateway of eth0 – héllo'
    daemon.objections.push({ guard: 'gateway', entry: '10.0.0.1', text })
    const error = await failure('Block', { target: '10.0.0.1' })
    assert.equal(error.code, status.FAILED_PRECONDITION)
    assert.ok(error.details.includes(text))
    assert.deepEqual(trailer(error.metadata, 'idsd-code'), ['ERR_REFUSED'])
    assert.deepEqual(trailer(error.metadata, 'idsd-guard-bin'), [text])
    const forced = await call<BlockResponse__Output>(daemon.client, 'Block', {
      target: '10.0.0.1',
      force: true,
    })
    assert.deepEqual(forced.overridden, [text])
  })

  it('adds, checks and removes an allow entry', async () => {
    for (const target of ['203.0.113.5', '203.0.0.0/16']) await call(daemon.client, 'Block', { target })
    const request = { target: '203.0.113.0/24', reason: 'office', ttlMs: 60_000, logOnly: true }
    const added = await call<AddAllowResponse__Output>(daemon.client, 'AddAllow', request)
    assert.equal(added.entry?.source, 'operator')
    assert.equal((added.entry?.expiresAtMs ?? 0) - (added.entry?.createdAtMs ?? 0), 60_000)
    assert.equal(added.entry?.logOnly, true)
    assert.deepEqual([added.lifted[0]?.id, added.lifted[0]?.state], ['d1', 'DECISION_STATE_LIFTED'])
    assert.equal(added.overrides[0]?.target, '203.0.0.0/16')
    const check = await call<CheckAllowResponse__Output>(daemon.client, 'CheckAllow', {
      target: '203.0.113.5',
    })
    assert.equal(check.allowed, true)
    assert.equal(check.entry?.reason, 'office')
    assert.equal(check.blocks[0]?.id, 'd2')
    assert.match(check.otherwise, /dropped by d2 \(203\.0\.0\.0\/16/)
    assert.equal(
      (await failure('Block', { target: '203.0.113.6', force: true })).code,
      status.FAILED_PRECONDITION,
    )
    await call(daemon.client, 'RemoveAllow', { target: '203.0.113.0/24' })
    const none = await call<CheckAllowResponse__Output>(daemon.client, 'CheckAllow', {
      target: '203.0.113.5',
    })
    assert.equal(none.allowed, false)
    assert.equal(none.entry, null)
  })

  it('changes the mode, says what it was, and only says so in a dry run', async () => {
    const set = (request: object) => call<SetModeResponse__Output>(daemon.client, 'SetMode', request)
    const dry = await set({ mode: 'MODE_DETECT', dryRun: true })
    assert.deepEqual([dry.before, dry.mode, dry.dryRun], ['MODE_PREVENT', 'MODE_DETECT', true])
    assert.equal(daemon.enforcement.mode, 'prevent')
    const { before } = await set({ mode: 'MODE_DETECT', caller: 'alice' })
    assert.equal(before, 'MODE_PREVENT')
    assert.equal(daemon.enforcement.mode, 'detect')
    assert.deepEqual(
      daemon.audit.map(({ action, outcome }) => [action, outcome]),
      [['mode', 'done']],
    )
    await set({ mode: 'MODE_PREVENT' })
  })

  it('notes the user of the connection before what the request claims', async () => {
    let wasSocket = false
    await using other = await openFakeDaemon({
      readPeer: (fd) => {
        wasSocket = fstatSync(fd).isSocket()
        return { uid: 1000, groups: [4242] }
      },
      admission: { operatorGid: 4242 },
      userName: () => 'alice',
    })
    for (const [caller, name] of [
      ['alice', 'uid:1000 alice'],
      ['bob', 'uid:1000 alice (bob)'],
    ]) {
      const asked = { target: '203.0.113.5', caller }
      const { decision } = await call<BlockResponse__Output>(other.client, 'Block', asked)
      assert.equal(decision?.createdBy, name)
    }
    assert.equal(wasSocket, true)
  })
})
