import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import {
  panelsOf,
  prometheusTool,
  readDashboard,
  readRules,
  rulesFile,
  selectorsIn,
  type Target,
  toolMissing,
} from '../dashboard-files.js'
import type { Answer } from './fetch-all.js'
import { echo, type Json, openSite, root, type Site, send, serveHttp, skipE2e, startMs } from './harness.js'

/** Both listen on the loopback of the daemon's namespace, where nobody else is. */
const idsdAt = '127.0.0.1:9478'
const prometheusAt = '127.0.0.1:9090'
/** What the variables of the dashboard stand for here: all daemons, and some scrapes. */
const variables = (text: string) => text.replaceAll('$instance', '.*').replaceAll('$interval', '5s')

/** A series: its labels, and its values from first to last. */
interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly number[]
}

const panels = panelsOf(readDashboard())

describe('dashboard and rules on a Prometheus that scrapes idsd', {
  skip: skipE2e || skipOrFail(toolMissing('prometheus')),
}, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2edash', extraAddresses: 2 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'dash')
    const config = join(site.dir, 'prometheus.yml')
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [rulesFile],
        scrape_configs: [{ job_name: 'idsd', static_configs: [{ targets: [idsdAt] }] }],
      }),
    )
    await Promise.all([
      site.start({ args: ['--metrics-listen', idsdAt, '--events', join(site.dir, 'events.jsonl')] }),
      serveHttp(server),
    ])
    const prometheus = server.spawn([
      prometheusTool('prometheus') as string,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(site.dir, 'prometheus')}`,
      `--web.listen-address=${prometheusAt}`,
    ])
    await until(async () => prometheus.exit !== undefined || (await number('count_over_time(up[1m])')) >= 3, {
      what: 'Prometheus has scraped idsd some times',
      timeoutMs: startMs,
    }).catch((error) => {
      throw new Error(`${error.message}\n${prometheus.stderr}`)
    })
    assert.equal(prometheus.exit, undefined, prometheus.stderr)
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  /** Answers of Prometheus to requests of its HTTP API. */
  const ask = async (paths: readonly string[]): Promise<Json[]> => {
    const { code, stdout, stderr } = await server.exec(
      [process.execPath, join(root, 'build/daemon/test/e2e/fetch-all.js')],
      {
        input: JSON.stringify(paths.map((path) => `http://${prometheusAt}/api/v1/${path}`)),
        timeoutMs: startMs,
      },
    )
    assert.equal(code, 0, stderr)
    return (JSON.parse(stdout) as Answer[]).map(({ status, body }, i) => {
      assert.equal(status, 200, `${paths[i]}: ${body}`)
      return JSON.parse(body).data
    })
  }
  const at = (path: string, params: Record<string, string>) => `${path}?${new URLSearchParams(params)}`
  /** Value of a query now; NaN where nothing comes back. */
  const number = async (query: string): Promise<number> => {
    const [found] = await ask([at('query', { query })])
    return Number(found.result[0]?.value[1])
  }
  /** A panel asks for one moment, or for a range with a step. */
  const request = ({ expr, instant }: Target) => {
    const query = variables(expr)
    const now = Date.now() / 1000
    return instant
      ? at('query', { query })
      : at('query_range', { query, start: `${now - 10}`, end: `${now}`, step: '1' })
  }
  /** Series of each panel, by title and query. */
  const queryPanels = async () => {
    const asked = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, target })))
    const answers = await ask(asked.map(({ target }) => request(target)))
    return asked.map(({ title, target }, i) => ({
      title,
      target,
      series: answers[i].result.map(
        ({ metric, value, values }: Json): Series => ({
          labels: metric,
          values: (values ?? [value]).map(([, text]: [number, string]) => Number(text)),
        }),
      ) as Series[],
    }))
  }
  /** What Prometheus knows of the rules, after it has evaluated each without error. */
  const evaluated = async (): Promise<Json[]> => {
    const rules = await until(
      async () => {
        const [{ groups }] = await ask(['rules'])
        const all: Json[] = groups.flatMap((group: Json) => group.rules)
        return all.every(({ health }) => health !== 'unknown') ? all : undefined
      },
      { what: 'every rule has been evaluated', timeoutMs: startMs },
    )
    for (const { name, health, lastError } of rules) assert.equal(health, 'ok', `${name}: ${lastError}`)
    return rules
  }
  const greatest = (series: readonly Series[]) =>
    Math.max(...series.flatMap(({ values }) => values).filter((value) => !Number.isNaN(value)))

  test('every panel shows something while nothing happens', async () => {
    for (const { title, target, series } of await queryPanels()) {
      assert.ok(series.length > 0, `${title}: nothing for ${target.expr}`)
    }
  })

  test('all rules are evaluated without error, and none calls over a healthy daemon', async () => {
    const rules = await evaluated()
    const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name).sort()
    assert.deepEqual(names(rules), names(readRules()))
    const calling = rules.filter(({ state }) => state === 'pending' || state === 'firing')
    assert.deepEqual(calling, [])
  })

  test('a block, an attack and a visit are seen in the panels that are about them', async () => {
    const [, blocked, scanner] = attacker.addresses.all.filter((address) => !address.includes(':'))
    await site.ok('block', blocked as string)
    const frame = echo({ ...attacker, addresses: { ...attacker.addresses, v4: blocked as string } }, server)
    const program = (name: string, ...args: string[]) => [
      process.execPath,
      join(root, 'build/lab/programs', `${name}.js`),
      ...['--target', server.addresses.v4, ...args],
    ]
    const visit = lab
      .ns('client')
      .spawn(program('http-client', '--port', '80', '--rate', '20', '--duration', '60'))
    const scan = attacker.spawn(
      program('connect-scan', '--bind', scanner as string, '--ports', '1-400', '--timeout', '500'),
    )
    await send(attacker, { frame, count: 200 })
    const happened = [
      'sum(increase(idsd_alerts_total[1m])) > 0',
      'sum(increase(idsd_time_to_block_seconds_count[1m])) > 0',
      'sum(increase(idsd_scores_count[1m])) > 0',
      'sum(increase(idsd_flow_records_total{kind="snapshot"}[1m])) > 0',
      'sum(increase(idsd_dropped_packets_total{origin="operator"}[1m])) > 0',
      'sum(increase(idsd_dropped_packets_total{origin="detector"}[1m])) > 0',
    ].join(' and ')
    await until(async () => (await number(happened)) > 0, {
      what: 'Prometheus has seen alerts, scores, a block and drops',
      timeoutMs: startMs,
    })

    const found = await queryPanels()
    const shown = (title: string, matches: (labels: Series['labels']) => boolean = () => true) => {
      const series = found.filter((one) => one.title === title).flatMap((one) => one.series)
      const value = greatest(series.filter(({ labels }) => matches(labels)))
      assert.ok(value > 0 && Number.isFinite(value), `${title}: ${value} in ${JSON.stringify(series)}`)
      return value
    }
    for (const { title, target, series } of found) {
      assert.ok(series.length > 0, `${title}: nothing for ${target.expr}`)
      for (const [, label] of (target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok(
          series.every(({ labels }) => (labels[label as string] ?? '') !== ''),
          `${title}: there is no label ${label} in ${target.expr}`,
        )
      }
    }
    assert.equal(shown('Daemons that answer'), 1)
    assert.ok(shown('Blocked') >= 2)
    shown('Dropped')
    shown('Alerts, last hour')
    assert.ok(shown('Time to block, last hour') < 5)
    shown('Time to block')
    shown('Packets', ({ direction, verdict }) => direction === 'ingress' && verdict === 'dropped')
    shown('Bandwidth', ({ direction, verdict }) => direction === 'egress' && verdict === 'passed')
    shown('Flows that begin and end')
    shown('Active decisions', ({ origin, action }) => origin === 'detector' && action === 'drop')
    shown('Decisions made', ({ origin, kind }) => origin === 'operator' && kind === 'block')
    shown('Drops by reason', ({ reason }) => reason === 'manual')
    // The model may have had its say, too.
    shown('Drops by reason', ({ reason }) => reason === 'scan' || reason === 'mixed')
    shown('Drops by origin', ({ origin }) => origin === 'detector')
    shown('Alerts by detector', ({ detector }) => detector === 'scan_vertical')
    shown('Alerts by severity')
    shown('Scores', ({ le }) => le === '+Inf')
    shown('Flows scored')
    shown('Flow records', ({ kind }) => kind === 'snapshot')
    shown('Sources remembered', ({ room }) => room === 'detect')
    shown('Map fill', ({ map }) => map === 'flows')
    shown('Flows')
    shown('Event file')
    shown('Event-loop lag')
    shown('Memory')
    shown('Processor')
    shown('XDP mode', ({ iface, mode }) => iface === 'eth0' && mode === 'native')
    shown('Model')
    shown('Version and uptime', ({ version }) => (version ?? '') !== '')
    await Promise.all([visit.stop(), scan.stop()])
  })

  test('everything that a panel or a rule selects is there, down to its labels', async () => {
    const expressions = [
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => variables(expr))),
      ...readRules().map(({ expr }) => expr),
    ]
    const selectors = [...new Set(expressions.flatMap(selectorsIn))]
    const answers = await ask(selectors.map((selector) => at('series', { 'match[]': selector })))
    const missing = selectors.filter((_, i) => answers[i].length === 0)
    assert.deepEqual(missing, [])
    await evaluated()
  })

  test('a daemon that is killed is missed', async () => {
    await site.killHard()
    await until(async () => (await number('ALERTS{alertname="IdsdDown", instance="127.0.0.1:9478"}')) === 1, {
      what: 'IdsdDown is pending',
      timeoutMs: startMs,
    })
  })
})
