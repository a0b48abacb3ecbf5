import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pieces, rowsOf } from '../../test/csv-text.js'
import { csvBlocks } from './csv-blocks.js'

async function read(text: string, pieceBytes?: number): Promise<{ rows: string[][]; lines: number[] }> {
  const rows: string[][] = []
  const lines: number[] = []
  for await (const block of csvBlocks(pieces(text, pieceBytes), 'a.csv')) {
    rows.push(...rowsOf(block))
    lines.push(...block.lines.subarray(0, block.rows))
  }
  return { rows, lines }
}

const cases: readonly (readonly [name: string, text: string, rows: string[][], lines: number[]])[] = [
  [
    'plain rows',
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    [1, 2],
  ],
  [
    'no line end at the end',
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    [1, 2],
  ],
  [
    'an empty last cell without line end',
    'a,b\n1,',
    [
      ['a', 'b'],
      ['1', ''],
    ],
    [1, 2],
  ],
  [
    'carriage returns',
    'a,b\r\n1,\r\n',
    [
      ['a', 'b'],
      ['1', ''],
    ],
    [1, 2],
  ],
  [
    'a byte order mark',
    '\uFEFFa,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    [1, 2],
  ],
  ['blank lines, which are no rows', '\na\n\r\n1\n\n', [['a'], ['1']], [2, 4]],
  ['rows of empty cells alone', ',,\n', [['', '', '']], [1]],
  ['another number of cells', 'a,b\n1\n1,2,3\n', [['a', 'b'], ['1'], ['1', '2', '3']], [1, 2, 3]],
  ['quotes around commas and quotes', '"a,""b""",c\n', [['a,"b"', 'c']], [1]],
  ['a line end in quotes', 'a\n"1\r\n2\n"\n3\n', [['a'], ['1\r\n2'], ['3']], [1, 2, 5]],
  ['empty quotes', '"",""\n', [['', '']], [1]],
  ['a quote inside a cell that has none at its begin', '5" disk,b\n', [['5" disk', 'b']], [1]],
  ['nothing', '', [], []],
]

describe('blocks of CSV', () => {
  for (const [name, text, rows, lines] of cases) {
    it(`hold the cells of each row and its line: ${name}`, async () => {
      assert.deepEqual(await read(text), { rows, lines })
    })

    it(`are the same however the bytes come: ${name}`, async () => {
      for (const pieceBytes of [1, 2, 3]) assert.deepEqual(await read(text, pieceBytes), { rows, lines })
    })
  }

  it('go on over many blocks, with the right lines', async () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => `${i},"x\ny",${i * 2}`)
    const { rows, lines } = await read(`${texts.join('\n')}\n`, 100_003)
    assert.equal(rows.length, texts.length)
    assert.deepEqual(rows[123_456], ['123456', 'x\ny', '246912'])
    assert.equal(lines[123_456], 2 * 123_456 + 1)
  })

  it('end with the line of a quote that nobody closed', async () => {
    await assert.rejects(read('a,b\n1,"2\n3,4\n'), { message: 'a.csv: line 2: a quote is not closed' })
  })

  it('do not swallow a file behind an open quote', async () => {
    const text = `a\n"${'1\n'.repeat(3 << 20)}`
    await assert.rejects(read(text), { message: 'a.csv: line 2: a row of over 4 MiB' })
  })
})
