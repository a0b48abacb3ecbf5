/** Every feature of every reference capture, computed by the loaded programs, against independent programs' values. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { readPcap } from '../../lab/pcap.js'
import { featureColumns, featureCount } from '../src/features/columns.js'
import { computeFeatures } from '../src/features/compute.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { capturePath, referenceCaptures, referenceMissing, referenceRows } from './reference.js'
import { compareWithReference, comparisonFaults, type FlowValues, flowName } from './reference-comparison.js'

const protocolIcmpv6 = 58
const sizes = { ...smallSizes, flows: 16_384, tombstones: 16_384, bulkRingBytes: 1 << 23 }

const engelenNames = featureColumns.map(({ engelenName }) => engelenName)

/** One row per ended flow, keyed as the reference names flows. */
function measure(programs: LoadedPrograms, capture: string, sweepEveryUs: number): Map<string, FlowValues> {
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
  const rows = new Map<string, FlowValues>()
  for (const [i, flow] of flows.entries()) {
    // The reference does not read ICMPv6.
    if (flow.kind !== 'ended' || flow.protocol === protocolIcmpv6) continue
    const cells = new Map<string, string | number>([
      ['Src IP', flow.src],
      ['Src Port', flow.srcPort],
      ['Dst IP', flow.dst],
      ['Dst Port', flow.dstPort],
      ['Protocol', flow.protocol],
      ['start_us', flow.startUs],
      ['last_us', flow.lastUs],
    ])
    const key = flowName((name) => cells.get(name) as string | number)
    assert.ok(!rows.has(key), `two records for ${key}`)
    const row = new Float64Array(featureCount)
    computeFeatures(view, offsets[i] as number, row)
    rows.set(key, (column) => row[engelenNames.indexOf(column)] as number)
  }
  return rows
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
        const rows = measure(programs, capture, sweepEveryUs)
        assert.equal(comparisonFaults(compareWithReference(capture, rows, engelenNames)), '')
      })
    }
  }
})
