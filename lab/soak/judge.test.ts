import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AlertDocument, DecisionDocument } from '../guarded-server.js'
import { nobody } from './attacks.js'
import { addresses } from './cast.js'
import { breachesOf } from './judge.js'
import { quarters } from './memory.js'
import { reportText } from './report.js'
import type { AttackResult, Observations } from './run.js'

const startMs = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(startMs + seconds * 1000).toISOString()
const mib = 1024 * 1024

function decision(given: Partial<DecisionDocument>): DecisionDocument {
  return {
    ...{
      id: 'd1',
      target: '10.77.0.16',
      kind: 'block',
      action: 'drop',
      state: 'active',
      reason: 'scan_vertical 120',
    },
    ...{ created_at: at(1), expires_at: at(601), packets: 9, in_kernel: true, evidence: [] },
    ...given,
  } as DecisionDocument
}

function alert(given: Partial<AlertDocument>): AlertDocument {
  const whole = { id: 'a1', at: at(1), source: '10.77.0.16', detector: 'scan_vertical', text: '', points: 60 }
  return { ...whole, ...given }
}

function attack(given: Partial<AttackResult>): AttackResult {
  return {
    ...{ name: 'scan', atS: 0, seconds: 5, source: '10.77.0.16', forged: [], detectors: ['scan_vertical'] },
    ...{ isFlood: false, argvs: [], beganMs: startMs },
    ...given,
  }
}

const forged = attack({
  ...{
    name: 'forged flood',
    source: undefined,
    forged: [addresses.operator, nobody],
    detectors: ['syn_flood'],
  },
  beganMs: startMs + 20_000,
})

/** A soak in which all was kept. */
const good: Observations = {
  seconds: 60,
  parts: [{ who: 'reader', what: 'browses', attempts: 10, failed: 0, firstFailure: undefined }],
  attacks: [attack({}), forged],
  decisions: [
    decision({}),
    decision({ id: 'd2', target: nobody, created_at: at(22), expires_at: at(82) }),
    decision({
      id: 'd3',
      target: addresses.operator,
      kind: 'spoofable',
      action: 'count',
      created_at: at(23),
    }),
  ],
  alerts: [alert({}), alert({ source: addresses.server, detector: 'syn_flood', at: at(22) })],
  losses: {
    packets: 1_000_000,
    causes: new Map([['over_budget', { total: 500, inFloods: 500, unexplained: 0 }]]),
  },
  usage: { rss: Array.from({ length: 60 }, () => 150 * mib), cpu: 0.1 },
  warnings: [],
  flowRecords: 1_000,
  exitCode: 0,
}

test('a soak in which all was kept has no breach, and its report says so', () => {
  assert.deepEqual(breachesOf(good), [])
  const text = reportText(good, [])
  assert.match(text, /reader +browses +10 +0\n/)
  assert.match(text, /scan +10\.77\.0\.16 +scan_vertical +1000 ms +9\n/)
  assert.match(text, /over_budget 500 \(500 in floods, 0 unexplained\)/)
  assert.match(text, /Everything was kept\./)
})

const bad: readonly [name: string, change: Partial<Observations>, message: RegExp][] = [
  [
    'a failed request',
    { parts: [{ ...good.parts[0]!, failed: 1, firstFailure: 'timeout' }] },
    /reader browses: 1 of 10 failed; first: timeout/,
  ],
  ['a part that never ran', { parts: [{ ...good.parts[0]!, attempts: 0 }] }, /nothing was tried/],
  [
    'a drop of somebody honest',
    { decisions: [...good.decisions, decision({ id: 'd9', target: addresses.monitor })] },
    /d9 drops 10\.77\.0\.200, who is honest/,
  ],
  [
    'a record about somebody in whose name nobody spoke',
    {
      decisions: [
        ...good.decisions,
        decision({
          id: 'd9',
          target: addresses.reader,
          kind: 'spoofable',
          action: 'count',
          created_at: at(30),
        }),
      ],
    },
    /d9 is spoofable against 10\.77\.1\.50, whose name nobody forged/,
  ],
  [
    'a record from before the forgery',
    {
      decisions: [
        ...good.decisions,
        decision({
          id: 'd9',
          target: addresses.operator,
          kind: 'spoofable',
          action: 'count',
          created_at: at(10),
        }),
      ],
    },
    /d9 is spoofable against 10\.77\.0\.201/,
  ],
  [
    'an attacker who was let go on',
    { decisions: good.decisions.slice(1) },
    /scan of 10\.77\.0\.16: not dropped/,
  ],
  [
    'a block from before the attack',
    { decisions: [decision({ created_at: at(-5) }), ...good.decisions.slice(1)] },
    /scan of 10\.77\.0\.16: not dropped/,
  ],
  ['an attack found by nobody', { alerts: good.alerts.slice(0, 1) }, /forged flood of .*: found by nobody/],
  [
    'an attack found by another detector',
    { alerts: [alert({ detector: 'model' }), ...good.alerts.slice(1)] },
    /scan of 10\.77\.0\.16: found by model, expected scan_vertical/,
  ],
  [
    'a long drop of a source without proof',
    {
      decisions: [
        ...good.decisions.slice(0, 1),
        decision({ target: nobody, created_at: at(22), expires_at: at(622) }),
      ],
    },
    /drops 10\.77\.0\.77, which proved nothing, for 600000 ms/,
  ],
  [
    'memory that grows over several rounds',
    {
      attacks: [...good.attacks, forged],
      usage: { cpu: 0, rss: Array.from({ length: 60 }, (_, i) => (150 + 3 * i) * mib) },
    },
    /memory grew from 216\.0 MiB to 306\.0 MiB/,
  ],
  [
    'memory that grows a lot in one round',
    { usage: { cpu: 0, rss: Array.from({ length: 60 }, (_, i) => (150 + 5 * i) * mib) } },
    /memory grew from 260\.0 MiB to 410\.0 MiB/,
  ],
  [
    'a drop when the attack was over',
    { decisions: [decision({ created_at: at(8) }), ...good.decisions.slice(1)] },
    /scan of 10\.77\.0\.16: dropped after 8000 ms only/,
  ],
  ['memory that was never read', { usage: { cpu: 0, rss: [] } }, /never read/],
  [
    'a loss outside the floods',
    { losses: { packets: 9, causes: new Map([['table_full', { total: 2, inFloods: 0, unexplained: 2 }]]) } },
    /lost 2 by table_full/,
  ],
  ['a daemon that failed at its end', { exitCode: 1 }, /ended with code 1/],
]
for (const [name, change, message] of bad) {
  test(`${name} is a breach`, () => {
    const seen = { ...good, ...change }
    const breaches = breachesOf(seen)
    assert.equal(breaches.length, 1, breaches.join('\n'))
    assert.match(breaches[0]!, message)
    assert.match(reportText(seen, breaches), /^BREACH: /m)
  })
}

test('a tooth of the garbage collector is no growth', () => {
  const rss = Array.from({ length: 60 }, (_, i) => (i < 50 ? 150 : i < 58 ? 300 : 151) * mib)
  assert.deepEqual(breachesOf({ ...good, attacks: [...good.attacks, forged], usage: { cpu: 0, rss } }), [])
})

test('the quarters are known by their medians and lowest samples', () => {
  const { second, last } = quarters([9, 9, 9, 9, 1, 2, 90, 3, 9, 9, 9, 9, 4, 5, 95, 6])
  assert.deepEqual(
    [second, last],
    [
      { median: 3, lowest: 1 },
      { median: 6, lowest: 4 },
    ],
  )
})
