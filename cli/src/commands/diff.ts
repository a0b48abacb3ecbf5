/** `idsctl diff`: what an import of a file would add to a list and take out of it. */

import type { Command } from 'commander'
import { entryTexts } from '../../../daemon/src/lists/entries.js'
import { sortEntries } from '../../../daemon/src/lists/entry-builder.js'
import type { ListFormat } from '../../../daemon/src/lists/list-reader.js'
import { withClient } from '../client.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { fetchList } from '../list-file/list-messages.js'
import { addListFormat, addListName } from '../list-file/list-options.js'
import { readList } from '../list-file/read-list.js'
import { fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import { printable } from '../output/printable.js'
import { count } from '../output/units.js'

/** Entries on a page; a document has all. */
const MAX_SHOWN = 20

export function addDiff(program: Command, io: Io): void {
  addListFormat(
    addListName(
      program
        .command('diff')
        .description('compare a file with an imported list')
        .argument('<file>', 'the list; - is standard input'),
    ),
  )
    .addHelpText(
      'after',
      `
Compared are entries, not addresses: 192.0.2.0/24 and its two halves are not the same. What guards refused at the import
is not in the list, and shows as added.

Examples:
  idsctl diff firehol_level1.netset --list firehol
  idsctl diff feed.csv --list feed --column src_ip -o json | jq -r '.added[]'`,
    )
    .action(
      async (
        path: string,
        options: { list: string; format: ListFormat; column?: string },
        command: Command,
      ) => {
        const globals = globalsOf(command)
        const { name, reader } = await readList(io, path, options)
        const { packed4, packed6 } = reader.builder.packed()
        const next = sortEntries(packed4, packed6)
        const { list, entries } = await withClient(globals, (client) =>
          fetchList(client, options.list, globals.socket),
        )
        const before = new Set(entryTexts(entries))
        const after = new Set(entryTexts(next))
        const added = [...after].filter((text) => !before.has(text))
        const removed = [...before].filter((text) => !after.has(text))
        const document = {
          ...{ schema: 'idsd.list_diff.v1', list: list.name, file: name, same: after.size - added.length },
          ...{ added_total: added.length, removed_total: removed.length, bad_lines: reader.faultCount },
          ...{ added, removed },
        }
        printOne(io, globals, document, (style) => {
          const { green, red, bold } = style.colors
          const shown = [
            ...added.slice(0, MAX_SHOWN).map((text) => green(`+ ${printable(text)}\n`)),
            ...removed.slice(0, MAX_SHOWN).map((text) => red(`- ${printable(text)}\n`)),
          ]
          return `${bold(printable(name))} against the list ${bold(printable(list.name))}\n${fields(
            [
              ['added', count(added.length)],
              ['removed', count(removed.length)],
              ['same', count(after.size - added.length)],
              ['bad lines', reader.faultCount === 0 ? '' : count(reader.faultCount)],
            ],
            style,
          )}${shown.join('')}`
        })
      },
    )
}
