import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { addressBytes } from '../../../lab/packet.js'
import {
  bpftool,
  datagramsSeen,
  echo,
  echoesSeen,
  families,
  firstEchoAfter,
  type Json,
  namesIn,
  openSite,
  type Site,
  send,
  sendOn,
  skipE2e,
  startMs,
  xdpProgram,
} from './harness.js'

const hex = (bytes: Iterable<number>) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
const le32 = (value: number) => hex(new Uint8Array(new Uint32Array([value]).buffer))

describe('enforcement goes on', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2econt' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'cont')
    await site.start()
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  afterEach(() => site.unblockAll())

  const decision = (id: string) => site.ok('decisions', 'get', id)
  const block = async (...args: string[]) => (await site.ok('block', ...args)).decision
  const linkId = (name: string): number => bpftool('link', 'show', 'pinned', site.pin(name)).id

  test('through SIGTERM, SIGKILL and two starts not one frame of a blocked peer passes, in or out', async () => {
    const peer = attacker.addresses.v4
    const made = await block(peer, '--reason', 'for good')
    const timed = await block(attacker.addresses.v6, '--ttl', '1h')
    const links = [linkId('xdp_link'), linkId('egress_link')]
    const program = await xdpProgram(server)
    const seen = { in: (await echoesSeen(server)).v4, out: await datagramsSeen(attacker) }
    const inward = sendOn(attacker, { frame: echo(attacker, server), rate: 2_000 })
    const outward = server.spawn([
      'bash',
      '-c',
      `while :; do for i in $(seq 100); do echo x > /dev/udp/${peer}/4001; done; sleep 0.05; done`,
    ])
    await until(async () => (await decision(made.id)).packets > 100, { what: 'frames are dropped' })

    await site.stop()
    assert.equal(await xdpProgram(server), program, 'the program stays when idsd ends')
    await site.start()
    assert.notEqual(await xdpProgram(server), program, 'the new program took over')
    await site.killHard()
    await site.start()

    await until(async () => (await decision(made.id)).packets > 100, { what: 'frames are dropped again' })
    const sent = await inward.stop()
    await outward.stop()
    assert.ok(sent > 1_000, `only ${sent} frames were sent`)
    assert.equal((await echoesSeen(server)).v4 - seen.in, 0, 'frames passed')
    assert.equal((await datagramsSeen(attacker)) - seen.out, 0, 'datagrams left')
    assert.deepEqual([linkId('xdp_link'), linkId('egress_link')], links, 'the links were taken over')

    const after = await decision(made.id)
    assert.equal(after.state, 'active')
    assert.equal(after.reason, 'for good')
    assert.equal((await decision(timed.id)).expires_at, timed.expires_at, 'the end stays the same wall time')
    assert.equal((await decision(timed.id)).in_kernel, true)
  })

  test('a block ends on time while no daemon lives, and has expired for the next one', async () => {
    const made = await block(attacker.addresses.v4, '--ttl', '3s')
    const endsMs = Date.parse(made.expires_at)
    await site.killHard()
    const seen = (await echoesSeen(server)).v4
    const sending = sendOn(attacker, { frame: echo(attacker, server), rate: 100 })
    const firstMs = await firstEchoAfter(server, 'v4', seen, 15_000)
    assert.ok(firstMs >= endsMs, `a frame passed ${endsMs - firstMs} ms before the end`)
    assert.ok(firstMs < endsMs + 2_000, `the block held ${firstMs - endsMs} ms too long`)
    await sending.stop()
    await site.start()
    const ended = await decision(made.id)
    assert.equal(ended.state, 'expired')
    assert.equal(ended.ended_at, made.expires_at)
  })

  for (const family of families) {
    test(`a blocked ${family} address that vanished from the map is put back and told`, async () => {
      await repaired(attacker.addresses[family], async () => {
        const buckets: Json[] = bpftool('map', 'dump', 'pinned', site.pin('block_tags'))
        const held = buckets.filter(({ formatted }) => formatted.value.tags.some((tag: number) => tag !== 0))
        assert.equal(held.length, 1)
        const key = le32(held[0].formatted.key)
        const value = hex(new Uint8Array(64))
        bpftool(
          ...['map', 'update', 'pinned', site.pin('block_tags'), 'key', 'hex', ...key],
          ...['value', 'hex', ...value],
        )
      })
    })

    test(`a blocked ${family} CIDR that vanished from the map is put back and told`, async () => {
      const [address, length] = family === 'v4' ? ['10.77.0.2', 31] : ['fd77::2', 127]
      await repaired(`${address}/${length}`, async () => {
        const key = [...le32(length as number), ...hex(addressBytes(address as string))]
        bpftool('map', 'delete', 'pinned', site.pin(`prefixes${family.slice(1)}`), 'key', 'hex', ...key)
      })
    })

    async function repaired(target: string, remove: () => Promise<void>): Promise<void> {
      const made = await block(target)
      const watch = site.spawnCtl(['decisions', 'watch', '-o', 'jsonl', '--last', '1'])
      await until(() => watch.stdout.includes(`"${made.id}"`), {
        what: 'the watch is open',
        timeoutMs: startMs,
      })
      const before = (await site.ok('status')).divergences_repaired
      const frame = echo(attacker, server, family)
      await remove()
      await until(
        async () => {
          const at = (await echoesSeen(server))[family]
          await send(attacker, { frame, count: 2 })
          return (await echoesSeen(server))[family] === at
        },
        { what: 'the entry is back', timeoutMs: 20_000, intervalMs: 100 },
      )
      await until(() => /"kind":"repaired"/.test(watch.stdout), { what: 'the watch tells of it' })
      await watch.stop({ signal: 'SIGINT' })
      const event = JSON.parse(watch.stdout.trim().split('\n').at(-1) as string)
      assert.equal(event.decision.id, made.id)
      assert.equal((await site.ok('status')).divergences_repaired, before + 1)
      assert.equal((await decision(made.id)).in_kernel, true)
      await site.ok('unblock', made.id)
    }
  }

  test('idsd --detach leaves no program, no pin and no filter, without a daemon', async () => {
    await site.killHard()
    const { code, stdout } = await site.detach()
    assert.equal(code, 0)
    assert.match(stdout, /eth0/)
    assert.equal(await xdpProgram(server), undefined)
    assert.deepEqual(namesIn(`${site.bpffs}/eth0`), [])
    const net = await server.exec(['bpftool', '-j', 'net', 'show', 'dev', 'eth0'])
    if (net.code === 0) assert.deepEqual(JSON.parse(net.stdout)[0].tc, [])
    const again = await site.detach()
    assert.equal(again.code, 0)
    assert.match(again.stdout, /nothing to take off/)
    await site.start()
  })

  test('after a reboot the entries are in the maps before the programs are on the interface', async () => {
    const peer = attacker.addresses.v4
    const made = await block(peer)
    await site.stop()
    await site.detach()
    assert.ok(
      !existsSync(site.pin('xdp_link')) && existsSync(site.db),
      'what a reboot leaves is the database',
    )

    const since = new Date().toISOString()
    const before = (await echoesSeen(server)).v4
    const sending = sendOn(attacker, { frame: echo(attacker, server), rate: 2_000 })
    await firstEchoAfter(server, 'v4', before, 10_000)
    await site.start()
    await until(async () => (await decision(made.id)).packets > 1_000, { what: 'frames are dropped' })
    const sent = await sending.stop()
    const { packets } = await decision(made.id)
    const passed = (await echoesSeen(server)).v4 - before
    // Each frame met the stack without a program, or the program with its list. The program itself passed none.
    assert.equal(passed + packets, sent)
    const flows = await site.ok('flows', '--ip', peer, '--since', since)
    assert.equal(flows.total, 0, 'no flow of the peer was opened')
    const dump: Json[] = bpftool('map', 'dump', 'pinned', site.pin('flows')) ?? []
    const found = dump.filter(({ formatted }) => formatted.key.protocol === 1)
    assert.deepEqual(found, [], 'no echo has a flow in the kernel')

    await site.ok('unblock', made.id)
    await send(attacker, { frame: echo(attacker, server), count: 5 })
    await until(async () => (await site.ok('flows', '--ip', peer, '--since', since)).total > 0, {
      what: 'unblocked, it has a flow',
    })
  })
})
