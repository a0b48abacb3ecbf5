import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { root } from '../../test/loaded-programs.js'
import { referenceCaptures, referenceMissing } from '../../test/reference.js'
import { columnDocs } from './column-docs.js'
import { definedColumns } from './columns.js'
import { type Difference, differences, type Tool } from './differences.js'

type Row = Map<string, string>

const shared = join(root, '..', 'shared', 'features')

/** Rows of one program's values; none where it has no file for the capture. */
function rowsOf(capture: string, kind: string): Row[] {
  const path = join(shared, 'oracle', `${capture}.${kind}.csv`)
  if (!existsSync(path)) return []
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  const names = (header as string).split(',')
  return lines
    .map((line) => new Map(line.split(',').map((cell, i) => [names[i] as string, cell])))
    .filter((row) => (row.get('tuple_seen') ?? '1') === '1')
}

/** How a program's file names a column of the corrected CICFlowMeter, and the factor to its unit. */
type Naming = (engelenName: string) => readonly [name: string, factor: number] | undefined

const sameName: Naming = (name) => [name, 1]

/** The names of the Python program, as docs/extract.md tells them. */
function pythonNaming(): Naming {
  const rows = readFileSync(join(root, 'docs', 'extract.md'), 'utf8').matchAll(
    /^\| `([^`]+)` \| `([^`]+)`(?: x ([\d,]+))? \|/gm,
  )
  const names = new Map(
    [...rows].map(([, name, python, factor]) => [
      name as string,
      [python as string, Number((factor ?? '1').replaceAll(',', ''))] as const,
    ]),
  )
  return (name) => names.get(name)
}

const pythonEnds = { src: ['src_ip', 'src_port'], dst: ['dst_ip', 'dst_port'], protocol: 'protocol' } as const
const cicEnds = { src: ['Src IP', 'Src Port'], dst: ['Dst IP', 'Dst Port'], protocol: 'Protocol' } as const

type Ends = typeof pythonEnds | typeof cicEnds

/** Same ends, same direction, same first and last packet. */
function flowKey(row: Row, ends: Ends): string {
  return [...ends.src, ...ends.dst, ends.protocol, 'start_us', 'last_us']
    .map((name) => row.get(name))
    .join(' ')
}

/** One flow of both: as many packets in each direction, and none whose direction the program finds by other rules. */
function isComparable(kind: string, reference: Row, row: Row, naming: Naming): boolean {
  const continues = reference.get('Total Connection Flow Time') !== reference.get('Flow Duration')
  if (reference.get('Src IP') === reference.get('Dst IP')) return false
  if (kind === 'lashkari' && continues && reference.get('Protocol') !== '1') return false
  const count = (name: string) => Number(row.get(naming(name)?.[0] as string))
  const isSame = (name: string, more: number) => count(name) - more === Number(reference.get(name))
  return isSame('Total Fwd Packet', kind === 'hieulw' ? 1 : 0) && isSame('Total Bwd packets', 0)
}

/** Columns in which a program differs from the reference on at least one flow they share, and how many flows those are. */
function compare(kind: string, ends: Ends, naming: Naming): { differing: Set<string>; flows: number } {
  const differing = new Set<string>()
  let flows = 0
  for (const capture of referenceCaptures()) {
    const theirs = rowsOf(capture, kind)
    if (theirs.length === 0) continue
    const references = new Map(rowsOf(capture, 'engelen_core').map((row) => [flowKey(row, cicEnds), row]))
    for (const row of theirs) {
      const reference = references.get(flowKey(row, ends))
      if (!reference || !isComparable(kind, reference, row, naming)) continue
      flows++
      for (const { name, engelenName } of definedColumns) {
        const named = naming(engelenName)
        const cell = named && row.get(named[0])
        if (named === undefined || cell === undefined) continue
        const expected = Number(reference.get(engelenName))
        const value = cell === '' ? Number.NaN : Number(cell) * named[1]
        // Seconds of the Python program are decimal fractions: a thousandth of a microsecond is their rounding.
        if (!(Math.abs(value - expected) <= Math.max(1e-6 * Math.abs(expected), 2e-3))) differing.add(name)
      }
    }
  }
  return { differing, flows }
}

/** Columns for which the page names a difference of this tool. */
function namedFor(tool: Tool, counts: (difference: Difference) => boolean): Set<string> {
  const isOfTool = (difference: Difference) =>
    (differences[difference].tools as readonly Tool[]).includes(tool)
  return new Set(
    Object.entries(columnDocs)
      .filter(([, { differs }]) => differs.some((difference) => isOfTool(difference) && counts(difference)))
      .map(([name]) => name),
  )
}

describe('the differences from other tools', () => {
  test('are all used by a column', () => {
    const used = new Set(Object.values(columnDocs).flatMap(({ differs }) => differs))
    assert.deepEqual(
      Object.keys(differences).filter((name) => !used.has(name as Difference)),
      [],
    )
  })

  describe('held against the values of the tools', { skip: referenceMissing() ?? false }, () => {
    test('docs/extract.md names every column that the Python program has, with its factor', () => {
      const lines = readFileSync(join(shared, 'columns.tsv'), 'utf8').trimEnd().split('\n').slice(1)
      const naming = pythonNaming()
      for (const [, engelen, python, factor] of lines.map((line) => line.split('\t').toSpliced(2, 1))) {
        if (python) assert.deepEqual(naming(engelen as string), [python, Number(factor)], engelen)
      }
      const told = new Set(definedColumns.map(({ engelenName }) => naming(engelenName)?.[0]))
      const ends = new Set<string>([...pythonEnds.src, ...pythonEnds.dst, 'protocol', 'timestamp'])
      const written = [...(rowsOf('ndpi_ftp', 'hieulw')[0] as Row).keys()]
      assert.deepEqual(
        written.filter((name) => !told.has(name) && !ends.has(name) && !name.endsWith('_us')),
        [],
      )
    })

    for (const [tool, kind, atLeast] of [
      ['corrected2022', 'engelen2022', 4900],
      ['corrected2021', 'engelen2021', 4900],
      ['original', 'lashkari', 1100],
      ['python', 'hieulw', 4700],
    ] as const) {
      test(`name every column in which ${tool} differs, and no other`, (t) => {
        const isPython = tool === 'python'
        const naming = isPython ? pythonNaming() : sameName
        const { differing, flows } = compare(kind, isPython ? pythonEnds : cicEnds, naming)
        t.diagnostic(`${flows} flows, ${differing.size} columns differ`)
        assert.ok(flows >= atLeast, `only ${flows} flows`)
        const named = namedFor(tool, () => true)
        assert.deepEqual(
          [...differing].filter((name) => !named.has(name)),
          [],
          'not named',
        )
        // Padding on VLAN frames is rare: not every column shows it in these captures.
        const certain = namedFor(tool, (difference) => difference !== 'padding')
        const isWritten = (name: string) =>
          naming(definedColumns.find((column) => column.name === name)?.engelenName ?? '') !== undefined
        assert.deepEqual(
          [...certain].filter((name) => isWritten(name) && !differing.has(name)),
          [],
          'named, and equal in all flows',
        )
      })
    }
  })
})
