/** A flow of more than 2^32 bytes each way, really sent: its columns are those of whole numbers. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { ethernet, ipv4, udp } from '../../lab/packet.js'
import { client, second, server, start } from './conversation.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { readOpenFlow } from './open-flow.js'
import { type HostBuild, hostBuildUnavailable, openHostBuild, rowsOf } from './oracle/measure.js'
import { type Packet, readPacket } from './oracle/packets.js'
import { framesOf } from './oracle/scene.js'

/** A datagram of the largest payload, 65,507 bytes, of which the capture holds the headers. */
function largeDatagram(ends: typeof client): Uint8Array {
  return ethernet({ payload: ipv4({ ...ends, totalLength: 65_535, payload: udp(ends) }) })
}

describe('a flow of more than 2^32 bytes', {
  skip: skipOrFail(loadUnavailable() ?? hostBuildUnavailable()),
}, () => {
  let host: HostBuild
  let programs: LoadedPrograms
  before(() => {
    host = openHostBuild()
    programs = openPrograms({ sizes: { ...smallSizes, bulkRingBytes: 1 << 22 } })
  })
  after(() => {
    host.close()
    programs.close()
  })

  /** Datagrams in order: how many, which way, of how much payload, at what time. */
  const trains = [
    { count: 70_000, ends: client, payload: 65_507, atUs: start },
    { count: 30_000, ends: client, payload: 1, atUs: start + 7 * second },
    { count: 66_000, ends: server, payload: 65_507, atUs: start + 20 * second },
    { count: 1, ends: client, payload: 0, atUs: start + 21 * second },
  ]
  const frameOf = ({ ends, payload }: (typeof trains)[number]) =>
    payload === 65_507
      ? largeDatagram(ends)
      : (framesOf([{ timeUs: 0, udp: { ...ends, payloadBytes: payload } }])[0]?.data as Uint8Array)

  /** The same by sums of whole numbers. */
  const expected = (way: 'Fwd' | 'Bwd' | 'Flow') => {
    const mine = trains.filter(({ ends }) => way === 'Flow' || (ends === client) === (way === 'Fwd'))
    const sum = (of: (train: (typeof trains)[number]) => number) =>
      mine.reduce((total, train) => total + BigInt(train.count) * BigInt(of(train)), 0n)
    const [n, s, q] = [sum(() => 1), sum(({ payload }) => payload), sum(({ payload }) => payload ** 2)]
    const variance = Number(((n * q - s * s) * 10n ** 12n) / (n * (n - 1n))) / 1e12
    return { packets: Number(n), bytes: Number(s), mean: Number(s) / Number(n), variance }
  }
  const near = (columns: ReadonlyMap<string, number>, name: string, want: number) => {
    const have = columns.get(name) as number
    assert.ok(Math.abs(have - want) <= 1e-9 * Math.max(1, want), `${name}: ${have} instead of ${want}`)
  }
  const check = (columns: ReadonlyMap<string, number>) => {
    const [fwd, bwd, all] = [expected('Fwd'), expected('Bwd'), expected('Flow')]
    assert.ok(fwd.bytes > 2 ** 32 && bwd.bytes > 2 ** 32)
    near(columns, 'Total Fwd Packets', fwd.packets)
    near(columns, 'Total Backward Packets', bwd.packets)
    near(columns, 'Total Length of Fwd Packets', fwd.bytes)
    near(columns, 'Total Length of Bwd Packets', bwd.bytes)
    near(columns, 'Fwd Packet Length Mean', fwd.mean)
    near(columns, 'Fwd Packet Length Std', Math.sqrt(fwd.variance))
    near(columns, 'Bwd Packet Length Std', Math.sqrt(bwd.variance))
    near(columns, 'Packet Length Mean', all.mean)
    near(columns, 'Packet Length Variance', all.variance)
    near(columns, 'Flow Bytes/s', all.bytes / 21)
    near(columns, 'Subflow Bwd Bytes', bwd.bytes / 2)
    // A bulk each way of the large ones; the small ones come 7 s later and make another.
    near(columns, 'Fwd Avg Bytes/Bulk', (70_000 * 65_507 + 30_000) / 2)
    near(columns, 'Bwd Avg Bytes/Bulk', bwd.bytes)
    near(columns, 'Fwd Header Length', fwd.packets * 8)
  }

  test('has exact columns on the host', () => {
    const frames = trains.flatMap((train) => {
      const packet = { timeUs: train.atUs, data: frameOf(train) }
      return Array.from({ length: train.count }, () => packet)
    })
    const rows = host.rows(frames)
    assert.equal(rows.length, 1)
    check(rows[0]?.columns as ReadonlyMap<string, number>)
  })

  test('has exact columns in the kernel', () => {
    const program = programs.path.programFd('idsd_ingress')
    for (const train of trains) {
      const data = frameOf(train)
      // The first sets the clock.
      programs.ingress(data, train.atUs)
      if (train.count > 1) programs.binding.testRun(program, data, undefined, train.count - 1)
    }
    const record = readOpenFlow(
      programs,
      readPacket(frameOf(trains[3] as (typeof trains)[number]), 0) as Packet,
    )
    const [row] = rowsOf(record as Uint8Array, 'snapshot')
    check(row?.columns as ReadonlyMap<string, number>)
  })
})
