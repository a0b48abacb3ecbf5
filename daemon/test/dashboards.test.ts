import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/namespaces.js'
import { createHistogram } from '../src/publish/histogram.js'
import { createMeters } from '../src/publish/meters.js'
import { createMetricsRegistry } from '../src/publish/metrics-registry.js'
import type { MetricsSnapshot } from '../src/publish/metrics-snapshot.js'
import {
  type GridPosition,
  metricsIn,
  panelsOf,
  prometheusTool,
  readDashboard,
  readRules,
  recordedIn,
  rulesFile,
  ruleTestsFile,
  selectorsIn,
  toolMissing,
} from './dashboard-files.js'
import { root } from './loaded-programs.js'

const dashboard = readDashboard()
const panels = panelsOf(dashboard)
const rules = readRules()
const alerts = rules.filter(({ kind }) => kind === 'alert')
const runbooks = readFileSync(join(root, 'docs/operations.md'), 'utf8').split('\n## Alerts\n')[1] ?? ''

/** What Grafana replaces by the chosen data source. */
const chosenSource = `\${datasource}`

const nothing = { packets: 0, bytes: 0 }
const idle: MetricsSnapshot = {
  version: '0.0.0',
  traffic: { ingress: { passed: nothing, dropped: nothing }, egress: { passed: nothing, dropped: nothing } },
  dropped: [],
  lost: {},
  lists: [],
  listImportFailures: 0,
  listImportsFailing: 0,
  listsUnloaded: 0,
  displaced: 0,
  withoutFlow: {},
  spared: { count_only: 0, allowed: 0, expired: 0, lapsed: 0, flow: 0 },
  ladder: { limitedPackets: 0, synDroppedPackets: 0, sparedPackets: 0, rejectedAnswers: 0 },
  isPanic: false,
  trialUntilMs: 0,
  calibration: { isLearning: false, flows: 0, isModelFitted: false },
  tripped: [],
  newFlows: 0,
  endedFlows: {},
  guardedVerdicts: 0,
  silencedEvidence: 0,
  flows: 0,
  maps: [],
  decisions: {},
  interfaces: [],
  flowRecords: { opened: 0, snapshot: 0, ended: 0 },
  alerts: createMeters().read().alerts,
  decisionsMade: [],
  refusedRequests: { none: 0, reader: 0 },
  timeToBlock: createHistogram([1]).read(),
  scores: createHistogram([1]).read(),
  sources: { detect: { held: 0, evicted: 0 }, policy: { held: 0, evicted: 0 } },
  storeRowsWaiting: 0,
  events: { written: 0, lost: 0 },
  scoredFlows: 0,
  divergencesRepaired: 0,
  streamLost: 0,
  modelLoaded: false,
  exemptPackets: { nd: 0, arp: 0 },
}

/** Names of all series that the registry can give. */
async function registeredNames(): Promise<Set<string>> {
  const text = await createMetricsRegistry().render(idle)
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)] as unknown as [string, string, string][]
  return new Set(
    types.flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

const overlap = (a: GridPosition, b: GridPosition) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

describe('the dashboard', () => {
  test('has panels that lie inside the grid and do not overlap', () => {
    const all = dashboard.panels
    assert.ok(panels.length >= 20)
    for (const [i, { title, gridPos }] of all.entries()) {
      assert.ok(gridPos.x >= 0 && gridPos.w > 0 && gridPos.x + gridPos.w <= 24, `${title} leaves the grid`)
      const other = all.slice(i + 1).find((one) => overlap(gridPos, one.gridPos))
      assert.equal(other?.title, undefined, `${title} lies over ${other?.title}`)
    }
  })

  test('has panels with ids and titles of their own, a description, and queries', () => {
    for (const key of ['id', 'title'] as const) {
      const found = dashboard.panels.map((panel) => panel[key])
      assert.equal(new Set<unknown>(found).size, found.length, `${key}: ${found.join(', ')}`)
    }
    for (const { title, description = '', targets } of panels) {
      assert.ok(description.length > 20, `${title} has no description`)
      assert.ok(targets.length > 0, `${title} asks nothing`)
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
    }
  })

  test('asks the chosen data source, about the chosen daemons, and names no other variable', () => {
    const variables = dashboard.templating.list.map(({ name }) => name)
    assert.deepEqual(variables, ['datasource', 'instance', 'interval'])
    for (const { title, datasource, targets } of panels) {
      assert.equal(datasource?.uid, chosenSource, title)
      for (const target of targets) {
        assert.equal(target.datasource.uid, chosenSource, title)
        const selectors = selectorsIn(target.expr)
        assert.ok(selectors.length > 0, target.expr)
        for (const selector of selectors) assert.match(selector, /\{instance=~"\$instance"/, target.expr)
        for (const [, name] of target.expr.matchAll(/\$(\w+)/g)) {
          assert.ok(variables.includes(name as string), `${title}: $${name} is no variable`)
        }
      }
    }
  })

  test('names only metrics that idsd has', async () => {
    const names = await registeredNames()
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const metrics = metricsIn(expr)
        assert.ok(metrics.length > 0, expr)
        for (const metric of metrics) assert.ok(names.has(metric), `${title}: there is no metric ${metric}`)
      }
    }
  })
})

describe('the rules', () => {
  test('name only metrics that idsd has, and series that they record', async () => {
    const names = await registeredNames()
    const recorded = rules.filter(({ kind }) => kind === 'record').map(({ name }) => name)
    for (const { name, expr } of rules) {
      const metrics = metricsIn(expr)
      const series = recordedIn(expr)
      assert.ok(metrics.length + series.length > 0 || /\bup\{job="idsd"\}/.test(expr), `${name}: ${expr}`)
      for (const metric of metrics) assert.ok(names.has(metric), `${name}: there is no metric ${metric}`)
      for (const one of series) assert.ok(recorded.includes(one), `${name}: nothing records ${one}`)
    }
  })

  test('wait before they call, say how bad it is, and say what to do under a heading of the guide', () => {
    assert.ok(alerts.length >= 10)
    for (const { name, text } of alerts) {
      assert.match(text, /^ {8}for: [1-9]\d*m$/m, name)
      assert.match(text, /^ {10}severity: (warning|critical)$/m, name)
      assert.match(text, /^ {10}summary: .{10}/m, name)
      assert.match(text, /^ {10}description: >-\n {12}.{10}/m, name)
      assert.match(text, new RegExp(`^ {10}runbook: docs/operations.md#${name.toLowerCase()}$`, 'm'))
    }
    const headings = [...runbooks.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    assert.deepEqual(
      headings,
      alerts.map(({ name }) => name),
    )
  })

  test('have a test of their own each, in which they fire and in which they do not', () => {
    const looks = readFileSync(ruleTestsFile, 'utf8').split(/^ {6}- eval_time: /m)
    for (const { name } of alerts) {
      const own = looks.filter((look) => look.includes(`\n        alertname: ${name}\n`))
      assert.ok(
        own.some((look) => /exp_alerts:\n {10}- /.test(look)),
        `${name} never fires`,
      )
      assert.ok(
        own.some((look) => /exp_alerts: \[\]/.test(look)),
        `${name} never keeps quiet`,
      )
    }
  })

  test('do what their tests say under promtool', { skip: skipOrFail(toolMissing('promtool')) }, () => {
    const promtool = prometheusTool('promtool') as string
    for (const args of [
      ['check', 'rules', rulesFile],
      ['test', 'rules', ruleTestsFile],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
      assert.match(stdout, /SUCCESS/)
    }
  })
})
