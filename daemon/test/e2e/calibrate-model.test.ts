import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { meanModel, tinyBundle } from '../../src/score/tiny-model.js'
import { alertsAbout, decisionAgainst, eventually, program } from './attacks.js'
import { openSite, type Site, serveHttp, skipE2e } from './harness.js'

const host = '10.77.0.1'
const own = (number: number) => `10.77.0.${16 + number}`

/** No detector gives points: what blocks is the model. Its score is 0.5 without a reset and 0.73 with one. */
const config = (bundle: string) => `
[model]
dir = "${bundle}"
[policy]
model_points = 10
[detect.scan_vertical]
points = 0
[detect.slow_scan]
points = 0
[calibrate]
save_s = 1
min_flows = 100
`

describe('calibrate the model', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let client: LabNamespace
  let attacker: LabNamespace
  const cleanUp: (() => void)[] = []

  const knock = (address: string) =>
    attacker
      .spawn(
        program(
          'connect-scan',
          ...['--target', host, '--bind', address, '--ports', '501-540', '--rate', '100'],
        ),
      )
      .exited.then(() => undefined)

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ecalmod', extraAddresses: 4 })
    const server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'calmod')
    const bundle = tinyBundle({ after: (work: () => void) => cleanUp.push(work) } as unknown as TestContext, {
      manifest: { features: ['RST Flag Count'], threshold: 0.7 },
      model: meanModel(1),
    })
    await Promise.all([site.start({ config: config(bundle) }), serveHttp(server)])
    client.spawn(
      program(
        'http-client',
        ...['--target', host, '--port', '80', '--rate', '50', '--connection', 'fresh', '--duration', '300'],
      ),
    )
  })

  after(async () => {
    await site?.close()
    await lab?.close()
    for (const work of cleanUp) work()
  })

  test('before it the points of the model end below a block', async () => {
    await knock(own(0))
    const alerts = await alertsAbout(site, own(0), '--detector', 'model')
    assert.ok(alerts.length >= 10, `${alerts.length} alerts`)
    assert.equal((await site.ok('decisions', 'list', '--ip', own(0))).total, 0)
  })

  test('after it they block, at the threshold that was found, and what visits is left alone', async () => {
    await site.ok('calibrate', 'start', '--for', '1h')
    const proposal = await eventually('enough is learnt', async () => {
      const found = await site.ok('calibrate', 'finish', '--alerts', '1000')
      return found.missing.length === 0 ? found : undefined
    })
    const row = proposal.thresholds.find(({ detector }: { detector: string }) => detector === 'model')
    assert.deepEqual([row.before, row.problem], [0.7, null], JSON.stringify(row))
    assert.ok(row.proposed > 0.5 && row.proposed < 0.7, JSON.stringify(row))
    const { undo } = await site.ok('calibrate', 'finish', '--alerts', '1000', '--apply')
    assert.equal(undo, 'idsctl calibrate clear')
    await site.ok('mode', 'prevent')
    await knock(own(1))
    const decision = await decisionAgainst(site, own(1))
    assert.deepEqual([decision.origin, decision.kind], ['model', 'block'])
    assert.match(decision.evidence[0].text, new RegExp(`threshold ${row.proposed.toFixed(4)}`))
    assert.equal((await site.ok('decisions', 'list', '--ip', client.addresses.v4)).total, 0)
  })

  test('once it is cleared they end below a block again', async () => {
    await site.ok('calibrate', 'clear')
    await knock(own(2))
    await alertsAbout(site, own(2), '--detector', 'model')
    assert.equal((await site.ok('decisions', 'list', '--ip', own(2))).total, 0)
    assert.deepEqual((await site.ok('status')).model.may_block, false)
  })
})
