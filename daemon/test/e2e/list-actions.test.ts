/** Imported lists that do less than drop, or answer: on real packets, kept over kill and restart. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { tcpPacket, udpPacket } from '../../../lab/packet.js'
import { eventually, toldBy } from './attacks.js'
import { familyOf, type Json, openSite, type Site, send, skipE2e } from './harness.js'

type Kind = 'syn' | 'ack' | 'udp'
/** An address of each family. */
type Pair = readonly [four: string, six: string]

describe('actions of imported lists', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let pairs: readonly Pair[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2elistacts', extraAddresses: 4 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    const all = attacker.addresses.all
    const [fours, sixes] = [false, true].map((isSix) =>
      all.filter((one) => one.includes(':') === isSix).slice(1),
    )
    pairs = [0, 1, 2].map((i): Pair => [fours?.[i] as string, sixes?.[i] as string])
    site = openSite(server, 'listacts')
    await site.start()
  })
  after(async () => {
    await site?.close()
    await lab?.close()
  })
  afterEach(async () => {
    for (const { name } of (await site.ok('lists')).lists) await site.ok('lists', 'rm', name)
  })

  const file = (name: string, ...lines: readonly string[]) => {
    const path = join(site.dir, name)
    writeFileSync(path, lines.join('\n'))
    return path
  }
  const frame = (kind: Kind, source: string) => {
    const link = { srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string }
    const dst = server.addresses[familyOf(source)]
    const packet = { ...link, src: source, dst, srcPort: 40_001, dstPort: 9 }
    return kind === 'udp'
      ? udpPacket({ ...packet, payload: 'x' })
      : tcpPacket({ ...packet, flags: kind === 'syn' ? 'S' : 'A' })
  }
  /** TCP segments and UDP datagrams that the host's own stack took, of both families. */
  const taken = async (): Promise<Record<'tcp' | 'udp', number>> => {
    const { stdout } = await server.exec(['cat', '/proc/self/net/snmp', '/proc/self/net/snmp6'])
    const column = (table: string, name: string) => {
      const [names = '', values = ''] = stdout.split('\n').filter((line) => line.startsWith(`${table}: `))
      return Number(values.split(' ')[names.split(' ').indexOf(name)])
    }
    const six = (name: string) => Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(stdout)?.[1])
    const udp = column('Udp', 'InDatagrams') + column('Udp', 'NoPorts')
    return { tcp: column('Tcp', 'InSegs'), udp: udp + six('Udp6InDatagrams') + six('Udp6NoPorts') }
  }
  /** How much the host takes of 16 SYNs, 4 ACKs and 8 datagrams of each of the two. */
  const passed = async (pair: Pair) => {
    const before = await taken()
    for (const source of pair) {
      for (const [kind, count] of [
        ['syn', 16],
        ['ack', 4],
        ['udp', 8],
      ] as const)
        await send(attacker, { frame: frame(kind, source), count, rate: 10_000 })
    }
    const after = await taken()
    return { tcp: after.tcp - before.tcp, udp: after.udp - before.udp }
  }
  const tried = (kind: 'tcp' | 'udp', source: string) =>
    toldBy(attacker, kind, {
      source,
      address: server.addresses[familyOf(source)],
      seconds: 2,
    })
  const fateOf = async (source: string) => (await site.ok('why', source)).fate
  const listed = async (name: string): Promise<Json> =>
    (await site.ok('lists')).lists.find((list: Json) => list.name === name)

  const isSynDropped = async (pair: Pair) => assert.deepEqual(await passed(pair), { tcp: 2 * 4, udp: 2 * 8 })
  const isDropped = async (pair: Pair) => assert.deepEqual(await passed(pair), { tcp: 0, udp: 0 })
  const isFree = async (pair: Pair) => assert.deepEqual(await passed(pair), { tcp: 2 * 20, udp: 2 * 8 })
  const isRejected = async ([four, six]: Pair) => {
    assert.deepEqual([await tried('tcp', four), await tried('tcp', six)], ['ECONNREFUSED', 'ECONNREFUSED'])
    assert.match(await tried('udp', six), /^(EACCES|EHOSTUNREACH)$/)
  }
  /** At one packet a second: the first passes, and one for each second that this machine takes. */
  const isLimited = async (pair: Pair) => {
    const beganMs = performance.now()
    const { tcp, udp } = await passed(pair)
    const seconds = (performance.now() - beganMs) / 1_000
    assert.ok(tcp + udp >= 1 && tcp + udp <= 2 + seconds, `${tcp} and ${udp} in ${seconds} s`)
    assert.ok(tcp + udp < 2 * (16 + 4 + 8), 'something is kept back')
  }

  const actions = [
    ['syn_drop', ['syn-drop'], 'syn_dropped', isSynDropped],
    ['reject', ['reject'], 'rejected', isRejected],
    ['limit', ['limit', '--rate', '1pps'], 'limited', isLimited],
  ] as const

  test('lists do what they are to do, with the daemon, without it, and with the next', async () => {
    const paths: string[] = []
    for (const [i, [action, words]] of actions.entries()) {
      const pair = pairs[i] as Pair
      // Each end knows the other's MAC: over IPv6 what a rejected client asks for that is not answered.
      if (action === 'reject') await tried('udp', pair[1])
      paths.push(file(`${action}.txt`, ...pair))
      await site.ok('import', paths[i] as string, '--list', action, '--action', ...words)
    }
    const look = async () => {
      for (const [i, [, , , looks]] of actions.entries()) await looks(pairs[i] as Pair)
    }
    const told = async (): Promise<Json[]> => {
      const { lists } = await site.ok('lists')
      return actions.map(([action]) => lists.find(({ name }: Json) => name === action))
    }
    await look()
    const before = await told()
    for (const [i, [action, , fate]] of actions.entries()) {
      const list = before[i]
      assert.equal(await fateOf((pairs[i] as Pair)[0]), fate)
      assert.equal(list.action, action)
      assert.ok(list.dropped_packets > 0 && list.dropped_packets <= list.hits, JSON.stringify(list))
      assert.deepEqual(list.limit, action === 'limit' ? { unit: 'packets', per_second: 1 } : null)
    }

    await site.killHard()
    await look()
    const { interfaces } = await site.ok('why', (pairs[2] as Pair)[1], '--bpffs', site.bpffs)
    const { action, limit } = interfaces[0].lists[0]
    assert.deepEqual([interfaces[0].fate, action, limit.per_second], ['limited', 'limit', 1])
    await site.start()
    await look()
    for (const [i, list] of (await told()).entries()) {
      assert.deepEqual([list.action, list.limit, list.loaded], [before[i].action, before[i].limit, true])
      assert.ok(list.dropped_packets > before[i].dropped_packets, 'what was met without a daemon counts')
    }
    const less = await site.ok('import', paths[2] as string, '--list', 'limit', '--action', 'observe')
    assert.equal(less.undo, `idsctl import ${paths[2]} --list limit --action limit --rate 1pps`)
    const { rows } = await site.ok('audit', '--last', '1')
    assert.deepEqual(
      [rows[0].before, rows[0].after],
      ['list limit: limit to 1 packets/s 2 entries', 'list limit: count 2 entries'],
    )
    await isFree(pairs[2] as Pair)
  })

  test('where lists meet the strongest acts, and the next when it goes', async () => {
    const [pair] = pairs as [Pair]
    const path = file('meet.txt', ...pair)
    await site.ok('import', path, '--list', 'limited', '--action', 'limit', '--rate', '1pps')
    await site.ok('import', path, '--list', 'noSyn', '--action', 'syn-drop')
    await site.ok('import', path, '--list', 'dropped')
    await isDropped(pair)
    await site.ok('lists', 'rm', 'dropped')
    await isLimited(pair)
    assert.equal(await fateOf(pair[0]), 'syn_dropped')
    assert.match(
      (await site.text(['why', pair[0]])).stdout,
      /SYNs, which are dropped by the list noSyn, and lists limit all else\n/,
    )
    await site.ok('lists', 'rm', 'limited')
    await isSynDropped(pair)
  })

  test('on trial a list does what it is to do, and after a rollback what it did', async () => {
    const [pair] = pairs as [Pair]
    const path = file('tried.txt', ...pair)
    await site.ok('import', path, '--list', 'tried')
    await site.ok('import', path, '--list', 'tried', '--action', 'syn-drop', '--confirm', '10m')
    await isSynDropped(pair)
    await site.ok('rollback')
    await isDropped(pair)
    assert.equal((await listed('tried')).action, 'drop')
  })

  test('a scheduled list limits at its rate, and other words take effect at once', async () => {
    const [pair] = pairs as [Pair]
    const path = file('feed.txt', ...pair)
    const schedule = (does: string) => {
      site.writeConfig(`[[lists.scheduled]]\nname = "feed"\nfile = "${path}"\nevery_s = "1h"\n${does}\n`)
      site.process.kill('SIGHUP')
    }
    const is = (action: string, rate: number | undefined) =>
      eventually(`the list does ${action}`, async () => {
        const list = await listed('feed')
        return list?.action === action && list.limit?.per_second === rate ? list : undefined
      })
    schedule('action = "limit"\nrate = "1pps"')
    await is('limit', 1)
    await isLimited(pair)
    schedule('action = "limit"\nrate = "1Mpps"')
    await is('limit', 1e6)
    await isFree(pair)
    schedule('action = "syn_drop"')
    await is('syn_drop', undefined)
    await isSynDropped(pair)
    site.writeConfig('')
    site.process.kill('SIGHUP')
  })
})
