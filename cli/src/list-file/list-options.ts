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

/** What `--action` of an import means. */
export const LIST_ACTIONS_HELP = `
Actions, from the weakest:
  observe    count what arrives and leaves, keep back nothing (also: count)
  limit      keep back what arrives over --rate: one limit for all that the list holds together
  syn-drop   keep back SYNs that arrive: no new TCP connection from there
  drop       keep back everything, both ways
  reject     the same, and answer what arrives: RST for TCP, ICMP "administratively prohibited" for the rest
Of the lists that hold an address the strongest acts: reject, drop, syn-drop and limit, observe. Where syn-drop and limit
meet, SYNs are kept back and all else is limited; where several lists limit, the lowest rate counts (a packet for 1,500
bytes). Decisions come before lists, and allow entries win.`

export const LIST_FORMATS_HELP = `
Formats: plain and netset (an address, a CIDR or a range a line, comments after # or ;), csv, json (texts, or objects
with ip, cidr, address or the like), drop (Spamhaus DROP as text or JSON lines), crowdsec (cscli decisions list -o json,
or the stream of its API). gzip is seen by itself. A list is what it says and no more: 192.0.2.7/24 has bits behind its
length and is a bad line, ::ffff:192.0.2.7 is 192.0.2.7, and a range becomes the prefixes that are exactly it.`
