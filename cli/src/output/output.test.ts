import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pc from 'picocolors'
import { shellWord } from './page.js'
import { printable } from './printable.js'
import { renderTable } from './table.js'
import { utcUs } from './time.js'
import { byteSize, count, counted, percent, relative, span } from './units.js'

const plain = { colors: pc.createColors(false), width: undefined }

const cases: readonly (readonly [string, string])[] = [
  [count(0), '0'],
  [count(999), '999'],
  [count(1_234_567), '1,234,567'],
  [counted(1, 'packet'), '1 packet'],
  [counted(2, 'entry'), '2 entries'],
  [byteSize(0), '0 B'],
  [byteSize(999), '999 B'],
  [byteSize(1_000), '1.00 kB'],
  [byteSize(98_720), '98.7 kB'],
  [byteSize(999_949), '1.00 MB'],
  [byteSize(1.5e15), '1.50 PB'],
  [span(120), '120 ms'],
  [span(59_400), '59 s'],
  [span(59_600), '1 min'],
  [span(3_599_999), '1 h'],
  [span(3_540_000), '59 min'],
  [span(11_520_000), '3 h 12 min'],
  [span(172_800_000), '2 d'],
  [relative(1_000_000, 1_000_400), 'now'],
  [relative(4_540_000, 1_000_000), 'in 59 min'],
  [relative(1_000_000, 4_540_000), '59 min ago'],
  [percent(0, 0), '0 %'],
  [percent(1, 1_000), '< 1 %'],
  [percent(999, 1_000), '99 %'],
  [utcUs(1_935_750_600_000_007) ?? '', '2031-05-05T12:30:00.000007Z'],
  [shellWord('203.0.113.0/24'), '203.0.113.0/24'],
  [shellWord("it's; rm -rf"), `'it'\\''s; rm -rf'`],
  [printable('a\u001b[31m\nb\u202e'), 'a\uFFFD[31m\uFFFDb\uFFFD'],
]

describe('output', () => {
  for (const [got, expected] of cases) {
    it(`is written ${JSON.stringify(expected)}`, () => {
      assert.equal(got, expected)
    })
  }

  it('columns line up and no line ends in blanks', () => {
    const columns = [
      { title: 'NAME', cell: ([name]: readonly [string, number]) => name },
      { title: 'N', cell: ([, n]: readonly [string, number]) => String(n), align: 'right' as const },
      { title: 'X', cell: () => '' },
    ]
    const table = renderTable(
      columns,
      [
        ['a', 1_000],
        ['bbbbb', 2],
      ],
      plain,
    )
    assert.equal(table, 'NAME      N  X\na      1000\nbbbbb     2\n')
  })

  it('only the last column is cut to the width of the terminal', () => {
    const columns = [
      { title: 'A', cell: () => 'aaaaaaaaaa' },
      { title: 'B', cell: () => 'b'.repeat(40) },
    ]
    const lines = (width: number) =>
      renderTable(columns, [0], { ...plain, width })
        .trimEnd()
        .split('\n')
    assert.equal(lines(30)[1], `aaaaaaaaaa  ${'b'.repeat(17)}…`)
    assert.equal(lines(5)[1], `aaaaaaaaaa  ${'b'.repeat(11)}…`)
  })
})
