/** Every feature of every reference capture, computed by the loaded programs, against independent programs' values. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { readPcap } from '../../lab/pcap.js'
import { featureColumns, featureCount } from '../src/features/columns.js'
import { computeFeatures } from '../src/features/compute.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import { parseTarget } from '../src/policy/address.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { capturePath, referenceCaptures, referenceMissing, referenceRows } from './reference.js'

/** Relative above 1, absolute below. */
const tolerance = 1e-6
const protocolIcmpv6 = 58
const sizes = { ...smallSizes, flows: 16_384, tombstones: 16_384, bulkRingBytes: 1 << 23 }

interface ColumnFault {
  readonly flows: number
  readonly got: number
  readonly expected: number
  readonly flow: string
}

interface Comparison {
  /** Flows of the reference that no record names. */
  readonly missing: string[]
  /** Records that name no flow of the reference. */
  readonly extra: string[]
  /** By column: how many flows differ, and the first of them. */
  readonly faults: Map<string, ColumnFault>
}

/** One row per ended flow, keyed as the reference names flows. */
function measure(programs: LoadedPrograms, capture: string, sweepEveryUs: number): Map<string, Float64Array> {
  let sweptUs = 0
  let lastUs = 0
  for (const { data, timeUs } of readPcap(capturePath(capture)).packets) {
    lastUs = timeUs
    // A test run refuses less than an Ethernet header.
    if (data.length >= 14) programs.ingress(data, timeUs)
    if (timeUs - sweptUs > sweepEveryUs) {
      programs.sweep(timeUs)
      sweptUs = timeUs
    }
  }
  programs.sweep(lastUs, { flush: true })
  // Long past, no tombstone is kept for the next capture.
  assert.equal(sweepTombstones(programs.binding, programs.path, true, lastUs + 3600e6), 0)
  const { flows, offsets, view } = programs.decoded()
  const rows = new Map<string, Float64Array>()
  for (const [i, flow] of flows.entries()) {
    // The reference does not read ICMPv6.
    if (flow.kind !== 'ended' || flow.protocol === protocolIcmpv6) continue
    const { src, srcPort, dst, dstPort, protocol, startUs, lastUs } = flow
    const key = [src, srcPort, dst, dstPort, protocol, startUs, lastUs].join(' ')
    assert.ok(!rows.has(key), `two records for ${key}`)
    const row = new Float64Array(featureCount)
    computeFeatures(view, offsets[i] as number, row)
    rows.set(key, row)
  }
  return rows
}

function compare(capture: string, rows: Map<string, Float64Array>): Comparison {
  const missing: string[] = []
  const faults = new Map<string, ColumnFault>()
  const left = new Set(rows.keys())
  for (const expected of referenceRows(capture)) {
    const cell = (name: string) => expected.get(name) as string
    const address = (name: string) => parseTarget(cell(name), name).text
    const key = [
      address('Src IP'),
      cell('Src Port'),
      address('Dst IP'),
      ...['Dst Port', 'Protocol', 'start_us', 'last_us'].map(cell),
    ].join(' ')
    const row = rows.get(key)
    if (row === undefined || !left.delete(key)) {
      missing.push(key)
      continue
    }
    for (const [i, { engelenName }] of featureColumns.entries()) {
      const want = Number(cell(engelenName))
      const got = row[i] as number
      if (Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want))) continue
      const before = faults.get(engelenName)
      faults.set(engelenName, {
        ...(before ?? { got, expected: want, flow: key }),
        flows: (before?.flows ?? 0) + 1,
      })
    }
  }
  return { missing, extra: [...left], faults }
}

/** What the test prints: one line for each column that differs. */
function report({ missing, extra, faults }: Comparison): string {
  const some = (title: string, keys: string[]) =>
    keys.length === 0 ? [] : [`${keys.length} ${title}, the first: ${keys[0]}`]
  return [
    ...some('flows of the reference without a record', missing),
    ...some('records without a flow of the reference', extra),
    ...[...faults].map(
      ([column, { flows, got, expected, flow }]) =>
        `${column.padEnd(28)} ${flows} flows differ; ${got} instead of ${expected} in ${flow}`,
    ),
  ].join('\n')
}

const skip = referenceMissing() ?? skipOrFail(loadUnavailable())

describe('the features of the reference captures', { skip }, () => {
  let programs: LoadedPrograms
  before(() => {
    programs = openPrograms({ sizes })
  })
  after(() => programs.close())

  test('there are 32 captures with 5,115 flows', () => {
    const captures = referenceCaptures()
    assert.equal(captures.length, 32)
    assert.equal(
      captures.reduce((flows, capture) => flows + referenceRows(capture).length, 0),
      5115,
    )
  })

  for (const capture of referenceCaptures()) {
    for (const [name, sweepEveryUs] of [
      ['without a sweep', Number.POSITIVE_INFINITY],
      ['with a sweep each second', 1_000_000],
    ] as const) {
      test(`${capture}: every column of every flow is within 1e-6, ${name}`, () => {
        assert.equal(report(compare(capture, measure(programs, capture, sweepEveryUs))), '')
      })
    }
  }
})
