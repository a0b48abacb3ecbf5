/** `idsctl extract` as a user has it, on every reference capture: every flow, every column. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { referenceColumns } from '../src/features/columns.js'
import { root } from './loaded-programs.js'
import { capturePath, referenceCaptures, referenceMissing, referenceRows } from './reference.js'
import {
  type ColumnReach,
  compareWithReference,
  comparisonFaults,
  type FlowValues,
  flowName,
} from './reference-comparison.js'

const idsctl = join(root, 'build/cli/idsctl.mjs')
const flowsOfAll = 5115
/** The reference writes 0 unless the flow began backward, which is a slip (docs/features.md). */
const compared = referenceColumns.filter((name) => name !== 'Bwd Seg Size Min')

/** Rows by the name of their flow. */
function extract(capture: string, ...options: readonly string[]): Map<string, FlowValues> {
  const args = [idsctl, 'extract', capturePath(capture), ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.equal(status, 0, stderr)
  const [header, ...lines] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  const places = new Map(header?.map((name, place) => [name, place]))
  const rows = new Map<string, FlowValues>()
  for (const cells of lines) {
    const cell = (name: string) => cells[places.get(name) as number] as string
    const flow = flowName(cell)
    assert.ok(!rows.has(flow), `two rows for ${flow}`)
    // An empty cell would be 0.
    rows.set(flow, (name) => (cell(name) === '' ? Number.NaN : Number(cell(name))))
  }
  return rows
}

const unavailable = existsSync(idsctl) ? undefined : 'build/cli/idsctl.mjs is not there: run make'
const skip = referenceMissing() ?? skipOrFail(unavailable)

describe('idsctl extract on the reference captures', { skip }, () => {
  const total = new Map<string, ColumnReach>()

  test('there are 32 captures with 5,115 flows, and 85 columns to compare', () => {
    const captures = referenceCaptures()
    const flows = captures.reduce((sum, capture) => sum + referenceRows(capture).length, 0)
    assert.deepEqual([captures.length, flows, compared.length], [32, flowsOfAll, 85])
  })

  for (const capture of referenceCaptures()) {
    test(`${capture}: every flow is there, none besides, every column within 1e-6`, () => {
      const rows = extract(capture, '--retransmissions')
      const comparison = compareWithReference(capture, rows, compared)
      for (const [column, { flows, largest }] of comparison.reach) {
        const before = total.get(column) ?? { flows: 0, largest: 0 }
        total.set(column, { flows: before.flows + flows, largest: Math.max(before.largest, largest) })
      }
      assert.equal(comparisonFaults(comparison), '')
    })
  }

  test('the table: every column was compared on every flow', (t) => {
    t.diagnostic(`${'column'.padEnd(28)} flows  largest difference`)
    for (const [column, { flows, largest }] of total)
      t.diagnostic(
        `${column.padEnd(28)} ${String(flows).padStart(5)}  ${largest === 0 ? '0' : largest.toExponential(1)}`,
      )
    assert.deepEqual(
      compared.filter((column) => total.get(column)?.flows !== flowsOfAll),
      [],
    )
  })
})
