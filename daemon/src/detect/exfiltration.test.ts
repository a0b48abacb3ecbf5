import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors } from './detectors.js'
import type { Evidence } from './evidence.js'
import type { GivenOptions } from './options.js'
import { testFlow } from './test-flow.js'

const WINDOW_MS = 300_000
const START_MS = WINDOW_MS * 4_000
const MB = 1_000_000

interface Run {
  readonly given?: Partial<FlowRecord>
  /** Bytes out in each window, MB. */
  readonly windows: readonly number[]
  readonly options?: GivenOptions
  readonly isOwn?: (address: string) => boolean
}

function run({ given = {}, windows, options, isOwn }: Run): Evidence[] {
  const detectors = createDetectors(options, isOwn === undefined ? {} : { isOwn })
  return windows.flatMap((megabytes, i) => {
    const nowMs = START_MS + i * WINDOW_MS + 1_000
    const times = { startUs: nowMs * 1_000, lastUs: nowMs * 1_000 }
    const ways = { bytesFwd: megabytes * MB, packetsBwd: 9, bytesBwd: 10, pathProven: true, synCount: 2 }
    return detectors.observe(
      [testFlow({ kind: 'snapshot', src: '10.0.0.5', dst: '203.0.113.9', ...times, ...ways, ...given })],
      [],
      nowMs,
    )
  })
}

test('ten times the past and 100 MB fire once, with numbers and without points', () => {
  const [evidence, ...rest] = run({ windows: [15, 15, 15, 160] })
  assert.deepEqual(rest, [])
  assert.equal(
    evidence!.text,
    'exfiltration: 160 MB out in less than 300 s (threshold 100 MB), usually 15 MB (threshold 10 times that), ' +
      'most in one step to 203.0.113.9 port 80',
  )
  const { source, points, technique, about } = evidence!
  assert.deepEqual([source, points, technique, about], ['10.0.0.5', 0, 'T1048', 'source'])
})

const quiet: readonly (readonly [string, Run])[] = [
  ['99 MB', { windows: [1, 1, 1, 99] }],
  ['nine times the past', { windows: [20, 20, 20, 180] }],
  ['a host of two windows', { windows: [1, 1, 900] }],
  ['between internal hosts', { windows: [1, 1, 1, 900], given: { dst: '192.168.1.1' } }],
  ['from outside to inside', { windows: [1, 1, 1, 900], given: { src: '203.0.113.9', dst: '10.0.0.5' } }],
  ['multicast', { windows: [1, 1, 1, 900], given: { dst: '239.1.1.1' } }],
  [
    'a host that is not listed',
    { windows: [1, 1, 1, 900], options: { exfiltration: { internal: ['10.9.0.0/16'] } } },
  ],
]

for (const [name, given] of quiet) test(`${name}: no alert`, () => assert.deepEqual(run(given), []))

const loud: readonly (readonly [string, Run])[] = [
  ['a listed host', { windows: [1, 1, 1, 900], options: { exfiltration: { internal: ['10.0.0.0/24'] } } }],
  [
    'an own address that is public',
    {
      windows: [1, 1, 1, 900],
      given: { src: '198.51.100.1' },
      isOwn: (address) => address === '198.51.100.1',
    },
  ],
  ['a host of fd00::/8', { windows: [1, 1, 1, 900], given: { src: 'fd00::5', dst: '2001:db8::9' } }],
  ['windows without traffic between', { windows: [1, 0, 0, 900] }],
]

for (const [name, given] of loud) test(`${name}: an alert`, () => assert.equal(run(given).length, 1))

test('what a server gives to a client outside counts as out', () => {
  const given = { src: '203.0.113.9', dst: '10.0.0.5', bytesFwd: 1 }
  const detectors = createDetectors()
  const found = [5, 5, 5, 700].flatMap((megabytes, i) => {
    const nowMs = START_MS + i * WINDOW_MS + 1_000
    const flow = testFlow({
      ...given,
      startUs: nowMs * 1_000,
      kind: 'snapshot',
      bytesBwd: megabytes * MB,
      packetsBwd: 9,
    })
    return detectors.observe([flow], [], nowMs)
  })
  assert.deepEqual(
    found.map(({ source }) => source),
    ['10.0.0.5'],
  )
})
