import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../config/load-config.js'
import { createDetectors } from '../detect/detectors.js'
import { refusedFlow } from '../detect/test-flow.js'
import { detectorOptions } from '../room-options.js'
import { atLevel, createLadder, IN_FORCE, LEVELS } from './ladder.js'
import { thresholdsOf } from './thresholds.js'

const NOW_MS = 1_700_000_000_000
const config = loadConfig({
  ...{ argv: ['--iface', 'eth0'], env: {}, memoryBytes: 2 ** 33 },
  readFile: () => '',
}).config

/** Heights at which `ports` shut ports fire; the one in force is measured by the detectors themselves. */
function heights(ports: number): number[] {
  const startUs = NOW_MS * 1_000
  const flows = Array.from({ length: ports }, (_, i) =>
    refusedFlow({ src: '2001:db8::7', startUs, lastUs: startUs, dstPort: 500 + i }),
  )
  const detectors = createDetectors(detectorOptions(config))
  const ladder = createLadder(config, {})
  const fired = new Set<number>()
  for (const batch of [flows, []]) {
    const nowMs = batch.length > 0 ? NOW_MS : NOW_MS + 1_000
    const found = [...detectors.observe(batch, [], nowMs), ...detectors.tick(nowMs)]
    for (const { source, detector, level } of ladder.observe(batch, found, nowMs, nowMs)) {
      assert.equal(source, '2001:db8::7')
      if (detector === 'scan_vertical') fired.add(LEVELS[level] as number)
    }
  }
  return [...fired].sort((a, b) => a - b)
}

describe('ladder', () => {
  const rows: readonly (readonly [ports: number, fires: readonly number[]])[] = [
    [9, []],
    [10, [0.5]],
    [20, [0.5, 1]],
    [29, [0.5, 1]],
    [30, [0.5, 1, 1.5]],
    [79, [0.5, 1, 1.5, 2, 3]],
    [160, [0.5, 1, 1.5, 2, 3, 4, 6, 8]],
  ]
  for (const [ports, fires] of rows) {
    it(`${ports} ports fire at ${fires.join(', ') || 'no height'}`, () => {
      assert.deepEqual(heights(ports), fires)
    })
  }

  it('holds thresholds that every key takes', () => {
    for (const factor of LEVELS) {
      const at = atLevel(config, factor)
      createDetectors(detectorOptions(at))
      if (factor === LEVELS[IN_FORCE]) assert.deepEqual(thresholdsOf(at), thresholdsOf(config))
    }
  })
})
