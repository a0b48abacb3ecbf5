import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Lab, type LabNamespace, labUnavailable, openLab, skipOrFail, until } from './namespaces.js'
import { icmpPacket, tcpPacket, udpPacket } from './packet.js'
import { type Pcap, readPcap, writePcap } from './pcap.js'

const send = fileURLToPath(new URL('send', import.meta.url))
const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined
const reason = labUnavailable() ?? (hasTcpdump ? undefined : 'tcpdump is not installed')

interface Report {
  sent: number
  refused: number
  dropped: number
  seconds: number
  late_us?: number
}

describe('send', { skip: skipOrFail(reason) }, () => {
  let lab: Lab
  let folder: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-send-'))
    lab = await openLab({ topology: 'host', tag: 'send' })
  })
  after(async () => {
    await lab.close()
    rmSync(folder, { recursive: true })
  })

  /** What the server receives from other hosts of what matches `filter`, until it is `count` frames. */
  async function captured(filter: string, count: number, act: () => Promise<unknown>): Promise<Pcap> {
    const path = join(folder, 'seen.pcap')
    // A short snapshot length: at the default one, the ring of immediate mode holds some 30 frames.
    const how = ['--immediate-mode', '-s', '2000', '-Z', 'root', '-Q', 'in', '-i', 'eth0']
    const dump = lab.ns('server').spawn(['tcpdump', ...how, '-c', String(count), '-w', path, filter])
    await until(() => dump.stderr.includes('listening'), { what: 'tcpdump listens' })
    await act()
    await until(() => dump.exit, { what: `${count} frames of ${filter} arrive` })
    const text = spawnSync('tcpdump', ['-vvnr', path], { encoding: 'utf8' }).stdout
    assert.doesNotMatch(text, /incorrect|bad |wrong/)
    return readPcap(path)
  }

  async function sent(from: LabNamespace, ...words: string[]): Promise<Report> {
    const { code, stdout, stderr } = await from.exec([send, ...words])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout) as Report
  }

  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const v4 = { src: '10.77.0.3', dst: '10.77.0.1' }
  const v6 = { src: 'fd77::3', dst: 'fd77::1' }
  const floods: readonly [
    name: string,
    frame: Uint8Array,
    prefix: string,
    filter: string,
    sources: number,
  ][] = [
    ['TCP', tcpPacket({ ...v4, srcPort: 5, dstPort: 9001 }), '10.77.4.0/28', 'tcp port 9001', 16],
    [
      'UDP',
      udpPacket({ ...v4, srcPort: 5, dstPort: 9002, payload: 'odd' }),
      '10.77.4.0/29',
      'udp port 9002',
      8,
    ],
    [
      'tagged TCP',
      tcpPacket({ ...v4, srcPort: 5, dstPort: 9003, vlans: [{ vid: 7 }] }),
      '10.77.4.0/29',
      'vlan 7',
      8,
    ],
    ['TCP over IPv6', tcpPacket({ ...v6, srcPort: 5, dstPort: 9004 }), 'fd77:4::/122', 'tcp port 9004', 64],
    ['UDP over IPv6', udpPacket({ ...v6, srcPort: 5, dstPort: 9005 }), 'fd77::4:0/125', 'udp port 9005', 8],
  ]
  for (const [name, frame, prefix, filter, sources] of floods) {
    test(`a flood of ${name} has the sources of the prefix and correct checksums`, async () => {
      const words = ['flood', '--iface', 'eth0', '--frame', hex(frame), '--count', '64', '--rate', '20000']
      const { packets } = await captured(filter, 64, async () => {
        const report = await sent(lab.ns('attacker'), ...words, '--spoof-src', prefix, '--random-sport')
        assert.deepEqual({ ...report, seconds: 0 }, { sent: 64, refused: 0, dropped: 0, seconds: 0 })
      })
      const offset = 14 + (name.includes('tagged') ? 4 : 0)
      const [start, end] = name.includes('IPv6') ? [8, 24] : [12, 16]
      const seen = new Set(packets.map(({ data }) => hex(data.subarray(offset + start, offset + end))))
      assert.equal(seen.size, sources)
    })
  }

  test('ICMP echo requests with a rewritten source are answered, so the kernel finds them correct', async () => {
    const frame = hex(icmpPacket({ ...v4, src: '10.77.0.9' }))
    const words = ['flood', '--iface', 'eth0', '--frame', frame, '--count', '5', '--rate', 'max']
    await sent(lab.ns('attacker'), ...words, '--spoof-src', '10.77.0.3')
    const replies = async () =>
      icmpCounter((await lab.ns('attacker').exec(['cat', '/proc/net/snmp'])).stdout, 'InEchoReps')
    await until(async () => (await replies()) === 5, { what: '5 echo replies arrive' })
  })

  test('a flood keeps its rate and ends after its duration', async () => {
    const frame = hex(udpPacket({ ...v4, srcPort: 5, dstPort: 9006 }))
    const bounds = ['--rate', '5000', '--duration', '0.4']
    const report = await sent(lab.ns('attacker'), 'flood', '--iface', 'eth0', '--frame', frame, ...bounds)
    assert.ok(Math.abs(report.sent - 2000) <= 20, `2000 frames expected, got ${report.sent}`)
    assert.ok(report.seconds >= 0.4)
  })

  test('a capture is replayed frame by frame, each direction from its end, with its gaps', async () => {
    const path = join(folder, 'talk.pcap')
    const talk = Array.from({ length: 10 }, (_, i) => {
      const [src, dst] = i % 2 === 0 ? ['10.77.8.2', '10.77.8.1'] : ['10.77.8.1', '10.77.8.2']
      return { timeUs: 1e15 + i * 20_000, data: udpPacket({ src, dst, srcPort: 7, dstPort: 9007, id: i }) }
    })
    writePcap(path, talk)
    const spans: number[] = []
    // A machine that keeps a sender waiting lengthens the span, now and then.
    while (spans.length < 8 && !spans.some((spanMs) => Math.abs(spanMs - 80) < 15)) {
      const begin = ['--start-at-ms', String(Date.now() + 100), '--speed', '2']
      const { packets } = await captured('udp port 9007', 5, async () => {
        const [client, server] = await Promise.all([
          sent(lab.ns('client'), 'replay', '--iface', 'eth0', path, '--only-src', '10.77.8.2', ...begin),
          sent(lab.ns('server'), 'replay', '--iface', 'eth0', path, '--not-src', '10.77.8.2', ...begin),
        ])
        assert.deepEqual([client.sent, server.sent], [5, 5])
      })
      assert.deepEqual(
        packets.map(({ data }) => hex(data)),
        talk.filter((_, i) => i % 2 === 0).map(({ data }) => hex(data)),
      )
      spans.push((packets[4]!.timeUs - packets[0]!.timeUs) / 1000)
    }
    assert.ok(Math.abs(spans.at(-1)! - 80) < 15, `80 ms expected between first and last, got ${spans}`)
  })

  test('one sender serves both ends of a line, in the order of the capture, and tells how late it was', async () => {
    const path = join(folder, 'ends.pcap')
    const talk = Array.from({ length: 40 }, (_, i) => {
      const [src, dst] = i % 2 === 0 ? ['10.77.8.2', '10.77.8.1'] : ['10.77.8.1', '10.77.8.2']
      return { timeUs: 1e15 + i * 10, data: udpPacket({ src, dst, srcPort: 7, dstPort: 9009, id: i }) }
    })
    writePcap(path, talk)
    const far = ['--far-iface', 'eth0', '--far-netns', lab.ns('client').path, '--only-src', '10.77.8.2']
    const { packets } = await captured('udp port 9009', 40, async () => {
      const words = ['replay', '--iface', 'eth0', path, ...far, '--real-time']
      const { sent: count, dropped, late_us: lateUs = -1 } = await sent(lab.ns('attacker'), ...words)
      assert.deepEqual([count, dropped], [40, 0])
      assert.ok(lateUs >= 0, 'the lateness is told')
    })
    assert.deepEqual(
      packets.map(({ data }) => hex(data)),
      talk.map(({ data }) => hex(data)),
    )
  })

  test('who was started too late says so', async () => {
    const path = join(folder, 'late.pcap')
    writePcap(path, [{ timeUs: 0, data: udpPacket({ ...v4, srcPort: 5, dstPort: 9010 }) }])
    const words = ['replay', '--iface', 'eth0', path, '--start-at-ms', `${Date.now() - 3_000}`]
    const { late_us: lateUs = 0 } = await sent(lab.ns('attacker'), ...words)
    assert.ok(lateUs >= 3e6, `${lateUs} us`)
  })

  test('frames above the MTU are counted as refused, and the rest is sent', async () => {
    const path = join(folder, 'long.pcap')
    const long = udpPacket({ ...v4, srcPort: 5, dstPort: 9008, payload: new Uint8Array(1600) })
    writePcap(path, [
      { timeUs: 0, data: long },
      { timeUs: 1, data: long.subarray(0, 64), originalLength: 200 },
    ])
    const { code, stdout } = await lab
      .ns('client')
      .exec([send, 'replay', '--iface', 'eth0', path, '--no-timing'])
    assert.equal(code, 3)
    assert.deepEqual(
      { ...(JSON.parse(stdout) as Report), seconds: 0 },
      { sent: 1, refused: 1, dropped: 0, seconds: 0 },
    )
  })

  test('the halves of conversations make whole ones: each side its five packets, in turn', async () => {
    const words = ['flows', '--iface', 'eth0', '--rate', '50', '--duration', '0.4', '--gap-ms', '20']
    const { packets } = await captured('net 100.64.0.0/10', 120, async () => {
      const at = [
        '--start-at-ms',
        String(Date.now() + 300),
        '--dst-mac',
        lab.ns('server').macs.eth0 as string,
      ]
      const sides = ['client', 'server'].map((side) =>
        sent(lab.ns(side === 'client' ? 'client' : 'attacker'), ...words, '--side', side, ...at),
      )
      for (const { sent: count } of await Promise.all(sides)) assert.ok(count >= 80, `${count} packets`)
    })
    const first = packets.filter(({ data }) => data[29] === 0 || data[33] === 0)
    const isFromClient = first.map(({ data }) => data[26] === 100)
    assert.deepEqual(
      isFromClient.slice(0, 10),
      Array.from({ length: 10 }, (_, i) => i % 2 === 0),
    )
  })

  const wrong: readonly [name: string, words: string[], code: number, message: RegExp][] = [
    ['no mode', [], 2, /send replay, send flood, send flows or send echo/],
    ['no side', ['flows', '--iface', 'lo', '--duration', '1'], 2, /--side/],
    ['no bound', ['flood', '--iface', 'lo', '--frame', '00'.repeat(20)], 2, /--count or --duration/],
    ['odd hex', ['flood', '--iface', 'lo', '--frame', '000', '--count', '1'], 2, /hexadecimal/],
    [
      'a bad prefix',
      ['replay', '--iface', 'lo', 'x', '--only-src', '10.0.0.0/33'],
      2,
      /only-src: not a usable value/,
    ],
    ['one half of an end', ['replay', '--iface', 'lo', 'x', '--far-iface', 'lo'], 2, /--far-netns/],
    [
      'no namespace',
      ['replay', '--iface', 'lo', 'x', '--far-iface', 'lo', '--far-netns', '/does/not/exist'],
      1,
      /No such file/,
    ],
    ['no interface', ['replay', '--iface', 'none0', 'x'], 1, /no such interface/],
    ['no file', ['replay', '--iface', 'lo', '/does/not/exist'], 1, /No such file/],
    [
      'a bridge',
      ['flood', '--iface', 'br9', '--frame', '00'.repeat(20), '--count', '1'],
      1,
      /would leave this machine/,
    ],
  ]
  test('wrong use is refused with its reason', async () => {
    await lab.ns('client').exec(['ip', 'link', 'add', 'br9', 'type', 'bridge'])
    for (const [name, words, code, message] of wrong) {
      const run = await lab.ns('client').exec([send, ...words])
      assert.equal(run.code, code, name)
      assert.match(run.stderr, message, name)
    }
  })
})

/** One counter of ICMP in the text of /proc/net/snmp. */
function icmpCounter(snmp: string, name: string): number {
  const [titles, values] = snmp.split('\n').filter((line) => line.startsWith('Icmp:'))
  return Number(values?.split(' ')[titles?.split(' ').indexOf(name) ?? -1])
}
