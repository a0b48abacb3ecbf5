import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { cicColumns, referenceColumns } from '../../../daemon/src/features/columns.js'
import { tinyBundle } from '../../../daemon/src/score/tiny-model.js'
import { encodePcap, readPcap } from '../../../lab/pcap.js'
import { until } from '../../../lab/until.js'
import { outcomeOf, protoRoot, runIdsctl, startIdsctl } from '../../test/run-idsctl.js'

const root = dirname(protoRoot())
const golden = (name: string) => join(root, 'daemon/test/golden', `${name}.pcap`)
const keys = ['Src IP', 'Src Port', 'Dst IP', 'Dst Port', 'Protocol', 'start_us', 'last_us']
const retransmissions = ['Fwd TCP Retrans. Count', 'Bwd TCP Retrans. Count', 'Total TCP Retrans. Count']

let folder: string
const path = (name: string) => join(folder, name)
const extract = (...args: readonly string[]) => runIdsctl(['extract', ...args])

/** Rows of simple CSV by name. */
function rowsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [header[i], cell])))
}

/** One flow that ends with each packet: every gap is longer than 120 s. */
function manyFlows(flows: number): Uint8Array {
  const { data } = readPcap(golden('hello')).packets[0]!
  return encodePcap(Array.from({ length: flows }, (_, i) => ({ timeUs: (i + 1) * 121_000_000, data })))
}

/** Processes that a process has started. */
function childrenOf(pid: number | undefined): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((each) => each !== '')
}

describe('idsctl extract', { timeout: 60_000 }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-extract-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('writes CSV to standard output: five-tuple, times, the columns of the reference', async () => {
    const { code, stdout, stderr } = await extract(golden('hello'))
    assert.deepEqual([code, stderr], [0, 'idsctl: 7 packets over 0.1 s, 1 flow\n'])
    const [header] = stdout.split('\n')
    assert.deepEqual(header?.split(','), [...keys, ...referenceColumns])
    const [row] = rowsOf(stdout)
    assert.equal(row?.['Total Fwd Packet'], '4')
    assert.deepEqual(
      retransmissions.map((name) => row?.[name]),
      ['', '', ''],
    )
    assert.equal(Number(row?.last_us) - Number(row?.start_us), Number(row?.['Flow Duration']))
    for (const same of [['-o', '-'], ['--features', 'all'], ['--keys']])
      assert.equal((await extract(golden('hello'), ...same)).stdout, stdout)
  })

  for (const options of [[], ['--retransmissions']] as const) {
    it(`writes the same numbers as CSV, JSON lines and Parquet ${options.join(' ')}`, async () => {
      for (const name of ['x.csv', 'x.jsonl', 'x.parquet']) {
        const { code, stdout, stderr } = await extract(...options, golden('flags'), '-o', path(name))
        assert.deepEqual([code, stdout], [0, ''])
        assert.match(
          stderr,
          new RegExp(`^idsctl: 24 packets over 0\\.3 s, 5 flows written to ${path(name)}\n$`),
        )
      }
      assert.deepEqual(readdirSync(folder).sort(), ['x.csv', 'x.jsonl', 'x.parquet'])
      const csv = rowsOf(readFileSync(path('x.csv'), 'utf8'))
      const text = readFileSync(path('x.jsonl'), 'utf8')
      const json = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      const file = await asyncBufferFromFile(path('x.parquet'))
      const parquet = await parquetReadObjects({ file })
      assert.deepEqual([csv.length, json.length, parquet.length], [5, 5, 5])
      const plain = (value: unknown) => (value === null || value === undefined ? '' : String(value))
      for (const rows of [json, parquet] as const) {
        assert.deepEqual(
          rows.map((row) =>
            Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
          ),
          csv,
        )
      }
      assert.equal((await extract(...options, golden('flags'), '-o', 'jsonl')).stdout, text)
      for (const name of retransmissions) assert.equal(csv[0]?.[name] === '', options.length === 0)
      const { schema } = await parquetMetadataAsync(file)
      const typeOf = (name: string) => schema.find((each) => each.name === name)?.type
      assert.deepEqual(
        ['Src IP', 'Src Port', 'start_us', 'Total Fwd Packet', 'Total TCP Retrans. Count'].map(typeOf),
        ['BYTE_ARRAY', 'INT64', 'INT64', 'DOUBLE', 'DOUBLE'],
      )
    })
  }

  it('has the columns of the published tables, and with --keys what tells flows apart', async () => {
    const [bare, keyed] = await Promise.all([
      extract(golden('hello'), '--features', 'cic'),
      extract(golden('hello'), '--features', 'cic', '--keys'),
    ])
    assert.deepEqual(bare.stdout.split('\n')[0]?.split(','), cicColumns)
    assert.deepEqual(keyed.stdout.split('\n')[0]?.split(','), [...keys, ...cicColumns.slice(1)])
    const [row] = rowsOf(bare.stdout)
    assert.deepEqual([row?.Protocol, row?.['Fwd Header Length.1']], ['6', row?.['Fwd Header Length']])
  })

  it("has a model's features in its order, 0 for what idsd does not compute, and says which", async (t) => {
    const dir = tinyBundle(t, { manifest: { features: ['Total Fwd Packets', 'Magic', 'Flow Duration'] } })
    const { code, stdout, stderr } = await extract(golden('hello'), '--features', dir)
    assert.deepEqual([code, stdout], [0, 'Total Fwd Packets,Magic,Flow Duration\n4,0,80000\n'])
    assert.match(stderr, /idsd does not compute Magic: always 0/)
  })

  it('reads standard input, and several files as one stream', async () => {
    const child = startIdsctl(['extract', '-', golden('datagrams')])
    child.stdin.end(readFileSync(golden('hello')))
    const { code, stderr } = await outcomeOf(child)
    assert.deepEqual([code, stderr.split('\n')[0]], [0, 'idsctl: 24 packets over 121.0 s, 9 flows'])
  })

  it('replaces a file that is there', async () => {
    writeFileSync(path('x.csv'), 'old')
    const { code } = await extract(golden('hello'), '-o', path('x.csv'))
    assert.equal(code, 0)
    assert.match(readFileSync(path('x.csv'), 'utf8'), /^Src IP,/)
    assert.deepEqual(readdirSync(folder), ['x.csv'])
  })

  it('reads other protocols when it is asked to, and says that it could', async () => {
    const without = await extract(golden('limits'), golden('datagrams'))
    assert.match(without.stderr, /without a flow: .*other protocols \d+ \(--other-protocols reads those\)/)
    const all = await extract(golden('limits'), golden('datagrams'), '--other-protocols')
    assert.doesNotMatch(all.stderr, /other protocols/)
    assert.ok(all.stdout.split('\n').length > without.stdout.split('\n').length)
  })

  it('of a capture without flows is the header alone, for each format', async () => {
    writeFileSync(path('empty.pcap'), encodePcap([]))
    const { code, stdout, stderr } = await extract(path('empty.pcap'))
    assert.deepEqual([code, stdout.split('\n').length], [0, 2])
    assert.match(stderr, /0 packets over 0\.0 s, 0 flows\nidsctl: no flows:/)
    await extract(path('empty.pcap'), '-o', path('x.parquet'))
    assert.deepEqual(await parquetReadObjects({ file: await asyncBufferFromFile(path('x.parquet')) }), [])
    await extract(path('empty.pcap'), '-o', path('x.jsonl'))
    assert.equal(readFileSync(path('x.jsonl'), 'utf8'), '')
  })

  it('of a damaged capture is what could be read, the byte where it ends, and exit code 1', async () => {
    const whole = readFileSync(golden('flags'))
    writeFileSync(path('cut.pcap'), whole.subarray(0, whole.length - 1))
    const { code, stderr } = await extract(path('cut.pcap'), '-o', path('x.csv'))
    assert.equal(code, 1)
    const [, offset] = /cut\.pcap: not read beyond byte (\d+): /.exec(stderr) ?? []
    const { data } = readPcap(golden('flags')).packets.at(-1)!
    assert.equal(Number(offset), whole.length - data.length - 16)
    assert.equal(rowsOf(readFileSync(path('x.csv'), 'utf8')).length, 5)
  })

  it('names what is no capture, and leaves the output as it was', async () => {
    writeFileSync(path('x.csv'), 'old')
    for (const file of [path('none.pcap'), path('x.csv'), golden('flags').replace('.pcap', '.csv')]) {
      const { code, stdout, stderr } = await extract(golden('hello'), file, '-o', path('y.csv'))
      assert.deepEqual([code, stdout], [1, ''])
      assert.ok(stderr.startsWith(`idsctl: ${file}: `), stderr)
    }
    await extract(path('none.pcap'), '-o', path('x.csv'))
    assert.deepEqual([readdirSync(folder), readFileSync(path('x.csv'), 'utf8')], [['x.csv'], 'old'])
  })

  it('counts what finds no room under --max-flows, and exits 1', async () => {
    const { code, stdout, stderr } = await extract(golden('flags'), '--max-flows', '1')
    assert.equal(code, 1)
    assert.match(stderr, /\d+ packets of at least \d+ flows found no room .*--max-flows/)
    assert.ok(rowsOf(stdout).length < 5)
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`leaves nothing behind on ${signal}, neither a file nor a process`, async () => {
      const child = startIdsctl(['extract', '-', '-o', path('x.csv')])
      const ended = outcomeOf(child)
      child.stdin.on('error', () => undefined).write(manyFlows(4_000))
      await until(() => existsSync(path('x.csv.part')), { what: 'a file that grows' })
      const [reader] = childrenOf(child.pid)
      assert.ok(reader !== undefined)
      child.kill(signal)
      const { code, stderr } = await ended
      assert.deepEqual([code, stderr], [1, 'idsctl: interrupted: no file was written\n'])
      assert.deepEqual(readdirSync(folder), [])
      await until(() => !existsSync(`/proc/${reader}`), { what: 'the end of the reader' })
    })
  }

  it('ends quietly with its reader, and so does what reads the captures', async () => {
    writeFileSync(path('many.pcap'), manyFlows(20_000))
    const child = startIdsctl(['extract', path('many.pcap')])
    const closed = once(child, 'close')
    let told = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text
    })
    await once(child.stdout, 'readable')
    const [reader] = childrenOf(child.pid)
    assert.ok(reader !== undefined)
    child.stdout.destroy()
    assert.deepEqual([(await closed)[0], told], [0, ''])
    await until(() => !existsSync(`/proc/${reader}`), { what: 'the end of the reader' })
  })

  it('finds its program where it is installed, and says what to do when it is not there', async () => {
    const bundle = join(root, 'build/cli/idsctl.mjs')
    mkdirSync(path('build/cli'), { recursive: true })
    mkdirSync(path('build/host'))
    copyFileSync(bundle, path('build/cli/idsctl.mjs'))
    const args = [path('build/cli/idsctl.mjs'), 'extract', golden('hello')]
    const installed = () => spawnSync(process.execPath, args, { encoding: 'utf8' })
    const without = installed()
    assert.equal(without.status, 1)
    assert.match(without.stderr, /the program extract is missing: .*\n {2}run make/)
    symlinkSync(join(root, 'build/host/extract'), path('build/host/extract'))
    assert.equal(installed().status, 0)
  })

  for (const [line, expected] of [
    ['', /missing required argument 'capture'/],
    ['x.pcap -o flows.txt', /ends in \.csv, \.parquet or \.jsonl, or -/],
    ['x.pcap -o json', /ends in \.csv, \.parquet or \.jsonl, or -/],
    ['x.pcap --features cic2', /expected all, cic or the folder of a model bundle/],
    ['x.pcap --max-flows 0', /from 1 to 100000000/],
    ['- -', /standard input, and there is one/],
  ] as const) {
    it(`"idsctl extract ${line}" is wrong use, and is told how to mend it`, async () => {
      const { code, stdout, stderr } = await extract(...line.split(' ').filter((word) => word !== ''))
      assert.match(stderr, expected)
      assert.deepEqual([code, stdout], [2, ''])
    })
  }

  it('help has examples, also for who knows CICFlowMeter, and only the -o that is a file', async () => {
    const { code, stdout } = await extract('--help')
    assert.equal(code, 0)
    assert.match(stdout, /Coming from CICFlowMeter:[\s\S]*Examples:\n {2}idsctl extract/)
    assert.equal(stdout.match(/-o, --output/g)?.length, 1)
  })
})
