/** `idsctl top`: what moves now, shown anew every second. */

import { type Command, Option } from 'commander'
import { parseEvery } from '../arguments/duration.js'
import { parseCount } from '../arguments/number.js'
import { withClient } from '../client.js'
import type { Top } from '../contract.js'
import { usageError } from '../errors.js'
import { type Globals, globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { printOne } from '../output/print.js'
import { type Style, styleOf } from '../output/style.js'
import { topDocument } from '../output/top-document.js'
import { rowsFor, topPage } from '../output/top-page.js'
import { topRates } from '../output/top-rates.js'
import { createTicker } from '../ticker.js'

interface TopOptions {
  readonly by: 'bytes' | 'packets' | 'flows'
  readonly count?: number
  readonly every: number
  readonly once?: true
}

const ORDERS = { bytes: 'TOP_ORDER_BYTES', packets: 'TOP_ORDER_PACKETS', flows: 'TOP_ORDER_FLOWS' } as const
/** Rows of each list where there is no terminal. */
const DEFAULT_ROWS = 10

/** The other screen of the terminal, no cursor, and no wrapping of lines that are too long; then all of it back. */
const SCREEN = {
  enter: '\u001b[?1049h\u001b[?25l\u001b[?7l',
  leave: '\u001b[?7h\u001b[?25h\u001b[?1049l',
  home: '\u001b[H',
} as const
const CLEAR = { line: '\u001b[K', below: '\u001b[J' } as const

export function addTop(program: Command, io: Io): void {
  program
    .command('top')
    .description('what moves now: rates, busiest sources, suspects, decisions with their hits')
    .addOption(
      new Option('--by <what>', 'order of the sources')
        .choices(['bytes', 'packets', 'flows'])
        .default('bytes'),
    )
    .addOption(
      new Option('--count <rows>', 'rows of each list (default: as many as fit)').argParser(parseCount),
    )
    .addOption(
      new Option('--every <time>', 'time between two looks, up to 10s')
        .argParser(parseEvery)
        .default(1_000, '1s'),
    )
    .option('--once', 'show one page and end, as where there is no terminal')
    .addHelpText(
      'after',
      `
Rates lie between two looks, so the first page takes the time of one. Packets and bits in and out are those of the
kernel, on the wire; payload and flows by source come from flow records: a flow shows when its record comes, after 1, 2,
4, 8, 16, 64 and 256 packets and then at growing distances, and when it ends. idsd counts sources only while somebody
looks. Ctrl-C ends.

Examples:
  idsctl top
  idsctl top --by flows --every 5s
  idsctl top --once -o json | jq '.sources[0]'
  idsctl top -o jsonl | jq -r '[.at, .ingress.packets, .dropped.packets] | @tsv'`,
    )
    .action(async (options: TopOptions, command: Command) => {
      const globals = globalsOf(command)
      const { output } = globals
      if (output === 'jsonl' && options.once !== true) return runTop(io, globals, options, linePrinter(io))
      const isScreen = output === 'table' && io.stdout.isTTY === true && options.once !== true
      if (isScreen) return runTop(io, globals, options, screenPrinter(io, globals))
      if (output === 'json' && options.every !== 1_000 && options.once !== true) {
        throw usageError('-o json prints one document, --every asks for many', 'use -o jsonl, or --once')
      }
      await runTop(io, globals, { ...options, once: true }, pagePrinter(io, globals, options))
    })
}

/** Shows one look after the other. */
interface Printer {
  begin?(): void
  show(before: Top, now: Top): void
  end?(): void
}

async function runTop(io: Io, globals: Globals, options: TopOptions, printer: Printer): Promise<void> {
  const request = {
    count: options.count ?? Math.max(DEFAULT_ROWS, rowsFor(io.stdout.rows ?? 0)),
    order: ORDERS[options.by],
  }
  await withClient(globals, async (client) => {
    const look = () => client.call('getTop', request)
    const ticker = createTicker(options.every)
    let before = await look()
    printer.begin?.()
    try {
      while (await ticker.next()) {
        const now = await look()
        printer.show(before, now)
        before = now
        if (options.once === true) return
      }
    } finally {
      ticker.stop()
      printer.end?.()
    }
  })
}

function pagePrinter(io: Io, globals: Globals, { count = DEFAULT_ROWS }: TopOptions): Printer {
  return {
    show: (before, now) => {
      const rates = topRates(before, now)
      printOne(io, globals, topDocument(now, rates), (style: Style) => topPage(now, rates, count, style))
    },
  }
}

function linePrinter(io: Io): Printer {
  return {
    show: (before, now) =>
      void io.stdout.write(`${JSON.stringify(topDocument(now, topRates(before, now)))}\n`),
  }
}

/** A page on the other screen of the terminal, which comes back as it was. */
function screenPrinter(io: Io, globals: Globals): Printer {
  return {
    begin: () => void io.stdout.write(`${SCREEN.enter}${SCREEN.home}${CLEAR.below}looking for a second ...`),
    show: (before, now) => {
      const style = styleOf(io, globals.color)
      const page = topPage(now, topRates(before, now), rowsFor(io.stdout.rows), style)
      const lines = page.trimEnd().split('\n').slice(0, io.stdout.rows)
      io.stdout.write(
        `${SCREEN.home}${lines.map((line) => `${line}${CLEAR.line}`).join('\r\n')}${CLEAR.below}`,
      )
    },
    end: () => void io.stdout.write(SCREEN.leave),
  }
}
