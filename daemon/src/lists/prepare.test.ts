import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseTarget } from '../policy/address.js'
import { createGuards } from '../policy/guards.js'
import {
  coveringEntries,
  entryText,
  type ListEntries,
  noEntries,
  packEntries,
  unpackEntries,
} from './entries.js'
import { countCommon, type PrepareJob, prepare } from './prepare.js'
import { prepareAside } from './prepare-aside.js'

const at = (text: string) => parseTarget(text, 'target')
const textsOf = (entries: ListEntries) =>
  Array.from({ length: entries.lengths4.length + entries.lengths6.length }, (_, i) => entryText(entries, i))
const guards = createGuards({
  ownAddresses: () => ['192.0.2.10', '2001:db8::10', 'fe80::1%eth0'],
  gateways: () => ['192.0.2.1'],
  resolvers: () => [],
  peers: () => ['198.51.100.7'],
  allow: () => [],
})
const job = (text: string, given: Partial<PrepareJob> = {}): PrepareJob => ({
  source: { text: Buffer.from(text), format: 'plain', column: undefined, maxBytes: 1_000 },
  ...{ protections: guards.protections(), isForced: false, allows: [], before: undefined },
  ...given,
})

test('entries are sorted, each once, and come back as they were packed', () => {
  const { entries, packed } = prepare(
    job('203.0.113.9\n2001:db9::/32\n203.0.113.0/24\n203.0.113.9\n2001:db9::1'),
  )
  const texts = ['203.0.113.0/24', '203.0.113.9', '2001:db9::/32', '2001:db9::1']
  assert.deepEqual(textsOf(entries), texts)
  assert.deepEqual(textsOf(unpackEntries(packed)), texts)
  assert.deepEqual(textsOf(unpackEntries(packEntries(noEntries))), [])
  assert.throws(() => unpackEntries(packed.subarray(0, packed.length - 1)), RangeError)
  assert.throws(() => unpackEntries(packed.subarray(0, 5)), RangeError)
})

const refusals: readonly (readonly [string, string | undefined])[] = [
  ['192.0.2.10', 'own'],
  ['192.0.2.0/24', 'own'],
  ['192.0.2.1', 'gateway'],
  ['2001:db8::/64', 'own'],
  ['198.51.100.0/28', 'peer'],
  ['127.1.2.3', 'loopback'],
  ['224.0.0.0/4', 'multicast'],
  ['239.1.2.3', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['0.0.0.0/0', 'own'],
  ['::/0', 'own'],
  ['64.0.0.0/7', undefined],
  ['3000::/12', undefined],
]
for (const [text, guard] of refusals) {
  test(`${text} is refused: ${guard ?? 'too short'}`, () => {
    const { entries, refused, refusedCount } = prepare(job(`${text}\n203.0.113.1`))
    assert.deepEqual(textsOf(entries), ['203.0.113.1'])
    assert.deepEqual([refusedCount, refused[0]?.target, refused[0]?.protection?.guard], [1, text, guard])
  })
}

test('force lets refused entries in, and they are told all the same', () => {
  const { entries, refusedCount } = prepare(job('192.0.2.10\n203.0.113.1', { isForced: true }))
  assert.deepEqual([textsOf(entries).length, refusedCount], [2, 1])
})

test('entries that an allow entry overlaps are counted, each once', () => {
  const allows = ['203.0.113.0/28', '203.0.113.0/29', '8.0.0.0/8'].map(at)
  const { allowed } = prepare(
    job('203.0.113.1\n203.0.113.2\n203.0.113.200\n203.0.0.0/16\n9.9.9.9', { allows }),
  )
  assert.equal(allowed, 3)
})

test('what is added and removed is told against the list before', () => {
  const before = prepare(job('203.0.113.1\n203.0.113.2\n2001:db9::1\n2001:db9::2')).entries
  const { added, removed } = prepare(job('203.0.113.2\n203.0.113.3\n203.0.113.4\n2001:db9::2', { before }))
  assert.deepEqual([added, removed], [2, 2])
  const nested = prepare(job('2001:db9::/32\n2001:db9::/48\n2001:db9::\n2001:dba::/32')).entries
  const next = prepare(
    job('2001:db8:1::/48\n2001:db9::/48\n2001:db9::/64\n2001:dba::/32', { before: nested }),
  )
  assert.deepEqual([next.added, next.removed], [2, 2])
})

test('a million IPv6 addresses are compared with the list before in far less than an import may take', () => {
  const packed6 = Buffer.alloc(17 * 1_000_000)
  for (let i = 0; i < 1_000_000; i++) {
    packed6.writeUInt32BE(0x2001_0db9, 17 * i)
    packed6.writeUInt32BE((i * 2_654_435_761) % 2 ** 32, 17 * i + 8)
    packed6[17 * i + 16] = 128
  }
  const source = { packed4: Buffer.alloc(0), packed6 }
  const { entries } = prepare(job('', { source }))
  const startMs = performance.now()
  const common = countCommon(entries, entries)
  const tookMs = performance.now() - startMs
  assert.equal(common, 1_000_000)
  assert.ok(tookMs < 1_000, `${tookMs} ms`)
})

test('packed entries with bits behind their length, or torn, are refused', () => {
  const packed = (...bytes: number[]) =>
    job('', { source: { packed4: Buffer.from(bytes), packed6: Buffer.alloc(0) } })
  assert.throws(() => prepare(packed(192, 0, 2, 1, 24)), { code: 'ERR_LIST' })
  assert.throws(() => prepare(packed(192, 0, 2, 1, 33)), { code: 'ERR_LIST' })
  assert.throws(() => prepare(packed(192, 0, 2)), { code: 'ERR_LIST' })
  const six = { packed4: Buffer.alloc(0), packed6: Buffer.from([...Array(16).fill(1), 64]) }
  assert.throws(() => prepare(job('', { source: six })), { code: 'ERR_LIST' })
})

test('gzip is unpacked, and one that grows past all bounds is refused', () => {
  const source = (text: string, maxBytes: number) =>
    job('', { source: { text: gzipSync(text), format: 'auto', column: undefined, maxBytes } })
  assert.deepEqual(textsOf(prepare(source('203.0.113.1', 1_000)).entries), ['203.0.113.1'])
  assert.throws(() => prepare(source('203.0.113.1\n'.repeat(1_000), 1_000)), { code: 'ERR_LIST' })
})

test('covering entries are found, the longest first', () => {
  const { entries } = prepare(job('203.0.0.0/16\n203.0.113.0/24\n203.0.113.9\n203.0.114.0/24\n2001:db9::/32'))
  const covering = (text: string) =>
    coveringEntries(entries, at(text)).map((index) => entryText(entries, index))
  assert.deepEqual(covering('203.0.113.9'), ['203.0.113.9', '203.0.113.0/24', '203.0.0.0/16'])
  assert.deepEqual(covering('203.0.113.0/25'), ['203.0.113.0/24', '203.0.0.0/16'])
  assert.deepEqual(covering('2001:db9::1'), ['2001:db9::/32'])
  assert.deepEqual(covering('2001:dba::1'), [])
})

test('aside, the same comes out, faults too, and a stop ends it', async () => {
  const signal = new AbortController().signal
  const { entries, faults } = await prepareAside(job('203.0.113.1\nx'), signal)
  assert.deepEqual([textsOf(entries), faults.map(({ line }) => line)], [['203.0.113.1'], [2]])
  const json = { text: Buffer.from('['), format: 'json', column: undefined, maxBytes: 10 } as const
  await assert.rejects(prepareAside(job('', { source: json }), signal), {
    code: 'ERR_LIST',
    message: /no JSON/,
  })
  await assert.rejects(prepareAside(job('203.0.113.1'), AbortSignal.abort()), { code: 'ERR_STOPPING' })
})
