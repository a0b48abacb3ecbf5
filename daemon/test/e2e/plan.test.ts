import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { decisionAgainst, eventually, inTheNameOf, program } from './attacks.js'
import {
  echo,
  type Json,
  openSite,
  type Site,
  send,
  sendPath,
  serveHttp,
  skipE2e,
  startMs,
} from './harness.js'

/** Nobody has it: what is sent there is neither answered nor refused. */
const nobody = { v4: '10.77.0.250', v6: 'fd77::250' }
/** A flow is told of at its 64th packet, and every flow of these ends there. */
const packets = 64
const prefix = '198.51.100.0/24'
const six = '2001:db8:66::/48'

describe('plan', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let visitor: LabProcess

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eplan', defaultRoute: true })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'plan')
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

  const link = () => ({ srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string })
  const udpPorts = { srcPort: 5_000, dstPort: 9_999 }

  /** A socket of the host that talks with `far`: what its own egress drops it does not try again. */
  const converse = async (far: string, size: number, out: number, back: number) => {
    const script = `
      const socket = require('dgram').createSocket('udp4')
      let sent = 0
      const data = Buffer.alloc(${size})
      const next = () => (sent++ < ${out} ? socket.send(data, 5000, '${far}', next) : console.log('sent'))
      socket.bind(9999, next)`
    const talker = server.spawn([process.execPath, '-e', script])
    await talker.untilOutput(/sent/, startMs)
    const frame = { ...udpPorts, src: far, dst: server.addresses.v4, payload: 'y'.repeat(size) }
    await send(attacker, { frame: udpPacket({ ...link(), ...frame }), count: back })
    await talker.stop()
  }

  /** The traffic that is recorded, and then sent again. */
  const replay = async () => {
    const to = { ...link(), dst: nobody.v4 }
    await converse('198.51.100.2', 30, 24, packets - 24)
    const frames = [
      udpPacket({ ...to, ...udpPorts, src: '198.51.100.1', payload: 'x'.repeat(100) }),
      icmpPacket({ ...to, src: '198.51.100.3', type: 0, echoId: 7 }),
      tcpPacket({ ...to, src: '198.51.100.4', srcPort: 6_000, dstPort: 81, flags: 'A' }),
      udpPacket({ ...link(), ...udpPorts, src: '2001:db8:66::5', dst: nobody.v6, payload: 'z' }),
      // In the prefix and allowed, and outside of it.
      udpPacket({ ...to, ...udpPorts, src: '198.51.100.200', payload: 'x' }),
      udpPacket({ ...to, ...udpPorts, src: '203.0.113.9', payload: 'x' }),
    ]
    for (const frame of frames) await send(attacker, { frame, count: packets })
  }

  const planned = (...targets: string[]) => site.ok('plan', 'block', ...targets)

  test('what a block would have hit is what it hits when the same traffic comes again', async () => {
    await site.ok('allow', 'add', '198.51.100.200', '--reason', 'ours')
    await replay()
    const hit = 4 * packets + packets
    const plan = await eventually('all of it is recorded', async () => {
      const found = await planned(prefix, six)
      return found.hit.packets === hit && found.allowed[0]?.spared.packets === packets ? found : undefined
    })
    assert.equal(plan.hit.flows, 5)
    assert.equal(plan.hit.bytes, packets * (100 + 30 + 0 + 0 + 1))
    assert.ok(plan.recorded.packets >= hit + 2 * packets)
    assert.deepEqual(
      plan.addresses.map(({ address, packets: met }: Json) => [address, met]).sort(),
      ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4', '2001:db8:66::5'].map((address) => [
        address,
        packets,
      ]),
    )
    assert.deepEqual(
      plan.allowed.map(({ target, entry }: Json) => [target, entry.target]),
      [[prefix, '198.51.100.200']],
    )
    assert.equal(plan.live_total, 0)
    assert.equal((await site.ok('decisions', 'list')).total, 0, 'nothing was changed')

    const blocks = await Promise.all([prefix, six].map((target) => site.ok('block', target)))
    await replay()
    const decisions = await Promise.all(
      blocks.map(({ decision }) => site.ok('decisions', 'get', decision.id)),
    )
    const sum = (field: string) => decisions.reduce((total, decision) => total + decision[field], 0)
    assert.equal(sum('packets'), plan.hit.packets)
    assert.equal(sum('bytes'), plan.hit.wire_bytes_least)
    await site.unblockAll()
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
    // Another source, because what a detector has told of one it does not tell again at once.
    const next = '10.77.0.41'
    const sweep = `${site.dir}/sweep.pcap`
    const scan = async (src: string) => {
      const frames = Array.from({ length: 48 }, (_, i) => ({
        timeUs: i * 5_000,
        data: tcpPacket({
          ...{ ...link(), src, dst: `10.77.0.${100 + i}` },
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

    await site.ok('mode', 'prevent')
    await scan(next)
    const dropped = await decisionAgainst(site, next)
    assert.equal(dropped.kind, 'block')
    await later(next)
    const after = await site.ok('decisions', 'get', dropped.id)
    const observed = { packets: after.packets - dropped.packets, bytes: after.bytes - dropped.bytes }
    assert.deepEqual(observed, predicted)

    const back = await site.ok('plan', 'mode', 'detect', '--against', '1h')
    assert.equal(back.at_once_total, 1)
    assert.equal(back.packets, after.packets)
    const { stdout } = await site.text(['plan', 'mode', 'detect'])
    assert.match(stdout, /^detect would have let through [\d,]+ packets; nothing was changed\n/)
    assert.match(stdout, /at once +1 standing decision would only count\n/)
  })
})
