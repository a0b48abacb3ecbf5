/** `idsctl extract`: the features of every flow in a capture, as a table. Neither root nor a daemon is needed. */

import type { Command } from 'commander'
import { parseMaxFlows } from '../arguments/number.js'
import { addOutputFile } from '../arguments/output-file.js'
import { usageError } from '../errors.js'
import type { RowTarget } from '../extract/create-row-file.js'
import { type Io, note } from '../io.js'

interface ExtractOptions {
  readonly output: string
  readonly features: string
  readonly keys?: true
  readonly otherProtocols?: true
  readonly maxFlows?: number
  readonly retransmissions?: true
  readonly kernel?: true
}

const WHERE =
  'idsctl extract capture.pcap -o flows.csv, or flows.parquet, or flows.jsonl, or - for standard output'

export function addExtract(program: Command, io: Io): void {
  const command = program
    .command('extract')
    .description('the features of every flow in captures, as CSV, Parquet or JSON lines; no daemon is needed')
    .argument(
      '<capture...>',
      'pcap or pcapng, gzip and zstd too; - is standard input; several are merged by time',
    )
  addOutputFile(
    command,
    program,
    'file that ends in .csv, .parquet or .jsonl; default and - are CSV on standard output',
  )
    .option(
      '--features <set>',
      'columns: all, cic (named as in CIC-IDS2017), or the folder of a model bundle',
      'all',
    )
    .option('--keys', 'addresses, ports, protocol and times in front, with cic and a model too')
    .option('--retransmissions', 'count TCP retransmissions; their columns are empty otherwise')
    .option('--other-protocols', 'ICMPv6 and all other IP protocols too, not only TCP, UDP and ICMP')
    .option('--max-flows <number>', 'most flows that are open at a time (default: 1000000)', parseMaxFlows)
    .option('--kernel', 'run the packets through the BPF programs in the kernel: the same rows; needs root')
    .addHelpText(
      'after',
      `
One row for each flow, in the order in which they end. The columns are those of the corrected CICFlowMeter, with their
names and in their order, behind Src IP, Src Port, Dst IP, Dst Port, Protocol (a number), start_us and last_us
(microseconds since 1970). Lengths are in bytes, times in microseconds. A file is there under its name only when it is
whole; one that was there is replaced. -o jsonl is JSON lines on standard output.

With --features MODEL the columns are what the manifest names, in its order; those that idsd does not compute are 0.
With --kernel the packets run through the BPF programs that idsd loads, in maps of their own; no interface is touched.
The rows are the same, byte for byte. It is slower, and excludes --retransmissions and --other-protocols.
When a capture is damaged, or more flows are open than --max-flows, what could be read is written; the exit code is 1.

Coming from CICFlowMeter: the capture goes in as it is, no folders; there is no Label, Timestamp or Flow ID column.
  idsctl extract capture.pcap -o flows.csv                       in place of cfm capture.pcap out/
  idsctl extract capture.pcap -o flows.csv --features cic        columns of the CIC-IDS2017 tables
  idsctl extract capture.pcap -o flows.parquet                   for pandas.read_parquet

Examples:
  idsctl extract monday.pcap -o monday.csv
  idsctl extract day-*.pcap.gz -o week.parquet --retransmissions
  idsctl extract lan.pcapng --features ./models/flow-gbt --keys -o rows.csv
  tcpdump -i eth0 -c 100000 -w - | idsctl extract - -o flows.csv
  idsctl extract capture.pcap | cut -d, -f1-9 | head`,
    )
    .action(async (captures: readonly string[], _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ExtractOptions>()
      const target = targetOf(options.output)
      const { path } = target
      const { checkPaths } = await import('../extract/check-paths.js')
      checkPaths(captures, path)
      const { extractColumns } = await import('../extract/extract-columns.js')
      const { columns, missing } = extractColumns(options.features, options.keys === true)
      if (missing.length > 0)
        note(io, `${options.features}: idsd does not compute ${missing.join(', ')}: always 0`)
      const otherProtocols = options.otherProtocols === true
      const [{ recordSource }, { createRowFile }, { runExtract }, { extractFault, extractNotes }] =
        await Promise.all([
          import('../extract/record-source.js'),
          import('../extract/create-row-file.js'),
          import('../extract/run-extract.js'),
          import('../extract/extract-told.js'),
        ])
      const { flows, facts } = await runExtract(io, {
        open: await recordSource({
          captures,
          isKernel: options.kernel === true,
          maxFlows: options.maxFlows,
          retransmissions: options.retransmissions === true,
          otherProtocols,
        }),
        file: createRowFile(target, io.stdout, columns),
        path,
      })
      const told = { facts, flows, path, otherProtocols }
      for (const line of extractNotes(told)) note(io, line)
      const fault = extractFault(told)
      if (fault !== undefined) throw fault
    })
}

/** @throws CliError when the name says no format */
function targetOf(output: string): RowTarget {
  // The word of other commands when nothing was given.
  if (output === '-' || output === 'table') return { format: 'csv', path: undefined }
  if (output === 'jsonl') return { format: 'jsonl', path: undefined }
  for (const format of ['csv', 'parquet', 'jsonl'] as const)
    if (output.endsWith(`.${format}`)) return { format, path: output }
  throw usageError(`-o ${output}: expected a name that ends in .csv, .parquet or .jsonl, or -`, WHERE)
}
