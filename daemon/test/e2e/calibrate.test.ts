import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { alertsAbout, decisionAgainst, eventually, metricsOf, program, reload, summaryOf } from './attacks.js'
import { type Json, openSite, type Site, serveHttp, skipE2e } from './harness.js'

const host = '10.77.0.1'
const own = (number: number) => `10.77.0.${16 + number}`

/** One scan blocks; what was learnt is kept each second. */
const config = (more = '', policy = '') => `
[detect.scan_vertical]
points = 120
[calibrate]
save_s = 1
min_flows = 200
${policy}
${more}
`

describe('calibrate', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  const visitors: LabProcess[] = []
  const args = ['--flows', '65536', '--metrics-listen', '127.0.0.1:9478']

  /** A machine that looks at 25 ports, all of them shut: the default takes it for a scanner. */
  const look = async (from: LabNamespace, address: string, ports: string) => {
    const scan = from.spawn(
      program('connect-scan', '--target', host, '--bind', address, '--ports', ports, '--rate', '100'),
    )
    await scan.exited
  }
  const status = () => site.ok('calibrate', 'status')
  const row = (proposal: Json, detector: string) =>
    proposal.thresholds.find((one: Json) => one.detector === detector)
  const sourceOf = (proposal: Json, address: string) =>
    proposal.sources.find(({ source }: Json) => source === address)
  const alertsOf = async (address: string) =>
    (await site.ok('alerts', '--ip', address, '--detector', 'scan_vertical')).alerts.length

  const wordsOf = ({ evidence }: Json): string => evidence.map(({ text }: Json) => text).join('\n')

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ecalib', extraAddresses: 8 })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'calib')
    await Promise.all([
      site.start({ config: config('', '[policy]\nmodel_may_block = true'), args }),
      serveHttp(server),
    ])
    for (const [from, address] of [
      [client, client.addresses.v4],
      [attacker, own(0)],
    ] as const) {
      const rate = ['--rate', '20', '--connection', 'fresh', '--duration', '300']
      visitors.push(
        from.spawn(program('http-client', '--target', host, '--port', '80', '--bind', address, ...rate)),
      )
    }
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('model_may_block without a calibration is warned of by status and doctor', async () => {
    const { model, warnings, calibration } = await site.ok('status')
    assert.deepEqual([model.may_block, model.calibrated], [true, false])
    assert.match(warnings.join('\n'), /model_may_block: the model alone may block before this site/)
    assert.deepEqual(calibration, { run: null, site: null })
    const doctor = await site.ctl(['doctor'])
    const finding = doctor.json.findings.find(({ check }: Json) => check === 'calibration')
    assert.equal(finding.level, 'warning', JSON.stringify(finding))
    await reload(site, config())
    const next = await site.ok('status')
    assert.deepEqual([next.model.may_block, next.warnings.join().includes('model_may_block')], [false, false])
  })

  test('nothing can be finished that was not learnt, and nothing is in force', async () => {
    for (const command of [['finish'], ['finish', '--apply'], ['cancel'], ['clear']]) {
      assert.equal((await site.ctl(['calibrate', ...command])).code, 4, command.join(' '))
    }
  })

  test('while it learns the mode is detect, and too little is refused', async () => {
    const plan = await site.ok('calibrate', 'start', '--for', '1h', '--dry-run')
    assert.deepEqual([plan.mode_before, plan.mode, plan.run], ['prevent', 'detect', null])
    assert.equal((await site.ok('mode')).mode, 'prevent', 'nothing was changed')
    const begun = await site.ok('calibrate', 'start', '--for', '1h', '--reason', 'new site')
    assert.deepEqual(
      [begun.mode_before, begun.mode, begun.undo],
      ['prevent', 'detect', 'idsctl calibrate cancel; idsctl mode prevent'],
    )
    assert.equal((await site.ok('mode')).mode, 'detect')
    const refused = await site.ctl(['calibrate', 'finish', '--apply'])
    assert.equal(refused.code, 3, refused.stderr)
    assert.match(refused.stderr, /200 are the least/)
    assert.equal((await site.ctl(['calibrate', 'start', '--for', '1h'])).code, 3, 'it learns already')
    const metrics = await metricsOf(server)
    assert.equal(metrics.get('idsd_calibration_learning'), 1)
  })

  test('a daemon that is killed in the middle goes on with what it had learnt', async () => {
    const learnt = await eventually('something is kept', async () => {
      const { run } = await status()
      return run.flows >= 40 ? run : undefined
    })
    const early = await site.ctl(['mode', 'prevent'])
    assert.equal(early.code, 3, early.stderr)
    assert.match(early.stderr, /learns this site since/)
    await site.killHard()
    await site.start({ args })
    const { run } = await status()
    assert.ok(run.flows >= learnt.flows / 2 && run.learning, `${learnt.flows} flows, then ${run.flows}`)
    assert.equal(run.started_at, learnt.started_at)
    assert.ok(run.learnt_ms >= learnt.learnt_ms / 2)
    assert.equal((await site.ok('mode')).mode, 'detect', 'the configured one is prevent')
  })

  test('who fired is left out until an operator says that it is ours', async () => {
    await look(client, client.addresses.v4, '501-525')
    await look(attacker, own(1), '501-560')
    await alertsAbout(site, client.addresses.v4, '--detector', 'scan_vertical')
    await alertsAbout(site, own(1), '--detector', 'scan_vertical')
    const proposal = await eventually('enough is learnt', async () => {
      const found = await site.ok('calibrate', 'finish')
      return found.missing.length === 0 ? found : undefined
    })
    assert.deepEqual(
      [row(proposal, 'scan_vertical').before, row(proposal, 'scan_vertical').proposed],
      [20, 20],
    )
    for (const address of [client.addresses.v4, own(1)]) {
      assert.equal(sourceOf(proposal, address).standing, 'left_out')
      assert.ok(sourceOf(proposal, address).decisions.length > 0, 'it would have been blocked')
    }
    const named = await site.ok('calibrate', 'finish', '--include', client.addresses.v4)
    const { before: was, proposed, alerts_before, alerts_after } = row(named, 'scan_vertical')
    assert.deepEqual([was, proposed, alerts_after], [20, 30, 0])
    assert.ok(alerts_before > 0)
    const ours = sourceOf(named, client.addresses.v4)
    assert.deepEqual([ours.standing, ours.firings_after, ours.may_block_after], ['named', 0, false])
    assert.equal(sourceOf(named, own(1)).may_block_after, true)
    assert.equal((await status()).run.learning, true, 'a look changes nothing')
  })

  test('what is applied is in force, audited, and lets the model block', async () => {
    const applied = await site.ok('calibrate', 'finish', '--include', client.addresses.v4, '--apply')
    assert.equal(applied.undo, 'idsctl calibrate clear')
    assert.deepEqual(applied.site.thresholds.scan_vertical, 30)
    assert.equal(applied.run.learning, false)
    const { model, warnings, mode } = await site.ok('status')
    assert.equal(mode, 'detect', "the mode is the operator's")
    assert.deepEqual([model.calibrated, model.may_block], [true, true], JSON.stringify(applied.thresholds))
    assert.equal(model.threshold, applied.site.model.threshold)
    assert.doesNotMatch(warnings.join('\n'), /model_may_block/)
    const { rows } = await site.ok('audit')
    const audit = rows.filter(({ action }: Json) => action.startsWith('calibrate'))
    assert.deepEqual(
      audit.map(({ action, outcome }: Json) => [action, outcome]),
      [
        ['calibrate_apply', 'done'],
        ['calibrate_start', 'refused'],
        ['calibrate_apply', 'refused'],
        ['calibrate_start', 'done'],
      ],
    )
    assert.match(audit[0].after, /scan_vertical 30/)
    const { stdout } = await site.text(['calibrate', 'status'])
    assert.match(stdout, /thresholds +scan_vertical 30/)
  })

  test('after it, in prevent, ours is left alone and an attack is blocked, also after a restart', async () => {
    await site.ok('mode', 'prevent')
    await site.unblockAll()
    const before = await alertsOf(client.addresses.v4)
    await site.stop()
    await site.start({ args })
    await look(client, client.addresses.v4, '601-625')
    await look(attacker, own(2), '501-580')
    const decision = await decisionAgainst(site, own(2))
    assert.deepEqual([decision.kind, decision.action], ['block', 'drop'])
    assert.match(wordsOf(decision), /threshold 30 in 15 s/)
    assert.equal(await alertsOf(client.addresses.v4), before, 'the busy client is no longer told of')
    assert.equal((await site.ok('decisions', 'list', '--ip', client.addresses.v4)).total, 0)
    assert.equal((await site.ok('status')).model.calibrated, true)
  })

  test('a key that the file names wins, and clear takes all of it back', async () => {
    await reload(site, `${config()}\n`.replace('points = 120', 'points = 120\nports = 22'))
    await look(attacker, own(3), '501-580')
    const decision = await decisionAgainst(site, own(3))
    assert.match(wordsOf(decision), /threshold 22 in 15 s/)
    await reload(site, config())
    const cleared = await site.ok('calibrate', 'clear')
    assert.equal(cleared.undo, 'idsctl calibrate finish --apply')
    const { model, calibration } = await site.ok('status')
    assert.deepEqual([model.calibrated, model.may_block, calibration.site], [false, false, null])
    await look(attacker, own(4), '501-580')
    assert.match(wordsOf(await decisionAgainst(site, own(4))), /threshold 20 in 15 s/)
    await site.ok('calibrate', 'cancel')
    assert.equal((await status()).run, null)
  })

  test('prevent by force ends a learning, and is so after a kill too', async () => {
    await site.ok('calibrate', 'start', '--for', '1h')
    assert.equal((await site.ok('mode', 'prevent', '--force')).overridden.length, 1)
    await site.killHard()
    await site.start({ args })
    assert.equal((await site.ok('mode')).mode, 'prevent')
    assert.equal((await status()).run.learning, false)
    await site.ok('calibrate', 'cancel')
  })

  test('through all of it nobody who only visited was blocked', async () => {
    const [mine] = visitors
    const visit = await summaryOf(mine as LabProcess)
    assert.ok(visit.ok > 50, JSON.stringify(visit))
    assert.equal((await site.ok('decisions', 'list', '--ip', own(0))).total, 0)
  })
})
