/**
 * Records labelled flows for training: runs a scenario of the lab, reads the records of the real data path, and writes
 * one row for each record that the daemon would score. Or replays capture files and does the same.
 */

import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type Lab, labUnavailable, openLab } from './namespaces.js'
import { rowFeatures } from './record/flow-row.js'
import { replayedRows } from './record/replayed-records.js'
import { type Cast, type CastName, type Line, type ScenarioName, scenarios } from './record/scenarios.js'
import { trafficProgram } from './traffic-program.js'

const help = `record-flows: writes labelled flows, as the daemon sees them, for training/train.py

  --out FILE        table to write, .csv.gz; name it *-test.csv.gz when it is to be held out (required)
  --scenario NAME   run traffic of the lab: ${Object.keys(scenarios).join(', ')}; needs root
  --cast NAME       who plays: learned (default), held-out, unseen or used-up; other ports, paces,
                    sizes each
  --seconds N       length of the recording (default 20)
  --captures DIR    instead of a scenario, replay captures: learned takes every second one of DIR/benign, held-out
                    the others and DIR/attack, whose flows are not all of the attack, unseen all of DIR/benign
  --rows N          rows kept of each attacker, evenly over the time (default 200); of the benign 1500

  node build/lab/record-flows.js --scenario web --out training/lab/web.csv.gz
  node build/lab/record-flows.js --scenario web --cast held-out --out training/lab/web-test.csv.gz
`

interface Row {
  readonly label: string
  readonly family: string
  readonly cells: readonly string[]
}

const benign = { label: 'BENIGN', family: 'Benign' }

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    scenario: { type: 'string' },
    cast: { type: 'string', default: 'learned' },
    seconds: { type: 'string', default: '20' },
    captures: { type: 'string' },
    rows: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
})
if (
  values.help ||
  values.out === undefined ||
  (values.scenario === undefined) === (values.captures === undefined)
) {
  process.stdout.write(help)
  process.exit(values.help ? 0 : 2)
}
const casts: Readonly<Record<string, CastName>> = {
  learned: 'learned',
  'held-out': 'heldOut',
  unseen: 'unseen',
  'used-up': 'usedUp',
}
const castName = casts[values.cast] ?? unknown('cast', values.cast)
const maxRows = Number(values.rows)
const maxBenignRows = 1_500
/** Packets of the source above which a benign flow is a long one. */
const longFlowPackets = 12

const rows = values.captures === undefined ? await recorded(values.scenario!) : captured(values.captures)
writeTable(values.out, rows)

async function recorded(name: string): Promise<Row[]> {
  const scenario = scenarios[name as ScenarioName]
  const missing = scenario === undefined ? `no scenario ${name}` : labUnavailable()
  if (missing !== undefined) throw new Error(missing)
  const cast = scenario[castName] ?? unknown(`cast of ${name}`, values.cast)
  await using lab = await openLab({ topology: 'host', tag: 'record', extraAddresses: cast.attacks.length })
  return await record(lab, cast, Number(values.seconds))
}

/** Runs everything at once, then gives each source's rows its label. */
async function record(lab: Lab, cast: Cast, seconds: number): Promise<Row[]> {
  const bySource = new Map<string, string[][]>()
  const recorder = lab.daemon.spawn(
    [process.execPath, fileURLToPath(new URL('record/live-records.js', import.meta.url))],
    {
      onLine: (text, stream) => {
        if (stream === 'stderr') process.stderr.write(`${text}\n`)
        const [source, ...cells] = text.split(',')
        if (stream === 'stderr' || cells.length === 0) return
        const held = bySource.get(source!)
        if (held === undefined) bySource.set(source!, [cells])
        else held.push(cells)
      },
    },
  )
  await recorder.untilOutput(/recording/, 15_000)
  const argv = ([program, ...words]: Line, more: readonly string[]) => [
    ...trafficProgram(program),
    ...words,
    ...more,
  ]
  const span = ['--duration', String(seconds)]
  const services = cast.services.map((line) =>
    lab.daemon.spawn(argv(line, ['--duration', String(seconds + 60)])),
  )
  await Promise.all(services.map((service) => service.untilOutput(/listening/, 15_000)))
  const target = ['--target', lab.daemon.addresses.v4, ...span]
  const addresses = lab
    .ns('attacker')
    .addresses.all.filter((address) => !address.includes(':'))
    .slice(1)
  const running = [
    ...cast.benign.map((line) => lab.ns('client').spawn(argv(line, target))),
    ...cast.attacks.map(({ line }, i) =>
      lab.ns('attacker').spawn(argv(line, [...target, '--bind', addresses[i]!])),
    ),
  ]
  const ends = await Promise.all(running.map((one) => one.exited))
  // A visitor of a closed port ends with 1; a wrong option ends with 2.
  const wrong = running.find((_, i) => ends[i]!.code > 1)
  if (wrong !== undefined) throw new Error(`a traffic program failed: ${wrong.stderr.trim()}`)
  await recorder.stop({ graceMs: 20_000 })
  await Promise.all(services.map((service) => service.stop()))

  const rows = sampleBenign(bySource.get(lab.ns('client').addresses.v4) ?? []).map((cells) => ({
    ...benign,
    cells,
  }))
  cast.attacks.forEach(({ label, family, line }, i) => {
    const all = bySource.get(addresses[i]!) ?? []
    process.stdout.write(`${String(all.length).padStart(7)} records  ${label}: ${line.join(' ')}\n`)
    rows.push(...sample(all, maxRows).map((cells) => ({ label, family, cells })))
  })
  return rows
}

function unknown(what: string, name: string): never {
  throw new Error(`no ${what} ${name}`)
}

function captured(folder: string): Row[] {
  if (castName === 'usedUp') unknown('cast of captures', values.cast)
  const inFolder = (kind: string) =>
    readdirSync(join(folder, kind))
      .sort()
      .map((name) => join(folder, kind, name))
  const chosen = inFolder('benign').filter(
    (_, i) => castName === 'unseen' || (i % 2 === 1) === (castName === 'heldOut'),
  )
  const rows = chosen.flatMap((path) => captureRows(path, benign, maxBenignRows))
  if (castName !== 'heldOut') return rows
  for (const path of inFolder('attack')) {
    rows.push(...captureRows(path, { label: basename(path, extname(path)), family: 'Capture' }, maxRows))
  }
  return rows
}

function captureRows(path: string, of: Omit<Row, 'cells'>, most: number): Row[] {
  const found = replayedRows(path)
  if (typeof found !== 'string') return sample(found, most).map((cells) => ({ ...of, cells }))
  process.stdout.write(`left out: ${found}\n`)
  return []
}

/** Long conversations are rare among the benign, and worth more: up to half of the rows are theirs. */
function sampleBenign(all: readonly string[][]): readonly string[][] {
  const packets = rowFeatures.indexOf('Total Fwd Packets')
  const isLong = (cells: readonly string[]) => Number(cells[packets]) > longFlowPackets
  const long = sample(all.filter(isLong), maxBenignRows / 2)
  const short = all.filter((cells) => !isLong(cells))
  return [...long, ...sample(short, maxBenignRows - long.length)]
}

/** At most `most` of the rows, evenly over their order. */
function sample<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)
}

function writeTable(path: string, table: readonly Row[]): void {
  const head = [...rowFeatures, 'Label', 'Family', 'Dataset'].join(',')
  const body = table.map(({ cells, label, family }) => [...cells, label, family, 'lab'].join(','))
  writeFileSync(path, gzipSync(`${[head, ...body].join('\n')}\n`, { level: 9 }))
  const counts = new Map<string, number>()
  for (const { label } of table) counts.set(label, (counts.get(label) ?? 0) + 1)
  process.stdout.write(`${path}: ${table.length} rows, ${Math.ceil(statSync(path).size / 1024)} KiB\n`)
  for (const [label, count] of counts)
    process.stdout.write(`${String(count).padStart(7)} rows     ${label}\n`)
}
