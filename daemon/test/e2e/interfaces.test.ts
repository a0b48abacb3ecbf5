import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { icmpPacket } from '../../../lab/packet.js'
import {
  cable,
  connects,
  echo,
  echoesSeen,
  type Json,
  layCable,
  namesIn,
  openSite,
  root,
  type Site,
  send,
  serveHttp,
  skipE2e,
  xdpProgram,
} from './harness.js'

describe('interfaces', { skip: skipE2e }, () => {
  test('one that is deleted is told and forgotten, and guarded again when its name returns', async () => {
    await using lab = await openLab({ topology: 'host', tag: 'e2elife' })
    const [server, peer] = [lab.ns('server'), lab.ns('attacker')]
    const run = async (words: string) => {
      const { code, stderr } = await server.exec(['ip', ...words.split(' ')])
      assert.equal(code, 0, stderr)
    }
    const frame = icmpPacket({
      src: cable.peer.v4,
      dst: cable.host.v4,
      srcMac: cable.peer.mac,
      dstMac: cable.host.mac,
    })
    const passed = async () => {
      const seen = (await echoesSeen(server)).v4
      await send(peer, { frame, count: 10, iface: 'wan0' })
      return (await echoesSeen(server)).v4 - seen
    }

    await layCable(server, peer, 'wan0')
    await using site = openSite(server, 'life')
    await site.start({ interfaces: ['any'] })
    const named = async () =>
      new Map((await site.ok('status')).interfaces.map((one: Json) => [one.name, one.xdp_mode]))
    assert.deepEqual(
      [...(await named()).keys()].sort(),
      ['eth0', 'wan0'],
      'any takes every Ethernet interface',
    )
    assert.equal(await passed(), 10)
    const { decision } = await site.ok('block', cable.peer.v4)
    assert.equal(await passed(), 0)

    for (let round = 0; round < 2; round++) {
      await run('link del wan0')
      await until(async () => (await named()).get('wan0') === 'down', { what: 'the loss is told' })
      assert.match((await site.ok('status')).warnings.join(), /wan0: the interface is gone/)
      assert.deepEqual(namesIn(`${site.bpffs}/wan0`), [], 'its pins are gone')
      assert.equal((await named()).get('eth0'), 'native', 'the other one goes on')
      await layCable(server, peer, 'wan0')
      await until(async () => (await named()).get('wan0') !== 'down', { what: 'it is guarded again' })
      assert.equal(await passed(), 0, 'the block holds')
    }
    assert.ok((await site.ok('decisions', 'get', decision.id)).packets >= 30)
    await site.ok('unblock', decision.id)
    assert.equal(await passed(), 10)
    await until(async () => (await site.ok('flows', '--ip', cable.peer.v4)).flows[0]?.interface === 'wan0', {
      what: 'its flows are seen',
    })

    await run('link del wan0')
    await run('link del eth0')
    await until(async () => [...(await named()).values()].every((mode) => mode === 'down'), {
      what: 'the loss of the last one is told',
    })
    await site.stop()
  })

  describe('of a gateway', () => {
    let lab: Lab
    let site: Site
    let gateway: LabNamespace
    let inside: LabNamespace
    let client: LabNamespace
    let attacker: LabNamespace

    before(async () => {
      lab = await openLab({ topology: 'gateway', tag: 'e2egate' })
      gateway = lab.ns('gateway')
      inside = lab.ns('inside')
      client = lab.ns('client')
      attacker = lab.ns('attacker')
      site = openSite(gateway, 'gate')
      await Promise.all([site.start({ interfaces: ['eth0', 'eth1'] }), serveHttp(inside)])
    })

    after(async () => {
      await site?.close()
      await lab?.close()
    })

    for (const family of ['v4', 'v6'] as const) {
      test(`a ${family} flow through both is shown once, with every packet counted once`, async () => {
        const host = inside.addresses[family]
        const peer = client.addresses[family]
        const since = new Date().toISOString()
        assert.ok(await connects(client, host, 80, 10))
        await until(
          async () => {
            const { flows } = await site.ok('flows', '--ip', peer, '--port', '80', '--since', since)
            return flows.some((flow: Json) => flow.packets_bwd > 0 && flow.dst_port === 80)
          },
          { what: 'the flow is shown' },
        )
        const { flows, total } = await site.ok('flows', '--ip', peer, '--port', '80', '--since', since)
        assert.equal(total, 1)
        assert.equal(flows[0].interface, 'eth0', 'by the interface it came in by')
        assert.equal(flows[0].src, peer)
        assert.ok(flows[0].packets_fwd >= 3 && flows[0].packets_fwd <= 8, `${flows[0].packets_fwd} packets`)
      })
    }

    test('the inside opens flows outward, shown once by the inner interface', async () => {
      const server = await serveHttp(client)
      const since = new Date().toISOString()
      assert.ok(await connects(inside, client.addresses.v4, 80, 10))
      const found = await until(
        async () => {
          const page = await site.ok('flows', '--ip', inside.addresses.v4, '--port', '80', '--since', since)
          return page.flows.some((flow: Json) => flow.src === inside.addresses.v4) ? page : undefined
        },
        { what: 'the flow is shown' },
      )
      const outward = found.flows.filter((flow: Json) => flow.src === inside.addresses.v4)
      assert.deepEqual(
        outward.map((flow: Json) => flow.interface),
        ['eth1'],
      )
      await server.stop()
    })

    test('a scanner of an inside host is dropped at the gateway, and the inside keeps working', async () => {
      const host = inside.addresses.v4
      const scan = await attacker.exec(
        [
          process.execPath,
          `${root}/build/lab/programs/connect-scan.js`,
          ...['--target', host, '--ports', '1-200', '--timeout', '500'],
        ],
        { timeoutMs: 60_000 },
      )
      assert.match(scan.stdout, /"event":"end"/, scan.stderr)
      const { decisions } = await until(
        async () => {
          const page = await site.ok('decisions', 'list', '--ip', attacker.addresses.v4)
          return page.total > 0 ? page : undefined
        },
        { what: 'a decision' },
      )
      assert.equal(decisions[0].origin, 'detector')
      const seen = (await echoesSeen(inside)).v4
      await send(attacker, {
        frame: icmpPacket({
          src: attacker.addresses.v4,
          dst: host,
          srcMac: attacker.macs.eth0 as string,
          dstMac: gateway.macs.eth0 as string,
        }),
        count: 20,
      })
      await send(attacker, { frame: echo(attacker, gateway), count: 20 })
      assert.equal((await echoesSeen(inside)).v4, seen)
      assert.equal(await connects(attacker, host, 80), false)
      assert.ok(await connects(client, host, 80, 10))
      assert.ok((await site.ok('decisions', 'get', decisions[0].id)).packets >= 40)
      assert.notEqual(await xdpProgram(gateway, 'eth1'), undefined)
    })

    test('the inside may be blocked too, on its own interface', async () => {
      const { decision } = await site.ok('block', inside.addresses.v4)
      assert.equal(await connects(client, inside.addresses.v4, 80), false)
      assert.ok((await site.ok('decisions', 'get', decision.id)).packets > 0)
      await site.ok('unblock', decision.id)
      assert.ok(await connects(client, inside.addresses.v4, 80, 10))
    })
  })
})
