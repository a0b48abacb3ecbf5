/** `idsctl export`: all entries of an imported list, on standard output. */

import { type Command, Option } from 'commander'
import { entryTexts } from '../../../daemon/src/lists/entries.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { fetchList } from '../list-file/list-messages.js'
import { addListName } from '../list-file/list-options.js'
import { listDocument } from '../output/lists.js'
import { utcMs } from '../output/time.js'

type ExportFormat = 'plain' | 'netset' | 'csv' | 'json'

export function addExport(program: Command, io: Io): void {
  addListName(
    program.command('export').description('write all entries of an imported list to standard output'),
  )
    .addOption(
      new Option('--format <format>', 'how').choices(['plain', 'netset', 'csv', 'json']).default('plain'),
    )
    .addHelpText(
      'after',
      `
Entries are as they were imported, in order and each once, without what guards refused; idsctl import reads every format.
json is an array of texts. With -o json the list comes with its entries as one document, with -o jsonl one a line.

Examples:
  idsctl export --list firehol > firehol.netset
  idsctl export --list feed --format csv > feed.csv
  idsctl export --list feed -o jsonl | jq -r .entry`,
    )
    .action(async (options: { list: string; format: ExportFormat }, command: Command) => {
      const globals = globalsOf(command)
      const { list, entries } = await withClient(globals, (client) =>
        fetchList(client, options.list, globals.socket),
      )
      const write = async (text: string) => {
        if (!io.stdout.write(text)) await new Promise((resolve) => io.stdout.once('drain', resolve))
      }
      if (globals.output === 'json') {
        const document = {
          ...listDocument(list),
          schema: 'idsd.list_entries.v1',
          entries: [...entryTexts(entries)],
        }
        return await write(`${JSON.stringify(document, null, 2)}\n`)
      }
      const { head, row, foot } = shapeOf(globals.output === 'jsonl' ? 'jsonl' : options.format, list.name)
      if (options.format === 'netset' && globals.output === 'table')
        await write(`# ${list.name}: ${list.entries} entries, imported ${utcMs(list.createdAtMs)}\n`)
      await write(head)
      let lines = ''
      let isFirst = true
      for (const text of entryTexts(entries)) {
        lines += row(text, isFirst)
        isFirst = false
        if (lines.length < 1 << 16) continue
        await write(lines)
        lines = ''
      }
      await write(lines + foot)
    })
}

function shapeOf(format: ExportFormat | 'jsonl', list: string) {
  const line = { head: '', foot: '', row: (text: string, _isFirst: boolean) => `${text}\n` }
  if (format === 'csv') return { ...line, head: 'cidr\n' }
  if (format === 'jsonl')
    return {
      ...line,
      row: (entry: string) => `${JSON.stringify({ schema: 'idsd.list_entry.v1', list, entry })}\n`,
    }
  if (format === 'json')
    return {
      head: '[',
      foot: '\n]\n',
      row: (text: string, isFirst: boolean) => `${isFirst ? '' : ','}\n  ${JSON.stringify(text)}`,
    }
  return line
}
