import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../../lab/available.js'
import { goldenPath } from '../golden/golden.js'
import { type ExtractedRow, extractedRows, extractMissing } from './flow-rows.js'
import { flowDifferences } from './same-flows.js'

describe('what two lists of flows differ in', { skip: skipOrFail(extractMissing()) }, () => {
  const at = { capturedUs: 0, sentUs: 0 }
  const flow = () => extractedRows(goldenPath('hello', 'pcap'))[0] as ExtractedRow
  /** As the store keeps them. */
  const stored = (row: ExtractedRow, column = '', change = 0): ExtractedRow => ({
    ...row,
    features: new Map(
      [...row.features].map(([name, value]) => [name, Math.fround(value) + (name === column ? change : 0)]),
    ),
  })

  test('nothing, when features were kept in 32 bits', () => {
    assert.deepEqual(flowDifferences([flow()], [stored(flow())], at), [])
  })

  const changes: readonly (readonly [column: string, change: number, isTold: boolean])[] = [
    ['Total Fwd Packets', 1, true],
    ['Fwd Packet Length Mean', 0.001, true],
    ['Flow IAT Max', 1_999, false],
    ['Flow IAT Max', 2_001, true],
    // 7 packets in 80 ms; in 83 ms they are 84.3 a second.
    ['Flow Packets/s', -1.5, false],
    ['Flow Packets/s', -3.2, true],
  ]
  for (const [column, change, isTold] of changes) {
    test(`${column} that is off by ${change} is ${isTold ? 'told' : 'within the tolerance'}`, () => {
      const lines = flowDifferences([flow()], [stored(flow(), column, change)], at)
      assert.deepEqual(
        lines.map((line) => line.split(':')[0]),
        isTold ? [column] : [],
      )
    })
  }

  test('a flow that only one side has', () => {
    const other = { ...flow(), tuple: 'another' }
    assert.deepEqual(flowDifferences([flow()], [other], at), [
      `missing: ${flow().tuple}`,
      'too many: another',
    ])
  })

  test('the time that passed since the first packet, not the time itself', () => {
    const later = { ...stored(flow()), startUs: flow().startUs + 5e6, lastUs: flow().lastUs + 5e6 }
    assert.deepEqual(flowDifferences([flow()], [later], { capturedUs: 0, sentUs: 5e6 }), [])
    assert.equal(flowDifferences([flow()], [later], { capturedUs: 0, sentUs: 5e6 - 2_001 }).length, 2)
  })

  test('a feature that was not kept', () => {
    const bare = { ...flow(), features: new Map<string, number>() }
    assert.match(flowDifferences([flow()], [bare], at)[0] as string, /^Flow Duration: nothing/)
  })

  test('nothing, where only the other side reads ICMPv6', () => {
    const ping = { ...flow(), tuple: '2001:db8::1 0 2001:db8::2 0 58' }
    assert.deepEqual(flowDifferences([flow()], [stored(flow()), ping], at), [])
  })
})
