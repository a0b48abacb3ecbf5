/** Options of commands that read a list. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { listFormats } from '../../../daemon/src/lists/list-reader.js'
import { LIST_NAME } from '../../../daemon/src/lists/list-row.js'

/** `--list`. */
export function parseListName(text: string): string {
  if (LIST_NAME.test(text)) return text
  throw new InvalidArgumentError('Expected 1 to 63 letters, digits, dots, dashes and underscores.')
}

export function addListName(command: Command): Command {
  return command.addOption(
    new Option('--list <name>', 'name of the list').argParser(parseListName).makeOptionMandatory(),
  )
}

export function addListFormat(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'what the file is; auto looks').choices(listFormats).default('auto'),
    )
    .option('--column <name|number>', 'of CSV; default: by its name, such as ip or cidr, else the first')
}

export const LIST_FORMATS_HELP = `
Formats: plain and netset (an address, a CIDR or a range a line, comments after # or ;), csv, json (texts, or objects
with ip, cidr, address or the like), drop (Spamhaus DROP as text or JSON lines), crowdsec (cscli decisions list -o json,
or the stream of its API). gzip is seen by itself. A list is what it says and no more: 192.0.2.7/24 has bits behind its
length and is a bad line, ::ffff:192.0.2.7 is 192.0.2.7, and a range becomes the prefixes that are exactly it.`
