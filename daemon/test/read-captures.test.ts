/**
 * What idsd finds in the captures of known attacks, and that everyday traffic leads to no decision. No default is
 * lowered for a capture; two attacks need a setting of their own, which is named.
 */

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { loadConfig } from '../src/config/load-config.js'
import type { DetectorName } from '../src/detect/evidence.js'
import type { DecisionKind } from '../src/enforce/decision.js'
import { createPlainLog } from '../src/read/plain-log.js'
import { type Reading, readCapture } from '../src/read/read-capture.js'
import { alertsByDetector, decisionsByKind, readingSummary } from '../src/read/summary.js'
import { detectorOptions, neighboursOptions, policyOptions } from '../src/room-options.js'
import { createScorer, type Scorer } from '../src/score/scorer.js'
import { readingUnavailable } from './capture-files.js'
import { root } from './loaded-programs.js'

const captures = join(root, '..', 'shared', 'datasets', 'pcap')
const missing = existsSync(captures) ? false : 'no captures at ../shared/datasets/pcap'
const settings = mkdtempSync(join(tmpdir(), 'idsd-captures-'))
const log = createPlainLog(() => {})
let scorer: Scorer | undefined
after(async () => {
  await scorer?.close()
  rmSync(settings, { recursive: true })
})

function namesIn(kind: 'attack' | 'benign'): string[] {
  return missing === false ? readdirSync(join(captures, kind)).sort() : []
}

interface Found extends Reading {
  readonly lines: readonly string[]
  /** Detectors that raised an alert, without the model. */
  readonly detectors: readonly DetectorName[]
  readonly decisions: ReadonlyMap<DecisionKind, number>
}

/** @param config text of the configuration */
async function find(capture: string, config = ''): Promise<Found> {
  const file = join(settings, 'idsd.toml')
  writeFileSync(file, config)
  const argv = ['--read', capture, '--config', file]
  const loaded = loadConfig({ argv, env: {} }).config
  // One for all: what it kept of one reading would make the next one differ.
  scorer ??= await createScorer({ model: loaded.model, log })
  const lines: string[] = []
  const reading = await readCapture({
    capture,
    config: loaded,
    detectorOptions: detectorOptions(loaded),
    policySettings: policyOptions(loaded),
    neighboursOptions: neighboursOptions(loaded),
    root,
    scorer,
    log,
    write: (line) => lines.push(line),
  })
  assert.equal(reading.counts.failures, 0)
  assert.equal(reading.counts.unknownRecords, 0)
  const detectors = [...alertsByDetector(reading.found).keys()].filter((name) => name !== 'model')
  return { ...reading, lines, detectors, decisions: decisionsByKind(reading.found) }
}

interface Seen {
  readonly detectors: readonly DetectorName[]
  /** Decisions made, by their kind. */
  readonly decisions: Readonly<Partial<Record<DecisionKind, number>>>
}

/** Found with the configuration as it comes. What is not here is missed, whatever the model says of a flow. */
const seen: Readonly<Record<string, Seen>> = {
  'ftp_bruteforce.pcap': { detectors: ['login'], decisions: { block: 1 } },
  // The scanner holds honest conversations all the while, and its scan proves nothing of its path.
  'slips_test7_malicious.pcap': {
    detectors: ['scan_horizontal', 'slow_scan'],
    decisions: { spoofable: 2 },
  },
  'syn_scan.pcap': { detectors: ['scan_vertical', 'slow_scan'], decisions: { block: 1 } },
  // It lasts 0.7 s, too short for a flood, and goes to so many ports that it is taken for a scan.
  'synflood_cicddos2019.pcap': { detectors: ['scan_vertical', 'slow_scan'], decisions: { block: 1 } },
}

const missed: Seen = { detectors: [], decisions: {} }

test('docs/captures.md says of each attack by what it is found, or that it is missed', {
  skip: missing,
}, () => {
  const text = readFileSync(join(root, 'docs', 'captures.md'), 'utf8')
  for (const name of namesIn('attack')) {
    const { detectors } = seen[name] ?? missed
    const found =
      detectors.length === 0 ? 'missed' : detectors.map((detector) => `\`${detector}\``).join(', ')
    const row = `| ${name.replace(/\.pcap(ng)?$/, '')} | ${found} |`
    assert.ok(text.includes(row), `no row ${row}`)
  }
})

describe('captures', { skip: skipOrFail(readingUnavailable()) || missing }, () => {
  for (const name of namesIn('benign')) {
    test(`benign/${name}: no decision, and two readings write the same`, async () => {
      const path = join(captures, 'benign', name)
      const [one, other] = [await find(path), await find(path)]
      assert.deepEqual([...one.decisions], [])
      assert.deepEqual(one.lines, other.lines)
      assert.ok(one.facts.packets > 0)
      assert.equal(one.facts.fault, undefined)
    })
  }

  for (const name of namesIn('attack')) {
    const expected = seen[name] ?? missed
    const outcome = expected.detectors.length === 0 ? 'missed' : `seen by ${expected.detectors.join(' and ')}`
    test(`attack/${name}: ${outcome}, and two readings write the same`, async (t) => {
      const path = join(captures, 'attack', name)
      const [one, other] = [await find(path), await find(path)]
      t.diagnostic(readingSummary(one))
      assert.deepEqual(one.lines, other.lines)
      const decisions = Object.fromEntries(one.decisions)
      assert.deepEqual({ detectors: one.detectors, decisions }, expected)
    })
  }

  const configured: readonly (readonly [string, string, DetectorName])[] = [
    ['ssh_bruteforce.pcap', '[detect.login]\nports = [21, 22, 23, 902, 2323, 3389, 5900]', 'login'],
    ['synflood_cicddos2019.pcap', '[detect.syn_flood]\nwindow_s = 0.3', 'syn_flood'],
  ]
  for (const [name, config, detector] of configured) {
    test(`attack/${name} is seen by ${detector} with ${config.replace('\n', ' ')}`, async () => {
      const { detectors } = await find(join(captures, 'attack', name), config)
      assert.ok(detectors.includes(detector), `seen by ${detectors.join(', ') || 'none'}`)
    })
  }
})
