import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { decisionAgainst, eventually, framesTaken, metricsOf, program } from './attacks.js'
import { extraSources, type Json, openSite, type Site, serveHttp, skipE2e } from './harness.js'
import { openSmallDisk, type SmallDisk } from './small-disk.js'

describe('on a full disk', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let disk: SmallDisk
  let server: LabNamespace
  let attacker: LabNamespace
  /** Alerts without end, of a source that nobody decides against. */
  let noise: LabProcess
  /** Each test attacks from addresses of its own. */
  let sources: string[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2efull', extraAddresses: 4 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    disk = openSmallDisk(8 * 1024 * 1024)
    site = openSite(server, 'full', { db: join(disk.dir, 'idsd.db') })
    await Promise.all([site.start({ args: ['--metrics-listen', '127.0.0.1:9478'] }), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    disk?.close()
    await lab?.close()
  })

  const nextSource = () => sources.shift() as string
  const taken = (source: string) => framesTaken(attacker, source, server)
  const scanArgv = (source: string, ...args: string[]) =>
    program(
      'connect-scan',
      ...['--target', server.addresses.v4, '--bind', source, '--ports', '80,1-200'],
      ...['--concurrency', '10', '--timeout', '200', ...args],
    )
  const scan = async (source: string): Promise<Json> => {
    const running = attacker.spawn(scanArgv(source))
    const decision = await decisionAgainst(site, source)
    await running.stop()
    return decision
  }
  const lost = async () => (await metricsOf(server)).get('idsd_lost_total{cause="not_stored"}') as number
  const told = () => site.log().filter(({ msg }) => /the store takes nothing/.test(msg))

  test('an attacker is dropped all the same, the loss is counted, and it is told once', async () => {
    const [noisy, earlier, source] = [nextSource(), nextSource(), nextSource()]
    await site.ok('allow', 'add', noisy, '--log-only')
    const stored = await scan(earlier)
    assert.equal(await lost(), 0)
    disk.fill()
    // Pages that the database had before are used up first.
    noise = attacker.spawn(scanArgv(noisy, '--repeat', '0', '--rate', '200', '--duration', '120'))
    await eventually('a loss is counted', async () => (await lost()) > 0)
    const decision = await scan(source)
    assert.deepEqual([decision.kind, decision.action, decision.in_kernel], ['block', 'drop', true])
    assert.equal(await taken(source), 0)
    assert.equal(await taken(earlier), 0)
    assert.equal((await site.ok('decisions', 'get', stored.id)).state, 'active')
    assert.equal(told().length, 1)
    assert.match(told()[0].problem, /there is no room left/)
    const { warnings } = await site.ok('status')
    assert.ok(
      warnings.some((warning: string) => /the store did not take everything/.test(warning)),
      `${warnings}`,
    )
  })

  test('an operator may lift a block', async () => {
    const [decision] = (await site.ok('decisions', 'list')).decisions
    await site.ok('unblock', decision.id)
    assert.equal((await site.ok('decisions', 'get', decision.id)).state, 'lifted')
    assert.equal(await taken(decision.target), 20)
  })

  test('when there is room again, alerts and decisions are stored as before', async () => {
    await noise.stop()
    disk.clear()
    const source = nextSource()
    const before = await lost()
    const decision = await scan(source)
    assert.equal(await taken(source), 0)
    assert.equal(await lost(), before)
    await site.stop()
    await site.start()
    assert.equal((await site.ok('decisions', 'get', decision.id)).state, 'active')
    assert.ok((await site.ok('alerts', '--ip', source)).total > 0)
    assert.equal(await taken(source), 0)
  })
})
