import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parquetRows } from '../../../cli/test/parquet-rows.js'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { alertsAbout, decisionAgainst, eventually, metricsOf, program, reload } from './attacks.js'
import { extraSources, type Json, openSite, type Site, serveHttp, skipE2e } from './harness.js'

const maxBytes = 65_536
/** Version 1 of the specification: a SHA-1 in base64. */
const communityId = /^1:[A-Za-z0-9+/]{27}=$/

/** Every flow is written when it ends, so that some hundred visits rotate the file. */
const config = `
[events]
flows = "all"
max_bytes = ${maxBytes}
keep = 20
`

describe('the event file and the export', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let file: string
  /** Each test attacks from addresses of its own. */
  let sources: string[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eevents', extraAddresses: 4 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    site = openSite(server, 'events')
    file = join(site.dir, 'events.jsonl')
    const args = ['--events', file, '--metrics-listen', '127.0.0.1:9478', '--flows', '1024']
    await Promise.all([site.start({ config, args }), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const nextSource = () => sources.shift() as string
  const scan = (source: string, ports: string) =>
    attacker.spawn(
      program(
        'connect-scan',
        ...['--target', server.addresses.v4, '--bind', source, '--ports', ports],
        ...['--concurrency', '10', '--timeout', '200'],
      ),
    )
  /** The files of the events, the oldest first. */
  const files = () =>
    readdirSync(site.dir)
      .filter((name) => /^events\.jsonl(\.\d+)?$/.test(name))
      .sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
      .map((name) => join(site.dir, name))
  const linesOf = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n')
  /** Throws where a line is no document, or a file is moved away under its eyes. */
  const events = (): Json[] =>
    files()
      .flatMap(linesOf)
      .map((line) => JSON.parse(line))
  /** Every line that the metric counts. */
  const allEvents = () =>
    eventually('every line is a document and counted', async () => {
      const metrics = await metricsOf(server)
      assert.equal(metrics.get('idsd_events_lost_total'), 0)
      try {
        const found = events()
        return found.length === metrics.get('idsd_events_total') ? found : undefined
      } catch {
        return undefined
      }
    })

  test('alerts -f tells an alert when it is raised, of the severity and the detector that were asked for', async () => {
    const follow = (...args: string[]) =>
      site.spawnCtl(['alerts', '-f', '-o', 'jsonl', '--last', '100', ...args])
    const [scans, grave] = [follow('--detector', 'scan_vertical'), follow('--severity', 'high')]
    // The second one comes when the watch has begun for certain.
    for (const source of [nextSource(), nextSource()]) {
      const running = scan(source, '80,1-60')
      await decisionAgainst(site, source)
      await running.stop()
      const [alert] = await alertsAbout(site, source, '--detector', 'scan_vertical')
      assert.equal(alert.severity, 'medium')
      const told = () => documents(scans.stdout).find(({ id }) => id === alert.id)
      const { decision_id, ...raised } = await eventually('the alert is told', told)
      const { decision_id: decidedLater, ...stored } = alert
      assert.deepEqual(raised, stored)
      // The decision may be made in a batch after the one that raised the alert.
      assert.ok(decision_id === null || decision_id === decidedLater, decision_id)
    }
    assert.ok(documents(scans.stdout).every(({ detector }) => detector === 'scan_vertical'))
    assert.ok(documents(grave.stdout).every(({ severity }) => ['high', 'critical'].includes(severity)))
    for (const one of [scans, grave]) {
      const { code } = await one.stop({ signal: 'SIGINT' })
      assert.equal(code, 0)
    }
  })

  test('the file tells the start, alerts, decisions made and lifted, and flows by their community id', async () => {
    const [decision] = (await site.ok('decisions', 'list')).decisions
    await site.ok('unblock', decision.id)
    const changes = (lines: readonly Json[]) =>
      lines.filter((line) => line.decision?.id === decision.id).map((line) => line.decision.change)
    const lines = await eventually('the end of the decision', async () => {
      const found = await allEvents()
      return changes(found).includes('lifted') ? found : undefined
    })
    assert.equal(lines[0].event_type, 'start')
    assert.deepEqual(changes(lines), ['added', 'lifted'])
    const alerts = lines.filter(({ event_type }) => event_type === 'alert')
    const { total } = await site.ok('alerts', '--last', '1')
    assert.equal(alerts.length, total)
    for (const line of alerts) {
      assert.deepEqual([line.schema, line.proto, line.in_iface], ['idsd.event.v1', 'TCP', 'eth0'])
      assert.match(line.community_id, communityId)
    }
  })

  test('it is rotated by size without a lost line, and is for its owner and group alone', async () => {
    // A table that is full ends the connections that are closed.
    const { code } = await lab
      .ns('client')
      .spawn(
        program(
          'http-client',
          ...['--target', server.addresses.v4, '--port', '80', '--connection', 'fresh'],
          ...['--rate', '300', '--count', '1600', '--concurrency', '8', '--duration', '30'],
        ),
      ).exited
    assert.equal(code, 0)
    await eventually('three files', () => files().length >= 3)
    const flows = (await allEvents()).filter(({ event_type }) => event_type === 'flow')
    assert.ok(flows.length > 100, `${flows.length} flows`)
    for (const line of flows) {
      assert.match(line.community_id, communityId)
      assert.ok(line.flow.pkts_toserver > 0 && line.flow.reason !== null, JSON.stringify(line))
    }
    const found = files()
    for (const path of found) {
      const { size, mode } = statSync(path)
      assert.ok(size <= maxBytes, `${path} has ${size} bytes`)
      assert.equal(mode & 0o777, 0o640)
    }
    assert.equal(JSON.parse(linesOf(found[0] as string)[0] as string).event_type, 'start')
  })

  test('a file that somebody else moved is left, and a new one begun at SIGHUP', async () => {
    const moved = join(site.dir, 'moved.jsonl')
    renameSync(file, moved)
    await reload(site, config)
    await site.ok('mode', 'detect')
    const isMode = ({ event_type }: Json) => event_type === 'mode'
    await eventually(
      'the change of mode',
      () => existsSync(file) && linesOf(file).some((line) => isMode(JSON.parse(line))),
    )
    assert.deepEqual(
      linesOf(moved).filter((line) => isMode(JSON.parse(line))),
      [],
    )
    await site.ok('mode', 'prevent')
  })

  test('an export has a header and every flow, in both formats the same', async () => {
    const csv = join(site.dir, 'x.csv')
    const parquet = join(site.dir, 'x.parquet')
    const since = ['--since', '1h']
    const exported = async (path: string) => {
      const { code, stderr } = await site.text(['flows', 'export', ...since, '-o', path])
      assert.equal(code, 0, stderr)
    }
    // A flow that is written in between is in the next look.
    await eventually('an export of all flows', async () => {
      const { total } = await site.ok('flows', ...since, '--last', '1')
      await Promise.all([exported(csv), exported(parquet)])
      const [header = [], ...rows] = linesOf(csv).map((line) => line.split(','))
      const same = await parquetRows(parquet)
      assert.deepEqual(header.slice(0, 8), [
        ...['id', 'seq', 'kind', 'interface', 'protocol', 'src', 'src_port', 'dst'],
      ])
      assert.deepEqual(Object.keys(same[0] as object), header)
      const ids = new Set(rows.map(([id]) => id))
      const isWhole = rows.length === total && same.length === total && ids.size === total
      return total > 1_000 && isWhole && same.every(({ id }) => ids.has(id as string))
    })
  })

  test('the last line says that idsd stopped', async () => {
    await site.stop()
    assert.equal(events().at(-1).event_type, 'stop')
  })
})

/** Whole lines as documents. */
function documents(text: string): Json[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
