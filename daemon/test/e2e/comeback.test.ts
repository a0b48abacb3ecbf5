import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { udpPacket } from '../../../lab/packet.js'
import { openStore } from '../../src/record/store.js'
import { decisionAgainst, eventually, framesTaken, lengthS, program, reload } from './attacks.js'
import { extraSources, type Json, openSite, type Site, sendOn, serveHttp, skipE2e } from './harness.js'

describe('what was decided', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  /** Each test attacks from addresses of its own. */
  let sources: string[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ecome', extraAddresses: 8 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker)
    site = openSite(server, 'come')
    await Promise.all([site.start(), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const nextSource = () => sources.shift() as string
  const taken = (source: string) => framesTaken(attacker, source, server)
  /** An open port, which proves the source, and closed ones, until it is decided on. */
  const scan = async (source: string, ports: string, isMeant?: (decision: Json) => boolean) => {
    const running = attacker.spawn(
      program(
        'connect-scan',
        ...['--target', server.addresses.v4, '--bind', source, '--ports', `80,${ports}`],
        ...['--concurrency', '1', '--timeout', '200', '--duration', '60'],
      ),
    )
    const decision = await decisionAgainst(site, source, isMeant)
    await running.stop()
    return decision
  }

  test('idsctl mode detect lets pass what idsd decided, mode prevent drops it again, an operator drops in both', async () => {
    const [first, second, third] = [nextSource(), nextSource(), nextSource()]
    const { id, expires_at, created_at } = await scan(first, '1-60')
    assert.equal(lengthS({ expires_at, created_at }), 600)
    assert.equal(await taken(first), 0)
    assert.equal((await site.ok('mode', 'detect')).decisions_changed, 1)
    assert.equal(await taken(first), 20)
    const would = await scan(second, '1-60')
    assert.deepEqual([would.kind, would.action, would.mode], ['would_block', 'count', 'detect'])
    assert.equal(await taken(second), 20)
    assert.ok((await site.ok('decisions', 'get', would.id)).packets >= 20)
    await site.ok('block', third)
    assert.equal(await taken(third), 0)

    await site.ok('mode', 'prevent')
    assert.equal(await taken(third), 0)
    assert.equal((await site.ok('decisions', 'get', id)).action, 'drop')
    assert.equal(await taken(first), 0)
    assert.equal(await taken(second), 20, 'what was recorded only goes on counting')
    await scan(second, '101-200', ({ kind }) => kind === 'block')
    assert.equal(await taken(second), 0, 'its next evidence is judged anew')
  })

  test('who comes back after a block is dropped four times longer', async () => {
    const source = nextSource()
    await reload(site, '[policy]\nblock_s = 2\nunproven_block_s = 1')
    const first = await scan(source, '1-60')
    assert.equal(lengthS(first), 2)
    const state = async () => (await site.ok('decisions', 'get', first.id)).state
    await eventually('the block is over', async () => (await state()) === 'expired')
    assert.equal(await taken(source), 20)
    const second = await scan(source, '101-200', ({ id }) => id !== first.id)
    assert.equal(lengthS(second), 8)
    assert.match(second.reason, /blocked once before in 7 days/)
  })

  test('a daemon that is killed in the middle of an attack leaves its alerts, its decision and the drop', async () => {
    const source = nextSource()
    await reload(site, '')
    const frame = udpPacket({
      ...{ srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string },
      ...{ src: source, dst: server.addresses.v4, srcPort: 5_000, dstPort: 9_999, payload: 'x' },
    })
    const flood = sendOn(attacker, { frame, rate: 2_000 })
    const decision = await decisionAgainst(site, source)
    const alertIds = async (): Promise<string[]> =>
      (await site.ok('alerts', '--ip', source)).alerts.map(({ id }: Json) => id)
    const told = await alertIds()
    assert.ok(told.length > 0)
    await site.killHard()
    assert.equal(await taken(source), 0)
    await site.start()
    const found = await site.ok('decisions', 'get', decision.id)
    assert.deepEqual([found.state, found.in_kernel], ['active', true])
    for (const field of ['reason', 'expires_at', 'evidence']) assert.deepEqual(found[field], decision[field])
    await eventually('it goes on counting', async () => {
      return (await site.ok('decisions', 'get', decision.id)).packets > found.packets
    })
    const kept = new Set(await alertIds())
    assert.deepEqual(
      told.filter((id) => !kept.has(id)),
      [],
    )
    assert.equal(await taken(source), 0)
    assert.ok((await flood.stop()) > 0)
  })

  test('every change of mode is in the audit', async () => {
    await site.stop()
    const store = openStore({ path: site.db })
    const { rows } = store.auditRows({ last: 100 })
    await store.close()
    const changes = rows.filter(({ action }) => action === 'mode').reverse()
    for (const { outcome, caller } of changes) {
      assert.equal(outcome, 'done')
      assert.match(caller, /^uid:0/)
    }
    assert.deepEqual(
      changes.map(({ detail }) => detail),
      ['prevent to detect', 'detect to prevent'],
    )
  })
})
