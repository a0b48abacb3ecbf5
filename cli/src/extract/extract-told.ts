/** What an extract says at its end, for people. Pure. */

import type { ExtractFacts } from '../../../daemon/src/local/extract-facts.js'
import { CliError, EXIT } from '../errors.js'
import { count, counted } from '../output/units.js'

/** Why packets belong to no flow, in words. */
const kinds = new Map([
  ['not_ip', 'not IP'],
  ['arp', 'ARP'],
  ['pppoe', 'PPPoE'],
  ['truncated', 'too short for their headers'],
  ['malformed', 'malformed'],
  ['fragment', 'later fragments'],
  ['protocol', 'other protocols'],
  ['extensions', 'too many IPv6 extension headers'],
])

export interface Told {
  readonly facts: ExtractFacts
  /** Flows that were written. */
  readonly flows: number
  /** Where they went; undefined for standard output. */
  readonly path: string | undefined
  /** Other protocols than TCP, UDP and ICMP were read too. */
  readonly otherProtocols: boolean
}

/** One line each: what was in the captures, and what a reader of the table must know. */
export function extractNotes({ facts, flows, path, otherProtocols }: Told): string[] {
  const {
    packets,
    firstUs = 0,
    lastUs = 0,
    unparsed,
    cut,
    snapLength,
    backward,
    retransmissionsUnsure,
  } = facts
  const seconds = ((lastUs - firstUs) / 1e6).toFixed(1)
  const without = [...unparsed.values()].reduce((sum, each) => sum + each, 0)
  const why = [...unparsed].map(([kind, each]) => `${kinds.get(kind) ?? kind} ${count(each)}`).join(', ')
  const canReadMore = !otherProtocols && unparsed.has('protocol')
  return [
    `${counted(packets, 'packet')} over ${seconds} s, ${counted(flows, 'flow')}` +
      (path === undefined ? '' : ` written to ${path}`),
    ...(flows === 0 ? ['no flows: there is nothing but the names of the columns'] : []),
    ...(without === 0
      ? []
      : [
          `${counted(without, 'packet')} without a flow: ${why}` +
            (canReadMore ? ' (--other-protocols reads those)' : ''),
        ]),
    ...(cut === 0
      ? []
      : [
          `${counted(cut, 'packet')} captured shorter than sent` +
            (snapLength === 0 ? '' : ` (snap length ${count(snapLength)})`) +
            ': features count the lengths of the IP headers, so they are exact unless headers are cut',
        ]),
    ...(backward === 0
      ? []
      : [`${counted(backward, 'packet')} earlier than the one before: inside a flow time does not run back`]),
    ...(retransmissionsUnsure === 0
      ? []
      : [
          `${counted(retransmissionsUnsure, 'packet')} not remembered for want of memory: ` +
            'retransmission counts may be too low',
        ]),
  ]
}

/** What makes the table less than the captures; undefined when nothing does. */
export function extractFault({ facts }: Told): CliError | undefined {
  const { faults, tableFull, flowsDropped, tombstonesLost } = facts
  const lines = [
    ...faults.map(
      ({ file, atByte, why }) =>
        `${file === '-' ? 'standard input' : file}: not read beyond byte ${atByte}: ${why}; ` +
        'what stands before it is there',
    ),
    ...(tableFull === 0
      ? []
      : [
          `${counted(tableFull, 'packet')} of at least ${counted(flowsDropped, 'flow')} found no room among the ` +
            'open flows and are missing: give more with --max-flows',
        ]),
    ...(tombstonesLost === 0
      ? []
      : [
          `${counted(tombstonesLost, 'ended flow')} forgotten for want of room, so that what follows them may have ` +
            'the wrong direction or connection time: give more with --max-flows',
        ]),
  ]
  if (lines.length === 0) return undefined
  if (lines.length === 1) return new CliError(EXIT.error, lines[0] as string)
  return new CliError(EXIT.error, 'the table is not all of what was captured:', lines)
}
