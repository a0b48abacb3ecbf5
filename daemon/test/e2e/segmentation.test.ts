/**
 * With segmentation offload a host sends packets of up to 64 KiB, which are cut up further on: idsd sees them whole and
 * counts what a capture at the other end shows.
 */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import { readPcap } from '../../../lab/pcap.js'
import { type FeatureColumn, featureColumns } from '../../src/features/columns.js'
import { extractedRows, extractMissing } from './flow-rows.js'
import { cutLines, guardLines, ip, layBareLine } from './guarded-lines.js'
import { callMs, openSite, skipE2e } from './harness.js'
import { flowDifferences } from './same-flows.js'

const hasTcpdump = spawnSync('tcpdump', ['--version']).error === undefined
const skip = skipE2e ?? skipOrFail(extractMissing() ?? (hasTcpdump ? undefined : 'tcpdump is not installed'))

const port = 8080
const transferBytes = 24_000_000
/** The guarded host's line, and the peer's behind the middle. */
const near = { iface: 'cut0', server: '10.78.1.1', middle: '10.78.1.2' } as const
const far = { iface: 'cut1', peer: '10.78.2.1', middle: '10.78.2.2' } as const
/**
 * A busy machine may hold an acknowledgement up between the two ends for longer than times may differ, or keep one CPU
 * from a flow that the other holds: the daemon counts that, and the transfer is made again.
 */
const rounds = 8
/** Both ends read one clock. */
const sameClock = { capturedUs: 0, sentUs: 0 }
const columnsOf = (isMeant: (column: FeatureColumn) => boolean) =>
  featureColumns.filter(isMeant).map(({ name }) => name)
const isRate = ({ unit }: FeatureColumn) => unit === '/s' || unit === 'B/s'
/** Segments of one packet have one time: what is made of gaps between them differs from a capture. */
const withoutGaps = new Set(columnsOf((column) => isRate(column) || /^(Flow|Bwd) IAT/.test(column.name)))
const times = new Set(['startUs', 'lastUs', ...columnsOf((column) => isRate(column) || column.unit === 'us')])

test('a bulk transfer in super-packets has the flow of its segments', { skip }, async () => {
  const late: string[] = []
  for (let round = 0; round < rounds; round++) {
    const { expected, rows, lockMissed } = await transfer()
    if (lockMissed > 0) {
      late.push(`${lockMissed} packets came to the flow while it was held`)
      continue
    }
    // Counts, lengths, headers and flags are the same however busy the machine is.
    assert.deepEqual(flowDifferences(expected, rows, { ...sameClock, without: times }), [])
    const differences = flowDifferences(expected, rows, { ...sameClock, without: withoutGaps })
    if (differences.length === 0) return
    late.push(...differences)
  }
  assert.deepEqual(late, [])
})

/** One transfer through a daemon. @returns its flow as a capture at the peer has it, and as the daemon has it */
async function transfer() {
  await using lab = await openLab({ topology: 'host', tag: 'e2etso' })
  const [server, middle, peer] = [lab.ns('server'), lab.ns('client'), lab.ns('attacker')]
  await layRoute(server, middle, peer)
  await using site = openSite(server, 'tso')
  await guardLines(site, [near.iface])

  const capture = join(site.dir, 'peer.pcap')
  const before = await packetsOn(peer)
  const dump = peer.spawn([
    ...['tcpdump', '--immediate-mode', '-U', '-Z', 'root', '-s', '128', '-B', '32768'],
    ...['-i', far.iface, '-w', capture],
  ])
  await until(() => dump.stderr.includes('listening'), { what: 'tcpdump listens', timeoutMs: callMs })
  const source = server.spawn(node(serving))
  await source.untilOutput(/listening/, callMs)
  const taken = await peer.exec(node(taking), { timeoutMs: callMs })
  assert.equal(taken.stdout, `${transferBytes}`, taken.stderr)
  assert.equal((await source.exited).code, 0, source.stderr)
  await until(async () => capturedPackets(capture) === (await packetsOn(peer)) - before, {
    what: 'every packet is in the capture',
    timeoutMs: callMs,
    intervalMs: 100,
  })
  await dump.stop({ signal: 'SIGINT' })

  const { rows, egressPackets, lockMissed } = await cutLines(site, server, [near.iface])
  const expected = extractedRows(capture)
  assert.equal(expected.length, 1)
  const segments = Number(expected[0]?.told.get('packets_bwd'))
  assert.ok(segments > transferBytes / 1_500, `${segments} segments`)
  const why = `${egressPackets} packets for ${segments} segments: nothing was offloaded`
  assert.ok(egressPackets < segments / 4, why)
  return { expected, rows, lockMissed }
}

/** The middle takes super-packets in and cuts them up on their way out; the peer puts nothing together. */
async function layRoute(server: LabNamespace, middle: LabNamespace, peer: LabNamespace): Promise<void> {
  const run = async (ns: LabNamespace, words: readonly string[]) => {
    const { code, stderr } = await ns.exec(words)
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`)
  }
  await layBareLine(server, middle, near.iface)
  await layBareLine(middle, peer, far.iface)
  await ip(server, `addr add ${near.server}/24 dev ${near.iface}`)
  await ip(middle, `addr add ${near.middle}/24 dev ${near.iface}`)
  await ip(middle, `addr add ${far.middle}/24 dev ${far.iface}`)
  await ip(peer, `addr add ${far.peer}/24 dev ${far.iface}`)
  await ip(server, `route add ${far.peer} via ${near.middle}`)
  await ip(peer, `route add ${near.server} via ${far.middle}`)
  await run(middle, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
  // What is under way fits every queue between the two: nothing is lost, and both ends count the same.
  await run(peer, ['sysctl', '-q', '-w', 'net.ipv4.tcp_rmem=4096 131072 131072'])
  await run(server, ['ethtool', '-K', near.iface, 'tso', 'on', 'gso', 'on'])
  await run(middle, ['ethtool', '-K', far.iface, 'tso', 'off', 'gso', 'off'])
  await run(peer, ['ethtool', '-K', far.iface, 'gro', 'off'])
}

const serving = `
require('node:net').createServer({ allowHalfOpen: false }, function (socket) {
  this.close()
  socket.end(Buffer.alloc(${transferBytes}))
}).listen(${port}, '${near.server}', () => console.log('listening'))
`
const taking = `
let bytes = 0
require('node:net').connect(${port}, '${near.server}')
  .on('data', (data) => { bytes += data.length })
  .on('close', () => process.stdout.write(String(bytes)))
`

function node(script: string): string[] {
  return [process.execPath, '-e', script]
}

/** Packets that the peer's line carried, both ways. */
async function packetsOn(peer: LabNamespace): Promise<number> {
  const { stdout } = await peer.exec(['ip', '-j', '-s', 'link', 'show', 'dev', far.iface])
  const { rx, tx } = JSON.parse(stdout)[0].stats64
  return rx.packets + tx.packets
}

/** Whole packets in a capture that is still written. */
function capturedPackets(path: string): number {
  return statSync(path).size > 0 ? readPcap(path).packets.length : 0
}
