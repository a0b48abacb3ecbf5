/** `idsd --read`, as a user has it, on captures made here. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { tcpPacket } from '../../lab/packet.js'
import type { PcapInput } from '../../lab/pcap.js'
import { encodeCapture, readingUnavailable } from './capture-files.js'
import { root } from './loaded-programs.js'
import { packings } from './packed-files.js'

const folder = mkdtempSync(join(tmpdir(), 'idsd-read-'))
after(() => rmSync(folder, { recursive: true }))

interface Json {
  readonly [name: string]: unknown
}

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly alerts: readonly Json[]
  readonly decisions: readonly Json[]
}

interface Given {
  readonly args?: readonly string[]
  /** Text of the configuration. */
  readonly config?: string
  /** Words in front of the command. */
  readonly before?: readonly string[]
}

function read(file: Uint8Array, { args = [], config = '', before = [] }: Given = {}): Outcome {
  const [capture, settings] = [join(folder, 'a.pcap'), join(folder, 'idsd.toml')]
  writeFileSync(capture, file)
  writeFileSync(settings, config)
  const main = [process.execPath, join(root, 'build/daemon/bundle/idsd.js')]
  const [program, ...words] = [...before, ...main, '--read', capture, '--config', settings, ...args]
  const { status, stdout, stderr } = spawnSync(program as string, words, { encoding: 'utf8' })
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json)
  const of = (type: string) => events.filter(({ event_type }) => event_type === type)
  return { code: status, stdout, stderr, alerts: of('alert'), decisions: of('decision') }
}

/** What a decision or an alert holds besides its time and flow. */
const inside = (event: Json | undefined, type: 'alert' | 'decision') => event?.[type] as Json

const second = 1_000_000
const start = 1_700_000_000 * second
const attacker = { src: '198.51.100.9', dst: '203.0.113.1' }
const answer = { src: attacker.dst, dst: attacker.src }

/** Refused connections to this many ports, 10 ms apart. */
function scan(ports: number, fromUs: number, ends = attacker): PcapInput[] {
  return Array.from({ length: ports }, (_, i) => {
    const [srcPort, dstPort, timeUs] = [50_000, i + 1, fromUs + i * 10_000]
    const back = { src: ends.dst, dst: ends.src, srcPort: dstPort, dstPort: srcPort }
    return [
      { timeUs, data: tcpPacket({ ...ends, srcPort, dstPort, flags: 'S', seq: 1 }) },
      { timeUs: timeUs + 100, data: tcpPacket({ ...back, flags: 'RA', ack: 2 }) },
    ]
  }).flat()
}

/** A connection that is made and closed: it proves that the source receives what is sent to it. */
function handshake(fromUs: number): PcapInput[] {
  const ports = { srcPort: 50_001, dstPort: 8_080 }
  const back = { ...answer, srcPort: 8_080, dstPort: 50_001 }
  return [
    tcpPacket({ ...attacker, ...ports, flags: 'S', seq: 1 }),
    tcpPacket({ ...back, flags: 'SA', seq: 70, ack: 2 }),
    tcpPacket({ ...attacker, ...ports, flags: 'A', seq: 2, ack: 71 }),
    tcpPacket({ ...attacker, ...ports, flags: 'RA', seq: 2, ack: 71 }),
  ].map((data, i) => ({ timeUs: fromUs + i * 200, data }))
}

const provenScan = encodeCapture([...handshake(start), ...scan(60, start + second)])

describe('idsd --read', { skip: skipOrFail(readingUnavailable()) }, () => {
  test('a scan is told in the time of the capture, with the decision that followed', () => {
    const { code, alerts, decisions, stderr } = read(provenScan)
    assert.equal(code, 0, stderr)
    assert.equal(decisions.length, 1)
    const { id, change, kind, action, target, expires_at, created_at } = inside(decisions[0], 'decision')
    assert.deepEqual(
      { id, change, kind, action, target },
      { id: 'd1', change: 'added', kind: 'block', action: 'drop', target: attacker.src },
    )
    assert.equal(Date.parse(expires_at as string) - Date.parse(created_at as string), 600_000)
    const madeMs = Date.parse(decisions[0]?.timestamp as string) - start / 1000
    assert.ok(madeMs > 1_000 && madeMs < 1_600, `${madeMs} ms after the first packet`)
    const scans = alerts.filter((alert) => inside(alert, 'alert').detector === 'scan_vertical')
    assert.ok(scans.length >= 2)
    assert.equal(inside(scans[1], 'alert').decision_id, 'd1')
    assert.match(stderr, /124 packets, 61 flows, 1\.6 s; \d+ alerts \(.*scan_vertical/)
  })

  test('a scan that proves no path is blocked for a minute only, and anew when it goes on', () => {
    const again = scan(60, start + 70 * second)
    const { decisions } = read(encodeCapture([...scan(60, start), ...again]))
    assert.deepEqual(
      decisions.map((event) => [inside(event, 'decision').id, inside(event, 'decision').change]),
      [
        ['d1', 'added'],
        ['d1', 'expired'],
        ['d2', 'added'],
      ],
    )
    const { created_at, expires_at } = inside(decisions[0], 'decision')
    assert.equal(Date.parse(expires_at as string) - Date.parse(created_at as string), 60_000)
  })

  test('ports that stay silent become evidence behind the last packet', () => {
    const silent = scan(60, start).filter((_, i) => i % 2 === 0)
    const { alerts, decisions } = read(encodeCapture(silent))
    assert.ok(alerts.some((alert) => inside(alert, 'alert').detector === 'scan_vertical'))
    assert.equal(decisions.length, 1)
  })

  for (const perSecond of [50, 100, 300, 1_000]) {
    test(`${perSecond} silent ports a second are decided against within 2 s`, () => {
      const frames = Array.from({ length: 4 * perSecond }, (_, i) => ({
        timeUs: start + Math.floor((i * second) / perSecond),
        data: tcpPacket({ ...attacker, srcPort: 50_000, dstPort: i + 1, flags: 'S' }),
      }))
      const { decisions } = read(encodeCapture(frames), { args: ['--model', 'none'] })
      assert.ok(decisions.length > 0)
      const tookMs = Date.parse(decisions[0]?.timestamp as string) - start / 1000
      assert.ok(tookMs < 2_000, `${tookMs} ms after the first packet`)
    })
  }

  test('in mode detect a decision would have blocked', () => {
    const { decisions } = read(provenScan, { args: ['--mode', 'detect'] })
    assert.equal(decisions.length, 1)
    const { kind, action, mode } = inside(decisions[0], 'decision')
    assert.deepEqual({ kind, action, mode }, { kind: 'would_block', action: 'count', mode: 'detect' })
  })

  test('what the allowlist covers is alerted and not decided against', () => {
    const config = '[[allow.entries]]\ntarget = "198.51.100.0/24"\nlog_only = true'
    const { alerts, decisions, stderr } = read(provenScan, { config })
    assert.ok(alerts.length >= 2)
    assert.deepEqual(decisions, [])
    assert.match(stderr, /not blocked: a guard objects/)
  })

  test('a configured resolver that scans is not decided against', () => {
    const { alerts, decisions, stderr } = read(provenScan, {
      config: '[guards]\nresolvers = ["198.51.100.9"]',
    })
    assert.ok(alerts.length >= 2)
    assert.deepEqual(decisions, [])
    assert.match(stderr, /not blocked: a guard objects/)
  })

  test('an allowed source is silent', () => {
    const config = '[[allow.entries]]\ntarget = "198.51.100.0/24"'
    const { alerts, decisions } = read(provenScan, { config })
    assert.deepEqual([alerts, decisions], [[], []])
  })

  test('two readings write the same bytes, and they name no time but that of the capture', () => {
    const [first, other] = [read(provenScan), read(provenScan)]
    assert.ok(first.stdout.length > 0)
    assert.equal(first.stdout, other.stdout)
    assert.equal(first.stderr, other.stderr)
    const years = new Set(first.stdout.match(/"\d{4}-\d\d-\d\dT/g))
    assert.deepEqual([...years], ['"2023-11-14T'])
  })

  test('another form of file gives the same lines', () => {
    const frames = [...handshake(start), ...scan(60, start + second)]
    const other = encodeCapture(frames, { format: 'pcapng', linkType: 113, perSecond: 1e9 })
    assert.equal(read(other).stdout, read(provenScan).stdout)
  })

  for (const { name, pack } of packings) {
    test(`a capture packed by ${name} gives the same lines`, () => {
      const plain = read(provenScan)
      const packed = read(pack(provenScan))
      assert.equal(packed.code, 0)
      assert.ok(plain.decisions.length > 0)
      assert.equal(packed.stdout, plain.stdout)
    })
  }

  test('a capture that is cut short is read as far as it goes, says where, and ends with 1', () => {
    const whole = encodeCapture([...handshake(start), ...scan(60, start + second)])
    const { code, decisions, stderr } = read(whole.subarray(0, whole.length - 5))
    assert.equal(code, 1)
    assert.equal(decisions.length, 1)
    assert.match(stderr, /123 packets/)
    const last = whole.length - 16 - 54
    assert.match(stderr, new RegExp(`not read to its end: the file ends inside a record, at byte ${last}\n`))
  })

  test('what is no capture is refused with 1 and one line', () => {
    const { code, stdout, stderr } = read(Buffer.from('hello, world'))
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^idsd: .*a\.pcap: neither pcap nor pcapng\n$/)
  })

  test('a capture without packets finds nothing', () => {
    const { code, stdout, stderr } = read(encodeCapture([]))
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(stderr, /0 packets, 0 flows/)
  })

  test('no capability is needed', { skip: skipUnlessRoot() }, () => {
    const before = ['setpriv', '--bounding-set=-all', '--inh-caps=-all']
    assert.equal(read(provenScan, { before }).stdout, read(provenScan).stdout)
  })
})

/** Only root has capabilities to lay down; everybody else runs without them anyway. */
function skipUnlessRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'whoever runs this has no capabilities'
}
