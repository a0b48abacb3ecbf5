import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import { concat, ethernet, icmpPacket, tcpPacket } from '../../../lab/packet.js'
import {
  cable,
  connects,
  echo,
  layCable,
  openSite,
  root,
  type Site,
  send,
  serveHttp,
  skipE2e,
  startMs,
} from './harness.js'

const promtool = [join(root, 'build/tools/promtool'), '/usr/bin/promtool', '/usr/local/bin/promtool'].find(
  (path) => existsSync(path),
)

/** One gRPC call over the socket, made by hand: path, request message, first answer's message. */
function grpc(socket: string, path: string, message: Uint8Array): Promise<Buffer> {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return new Promise((resolve, reject) => {
    const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) })
    const fail = (error: Error) => {
      session.destroy()
      reject(error)
    }
    session.on('error', fail)
    session.setTimeout(startMs, () => fail(new Error(`no answer to ${path}`)))
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let body = Buffer.alloc(0)
    stream.on('data', (chunk: Buffer) => {
      body = Buffer.concat([body, chunk])
      if (body.length < 5 || body.length < 5 + body.readUInt32BE(1)) return
      session.destroy()
      resolve(body.subarray(5, 5 + body.readUInt32BE(1)))
    })
    stream.on('error', fail)
    stream.on('end', () => fail(new Error(`${path} ended without an answer`)))
    stream.end(Buffer.concat([prefix, message]))
  })
}

describe('outward', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eout' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'out')
    await layCable(server, attacker, 'wan0')
    const interfaces = ['eth0', 'wan0']
    const args = ['--metrics-listen', '127.0.0.1:9478']
    await Promise.all([site.start({ interfaces, args }), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const get = async (path: string) => {
    const script = `exec 3<>/dev/tcp/127.0.0.1/9478; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`
    const { stdout } = await server.exec(['bash', '-c', script])
    const [head = '', ...body] = stdout.split('\r\n\r\n')
    return { status: Number(head.split(' ')[1]), body: body.join('\r\n\r\n') }
  }
  const metric = (text: string, name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `))
    assert.ok(line !== undefined, `no metric ${name}`)
    return Number(line.slice(name.length + 1))
  }

  test('metrics agree with what was sent and name no address', async () => {
    const { decision } = await site.ok('block', attacker.addresses.v4)
    await send(attacker, { frame: echo(attacker, server), count: 30 })
    const { status, body } = await get('/metrics')
    assert.equal(status, 200)
    assert.equal(metric(body, 'idsd_dropped_packets_total{reason="manual",origin="operator"}'), 30)
    assert.equal(metric(body, 'idsd_packets_total{direction="ingress",verdict="dropped"}'), 30)
    assert.equal(metric(body, 'idsd_dropped_packets_total{reason="scan",origin="detector"}'), 0)
    assert.equal(metric(body, 'idsd_decisions{origin="operator",action="drop"}'), 1)
    assert.equal(metric(body, 'idsd_xdp_mode{iface="eth0",mode="native"}'), 1)
    assert.equal(metric(body, 'idsd_map_entries{map="blocks"}'), 1)
    assert.equal(metric(body, 'idsd_lost_total{cause="table_full"}'), 0)
    assert.doesNotMatch(body, /10\.77\.|fd77:/)
    await site.ok('unblock', decision.id)
    assert.equal(metric((await get('/metrics')).body, 'idsd_decisions{origin="operator",action="drop"}'), 0)
  })

  test('the metrics of the running daemon are clean under promtool', {
    skip: skipOrFail(promtool === undefined ? 'promtool is not here: make test fetches it' : undefined),
  }, async () => {
    const { body } = await get('/metrics')
    const { status, stdout, stderr } = spawnSync(promtool as string, ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    })
    assert.equal(status, 0, stdout + stderr)
    assert.equal(stdout + stderr, '')
  })

  test('health and readiness are answered over HTTP and over gRPC, and reflection names the service', async () => {
    assert.equal((await get('/healthz')).status, 200)
    assert.equal((await get('/readyz')).status, 200)
    assert.equal((await get('/nothing')).status, 404)
    // HealthCheckResponse.status = SERVING: field 1, varint 1.
    assert.deepEqual(
      [...(await grpc(site.socket, '/grpc.health.v1.Health/Check', new Uint8Array()))],
      [0x08, 0x01],
    )
    // ServerReflectionRequest.list_services: field 7, a string.
    const services = await grpc(
      site.socket,
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      concat(new Uint8Array([0x3a, 0x01]), new TextEncoder().encode('*')),
    )
    assert.match(services.toString('latin1'), /idsd\.v1\.Idsd/)
  })

  test('a watch shows flows as they come, and one that is killed does no harm', async () => {
    const watch = site.spawnCtl(['flows', '-f', '-o', 'jsonl', '--port', '80'])
    await until(
      async () => {
        await connects(attacker, server.addresses.v4, 80, 5)
        return watch.stdout.includes('"idsd.flow.v1"')
      },
      { what: 'the watch shows a flow', timeoutMs: startMs, intervalMs: 50 },
    )
    const others = Array.from({ length: 4 }, () => site.spawnCtl(['decisions', 'watch']))
    await until(() => others.every((one) => one.stdout.includes('TIME')), {
      what: 'the watches are open',
      timeoutMs: startMs,
    })
    for (const one of [watch, ...others]) one.kill('SIGKILL')
    await Promise.all([watch, ...others].map((one) => one.exited))
    const { decision } = await site.ok('block', attacker.addresses.v4)
    await site.ok('unblock', decision.id)
    assert.ok(await connects(attacker, server.addresses.v4, 80, 10))
  })

  test('a flood of malformed frames is counted and passed on, and idsd goes on', async () => {
    const [src, dst] = [cable.peer.v4, cable.host.v4]
    const macs = { srcMac: cable.peer.mac, dstMac: cable.host.mac }
    const whole = tcpPacket({ src, dst, srcPort: 1_000, dstPort: 80, ...macs })
    const six = icmpPacket({ src: attacker.addresses.v6, dst: server.addresses.v6, ...macs })
    const changed = (frame: Uint8Array, at: number, ...bytes: number[]) => {
      const copy = frame.slice()
      copy.set(bytes, at)
      return copy
    }
    const frames = [
      whole.subarray(0, 15),
      whole.subarray(0, 33),
      whole.subarray(0, 40),
      six.subarray(0, 50),
      changed(whole, 14, 0x40), // header of 0 words
      changed(whole, 14, 0x4f), // options past the end
      changed(whole, 16, 0xff, 0xff), // longer than the frame
      changed(whole, 16, 0, 1), // shorter than its header
      changed(whole, 46, 0x00), // TCP header of 0 words
      changed(whole, 46, 0xf0), // TCP options past the end
      changed(six, 20, 0), // hop-by-hop that is none
      changed(six, 18, 0xff, 0xff),
      changed(whole, 12, 0x81, 0x00), // a tag with nothing behind it
      ethernet({ ...{ src: macs.srcMac, dst: macs.dstMac }, etherType: 0x88b5, payload: new Uint8Array(46) }),
    ]
    const before = (await site.ok('status')).traffic.passed_packets_ingress
    for (const frame of frames) await send(attacker, { frame, count: 2_000, rate: 20_000, iface: 'wan0' })
    const { traffic } = await site.ok('status')
    assert.ok(traffic.passed_packets_ingress - before >= frames.length * 2_000)
    assert.equal(site.process.exit, undefined)
    assert.ok(await connects(attacker, server.addresses.v4, 80, 10))
  })

  test('a flood from forged sources leaves idsd answering, and a block holds in it', async () => {
    const frame = tcpPacket({
      src: '10.99.0.1',
      dst: server.addresses.v4,
      srcPort: 1_000,
      dstPort: 81,
      srcMac: attacker.macs.eth0 as string,
      dstMac: server.macs.eth0 as string,
    })
    const { decision } = await site.ok('block', attacker.addresses.v4)
    const forged = ['--spoof-src', '10.99.0.0/16', '--random-sport']
    await send(attacker, { frame, count: 60_000, rate: 60_000, args: forged })
    assert.equal(await connects(attacker, server.addresses.v4, 80), false)
    assert.ok((await site.ok('decisions', 'get', decision.id)).packets > 0)
    await site.ok('unblock', decision.id)
    const { body } = await get('/metrics')
    assert.ok(metric(body, 'idsd_flows') <= metric(body, 'idsd_map_capacity{map="flows"}'))
    assert.equal((await get('/readyz')).status, 200)
    assert.ok(await connects(attacker, server.addresses.v4, 80, 10))
  })
})
