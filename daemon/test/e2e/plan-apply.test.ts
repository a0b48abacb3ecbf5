import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { tcpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { decisionAgainst, eventually, program } from './attacks.js'
import { type Json, openSite, type Site, sendPath, serveHttp, skipE2e } from './harness.js'
import { packets, type RecordedTraffic, recordedTraffic } from './recorded-traffic.js'

const nobody = { v4: '10.77.0.250', v6: 'fd77::250' }
/** It sweeps ports, for 60 points or more. */
const scanner = '10.77.0.40'
const probes = 40
const config = `
[policy]
block_at_points = 1000

[allow]
entries = [{ target = "203.0.113.77", reason = "an old friend" }]
`

describe('a plan of settings', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let traffic: RecordedTraffic

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eplanap', defaultRoute: true })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'planap')
    traffic = recordedTraffic({ server, attacker, nobody, capture: `${site.dir}/traffic.pcap` })
    const gateway = ['10.77.0.254', 'lladdr', attacker.macs.eth0 as string, 'dev', 'eth0']
    const { code, stderr } = await server.exec(['ip', 'neigh', 'replace', ...gateway])
    assert.equal(code, 0, stderr)
    await Promise.all([site.start({ args: ['--mode', 'prevent'], config }), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const scan = async () => {
    const sweep = `${site.dir}/sweep.pcap`
    const frames = Array.from({ length: probes }, (_, i) => ({
      timeUs: i * 5_000,
      data: tcpPacket({
        ...{ ...traffic.link, src: scanner, dst: `10.77.0.${100 + i}` },
        ...{ srcPort: 5_000 + i, dstPort: 445, flags: 'S' },
      }),
    }))
    writePcap(sweep, frames)
    const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', sweep])
    assert.equal(code, 0, stderr)
  }
  const file = (name: string, text: string) => {
    const path = `${site.dir}/${name}`
    writeFileSync(path, text)
    return path
  }
  const rows = (all: Json[]) => all.map(({ address, by, packets: met }) => [address, by, met]).sort()

  test('what policy, allowlist and lists of a file would hit and free is what they do to the same traffic', async () => {
    await traffic.send()
    await scan()
    await eventually('all of it is recorded', async () => {
      const targets = ['198.51.100.0/24', '203.0.113.0/24', '2001:db8:66::/48', scanner]
      const { json } = await site.ctl(['plan', 'block', ...targets])
      // The allowed one is spared.
      return json.hit.packets === 8 * packets + probes ? json : undefined
    })
    const { decision: block } = await site.ok('block', '203.0.113.0/24')
    const feed = file('feed.txt', '198.51.100.1\n198.51.100.4\n2001:db8:66::/64\n203.0.113.9\nnonsense\n')
    const settings = file(
      'site.toml',
      `[policy]
block_at_points = 50
[allow]
entries = [{ target = "203.0.113.9", reason = "a customer" }]
[[lists.scheduled]]
name = "feed"
file = "${feed}"
every_s = 3600
`,
    )

    const plan = await site.ok('plan', 'apply', settings)
    const feedHits = ['198.51.100.1', '198.51.100.4', '2001:db8:66::5'].map((one) => [
      one,
      'list feed',
      packets,
    ])
    assert.deepEqual(
      rows(plan.hit.addresses),
      [[scanner, 'policy', probes], ...feedHits, ['203.0.113.77', block.id, packets]].sort(),
    )
    assert.deepEqual(rows(plan.freed.addresses), [['203.0.113.9', block.id, packets]])
    assert.deepEqual([plan.bound, plan.mode, plan.hit.live_total], ['at_most', 'prevent', 0])
    assert.equal(plan.hit.hit.packets, 4 * packets + probes)
    assert.deepEqual(
      plan.more.map(({ source }: Json) => source),
      [scanner],
    )
    assert.deepEqual(plan.fewer, [])
    assert.deepEqual(
      plan.lists.map(({ name, entries, bad_lines: bad, problem }: Json) => [name, entries, bad, problem]),
      [['feed', 4, 1, null]],
    )
    assert.deepEqual(
      plan.hit.allowed
        .map(({ target, entry, spared }: Json) => [target, entry.target, spared.packets])
        .sort(),
      [
        ['203.0.113.0/24', '203.0.113.9', packets],
        ['203.0.113.9', '203.0.113.9', 0],
      ].sort(),
    )
    assert.deepEqual((await site.ok('lists')).lists, [], 'nothing was changed')

    await site.ok('apply', settings)
    const listed = async () => (await site.ok('lists')).lists.find(({ name }: Json) => name === 'feed')
    await eventually('the list is imported', listed)
    // What a detector has told of a source it does not tell again at once, but after a start.
    await site.stop()
    await site.start({ args: ['--mode', 'prevent'] })
    await scan()
    const decided = await decisionAgainst(site, scanner, ({ kind }) => kind === 'block')
    const earlier = [await listed(), await site.ok('decisions', 'get', block.id)]
    await traffic.send()
    await scan()
    const [list, lost] = [await listed(), await site.ok('decisions', 'get', block.id)]
    const met = [list.hits - earlier[0].hits, lost.packets - earlier[1].packets]
    assert.deepEqual(met, [3 * packets, packets])
    const now = await site.ok('decisions', 'get', decided.id)
    const again = now.packets - decided.packets
    assert.ok(again >= probes && now.packets <= 2 * probes, `${decided.packets} and ${again} more`)
    assert.deepEqual(
      (await site.ok('decisions', 'list')).decisions.map(({ target }: Json) => target).sort(),
      [scanner, '203.0.113.0/24'],
    )

    const back = await site.ok('plan', 'apply', '--clear')
    assert.deepEqual(
      back.lists.map(({ name, left, entries }: Json) => [name, left, entries]),
      [['feed', true, 4]],
    )
    assert.deepEqual(
      back.fewer.map(({ source, packets: met }: Json) => [source, met]),
      [[scanner, now.packets]],
    )
    // It stays in the list, and loses its entry.
    assert.deepEqual(
      rows(back.hit.addresses).map(([address]) => address),
      ['203.0.113.9'],
    )
  })

  test('a plan tells what the apply would refuse, ends with 3 as well, and names who is live', async () => {
    const visitor = lab
      .ns('client')
      .spawn(
        program('http-client', '--target', '10.77.0.1', '--port', '80', '--rate', '20', '--duration', '60'),
      )
    const wide = file('wide.toml', '[allow]\nentries = [{ target = "0.0.0.0/0", reason = "all" }]\n')
    for (const words of [['plan', 'apply'], ['apply', '--dry-run'], ['apply']]) {
      const { code, stderr } = await site.ctl([...words, wide])
      assert.equal(code, 3, words.join(' '))
      assert.match(stderr, /the allowlist would let 100 % of all IPv4 addresses through/)
    }
    const feed = file('live.txt', '10.77.0.2\n')
    const list = (name: string, path: string) =>
      `[[lists.scheduled]]\nname = "${name}"\nfile = "${path}"\nevery_s = 3600\n`
    const settings = file('live.toml', list('live', feed) + list('gone', `${site.dir}/none.txt`))
    const plan = await eventually('the visit is an open, proven conversation', async () => {
      const found = await site.ok('plan', 'apply', settings)
      return found.hit.live_total > 0 ? found : undefined
    })
    assert.deepEqual(
      plan.hit.addresses.filter(({ live }: Json) => live).map(({ address, by }: Json) => [address, by]),
      [['10.77.0.2', 'list live']],
    )
    assert.match(plan.lists.find(({ name }: Json) => name === 'gone').problem, /cannot be read/)
    await visitor.stop()
    const faults = { 'bad.toml': '[policy\n', 'foreign.toml': '[grpc]\nlisten = "x"\n', 'empty.toml': '' }
    for (const [name, text] of Object.entries(faults)) {
      const { code, stderr } = await site.ctl(['plan', 'apply', file(name, text)])
      assert.equal(code, 2, `${name}: ${stderr}`)
      assert.match(stderr, new RegExp(`^idsctl: .*${name}: 1 fault\\n {2}\\S`), 'a line for each fault')
    }
    assert.equal((await site.ctl(['plan', 'apply', `${site.dir}/nowhere.toml`])).code, 1)
  })
})
