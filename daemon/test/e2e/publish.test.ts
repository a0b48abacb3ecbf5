import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { type Json, openSite, root, type Site, skipE2e, startMs } from './harness.js'

describe('what idsd tells of an attack', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let file: string
  let alert: Json

  const events = (): Json[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  const eventually = <T>(what: string, look: () => T | Promise<T>) =>
    until(look, { what, timeoutMs: startMs, intervalMs: 50 })

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2epublish' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'publish')
    file = join(site.dir, 'events.jsonl')
    await site.start({
      args: ['--events', file, '--metrics-listen', '127.0.0.1:9478'],
    })
    // The first look begins the count of sources.
    await site.ok('top', '--once')
    await attacker.exec(
      [
        process.execPath,
        join(root, 'build/lab/programs/connect-scan.js'),
        ...['--target', server.addresses.v4, '--ports', '1-200', '--timeout', '500'],
      ],
      { timeoutMs: 60_000 },
    )
    await eventually('a decision', async () => (await site.ok('decisions', 'list')).decisions[0])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('top names the scanner, and flows stand out for a score or for evidence', async () => {
    const top = await site.ok('top', '--once', '--by', 'flows')
    assert.equal(top.sources[0].address, attacker.addresses.v4)
    const { flows } = await site.ok('flows', '--anomalous', '--last', '1000')
    assert.ok(flows.length > 0)
    for (const { detectors, score } of flows) assert.ok(detectors.length > 0 || score !== null)
  })

  test('the alert is listed, shown with its flows, and narrowed by detector and severity', async () => {
    const { alerts } = await site.ok('alerts', '--detector', 'scan_vertical', '--ip', attacker.addresses.v4)
    alert = alerts.at(-1)
    assert.equal(alert.source, attacker.addresses.v4)
    const shown = await site.ok('alert', 'show', alert.id)
    assert.deepEqual([shown.id, shown.technique], [alert.id, 'T1046'])
    assert.ok(shown.flows.length > 0)
    assert.deepEqual(shown.flows[0].detectors, ['scan_vertical'])
    assert.equal((await site.ok('alerts', '--detector', 'exfiltration')).total, 0)
  })

  test('the event file tells start, alert and decision, under the ids that idsctl shows', async () => {
    const found = await eventually('an alert and a decision in the file', () => {
      const lines = events()
      const raised = lines.find((event) => event.event_type === 'alert' && event.alert.id === alert.id)
      const made = lines.find((event) => event.event_type === 'decision')
      return raised && made && { start: lines[0], raised, made }
    })
    assert.deepEqual([found.start.event_type, found.start.start.mode], ['start', 'prevent'])
    assert.deepEqual([found.raised.src_ip, found.raised.proto], [attacker.addresses.v4, 'TCP'])
    assert.equal(found.raised.alert.text, alert.text)
    const { decisions } = await site.ok('decisions', 'list')
    assert.deepEqual(
      [found.made.decision.id, found.made.decision.change, found.made.decision.kind],
      [decisions[0].id, 'added', decisions[0].kind],
    )
  })

  test('a flow has one name in the file, in idsctl, and in other tools', async () => {
    const raised = events().find((event) => event.event_type === 'alert' && event.alert.id === alert.id)
    const { flows } = await site.ok('flows', '--port', String(raised.dest_port), '--last', '1000')
    const same = flows.find(({ id }: Json) => id === raised.flow_id)
    assert.match(raised.community_id, /^1:/)
    assert.equal(same.community_id, raised.community_id)
    assert.deepEqual([same.src, same.src_port], [raised.src_ip, raised.src_port])
  })

  test('an export has every flow that a list counts, with its features where they were kept', async () => {
    const path = join(site.dir, 'flows.csv')
    await eventually('the export of all flows', async () => {
      const { total } = await site.ok('flows', '--ip', attacker.addresses.v4, '--last', '1')
      const done = await site.text([
        'flows',
        'export',
        '--ip',
        attacker.addresses.v4,
        '--features',
        '-o',
        path,
      ])
      assert.equal(done.code, 0, done.stderr)
      return readFileSync(path, 'utf8').trimEnd().split('\n').length - 1 === total
    })
    assert.match(readFileSync(path, 'utf8'), /^id,.*,Flow Duration,/)
    const parquet = join(site.dir, 'flows.parquet')
    const done = await site.text(['flows', 'export', '-o', parquet])
    assert.equal(done.code, 0, done.stderr)
    assert.equal(readFileSync(parquet).subarray(0, 4).toString(), 'PAR1')
    assert.equal(existsSync(`${parquet}.part`), false)
  })

  test('the metrics count the alert, the decision, and how long it took', async () => {
    const { stdout } = await server.exec(
      [
        process.execPath,
        '-e',
        `fetch('http://127.0.0.1:9478/metrics').then(async (r) => console.log(await r.text()))`,
      ],
      { timeoutMs: startMs },
    )
    const metric = (name: string) =>
      Number(
        stdout
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      )
    assert.ok(metric('idsd_time_to_block_seconds_count') >= 1)
    assert.ok(metric('idsd_decisions_total{origin="detector",action="drop",kind="block"}') >= 1)
    assert.ok(metric(`idsd_alerts_total{detector="scan_vertical",severity="${alert.severity}"}`) >= 1)
    assert.ok(metric('idsd_events_total') >= 3)
    assert.equal(metric('idsd_events_lost_total'), 0)
  })

  test('the mode is changed, audited, written, and undone', async () => {
    const dry = await site.ok('mode', 'detect', '--dry-run')
    assert.deepEqual([dry.before, dry.undo], ['prevent', null])
    const changed = await site.ok('mode', 'detect')
    assert.equal(changed.decisions_changed, dry.decisions_changed)
    assert.equal((await site.ok('status')).mode, 'detect')
    const event = await eventually('the change in the file', () =>
      events().find((one) => one.event_type === 'mode'),
    )
    assert.deepEqual([event.mode.before, event.mode.mode], ['prevent', 'detect'])
    await site.ok(...changed.undo.split(' ').slice(1))
    assert.equal((await site.ok('mode')).mode, 'prevent')
  })

  test('the last line says that idsd stopped', async () => {
    await site.stop()
    assert.equal(events().at(-1).event_type, 'stop')
  })
})
