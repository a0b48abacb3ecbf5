import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab, until } from '../../../lab/namespaces.js'
import { udpPacket } from '../../../lab/packet.js'
import { buildOtherLayout, type OtherLayout } from '../other-layout.js'
import { createRandom } from '../random.js'
import {
  bpftool,
  datagramsSeen,
  echo,
  echoesSeen,
  type Json,
  namesIn,
  openSite,
  type Site,
  send,
  sendOn,
  skipE2e,
  spareInterface,
  startMs,
  xdpProgram,
} from './harness.js'

const packetsPerS = 20_000
/** Words of bpftool that make a map of another hand. */
const foreign = ['type', 'hash', 'key', '4', 'value', '4', 'entries', '2', 'name', 'foreign']
const metricsPort = 9464
/** A connection that sends a byte every 10 ms until SIGTERM, and takes each back; then tells how many. */
const talker = `
const socket = require('node:net').connect(9100, process.argv[1])
let [sent, back] = [0, 0]
const timer = setInterval(() => { socket.write('x'); sent++ }, 10)
socket.on('connect', () => console.log('connected ' + socket.localPort))
socket.on('data', (bytes) => { back += bytes.length })
socket.on('close', () => console.log(JSON.stringify({ sent, back })))
process.on('SIGTERM', () => { clearInterval(timer); socket.end() })`
const echoServer = `
require('node:net').createServer((socket) => socket.pipe(socket)).listen(9100, () => console.log('listening'))`

describe('gapless', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let other: OtherLayout
  let echoing: LabProcess

  before(async () => {
    other = buildOtherLayout()
    lab = await openLab({ topology: 'host', tag: 'e2egap' })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'gap')
    // Who floods is not to be blocked here by anybody but the test.
    site.writeConfig('mode = "detect"\n')
    echoing = server.spawn([process.execPath, '-e', echoServer])
    await echoing.untilOutput(/listening/, startMs)
  })

  after(async () => {
    await echoing?.stop()
    await site?.close()
    await lab?.close()
    other?.[Symbol.dispose]()
  })

  const args = ['--metrics-listen', `127.0.0.1:${metricsPort}`]
  const startOther = () => site.start({ program: other.program, args })
  const startThis = () => site.start({ args })
  const fetchMetrics = `fetch('http://127.0.0.1:${metricsPort}/metrics').then((r) => r.text()).then(console.log)`
  /** Counters of the kernel, by name and labels. */
  const counters = async (): Promise<Map<string, number>> => {
    const { stdout } = await server.exec([process.execPath, '-e', fetchMetrics])
    const lines = stdout.matchAll(
      /^(idsd_(?:packets|bytes|dropped_packets|lost|new_flows|ended_flows|without_flow)[a-z_]*_total\S*) (\d+)$/gm,
    )
    return new Map([...lines].map(([, name, value]) => [name as string, Number(value)]))
  }
  const flowsOf = async (port: number): Promise<Json[]> =>
    (await site.ok('flows', '--ip', client.addresses.v4, '--port', `${port}`)).flows.toReversed()
  const isBlocked = async (): Promise<boolean> => {
    const { decisions } = await site.ok('decisions', 'list')
    return decisions.some(
      (one: Json) => one.target === attacker.addresses.v4 && one.action === 'drop' && one.in_kernel,
    )
  }
  const sets = () => namesIn(site.bpffs)
  /** Packets that interfaces between the namespaces dropped, before the programs saw them. */
  const lostOnTheWay = async (): Promise<number> => {
    const names = [client, attacker].map((ns) => ns.name).concat(server.name.replace(/server$/, 'switch'))
    const told = await Promise.all(
      names.map((name) => server.exec(['ip', 'netns', 'exec', name, 'cat', '/proc/self/net/dev'])),
    )
    const lines = told.flatMap(({ stdout }) => [...stdout.matchAll(/:((?: +\d+){16})$/gm)])
    assert.ok(lines.length >= 3 && told.every(({ code }) => code === 0))
    // Column 12: what was to leave and did not. Source: proc(5).
    return lines.reduce((sum, line) => sum + Number(line[1]?.trim().split(/ +/)[11]), 0)
  }

  test('a blocked flood, an allowed one and an open connection through kill -9, restart and upgrade', async () => {
    await startOther()
    await site.ok('block', attacker.addresses.v4)
    // Who is let through is so by the allowlist alone.
    const around = (await site.ok('block', '10.77.0.2/31')).decision.id
    await site.ok('allow', 'add', client.addresses.v4)
    const talking = client.spawn([process.execPath, '-e', talker, server.addresses.v4])
    const port = Number((await talking.untilOutput(/connected (\d+)/, startMs))[1])
    const before = {
      datagrams: await datagramsSeen(server),
      echoes: (await echoesSeen(server)).v4,
      lost: await lostOnTheWay(),
    }
    const datagram = udpPacket({
      ...{ src: client.addresses.v4, dst: server.addresses.v4, srcPort: 4000, dstPort: 4001 },
      ...{ srcMac: client.macs.eth0 as string, dstMac: server.macs.eth0 as string },
    })
    const floodSinceMs = performance.now()
    const allowed = sendOn(client, { frame: datagram, rate: packetsPerS, seconds: 150 })
    const blocked = sendOn(attacker, { frame: echo(attacker, server), rate: packetsPerS, seconds: 150 })

    const steps: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
      ['kill -9', () => site.killHard(), startOther],
      ['restart', () => site.stop(), startOther],
      ['upgrade', () => site.killHard(), startThis],
    ]
    let known = await counters()
    let id: string | undefined
    for (const [step, end, start] of steps) {
      await until(async () => (await flowsOf(port)).length > 0, {
        what: `the connection is stored before ${step}`,
      })
      const flows = await flowsOf(port)
      id ??= flows[0].id
      assert.deepEqual(
        flows.map((flow) => flow.id),
        [id],
        `one flow before ${step}`,
      )
      await end()
      await start()
      const now = await counters()
      for (const [name, value] of known)
        assert.ok((now.get(name) ?? -1) >= value, `${name} went from ${value} to ${now.get(name)} at ${step}`)
      known = now
    }
    await until(async () => (await flowsOf(port)).length === 2, { what: 'the continuation is stored' })
    talking.kill('SIGTERM')
    const told = JSON.parse((await talking.untilOutput(/\{.*\}/, startMs))[0])
    const sent = { allowed: await allowed.stop(), blocked: await blocked.stop() }

    const floodedS = (performance.now() - floodSinceMs) / 1_000
    assert.ok(Math.min(sent.blocked, sent.allowed) > 0.9 * packetsPerS * floodedS, JSON.stringify(sent))
    const { traffic } = await site.ok('status')
    const seen = (await datagramsSeen(server)) - before.datagrams
    const [dropped, onTheWay] = [traffic.dropped_packets_ingress, (await lostOnTheWay()) - before.lost]
    const numbers = JSON.stringify({ sent, seen, dropped, onTheWay })
    assert.equal((await echoesSeen(server)).v4 - before.echoes, 0, `leaked: ${numbers}`)
    // On a busy machine the cable overflows, and tells how often; other frames may have been among these.
    const lost = sent.allowed + sent.blocked - seen - dropped
    assert.ok(lost >= 0 && lost <= onTheWay, `lost: ${numbers}`)
    assert.ok(dropped <= sent.blocked && seen <= sent.allowed, numbers)
    assert.equal((await site.ok('decisions', 'get', around)).packets, 0, 'an allowed packet was dropped')

    assert.equal(told.sent, told.back)
    await until(
      async () => (await flowsOf(port)).reduce((sum, { bytes_fwd }) => sum + bytes_fwd, 0) === told.sent,
      { what: 'both flows together hold all bytes' },
    )
    const [first, second] = await flowsOf(port)
    assert.equal(first.id, id)
    assert.deepEqual([first.kind, first.end_reason, first.is_continuation], ['ended', 'upgrade', false])
    assert.deepEqual([second.is_continuation, second.path_proven], [true, true])
    assert.deepEqual([second.src, second.src_port], [client.addresses.v4, port])
    assert.equal(first.bytes_bwd + second.bytes_bwd, told.back)
    assert.ok(((await counters()).get('idsd_ended_flows_total{reason="upgrade"}') ?? 0) > 0)
    await until(() => sets().length === 1, { what: 'nothing is left of the earlier maps' })
    await site.ok('unblock', around)
    await site.ok('allow', 'rm', client.addresses.v4)
    await site.stop()
  })

  test('ten kills at random instants of a start, of either version, leave a working state', async () => {
    const random = createRandom(Number(process.env.IDSD_SEED ?? 7))
    const patience = { timeoutMs: startMs, intervalMs: 1 }
    const sinceMs = Date.now()
    await startThis()
    const startedMs = Date.now() - sinceMs
    if (!(await isBlocked())) await site.ok('block', attacker.addresses.v4)
    const dropped = async () => (await site.ok('status')).traffic.dropped_packets_ingress
    const droppedBefore = await dropped()
    const before = (await echoesSeen(server)).v4
    const blocked = sendOn(attacker, { frame: echo(attacker, server), rate: 2_000 })
    await site.stop()
    for (let i = 0; i < 10; i++) {
      const program = i % 2 === 0 ? other.program : undefined
      const argv = site.argv({ args, ...(program ? { program } : {}) })
      const starting = server.spawn(argv)
      // Every other one while the programs are switched.
      const isSwitching = () => sets().includes('eth0%next') || starting.stdout.includes('idsd runs in mode')
      if (i % 4 < 2) await until(isSwitching, { what: 'pins are made', ...patience })
      const waitMs = Math.floor(random.next() * (i % 4 < 2 ? 100 : startedMs))
      await Promise.race([starting.exited, new Promise((resolve) => setTimeout(resolve, waitMs))])
      starting.kill('SIGKILL')
      await starting.exited
      assert.notEqual(await xdpProgram(server), undefined, `programs are on the interface after kill ${i}`)
    }
    await startThis()
    await until(() => sets().length === 1, { what: 'nothing is left of the half starts' })
    const sent = await blocked.stop()
    assert.equal((await echoesSeen(server)).v4 - before, 0, `leaked of ${sent}`)
    assert.equal(await isBlocked(), true)
    assert.equal((await dropped()) - droppedBefore, sent, 'every packet is counted once, whatever was killed')
    const live = linkedProgram()
    const pinned = bpftool('prog', 'show', 'pinned', site.pin('ingress_program')).id
    assert.equal(live, pinned, 'the pins are those of the programs on the interface')
    await site.killHard()
  })

  const linkedProgram = (): number => bpftool('link', 'show', 'pinned', site.pin('xdp_link')).prog_id

  const killedBetween: readonly (readonly [string, boolean])[] = [
    ['the switch of the programs and that of the pins', true],
    ['the two steps that put the pins in force', false],
  ]
  for (const [i, [what, hasOld]] of killedBetween.entries()) {
    test(`killed between ${what}, the maps of the programs on the interface go on`, async () => {
      const srcPort = 4_200 + i
      const frame = udpPacket({
        ...{ src: client.addresses.v4, dst: server.addresses.v4, srcPort, dstPort: 4001 },
        ...{ srcMac: client.macs.eth0 as string, dstMac: server.macs.eth0 as string },
      })
      await startThis()
      await send(client, { frame, count: 4 })
      await until(async () => (await flowsOf(srcPort))[0]?.packets_fwd === 4, { what: 'the flow is stored' })
      const passed = async () => (await site.ok('status')).traffic.passed_packets_ingress
      const before = await passed()
      await site.killHard()
      const folder = join(site.bpffs, 'eth0')
      renameSync(folder, `${folder}%next`)
      if (hasOld) {
        mkdirSync(folder)
        for (const link of ['xdp_link', 'egress_link'])
          renameSync(join(`${folder}%next`, link), site.pin(link))
        for (const pin of ['flows', 'settings']) bpftool('map', 'create', site.pin(pin), ...foreign)
      }
      await startThis()
      assert.ok((await passed()) >= before, 'counters went down')
      await send(client, { frame, count: 4 })
      await until(async () => (await flowsOf(srcPort))[0]?.packets_fwd === 8, {
        what: 'the same flow goes on',
      })
      assert.equal((await flowsOf(srcPort)).length, 1)
      await until(() => sets().length === 1, { what: 'nothing is left of the earlier pins' })
      await site.killHard()
    })
  }

  for (const [i, user] of ['root', 'nobody'].entries()) {
    test(`pins without a description, as an earlier version leaves them, are read by the kernel’s own types, as ${user}`, async () => {
      await startOther()
      const srcPort = 4100 + i
      const frame = udpPacket({
        ...{ src: client.addresses.v4, dst: server.addresses.v4, srcPort, dstPort: 4001 },
        ...{ srcMac: client.macs.eth0 as string, dstMac: server.macs.eth0 as string },
      })
      const sending = sendOn(client, { frame, rate: 100 })
      await until(async () => (await flowsOf(srcPort)).length === 1, { what: 'the flow is stored' })
      await sending.stop()
      await site.killHard()
      for (const pin of ['described', 'carried', 'ingress_program', 'urgent_ring', 'bulk_ring'])
        rmSync(site.pin(pin))
      await site.start({ args: [...args, '--user', user] })
      await until(async () => (await flowsOf(srcPort))[0]?.end_reason === 'upgrade', {
        what: 'the flow ended',
      })
      await site.killHard()
    })
  }

  test('pins of another hand neither stop a start nor go on', async () => {
    for (const pin of ['flows', 'cpu', 'urgent_ring', 'settings']) rmSync(site.pin(pin))
    for (const pin of ['flows', 'cpu', 'settings']) bpftool('map', 'create', site.pin(pin), ...foreign)
    mkdirSync(site.pin('bulk_ring_of_mine'))
    mkdirSync(join(site.bpffs, 'eth0%next'))
    bpftool('map', 'create', join(site.bpffs, 'eth0%next/flows'), ...foreign)
    await startThis()
    assert.deepEqual((await site.ok('status')).warnings, [])
    await until(() => sets().length === 1, { what: 'nothing is left of the other hand' })
    assert.equal(await isBlocked(), true)
  })

  test('a stop with --on-exit detach tells every open flow and leaves no pin', async () => {
    await site.stop()
    await site.start({ args: [...args, '--on-exit', 'detach'] })
    const connection = client.spawn([process.execPath, '-e', talker, server.addresses.v4])
    const port = Number((await connection.untilOutput(/connected (\d+)/, startMs))[1])
    await until(async () => (await flowsOf(port)).length === 1, { what: 'the connection is stored' })
    await site.stop()
    assert.deepEqual(sets(), [])
    assert.equal(await xdpProgram(server), undefined)
    await startThis()
    const [flow] = await flowsOf(port)
    assert.deepEqual([flow.kind, flow.end_reason], ['ended', 'flush'])
    connection.kill('SIGTERM')
    await connection.exited
  })

  test('where nothing mounted a bpffs idsd does, and goes on there after a kill', async () => {
    await using alone = openSite(server, 'nomount')
    await spareInterface(server, 'spare0')
    const argv = alone.argv({ interfaces: ['spare0'] })
    // In a mount namespace of their own, held by the shell.
    const script = `
      umount -l /sys/fs/bpf || exit 9
      "$@" & first=$!
      until [ -e ${alone.bpffs}/spare0/xdp_link ]; do kill -0 $first || exit 8; sleep 0.1; done
      kill -KILL $first; wait $first
      [ "$(stat -f -c %T /sys/fs/bpf)" = bpf_fs ] || exit 7
      exec "$@"`
    const shell = server.spawn(['unshare', '--mount', 'bash', '-c', script, 'idsd', ...argv])
    await shell.untilOutput(/"msg":"idsd runs in mode/, startMs)
    await until(async () => (await alone.ctl(['status'])).code === 0, {
      what: 'it answers',
      timeoutMs: startMs,
    })
    assert.equal((await shell.stop({ graceMs: 15_000 })).code, 0)
  })
})
