/** The tables of docs/features.md, written from the tables that the code uses; the sentences between them are the page's own. */

import { IdsdError } from '../errors.js'
import { type ColumnDoc, type Group, groups, sources } from './column-doc.js'
import { columnDocs } from './column-docs.js'
import { type ColumnName, cicColumns, definedColumns } from './columns.js'
import { type Difference, differences, tools } from './differences.js'

type DefinedColumn = (typeof definedColumns)[number]

/** Text of a table by the name that stands in its markers. */
const tables: ReadonlyMap<string, () => string> = new Map([
  ...Object.keys(groups).map((group) => [group, () => groupTable(group as Group)] as const),
  ['sources', sourceTable],
  ['differences', differenceTable],
])

/**
 * The page with its tables written anew, each between `<!-- table NAME -->` and `<!-- end -->`.
 * @param page text of docs/features.md as it is
 * @throws IdsdError `ERR_PAGE` when a table has no place, a second one, or is not known
 */
export function renderFeaturesPage(page: string): string {
  const met: string[] = []
  const text = page.replace(
    /(<!-- table (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin, name: string, end) => {
      const table = tables.get(name)
      if (!table) throw new IdsdError('ERR_PAGE', `no table is called ${name}`)
      met.push(name)
      return `${begin}${table()}${end}`
    },
  )
  for (const name of tables.keys()) {
    const places = met.filter((other) => other === name).length
    if (places !== 1) throw new IdsdError('ERR_PAGE', `table ${name}: one place expected, ${places} found`)
  }
  return text
}

function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('')
}

function code(name: string): string {
  return `\`${name}\``
}

function groupTable(group: Group): string {
  const rows = definedColumns
    .map((column) => [column, columnDocs[column.name as ColumnName]] as const)
    .filter(([, doc]) => doc.group === group)
    .map(([column, doc]) => columnRow(column, doc))
  return tableOf(['name', 'unit', 'formula', 'source', 'accumulators', 'differs elsewhere'], rows)
}

function columnRow({ name, engelenName, unit }: DefinedColumn, doc: ColumnDoc): string[] {
  // CIC-IDS2017 has one column twice.
  const twins = cicColumns.filter((cic) => cic === `${name}.1`)
  const names = new Set<string>([engelenName, name, ...twins])
  return [
    [...names].map(code).join('<br>'),
    unit === 'number' ? '' : unit,
    doc.formula,
    doc.source.map((source) => sources[source][0]).join(', '),
    doc.from.map(code).join(' ') || 'packets seen before, see above',
    doc.differs.map((difference) => differences[difference].name).join(', '),
  ]
}

function sourceTable(): string {
  return tableOf(
    ['source', 'fields and standard'],
    Object.values(sources).map(([name, fields]) => [name, fields]),
  )
}

function differenceTable(): string {
  const rows = (Object.keys(differences) as Difference[]).map((key) => {
    const { name, tools: who, text } = differences[key]
    return [name, who.map((tool) => tools[tool]).join('; '), text]
  })
  return tableOf(['difference', 'tools', 'what they write'], rows)
}
