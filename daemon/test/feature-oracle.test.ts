/**
 * The features of random conversations: the slow reference, the host build and the loaded programs agree.
 * Other conversations are drawn with IDSD_SEED=N (first seed, default 1) and IDSD_SCENES=N (how many).
 */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { readPcap } from '../../lab/pcap.js'
import { featureColumns } from '../src/features/columns.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { columnsOf } from './oracle/columns.js'
import { differences } from './oracle/compare.js'
import { type Flow, flowsOf } from './oracle/flows.js'
import {
  digits,
  type HostBuild,
  hostBuildUnavailable,
  kernelRows,
  openHostBuild,
  oracleRows,
  type Row,
} from './oracle/measure.js'
import { readPacket } from './oracle/packets.js'
import { drawScene } from './oracle/random-scene.js'
import { framesOf, packetsOf, type Scene, sceneText, type TimedFrame } from './oracle/scene.js'
import { shrink } from './oracle/shrink.js'
import { capturePath, referenceCaptures, referenceMissing, referenceRows } from './reference.js'

const seeds = seedsFrom(number('IDSD_SEED', 1), number('IDSD_SCENES', 400))

function number(name: string, otherwise: number): number {
  const value = Number(process.env[name] ?? otherwise)
  assert.ok(Number.isInteger(value) && value > 0, `${name}: a whole number above 0 expected`)
  return value
}

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i)
}

/** Fails with the seed and the smallest part of its conversation that still differs. */
function assertAgreement(measure: (frames: readonly TimedFrame[]) => Row[]): void {
  const faults = (scene: Scene) => {
    const frames = framesOf(scene)
    return differences(oracleRows(frames), measure(frames))
  }
  for (const seed of seeds) {
    const scene = drawScene(seed)
    if (faults(scene).length === 0) continue
    const small = shrink(scene, (part) => faults(part).length > 0)
    assert.fail([`seed ${seed}`, sceneText(small), ...faults(small)].join('\n'))
  }
}

describe('the slow reference', () => {
  test('names the columns that idsd computes', () => {
    const flow = flowsOf(packetsOf(framesOf(drawScene(1))))[0] as Flow
    assert.deepEqual([...columnsOf(flow).keys()].sort(), featureColumns.map(({ name }) => name).sort())
  })

  describe('with the reference captures', { skip: referenceMissing() ?? false }, () => {
    for (const capture of referenceCaptures()) {
      test(`${capture}: gives every column of every flow`, () => {
        const frames = readPcap(capturePath(capture)).packets
        // The reference does not read ICMPv6.
        const isRead = ({ key }: Row) => key.split(' ')[4] !== '58'
        assert.deepEqual(differences(expectedRows(capture), oracleRows(frames).filter(isRead)), [])
      })
    }
  })
})

function expectedRows(capture: string): Row[] {
  return referenceRows(capture).map((row) => {
    const cell = (name: string) => row.get(name) as string
    return {
      key: [
        digits(cell('Src IP')),
        cell('Src Port'),
        digits(cell('Dst IP')),
        ...['Dst Port', 'Protocol', 'start_us', 'last_us'].map(cell),
      ].join(' '),
      columns: new Map(featureColumns.map(({ name, engelenName }) => [name, Number(cell(engelenName))])),
    }
  })
}

describe('random conversations', () => {
  test('meet every end of a flow, every kind of beginning, and many values of every column', () => {
    const flows = seedsFrom(1, 400).flatMap((seed) => flowsOf(packetsOf(framesOf(drawScene(seed)))))
    const count = (isSo: (flow: Flow) => boolean) => flows.filter(isSo).length
    const met = {
      age: count(({ end }) => end === 'age'),
      syn: count(({ end }) => end === 'syn'),
      icmp: count(({ end }) => end === 'icmp'),
      tcpContinuation: count(({ isContinuation, protocol }) => isContinuation && protocol === 6),
      udpContinuation: count(({ isContinuation, protocol }) => isContinuation && protocol === 17),
      beganBackward: count(({ packets, src }) => packets[0]?.src !== src),
      sameAddress: count(({ src, dst }) => src === dst),
      ipv6: count(({ src }) => src.length === 32),
    }
    for (const [name, times] of Object.entries(met)) assert.ok(times >= 20, `${name}: ${times} flows`)
    const columns = flows.map(columnsOf)
    for (const { name } of featureColumns) {
      const values = new Set(columns.map((values) => values.get(name)))
      // The fewest are those of ICMP: three codes, four types in each family, and -1.
      assert.ok(values.size >= 4, `${name}: only ${[...values]}`)
    }
  })

  describe('on the host', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
    let host: HostBuild
    before(() => {
      host = openHostBuild()
    })
    after(() => host.close())

    test('every column of every flow is that of the slow reference', () => assertAgreement(host.rows))
  })

  describe('in the kernel', { skip: skipOrFail(loadUnavailable()) }, () => {
    let programs: LoadedPrograms
    before(() => {
      programs = openPrograms({ sizes: { ...smallSizes, bulkRingBytes: 1 << 22 } })
    })
    after(() => programs.close())

    test('every column of every flow is that of the slow reference', () => {
      assertAgreement((frames) => kernelRows(programs, frames))
    })

    test('a sweep each second changes no column', () => {
      assertAgreement((frames) => kernelRows(programs, frames, { sweepEveryUs: 1_000_000 }))
    })

    test('packets that go out count like those that come in', () => {
      // One address of each family is on the inner side.
      const isEgress = (frame: Uint8Array) => readPacket(frame, 0)?.src.endsWith('07') ?? false
      assertAgreement((frames) => kernelRows(programs, frames, { isEgress }))
    })
  })
})
