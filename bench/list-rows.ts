/** Rows of an imported list of a million entries: how long it takes into force, its memory, and what a packet pays. */

import { readFileSync } from 'node:fs'
import { type ListMaps, type LoadedList, openListMaps } from '../daemon/src/kernel/list-maps.js'
import { tcpPacket } from '../lab/packet.js'
import { type BenchContext, compare } from './kernel-rows.js'
import { type Round, summarize } from './measure.js'
import { openRig, type Rig, sourceBytes } from './rig.js'

const kinds = [
  { name: 'lists_1m', isPrefixes: false, goalMs: 3_000, goalMiB: 100 },
  { name: 'lists_1m_prefixes', isPrefixes: true, goalMs: 6_000, goalMiB: 200 },
] as const
const figures = ['load', 'memory', 'drop', 'pass'] as const

/** Names of the rows. */
export const listRows = kinds.flatMap(({ name }) => figures.map((figure) => `${name}_${figure}`))

type Kind = (typeof kinds)[number]

const entries = 1_000_000
/** Listed prefixes are in odd /24s, the sources that pass in even ones. */
const odd = 0x100
/** Numbers from here on are nobody's that is listed. */
const legitimate = 0x8000_0000
const data = tcpPacket({
  ...{ src: '10.0.0.1', dst: '10.77.0.1', srcPort: 40_000, dstPort: 80 },
  ...{ flags: 'PA', payload: 'twenty bytes of data' },
})

/** The programs run with one list loaded; loads and memory are measured before. */
export async function measureLists(context: BenchContext): Promise<void> {
  for (const kind of kinds) {
    if (!figures.some((figure) => context.wants(`${kind.name}_${figure}`))) continue
    const rig = openRig(context)
    const lists = openListMaps({ binding: context.binding, path: rig.path })
    await measureLoad(context, lists, kind)
    measurePackets(context, rig, kind)
    await lists.load('confirmed', [])
    await lists.close()
    rig.close()
  }
}

function ranges(isPrefixes: boolean): Uint32Array {
  const found = new Uint32Array(entries * 2)
  for (let i = 0; i < entries; i++) {
    const address = new DataView(sourceBytes(i).buffer).getUint32(0)
    const hosts = isPrefixes ? 2 ** (1 + (i & 7)) - 1 : 0
    const first = isPrefixes ? ((address | odd) & ~hosts) >>> 0 : address
    found[i * 2] = first
    found[i * 2 + 1] = first + hosts
  }
  return found
}

async function measureLoad(context: BenchContext, lists: ListMaps, kind: Kind): Promise<void> {
  const list: LoadedList = {
    ...{ number: 1, action: 'drop' as const, expiresBootUs: 0 },
    ...{ ranges4: ranges(kind.isPrefixes), ranges6: new Uint8Array(0) },
  }
  const loads: Round[] = []
  const memory: Round[] = []
  let bytes = 0
  for (let round = 0; round < Math.min(context.rounds, 5); round++) {
    await lists.load('confirmed', [])
    const before = kernelMiB()
    const startUs = context.binding.clocks().monotonicUs
    bytes = (await lists.load('confirmed', [list])).bytes
    loads.push({ base: null, value: (context.binding.clocks().monotonicUs - startUs) / 1000 })
    // What a table leaves is freed a moment later: only the first has none before it.
    if (round === 0) memory.push({ base: null, value: kernelMiB() - before })
  }
  const emit = (figure: string, unit: 'ms' | 'MiB', goal: number, rounds: readonly Round[]) => {
    const name = `${kind.name}_${figure}`
    if (context.wants(name)) context.emit(summarize({ name, unit, goal }, rounds))
  }
  emit('load', 'ms', kind.goalMs, loads)
  emit('memory', 'MiB', kind.goalMiB, memory)
  if (context.wants(`${kind.name}_memory`))
    context.note(`by the machine's count; the table itself has ${(bytes / 2 ** 20).toFixed(1)} MiB`)
}

function measurePackets(context: BenchContext, rig: Rig, { name, isPrefixes }: Kind): void {
  const [set, clear] = isPrefixes ? [odd, odd] : [0, 0]
  compare(context, rig, {
    ...{ name: `${name}_drop`, unit: 'ns', goal: null, program: 'bench_ingress', frame: data, verdict: 1 },
    plan: { count: entries, set },
  })
  compare(context, rig, {
    ...{ name: `${name}_pass`, unit: 'ns', goal: null, program: 'bench_block', frame: data, verdict: 2 },
    plan: { first: legitimate, count: 0x7fff_ffff, clear },
  })
}

/** Memory that the kernel took by vmalloc and in slabs: maps are in both. */
function kernelMiB(): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  const kilobytes = ['VmallocUsed', 'Slab'].map((name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN),
  )
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024
}
