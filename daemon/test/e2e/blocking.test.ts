import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { framesTaken } from './attacks.js'
import {
  connects,
  datagramsSeen,
  echo,
  echoesSeen,
  families,
  firstEchoAfter,
  openSite,
  type Site,
  send,
  sendOn,
  serveHttp,
  skipE2e,
} from './harness.js'

const covering = { v4: '10.77.0.2/31', v6: 'fd77::2/127' } as const

describe('idsd and idsctl', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eblock' })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'block')
    await Promise.all([site.start(), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  // What a failed test left would fail the next ones too.
  afterEach(() => site.unblockAll())

  const decision = (id: string) => site.ok('decisions', 'get', id)
  const block = async (...args: string[]) => (await site.ok('block', ...args)).decision

  for (const family of families) {
    test(`a blocked ${family} peer gets nothing through, is counted, and is let in again by unblock`, async () => {
      const peer = attacker.addresses[family]
      const host = server.addresses[family]
      const frame = echo(attacker, server, family)
      assert.ok(await connects(attacker, host, 80, 10), 'not blocked, it connects')
      await until(
        async () => (await site.ok('flows', '--ip', peer, '--port', '80')).flows[0]?.packets_fwd >= 3,
        {
          what: 'idsctl flows shows the connection',
        },
      )

      const made = await block(peer, '--reason', 'e2e')
      assert.equal(made.in_kernel, true)
      assert.equal(made.expires_at, null)
      const seen = (await echoesSeen(server))[family]
      await send(attacker, { frame, count: 50 })
      const hit = await decision(made.id)
      assert.equal(hit.packets, 50)
      assert.equal(hit.bytes, 50 * frame.length)
      assert.ok(Date.parse(hit.last_seen) >= Date.parse(made.created_at))
      assert.equal((await echoesSeen(server))[family], seen, 'no frame reached the host')
      assert.equal(await connects(attacker, host, 80), false, 'blocked, it does not connect')
      assert.ok(await connects(client, host, 80, 10), 'another peer still connects')

      const { lifted } = await site.ok('unblock', peer)
      assert.equal(lifted[0].state, 'lifted')
      assert.ok(lifted[0].packets > 50, 'what it dropped is told when it is lifted')
      assert.ok((await decision(made.id)).packets > 50, 'and stays known')
      assert.ok(await connects(attacker, host, 80, 10), 'unblocked, it connects')
    })

    test(`a blocked ${family} CIDR drops every peer in it`, async () => {
      const target = covering[family]
      const host = server.addresses[family]
      const made = await block(target)
      const seen = (await echoesSeen(server))[family]
      await send(attacker, { frame: echo(attacker, server, family), count: 20 })
      await send(client, { frame: echo(client, server, family), count: 30 })
      assert.equal((await decision(made.id)).packets, 50)
      assert.equal((await echoesSeen(server))[family], seen)
      const inside = await site.ctl(['unblock', attacker.addresses[family]])
      assert.equal(inside.code, 4, 'an address inside is not blocked by itself')
      assert.match(inside.stderr, new RegExp(`lies in ${target}`))
      await site.ok('unblock', made.id)
      assert.ok(await connects(attacker, host, 80, 10))
    })
  }

  test('a CIDR inside a blocked CIDR begins to count at 0', async () => {
    const outer = await block('10.77.0.0/29', '--force')
    await send(attacker, { frame: echo(attacker, server), count: 10 })
    const inner = await block(covering.v4)
    assert.equal((await decision(inner.id)).packets, 0)
    await send(attacker, { frame: echo(attacker, server), count: 10 })
    assert.equal((await decision(inner.id)).packets, 10)
    assert.equal((await decision(outer.id)).packets, 10)
    for (const { id } of [inner, outer]) await site.ok('unblock', id)
  })

  test('packets to a blocked destination do not leave, and count as egress', async () => {
    const made = await block(attacker.addresses.v4)
    const sendOut = (count: number) =>
      server.exec([
        'bash',
        '-c',
        `for i in $(seq ${count}); do echo out > /dev/udp/${attacker.addresses.v4}/4001; done`,
      ])
    const seen = await datagramsSeen(attacker)
    const before = (await site.ok('status')).traffic.dropped_packets_egress
    await sendOut(40)
    assert.equal((await site.ok('status')).traffic.dropped_packets_egress - before, 40)
    assert.equal((await decision(made.id)).packets, 40)
    assert.equal(await datagramsSeen(attacker), seen)
    await site.ok('unblock', made.id)
    await sendOut(5)
    await until(async () => (await datagramsSeen(attacker)) === seen + 5, { what: 'unblocked, they leave' })
  })

  test('a block that only counts lets packets pass and counts them', async () => {
    const made = await block(attacker.addresses.v4, '--action', 'count')
    const seen = (await echoesSeen(server)).v4
    await send(attacker, { frame: echo(attacker, server), count: 20 })
    assert.equal((await echoesSeen(server)).v4, seen + 20)
    assert.ok((await decision(made.id)).packets >= 20)
    await site.ok('unblock', made.id)
  })

  test('a block with --ttl ends in the kernel when it says, and its decision becomes expired', async () => {
    const watch = site.spawnCtl(['decisions', 'watch', '-o', 'jsonl'])
    const sending = sendOn(attacker, { frame: echo(attacker, server), rate: 100 })
    const made = await block(attacker.addresses.v4, '--ttl', '3s')
    const endsMs = Date.parse(made.expires_at)
    assert.equal(endsMs - Date.parse(made.created_at), 3_000)
    const seen = (await echoesSeen(server)).v4
    const firstMs = await firstEchoAfter(server, 'v4', seen, 15_000)
    assert.ok(firstMs >= endsMs, `a frame passed ${endsMs - firstMs} ms before the end`)
    assert.ok(firstMs < endsMs + 2_000, `the block held ${firstMs - endsMs} ms too long`)
    await sending.stop()
    await until(async () => (await decision(made.id)).state === 'expired', {
      what: 'the decision is expired',
    })
    const ended = await decision(made.id)
    assert.equal(ended.in_kernel, false)
    assert.ok(Date.parse(ended.ended_at) >= endsMs)
    assert.ok(ended.packets > 0, 'what it dropped stays known')
    await until(() => watch.stdout.includes('"kind":"expired"'), { what: 'the watch tells of the end' })
    await watch.stop({ signal: 'SIGINT' })
  })

  test('an allow entry lifts a block at once, inside a CIDR too, until it is removed', async () => {
    const peer = attacker.addresses.v4
    const passes = () => framesTaken(attacker, peer, server, { count: 10 })
    const exact = await block(peer)
    const prefix = await block('10.77.0.2/31')
    assert.equal(await passes(), 0)
    const added = await site.ok('allow', 'add', peer, '--reason', 'on duty')
    const ids = (decisions: readonly { id: string }[]) => decisions.map(({ id }) => id)
    assert.deepEqual([ids(added.lifted), ids(added.overrides)], [[exact.id], [prefix.id]])
    assert.equal(await passes(), 10)
    const check = await site.ok('allow', 'check', peer)
    assert.equal(check.allowed, true)
    assert.deepEqual(ids(check.blocks), [prefix.id])
    const seen = (await echoesSeen(server)).v4
    await send(client, { frame: echo(client, server), count: 10 })
    assert.equal((await echoesSeen(server)).v4, seen, 'the rest of the CIDR stays blocked')

    for (const args of [[], ['--force']]) {
      const refused = await site.ctl(['block', peer, ...args])
      assert.equal(refused.code, 3)
      assert.match(refused.stderr, new RegExp(`allowed by the entry ${peer}.*on duty`))
    }
    const removed = await site.ctl(['allow', 'rm', peer])
    assert.equal(removed.code, 0, removed.stderr)
    assert.equal(await passes(), 0)
    assert.equal((await site.ok('allow', 'check', peer)).allowed, false)
    assert.equal((await site.ctl(['allow', 'rm', peer])).code, 4)
    await site.ok('unblock', prefix.id)
    assert.equal(await passes(), 10)
  })
})
