import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countEntries, entryText } from './entries.js'
import { sortEntries } from './entry-builder.js'
import { createListReader, type ListFormat } from './list-reader.js'

/** Read in pieces of a few bytes, so that every boundary is met. */
function read(text: string | Uint8Array, format: ListFormat = 'auto', column?: string, pieceBytes = 7) {
  const reader = createListReader({ format, column })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes))
  reader.end()
  const { packed4, packed6 } = reader.builder.packed()
  const entries = sortEntries(packed4, packed6)
  return {
    texts: Array.from({ length: countEntries(entries) }, (_, i) => entryText(entries, i)),
    bad: reader.faults.map(({ line }) => line),
    faults: reader.faults,
    faultCount: reader.faultCount,
    format: reader.format,
    shortestMs: reader.shortestMs,
    lines: [...reader.builder.lines(4)],
  }
}

const cscli = JSON.stringify(
  [
    {
      id: 1,
      source: { scope: 'Ip', value: '203.0.113.250', ip: '203.0.113.250' },
      decisions: [
        {
          duration: '3h59m12.5s',
          scope: 'Ip',
          type: 'ban',
          value: '203.0.113.1',
          scenario: 'a "quoted" \\ thing',
        },
        { duration: '-1m0s', scope: 'Ip', type: 'ban', value: '203.0.113.2' },
        { duration: '2h', scope: 'Range', type: 'ban', value: '198.51.100.0/24' },
        { duration: '2h', scope: 'Country', type: 'ban', value: 'XX' },
        { duration: '2h', scope: 'Ip', type: 'captcha', value: '203.0.113.3' },
        { duration: '2h', scope: 'Ip', type: 'ban', value: '203.0.113.4', simulated: true },
      ],
    },
  ],
  null,
  1,
)

const cases: readonly (readonly [
  string,
  string | Uint8Array,
  ListFormat,
  string[],
  number[],
  ListFormat?,
])[] = [
  ['an empty text', '', 'auto', [], []],
  ['plain', '192.0.2.1\n192.0.2.2\n', 'auto', ['192.0.2.1', '192.0.2.2'], []],
  ['no line feed at the end', '192.0.2.1', 'plain', ['192.0.2.1'], []],
  ['CRLF and blank lines', '192.0.2.1\r\n\r\n  \r\n192.0.2.2\r\n', 'plain', ['192.0.2.1', '192.0.2.2'], []],
  ['a byte order mark', '\ufeff192.0.2.1\n', 'plain', ['192.0.2.1'], []],
  ['a byte order mark before JSON', '\ufeff["192.0.2.1"]', 'auto', ['192.0.2.1'], []],
  [
    'comments',
    '# a\n; b\n192.0.2.1 # c\n192.0.2.2;d\n\t192.0.2.3\n',
    'netset',
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
    [],
  ],
  ['doubles', '192.0.2.1\n192.0.2.1\n192.0.2.1/32\n', 'plain', ['192.0.2.1'], []],
  ['bad lines', 'a\n192.0.2.1\n192.0.2.1 192.0.2.2\n192.0.2.9/24\n', 'plain', ['192.0.2.1'], [1, 3, 4]],
  ['a range with blanks', '192.0.2.0 - 192.0.2.1 # two\n', 'plain', ['192.0.2.0/31'], []],
  ['DROP as text', '; Spamhaus DROP\n1.10.16.0/20 ; SBL256894\n', 'drop', ['1.10.16.0/20'], []],
  [
    'DROP as JSON lines',
    '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n{"type":"metadata","timestamp":1,"records":1}\n',
    'drop',
    ['1.10.16.0/20'],
    [],
  ],
  [
    'CSV by name',
    'id,IP,why\n1,192.0.2.1,"a, b"\n2,"192.0.2.2",c\n',
    'auto',
    ['192.0.2.1', '192.0.2.2'],
    [],
    'csv',
  ],
  [
    'CSV whose header is a comment',
    '# first_seen,src_ip\n# made today\n1,192.0.2.1\n',
    'csv',
    ['192.0.2.1'],
    [],
  ],
  ['CSV without a header', '192.0.2.1,a\n192.0.2.2,b\n', 'auto', ['192.0.2.1', '192.0.2.2'], [], 'csv'],
  ['CSV with a short row', 'id,ip\n1\n2,192.0.2.1\n', 'csv', ['192.0.2.1'], [2]],
  [
    'JSON texts',
    '[\n"192.0.2.1",\n"bad",\n"2001:db8::/32"\n]',
    'auto',
    ['192.0.2.1', '2001:db8::/32'],
    [3],
    'json',
  ],
  [
    'JSON objects',
    '{"data":[{"ip":"192.0.2.1","n":1,"tags":["a"]},{"ip":"192.0.2.2"}]}',
    'json',
    ['192.0.2.1', '192.0.2.2'],
    [],
  ],
  ['JSON with escapes', '["192.0.2.1\\u002f32"]', 'json', ['192.0.2.1'], []],
  ['cscli', cscli, 'auto', ['198.51.100.0/24', '203.0.113.1'], [17, 29, 35], 'crowdsec'],
  [
    'the stream of its API',
    '{"deleted":[{"duration":"1h","type":"ban","value":"192.0.2.9"}],"new":[{"duration":"1h","type":"ban","value":"192.0.2.1"}]}',
    'crowdsec',
    ['192.0.2.1'],
    [],
  ],
  ['no decisions', 'null', 'auto', [], []],
]

for (const [name, text, format, texts, bad, told] of cases) {
  test(`${name} is read, in whatever pieces`, () => {
    for (const pieceBytes of [1, 7, 100_000]) {
      const found = read(text, format, undefined, pieceBytes)
      assert.deepEqual(found.texts, texts)
      assert.deepEqual(found.bad, bad)
      if (told !== undefined) assert.equal(found.format, told)
    }
  })
}

test('decisions that are over, about no address or no ban are told by line, and the shortest time counts', () => {
  const { faultCount, shortestMs, faults } = read(cscli)
  assert.equal(shortestMs, 2 * 3_600_000)
  assert.deepEqual(
    faults.map(({ text }) => text),
    [
      'the decision about 203.0.113.2 is over',
      'a decision about country XX is no address',
      'a decision to captcha 203.0.113.3 is no ban',
    ],
  )
  assert.equal(faultCount, 3)
})

test('the line of an entry is that of the file', () => {
  assert.deepEqual(read('# a\n192.0.2.9\n\n192.0.2.1\r\n', 'plain').lines, [2, 4])
})

test('a column is taken by position or name, and a missing name is a fault of the whole', () => {
  const text = 'a,b\n192.0.2.1,192.0.2.2\n'
  assert.deepEqual(read(text, 'csv', '2').texts, ['192.0.2.2'])
  assert.deepEqual(read(text, 'csv', 'A').texts, ['192.0.2.1'])
  assert.throws(() => read(text, 'csv', 'c'), /there is no column "c"/)
})

const broken = [
  '["192.0.2.1"',
  '["192.0.2.1',
  '[1]]',
  '{"a" : }]',
  '{x}',
  '["a\nb"]',
  `${'['.repeat(100)}`,
  '["\\x"]',
]
for (const text of broken) {
  test(`${JSON.stringify(text).slice(0, 30)} is no JSON`, () => {
    assert.throws(() => read(text, 'json'), { code: 'ERR_LIST', message: /line \d+: .* this is no JSON/ })
  })
}

test('ten faults are kept and all are counted', () => {
  const { faults, faultCount } = read('x\n'.repeat(25), 'plain')
  assert.deepEqual([faults.length, faultCount], [10, 25])
})

test('a text whose ranges are more entries than a list may have is no list', () => {
  const reader = createListReader({ format: 'plain', maxEntries: 1_000 })
  // Each line is 142 or more prefixes.
  const line = Buffer.from('::1-ffff::fffe\n')
  assert.throws(
    () => {
      for (let i = 0; i < 10; i++) reader.push(line)
    },
    { code: 'ERR_LIST', message: /line [2-8]: a list has at most 1000 entries/ },
  )
  assert.equal(reader.builder.count, 1_000)
})
