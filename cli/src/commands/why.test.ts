import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { AT_MS, alert, allowEntry, decision, flow, status } from '../../test/samples.js'

let daemon: FakeDaemon | undefined

async function run(answers: Answers, line: string): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket })
}

const entry = {
  target: '203.0.113.0/24',
  isExact: false,
  action: 'ACTION_DROP',
  origin: 'ORIGIN_OPERATOR',
  reason: 'manual',
  decisionId: 'd12',
  state: 'in_force',
  isDeciding: true,
  packets: 1_234,
  bytes: 98_720,
  lastSeenMs: AT_MS,
  expiresAtMs: 0,
} as const

const blocked = {
  target: '203.0.113.7',
  atMs: AT_MS,
  fate: 'FATE_DROPPED',
  fateWithoutAllow: 'FATE_DROPPED',
  entries: [{ ...entry, target: '203.0.113.7', isExact: true, isDeciding: false, state: 'expired' }, entry],
  decisions: [{ ...decision, target: '203.0.113.0/24' }],
  divergences: ['d12 is active, but the kernel holds no entry for 203.0.113.7'],
  model: { ...status.model, sha256: 'ab'.repeat(32) },
  modelReason: {
    flow,
    score: 0.9375,
    weights: [{ name: 'Flow Duration', value: 4, median: 71_180.5, score: 0.25 }],
  },
  history: [{ ...decision, id: 'd3', state: 'DECISION_STATE_LIFTED', endedAtMs: AT_MS }],
  historyTotal: 31,
  alerts: [alert],
  alertsTotal: 1,
  mode: 'MODE_PREVENT',
} as const

const lapsed = {
  ...blocked,
  fate: 'FATE_PASSES',
  entries: [{ ...entry, state: 'lapsed', isDeciding: false }],
  divergences: [],
} as const

const passing = { target: '203.0.113.7', atMs: AT_MS, fate: 'FATE_PASSES', fateWithoutAllow: 'FATE_PASSES' }

describe('idsctl why', () => {
  afterEach(async () => {
    await daemon?.close()
    daemon = undefined
  })

  it('names the block that lapsed: it is in force again at the next beat', async () => {
    const { stdout } = await run({ why: () => lapsed }, 'why 203.0.113.7')
    assert.match(stdout, /\nUndo\n +idsctl unblock d12 /)
  })

  it('one page says what happens, which entry does it, why, what the model rests on, and how to undo it', async () => {
    const { stdout, code } = await run({ why: () => blocked }, 'why 203.0.113.7')
    assert.equal(code, 0)
    assert.equal(daemon?.requests[0]?.request.target, '203.0.113.7')
    for (const part of [
      /^203\.0\.113\.7 is dropped by d12 \(203\.0\.113\.0\/24\)\n\nIn the kernel\n {2}ENTRY +KIND +ACTION/,
      /203\.0\.113\.7 +exact +drop +expired +d12 /,
      /203\.0\.113\.0\/24 +prefix +drop +in force, decides +d12 +operator, manual +1,234 +98\.7 kB .* when unblocked\n/,
      /Maps and store differ: [^\n]*\n {2}d12 is active, but the kernel holds no entry/,
      /\nDecision d12\n[\s\S]*12 connections to port 22 in 60 s \(limit 10\)/,
      /Model\n {2}model +spine 1\n {2}sha256 +(ab){32}\n {2}flow +\d+, score 0\.938 \(threshold 0\.9\)\n/,
      /what weighed most: occlusion against the training median\n {4}FEATURE +VALUE +MEDIAN +SCORE WITH MEDIAN +WEIGHT\n {4}Flow Duration +4 +71180\.5 +0\.250 +\+0\.688\n/,
      /Allow\n {2}no entry allows it, no guard protects it\n/,
      /History\n {2}\S+ +d3 +detector drop of 203\.0\.113\.7, lifted [^\n]*\n {2}\S+ +a3 +alert, high: 25 distinct ports[^\n]*\n {2}and 30 older decisions\n/,
      /Undo\n {2}idsctl unblock d12 {3}lifts the block of 203\.0\.113\.0\/24\n {2}idsctl allow add 203\.0\.113\.7 {3}lets only 203\.0\.113\.7 through\n$/,
    ])
      assert.match(stdout, part)
  })

  it('of many flows it shows three for each piece of evidence', async () => {
    const evidence = [{ ...decision.evidence[0], flows: Array.from({ length: 9 }, () => flow) }]
    const many = { ...blocked, decisions: [{ ...decision, evidence }] }
    const { stdout } = await run({ why: () => many }, 'why 203.0.113.7')
    assert.equal(stdout.match(/203\.0\.113\.7:51234/g)?.length, 3)
    assert.match(stdout, /and 6 flows more; -o json has all\n/)
  })

  it('an allowed address names its entries, and what would be without them', async () => {
    const allowed = {
      ...blocked,
      fate: 'FATE_ALLOWED',
      divergences: [],
      allows: [{ entry: allowEntry, inKernel: true }],
      guards: ['203.0.113.7 is the gateway'],
    }
    const { stdout } = await run({ why: () => allowed }, 'why 203.0.113.7')
    assert.match(stdout, /^203\.0\.113\.7 is allowed by 203\.0\.113\.0\/24\n/)
    assert.match(
      stdout,
      /Allow\n {2}203\.0\.113\.0\/24: the office \(operator by uid:1000 \(alice\), [^\n]*; in the kernel\)\n {2}without it: dropped by d12\n {2}guarded: 203\.0\.113\.7 is the gateway\n/,
    )
    assert.match(stdout, /Undo\n {2}idsctl allow rm 203\.0\.113\.0\/24 /)
  })

  it('of several lists the one that drops is named, and a decision that only counts is not', async () => {
    const list = {
      createdAtMs: AT_MS,
      createdBy: 'uid:0 root',
      source: 'f.txt',
      packets: 7,
      droppedPackets: 5,
    }
    const listed = {
      ...blocked,
      entries: [{ ...entry, action: 'ACTION_COUNT', isDeciding: false }],
      lists: [
        { list: { ...list, name: 'watched', action: 'ACTION_COUNT' }, entry: '203.0.113.7' },
        { list: { ...list, name: 'bad', action: 'ACTION_DROP' }, entry: '203.0.113.0/24' },
      ],
    }
    const { stdout } = await run({ why: () => listed }, 'why 203.0.113.7')
    assert.match(stdout, /^203\.0\.113\.7 is dropped by the list bad\n/)
    assert.match(stdout, /bad: drop 203\.0\.113\.0\/24, [^\n]*; all of it met 7 packets, 5 dropped\n/)
    await daemon?.close()
    const alone = await run({ why: () => ({ ...listed, entries: [] }) }, 'why 203.0.113.7')
    assert.match(alone.stdout, /In the kernel\n {2}no entry of a decision, but imported lists hold it\n/)
  })

  it('of several lists one whose doing it is is named, and none that is over', async () => {
    const held = (name: string, action: string, expiresAtMs = 0) => ({
      list: { name, action, expiresAtMs, createdAtMs: AT_MS, createdBy: 'uid:0 root', source: 'f.txt' },
      entry: '203.0.113.7',
    })
    const cases = [
      [
        'DROPPED',
        [held('bad', 'ACTION_DROP'), held('over', 'ACTION_REJECT', AT_MS - 1)],
        'dropped by the list bad',
      ],
      // The kernel has taken all but the first.
      ['LIMITED', [held('not', 'ACTION_DROP'), held('slow', 'ACTION_LIMIT')], 'limited by the list slow'],
      [
        'SYN_DROPPED',
        [held('slow', 'ACTION_LIMIT'), held('syns', 'ACTION_SYN_DROP')],
        'passes but for SYNs, which are dropped by the list syns, and lists limit all else',
      ],
      [
        'SPARED',
        [held('slow', 'ACTION_LIMIT'), held('bad', 'ACTION_DROP')],
        'else kept back by the list bad',
      ],
    ] as const
    for (const [word, lists, told] of cases) {
      const fate = `FATE_${word}`
      const listed = { ...blocked, fate, fateWithoutAllow: fate, entries: [], lists }
      const { stdout } = await run({ why: () => listed }, 'why 203.0.113.7')
      assert.ok(stdout.split('\n')[0]?.endsWith(told), stdout.split('\n')[0])
      await daemon?.close()
    }
  })

  it('what is on trial is undone by a rollback', async () => {
    const tried = { ...blocked, decisions: [{ ...decision, trial: 'trial' }] }
    const { stdout } = await run({ why: () => tried }, 'why 203.0.113.7')
    assert.match(stdout, /\n {2}undo +idsctl rollback\n/)
    assert.match(stdout, /Undo\n {2}idsctl rollback {3}takes back what is on trial\n/)
    assert.doesNotMatch(stdout, /idsctl unblock/)
  })

  it('so is an allow entry or a list on trial, and one beside it that stands is taken out by itself', async () => {
    const commands = async (answer: object) => {
      const { stdout } = await run({ why: () => answer }, 'why 203.0.113.7 -o json')
      await daemon?.close()
      return JSON.parse(stdout).undo.map(({ command }: { command: string }) => command)
    }
    const standing = { entry: { ...allowEntry, target: '203.0.0.0/16' }, inKernel: true }
    const tried = { entry: allowEntry, inKernel: true, onTrial: true }
    const allowed = { ...blocked, fate: 'FATE_ALLOWED' }
    assert.deepEqual(await commands({ ...allowed, allows: [tried] }), ['idsctl rollback'])
    assert.deepEqual(await commands({ ...allowed, allows: [tried, standing] }), [
      'idsctl rollback',
      'idsctl allow rm 203.0.0.0/16',
    ])
    const holding = (name: string, onTrial: boolean) => ({
      ...{ list: { name, action: 'ACTION_DROP' }, entry: '203.0.113.0/24', onTrial },
    })
    const listed = {
      ...blocked,
      entries: [],
      decisions: [],
      lists: [holding('new', true), holding('old', false)],
    }
    assert.deepEqual(await commands(listed), [
      'idsctl rollback',
      'idsctl lists rm old',
      'idsctl allow add 203.0.113.7',
    ])
    const page = await run({ why: () => ({ ...listed, allows: [tried] }) }, 'why 203.0.113.7')
    assert.match(page.stdout, /new \(on trial\): drop 203\.0\.113\.0\/24/)
    assert.match(page.stdout, /203\.0\.113\.0\/24: the office [^\n]*, on trial\)/)
  })

  it('a panic is named, and what ends it', async () => {
    const { stdout } = await run({ why: () => ({ ...blocked, fate: 'FATE_SPARED' }) }, 'why 203.0.113.7')
    assert.match(stdout, /^203\.0\.113\.7 passes, because all enforcement is stopped \(idsctl resume\)/)
    assert.match(stdout, /Undo\n {2}idsctl resume /)
  })

  it('an unknown address passes, and why there is no model reason is said', async () => {
    const answer = { ...passing, modelProblem: 'no model is loaded: switched off' }
    const { stdout } = await run({ why: () => answer }, 'why 203.0.113.7')
    assert.match(
      stdout,
      /^203\.0\.113\.7 passes: no entry in force covers it\n\nIn the kernel\n {2}no entry\n/,
    )
    assert.match(stdout, /Model\n {2}model +none\n {2}features +no model is loaded: switched off\n/)
    assert.match(stdout, /History\n {2}nothing is known of it\n/)
  })

  it('as JSON it carries the same with a schema', async () => {
    const { stdout } = await run({ why: () => blocked }, 'why 203.0.113.7 -o json')
    const document = JSON.parse(stdout)
    assert.deepEqual(
      [
        document.schema,
        document.source,
        document.fate,
        document.kernel[1].decision,
        document.kernel[1].deciding,
      ],
      ['idsd.why.v1', 'daemon', 'dropped', 'd12', true],
    )
    assert.equal(document.model_reason.features[0].name, 'Flow Duration')
    assert.deepEqual(
      document.undo.map(({ command }: { command: string }) => command),
      ['idsctl unblock d12', 'idsctl allow add 203.0.113.7'],
    )
  })

  it('what is no address is wrong use', async () => {
    const { code, stderr } = await run({ why: () => blocked }, 'why example.org')
    assert.equal(code, 2)
    assert.match(stderr, /an address or a CIDR/)
  })

  it('with no daemon and no pins it ends unreachable and says what it looked at', async () => {
    const { code, stderr } = await runIdsctl(['why', '203.0.113.7', '--bpffs', '/nowhere/idsd'], {
      socket: '/nowhere/idsd.sock',
    })
    assert.equal(code, 5)
    assert.match(stderr, /idsd is not running[\s\S]*there are no pinned maps in \/nowhere\/idsd/)
  })
})
