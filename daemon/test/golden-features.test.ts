/** The golden captures: made of our own packets, so that features are tested where no other reference is. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { encodePcap, readPcap } from '../../lab/pcap.js'
import { featureColumns } from '../src/features/columns.js'
import { goldenCaptures } from './golden/captures.js'
import { formatRows, goldenPath, parseRows } from './golden/golden.js'
import { type LoadedPrograms, loadUnavailable, openPrograms } from './loaded-programs.js'
import { differences } from './oracle/compare.js'
import {
  type HostBuild,
  hostBuildUnavailable,
  kernelRows,
  openHostBuild,
  oracleRows,
  type Row,
} from './oracle/measure.js'

const names = [...goldenCaptures.keys()]
const framesOf = (name: string) => readPcap(goldenPath(name, 'pcap')).packets
const expectedOf = (name: string) => parseRows(readFileSync(goldenPath(name, 'csv'), 'utf8'))

describe('the golden files', () => {
  for (const [name, frames] of goldenCaptures) {
    test(`${name}.pcap holds the packets of captures.ts`, () => {
      assert.ok(Buffer.from(encodePcap(frames)).equals(readFileSync(goldenPath(name, 'pcap'))))
    })

    test(`${name}.csv holds the values of the slow reference`, () => {
      assert.deepEqual(differences(expectedOf(name), oracleRows(framesOf(name))), [])
    })

    test(`${name}.csv is read as it was written`, () => {
      const text = readFileSync(goldenPath(name, 'csv'), 'utf8')
      assert.equal(formatRows(parseRows(text)), text)
    })
  }
})

describe('the values of the golden captures', () => {
  describe('on the host', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
    let host: HostBuild
    before(() => {
      host = openHostBuild()
    })
    after(() => host.close())

    for (const name of names) {
      test(`${name}: every column of every flow`, () => {
        assert.deepEqual(differences(expectedOf(name), host.rows(framesOf(name))), [])
      })
    }
  })

  describe('in the kernel', { skip: skipOrFail(loadUnavailable()) }, () => {
    let programs: LoadedPrograms
    before(() => {
      programs = openPrograms()
    })
    after(() => programs.close())

    for (const name of names) {
      for (const [how, sweepEveryUs] of [
        ['without a sweep', Number.POSITIVE_INFINITY],
        ['with a sweep each second', 1_000_000],
      ] as const) {
        test(`${name}: every column of every flow, ${how}`, () => {
          assert.deepEqual(
            differences(expectedOf(name), kernelRows(programs, framesOf(name), { sweepEveryUs })),
            [],
          )
        })
      }
    }
  })
})

/** The one flow of hello.pcap, on paper. Forward packets at 0, 20, 30, 80 ms, backward at 10, 50, 70 ms. */
const hello: readonly (readonly [column: string, value: number, why: string])[] = [
  ['Flow Duration', 80_000, '80 ms'],
  ['Total Fwd Packets', 4, 'S, A, PA, A'],
  ['Total Backward Packets', 3, 'SA, A, PA'],
  ['Total Length of Fwd Packets', 100, '0 + 0 + 100 + 0'],
  ['Total Length of Bwd Packets', 300, '0 + 0 + 300'],
  ['Fwd Packet Length Max', 100, ''],
  ['Fwd Packet Length Min', 0, ''],
  ['Fwd Packet Length Mean', 25, '100 / 4'],
  ['Fwd Packet Length Std', 50, '(3 x 25^2 + 75^2) / 3 = 7500 / 3 = 2500 = 50^2'],
  ['Bwd Packet Length Max', 300, ''],
  ['Bwd Packet Length Min', 0, ''],
  ['Bwd Packet Length Mean', 100, '300 / 3'],
  ['Bwd Packet Length Std', 173.2050808, '(2 x 100^2 + 200^2) / 2 = 30 000, its root'],
  ['Flow Bytes/s', 5000, '400 / 0.08'],
  ['Flow Packets/s', 87.5, '7 / 0.08'],
  ['Flow IAT Mean', 13_333.33333, 'gaps of 10, 10, 10, 20, 20, 10 ms: 80 / 6'],
  ['Flow IAT Std', 5163.977795, '(4 x (10/3)^2 + 2 x (20/3)^2) / 5 = 26.667 ms^2, its root'],
  ['Flow IAT Max', 20_000, ''],
  ['Flow IAT Min', 10_000, ''],
  ['Fwd IAT Total', 80_000, 'gaps of 20, 10, 50 ms'],
  ['Fwd IAT Mean', 26_666.66667, '80 / 3'],
  ['Fwd IAT Std', 20_816.65999, '((20/3)^2 + (50/3)^2 + (70/3)^2) / 2 = 433.333 ms^2, its root'],
  ['Fwd IAT Max', 50_000, ''],
  ['Fwd IAT Min', 10_000, ''],
  ['Bwd IAT Total', 60_000, 'gaps of 40, 20 ms'],
  ['Bwd IAT Mean', 30_000, '60 / 2'],
  ['Bwd IAT Std', 14_142.13562, '(10^2 + 10^2) / 1 = 200 ms^2, its root'],
  ['Bwd IAT Max', 40_000, ''],
  ['Bwd IAT Min', 20_000, ''],
  ['Fwd PSH Flags', 1, ''],
  ['Bwd PSH Flags', 1, ''],
  ['Fwd URG Flags', 0, ''],
  ['Bwd URG Flags', 0, ''],
  ['Fwd RST Flags', 0, ''],
  ['Bwd RST Flags', 0, ''],
  ['Fwd Header Length', 84, '24 with the option, and 3 x 20'],
  ['Bwd Header Length', 64, '24 with the option, and 2 x 20'],
  ['Fwd Packets/s', 50, '4 / 0.08'],
  ['Bwd Packets/s', 37.5, '3 / 0.08'],
  ['Min Packet Length', 0, ''],
  ['Max Packet Length', 300, ''],
  ['Packet Length Mean', 57.14285714, '400 / 7'],
  ['Packet Length Std', 113.3893419, 'root of the variance'],
  ['Packet Length Variance', 12_857.14286, '(100^2 + 300^2 - 400^2 / 7) / 6'],
  ['FIN Flag Count', 0, ''],
  ['SYN Flag Count', 2, 'S and SA'],
  ['RST Flag Count', 0, ''],
  ['PSH Flag Count', 2, ''],
  ['ACK Flag Count', 6, 'all but the first packet'],
  ['URG Flag Count', 0, ''],
  ['CWE Flag Count', 0, ''],
  ['ECE Flag Count', 0, ''],
  ['Down/Up Ratio', 0.75, '3 / 4'],
  ['Average Packet Size', 57.14285714, '400 / 7'],
  ['Avg Fwd Segment Size', 25, 'the mean'],
  ['Avg Bwd Segment Size', 100, 'the mean'],
  ...['Fwd', 'Bwd'].flatMap((way) =>
    ['Avg Bytes/Bulk', 'Avg Packets/Bulk', 'Avg Bulk Rate'].map(
      (column) => [`${way} ${column}`, 0, 'no run of four'] as const,
    ),
  ),
  ['Subflow Fwd Packets', 0, 'no gap above 1 s'],
  ['Subflow Fwd Bytes', 0, ''],
  ['Subflow Bwd Packets', 0, ''],
  ['Subflow Bwd Bytes', 0, ''],
  ['Init_Win_bytes_forward', 64_240, 'of the SYN'],
  ['Init_Win_bytes_backward', 28_960, 'of the SYN-ACK'],
  ['act_data_pkt_fwd', 1, ''],
  ['Bwd Act Data Pkts', 1, ''],
  ['min_seg_size_forward', 20, 'a header without options'],
  ...['Active', 'Idle'].flatMap((name) =>
    ['Mean', 'Std', 'Max', 'Min'].map((of) => [`${name} ${of}`, 0, 'no gap above 5 s'] as const),
  ),
  ['ICMP Code', -1, 'not ICMP'],
  ['ICMP Type', -1, ''],
  ['Total Connection Flow Time', 80_000, 'the first part of its connection'],
]

/** Single values of the other captures, on paper. Flows are counted from 1, as they stand in the file. */
const others: readonly (readonly [
  capture: string,
  flow: number,
  column: string,
  value: number,
  why: string,
])[] = [
  ['bulks', 1, 'Fwd Avg Bytes/Bulk', 0, 'three packets are no bulk'],
  ['bulks', 2, 'Fwd Avg Bytes/Bulk', 406, '100 + 101 + 102 + 103'],
  ['bulks', 2, 'Fwd Avg Packets/Bulk', 4, ''],
  ['bulks', 2, 'Fwd Avg Bulk Rate', 1_353_333.3333, '406 / 0.0003'],
  ['bulks', 3, 'Bwd Avg Bytes/Bulk', 562.5, '(510 + 615) / 2'],
  ['bulks', 3, 'Bwd Avg Packets/Bulk', 5.5, '(5 + 6) / 2'],
  ['bulks', 3, 'Bwd Avg Bulk Rate', 321_428.57143, '1125 / (0.001 + 0.0025)'],
  ['bulks', 3, 'Subflow Bwd Packets', 11, 'one gap above 1 s'],
  ['bulks', 4, 'Fwd Avg Bytes/Bulk', 606, '2 x (100 + 101 + 102): one run'],
  ['bulks', 5, 'Fwd Avg Bytes/Bulk', 0, 'two runs of three'],
  ['bulks', 6, 'Fwd Avg Bytes/Bulk', 506, '100 + 100 + 101 + 102 + 103: one run'],
  ['bulks', 7, 'Fwd Avg Packets/Bulk', 4, 'two runs, for the gap between them is 1 s and 1 us'],
  ['bulks', 7, 'Fwd Avg Bulk Rate', 135.33333333, '2 x 406 / (3 + 3)'],
  ['bulks', 8, 'Fwd Avg Bytes/Bulk', 406, 'the last four; the first two are 1 s and 1 us apart'],
  ['bulks', 8, 'Fwd Avg Bulk Rate', 0, 'four packets at one time'],
  ['bulks', 8, 'Subflow Fwd Packets', 3, '6 / 2'],
  ['bulks', 8, 'Active Mean', 1_000_001, 'until the gap above 5 s'],
  ['bulks', 8, 'Idle Mean', 7_999_999, '9 s - 1 s - 1 us'],
  ['limits', 2, 'Total Backward Packets', 2, 'the packet 1 us before 120 s is of the flow'],
  ['limits', 3, 'Total Backward Packets', 2, 'and the one at 120 s'],
  ['limits', 1, 'Total Backward Packets', 1, 'but not the one 1 us after it'],
  ['limits', 11, 'Total Backward Packets', 1, 'which begins the next flow, backward'],
  ['limits', 11, 'Total Fwd Packets', 1, 'the client is its source all the same'],
  ['limits', 11, 'min_seg_size_forward', 0, 'it began backward'],
  ['limits', 11, 'Init_Win_bytes_forward', 0, 'it began backward'],
  ['limits', 11, 'Total Connection Flow Time', 121e6, 'until its last packet, from the SYN'],
  ['limits', 22, 'Total Connection Flow Time', 245e6, 'over three flows'],
  ['limits', 12, 'Subflow Fwd Packets', 2, '4 / 2: 4.999999 s and 12.999602 s are above 1 s'],
  ['limits', 12, 'Active Mean', 6_000_398, 'no gap above 5 s before'],
  ['limits', 13, 'Subflow Fwd Packets', 2, '4 / 2: 1 s is not above 1 s'],
  ['limits', 13, 'Idle Min', 12_999_600, '5 s is not above 5 s'],
  ['limits', 14, 'Subflow Fwd Packets', 4 / 3, '1.000001 s is a third'],
  ['limits', 14, 'Active Mean', 500_200.5, '(1 000 001 + 400) / 2'],
  ['limits', 14, 'Active Std', 706_824.64558, '(1 000 001 - 400) / root of 2'],
  ['limits', 14, 'Idle Mean', 8_999_799.5, '(5 000 001 + 12 999 598) / 2'],
  ['limits', 16, 'Total Connection Flow Time', 124e6, 'the dialogue was silent for 120 s, and goes on'],
  ['limits', 17, 'Total Connection Flow Time', 999_999, 'it was silent for longer: another one'],
  ['limits', 18, 'Total Fwd Packets', 1, 'after a reset a SYN begins anew: the server is the source'],
  ['limits', 19, 'Total Backward Packets', 1, 'without SYN the client still is'],
]

describe('on paper', () => {
  test('hello.csv has every value', () => {
    assert.deepEqual(
      hello.map(([column]) => column),
      featureColumns.map(({ name }) => name),
    )
    const [flow, ...more] = expectedOf('hello')
    assert.equal(more.length, 0)
    for (const [column, value, why] of hello) assertOnPaper(flow, column, value, why)
  })

  for (const [capture, number, column, value, why] of others) {
    test(`${column} of flow ${number} of ${capture}.csv is ${value}`, () => {
      assertOnPaper(expectedOf(capture)[number - 1], column, value, why)
    })
  }
})

/** Within the digits that are written down. */
function assertOnPaper(flow: Row | undefined, column: string, value: number, why: string): void {
  const got = flow?.columns.get(column) as number
  assert.ok(
    Math.abs(got - value) <= 1e-8 * Math.max(1, Math.abs(value)),
    `${column}: ${got}, on paper ${value}: ${why}`,
  )
}
