/** What was in a capture, from the lines that `build/host/live` writes to its standard error. Pure. */

export interface CaptureFacts {
  readonly packets: number
  /** As they are in the file, link headers included. */
  readonly bytes: number
  readonly flows: number
  /** Time of the first and of the last packet, us since 1970; undefined without packets. */
  readonly firstUs: number | undefined
  readonly lastUs: number | undefined
  /** Packets that belong to no flow, by why; nothing at 0. */
  readonly unparsed: ReadonlyMap<string, number>
  /** Packets whose flow found no room in the table. */
  readonly tableFull: number
  /** Ended flows whose continuation will not be known as one. */
  readonly tombstonesLost: number
  /** Where and why the reading stopped before the end; undefined when the file is whole. */
  readonly fault: CaptureFault | undefined
}

export interface CaptureFault {
  /** Offset of the record that could not be read, bytes from the beginning of the file. */
  readonly atByte: number
  readonly why: string
}

const unparsedPrefix = 'unparsed_'

/** @param text lines `NAME NUMBER`, and perhaps `fault OFFSET WHY` */
export function readFacts(text: string): CaptureFacts {
  const counts = new Map<string, number>()
  let fault: CaptureFault | undefined
  for (const line of text.split('\n')) {
    const [name = '', number = '', ...words] = line.split(' ')
    if (name === 'fault') fault = { atByte: Number(number), why: words.join(' ') }
    else if (name !== '') counts.set(name, Number(number))
  }
  const unparsed = [...counts]
    .filter(([name, count]) => name.startsWith(unparsedPrefix) && count > 0)
    .map(([name, count]) => [name.slice(unparsedPrefix.length), count] as const)
  return {
    packets: counts.get('packets') ?? 0,
    bytes: counts.get('bytes') ?? 0,
    flows: counts.get('flows') ?? 0,
    firstUs: counts.get('first_us'),
    lastUs: counts.get('last_us'),
    unparsed: new Map(unparsed),
    tableFull: counts.get('table_full') ?? 0,
    tombstonesLost: counts.get('tombstones_lost') ?? 0,
    fault,
  }
}
