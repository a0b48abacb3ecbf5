import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { tcpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { decisionAgainst, eventually, inTheNameOf, program } from './attacks.js'
import { echo, type Json, openSite, type Site, send, sendPath, serveHttp, skipE2e } from './harness.js'
import { packets, type RecordedTraffic, recordedTraffic } from './recorded-traffic.js'

/** Nobody has it: what is sent there is neither answered nor refused. */
const nobody = { v4: '10.77.0.250', v6: 'fd77::250' }
const prefix = '198.51.100.0/24'
const six = '2001:db8:66::/48'

describe('plan', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let visitor: LabProcess
  let traffic: RecordedTraffic

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eplan', defaultRoute: true })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'plan')
    traffic = recordedTraffic({ server, attacker, nobody, capture: `${site.dir}/traffic.pcap` })
    const gateway = ['10.77.0.254', 'lladdr', attacker.macs.eth0 as string, 'dev', 'eth0']
    const { code, stderr } = await server.exec(['ip', 'neigh', 'replace', ...gateway])
    assert.equal(code, 0, stderr)
    await Promise.all([site.start({ args: ['--mode', 'detect'] }), serveHttp(server)])
    visitor = client.spawn(
      program('http-client', '--target', '10.77.0.1', '--port', '80', '--rate', '20', '--duration', '300'),
    )
  })

  after(async () => {
    await visitor?.stop()
    await site?.close()
    await lab?.close()
  })

  /** Ends with 3 where a guard would refuse the block, and is printed all the same. */
  const planned = async (...args: string[]) => (await site.ctl(['plan', 'block', ...args])).json

  test('what a block would have hit is what it hits when the same traffic comes again', async () => {
    await site.ok('allow', 'add', '198.51.100.200', '--reason', 'ours')
    await traffic.send()
    const hit = 5 * packets + packets
    const plan = await eventually('all of it is recorded', async () => {
      const found = await planned(prefix, six)
      return found.hit.packets === hit && found.allowed[0]?.spared.packets === packets ? found : undefined
    })
    assert.equal(plan.hit.flows, 6)
    assert.equal(plan.hit.bytes, packets * (100 + 30 + 0 + 0 + 0 + 1))
    assert.ok(plan.recorded.packets >= hit + 2 * packets)
    assert.deepEqual(
      plan.addresses.map(({ address, packets: met }: Json) => [address, met]).sort(),
      ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4', '198.51.100.7', '2001:db8:66::5'].map(
        (address) => [address, packets],
      ),
    )
    assert.deepEqual(
      plan.allowed.map(({ target, entry }: Json) => [target, entry.target]),
      [[prefix, '198.51.100.200']],
    )
    assert.equal(plan.live_total, 0)
    assert.equal((await site.ok('decisions', 'list')).total, 0, 'nothing was changed')

    const blocks = await Promise.all([prefix, six].map((target) => site.ok('block', target)))
    await traffic.send()
    const decisions = await Promise.all(
      blocks.map(({ decision }) => site.ok('decisions', 'get', decision.id)),
    )
    const sum = (field: string) => decisions.reduce((total, decision) => total + decision[field], 0)
    assert.equal(sum('packets'), plan.hit.packets)
    assert.equal(sum('bytes'), plan.hit.wire_bytes_least)
    await site.unblockAll()
  })

  test('what an import would have hit is what the list hits when the same traffic comes again', async () => {
    const file = `${site.dir}/feed.txt`
    writeFileSync(file, `${prefix}\n2001:db8:66::5\n192.0.2.1\nnonsense\n`)
    const plan = await site.ok('plan', 'import', file, '--list', 'feed')
    assert.deepEqual([plan.bound, plan.action, plan.live_total], ['exact', 'drop', 0])
    assert.deepEqual(
      plan.allowed.map(({ target, entry }: Json) => [target, entry.target]),
      [[prefix, '198.51.100.200']],
    )
    const observing = await site.ok('plan', 'import', file, '--list', 'feed', '--action', 'observe')
    assert.deepEqual([observing.action, observing.hit], ['observe', plan.hit])
    assert.equal((await site.ctl(['import', file, '--list', 'feed'])).code, 1, 'a line is bad')
    await traffic.send()
    const [list] = (await site.ok('lists')).lists
    const { packets: met, wire_bytes_least: bytes } = plan.hit
    assert.deepEqual([list.hits, list.dropped_packets, list.bytes], [met, met, bytes])
    await site.ok('lists', 'rm', 'feed')

    writeFileSync(file, `${client.addresses.v4}\n`)
    const found = await site.ok('plan', 'import', file, '--list', 'feed')
    assert.deepEqual([found.live_total, found.addresses[0].address], [1, client.addresses.v4])
    writeFileSync(file, `${server.addresses.v4}\n`)
    const own = await site.ctl(['plan', 'import', file, '--list', 'feed'])
    assert.equal(own.code, 3, 'as the import would be refused')
    assert.match(own.stderr, /nothing of the list is left: 10\.77\.0\.1 is an address of this host/)
    const most = Array.from({ length: 200 }, (_, i) => `${i + 20}.0.0.0/8\n`)
    writeFileSync(file, most.join(''))
    const wide = await site.ctl(['plan', 'import', file, '--list', 'feed'])
    assert.equal(wide.code, 3, 'this too')
    assert.match(wide.stderr, /the list would drop 7\d % of all IPv4 addresses/)
    assert.deepEqual((await site.ok('lists')).lists, [], 'nothing was changed')
  })

  test('each action hits what its plan says, or no more where that says at most', async () => {
    const limit = ['--action', 'limit', '--rate', '1pps']
    const actions = [['--action', 'observe'], ['--action', 'reject'], limit, ['--action', 'syn-drop']]
    // What comes later is recorded too where it passes.
    const plans: Json[] = await Promise.all(actions.map((action) => planned(prefix, ...action)))
    for (const [i, action] of actions.entries()) {
      const plan = plans[i]
      const { decision } = await site.ok('block', prefix, ...action)
      await traffic.send()
      const seen = await site.ok('decisions', 'get', decision.id)
      assert.ok(seen.packets <= plan.hit.packets, `${action}: ${seen.packets} of ${plan.hit.packets}`)
      if (action === limit) {
        assert.equal(plan.bound, 'at_most')
        assert.ok(seen.limit.limited > 0 && seen.limit.limited <= plan.hit.packets)
        assert.equal(seen.packets, plan.hit.packets, 'all that arrived met it')
      } else if (action.includes('syn-drop')) {
        const who = plan.addresses.map(({ address, packets: syns }: Json) => [address, syns])
        assert.deepEqual([plan.bound, who], ['at_most', [['198.51.100.7', packets]]])
        assert.equal(seen.packets, packets)
      } else assert.deepEqual([plan.bound, seen.packets], ['exact', plan.hit.packets])
      await site.ok('unblock', decision.id)
    }
  })

  test('a list hits what the plan of its import says, or no more where that says at most', async () => {
    const file = `${site.dir}/feed.txt`
    writeFileSync(file, `${prefix}\n`)
    const of = (words: string) => [file, '--list', 'feed', '--action', ...words.split(' ')]
    const actions = ['reject', 'limit --rate 1pps', 'syn-drop']
    // More than are planned at the same time: the last waits for its turn.
    const plans: Json[] = await Promise.all(actions.map((words) => site.ok('plan', 'import', ...of(words))))
    assert.deepEqual(
      plans.map(({ action, bound }) => [action, bound]),
      [
        ['reject', 'exact'],
        ['limit', 'at_most'],
        ['syn_drop', 'at_most'],
      ],
    )
    assert.deepEqual(
      plans[2].addresses.map(({ address, packets: syns }: Json) => [address, syns]),
      [['198.51.100.7', packets]],
    )
    for (const [i, words] of actions.entries()) {
      await site.ok('import', ...of(words))
      await traffic.send()
      const [list] = (await site.ok('lists')).lists
      const kept = list.dropped_packets
      if (plans[i].action === 'limit') {
        assert.ok(kept > 0 && kept <= plans[i].hit.packets, `${kept} of ${plans[i].hit.packets}`)
        assert.equal(list.hits, plans[i].hit.packets, 'all that arrived met it')
      } else assert.deepEqual([kept, list.hits], [plans[i].hit.packets, plans[i].hit.packets], words)
      await site.ok('lists', 'rm', 'feed')
    }
  })

  test('live peers, guards and a page for people', async () => {
    const found = await eventually('the visit is an open, proven conversation', async () => {
      const plan = await planned('10.77.0.0/29')
      return plan.live_total > 0 ? plan : undefined
    })
    assert.deepEqual(
      found.addresses.filter(({ live }: Json) => live).map(({ address }: Json) => address),
      [client.addresses.v4],
    )
    assert.match(found.refused[0].guards.join(), /covers 10\.77\.0\.1, an address of this host/)
    const { stdout } = await site.text(['plan', 'block', client.addresses.v4])
    assert.match(
      stdout,
      /^would have dropped [\d,]+ packets by a block of 10\.77\.0\.2; nothing was changed\n/,
    )
    assert.match(stdout, / live +1 of them\n/)
    assert.match(stdout, /ADDRESS +LIVE +FLOWS .*\n10\.77\.0\.2 +yes /)
    assert.equal((await planned('192.0.2.1')).hit.packets, 0)
    assert.equal((await site.ctl(['plan', 'block', 'nonsense'])).code, 2)
    assert.equal((await site.ctl(['plan', 'block', prefix, '--against', 'soon'])).code, 2)
  })

  test('what prevent would have dropped is what it drops when the same traffic comes again', async () => {
    const source = '10.77.0.40'
    const sweep = `${site.dir}/sweep.pcap`
    const scan = async (src: string) => {
      const frames = Array.from({ length: 48 }, (_, i) => ({
        timeUs: i * 5_000,
        data: tcpPacket({
          ...{ ...traffic.link, src, dst: `10.77.0.${100 + i}` },
          ...{ srcPort: 5_000 + i, dstPort: 445, flags: 'S' },
        }),
      }))
      writePcap(sweep, frames)
      const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', sweep])
      assert.equal(code, 0, stderr)
    }
    const later = (src: string) =>
      send(attacker, { frame: echo(inTheNameOf(attacker, src), server), count: 200 })
    const plan = async () => {
      const found = await site.ok('plan', 'mode', 'prevent', '--against', '1h')
      return found as Json
    }

    await scan(source)
    const counted = await decisionAgainst(site, source)
    assert.equal(counted.kind, 'would_block')
    const before = await plan()
    await later(source)
    const found = await plan()
    assert.deepEqual([found.before, found.mode, found.at_once_total], ['detect', 'prevent', 0])
    const row = found.decisions.find(({ decision }: Json) => decision.id === counted.id)
    assert.deepEqual([row.live, row.allowed_by], [false, null])
    const predicted = { packets: found.packets - before.packets, bytes: found.bytes - before.bytes }
    assert.equal(predicted.packets, 200)
    assert.equal((await site.ok('mode')).mode, 'detect', 'nothing was changed')

    // What a detector has told of a source it does not tell again at once, but after a start.
    await site.stop()
    await site.start({ args: ['--mode', 'detect'] })
    await site.ok('mode', 'prevent')
    await scan(source)
    const dropped = await decisionAgainst(site, source, ({ kind }) => kind === 'block')
    await later(source)
    const after = await site.ok('decisions', 'get', dropped.id)
    const observed = { packets: after.packets - dropped.packets, bytes: after.bytes - dropped.bytes }
    assert.deepEqual(observed, predicted)
    assert.equal(found.bound, 'exact')
    const { decisions } = await site.ok('decisions', 'list')
    const targets = (all: Json[]) => all.map(({ target }) => target)
    assert.deepEqual(
      targets(decisions.filter(({ kind }: Json) => kind === 'block')),
      targets(found.decisions.map(({ decision }: Json) => decision)),
    )

    const back = await site.ok('plan', 'mode', 'detect', '--against', '1h')
    assert.equal(back.at_once_total, 1)
    assert.equal(back.packets, after.packets)
    const { stdout } = await site.text(['plan', 'mode', 'detect'])
    assert.match(stdout, /^detect would have let through [\d,]+ packets; nothing was changed\n/)
    assert.match(stdout, /at once +1 standing decision would only count\n/)
  })
})
