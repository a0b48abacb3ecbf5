import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type ServerWritableStream, status } from '@grpc/grpc-js'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import {
  type Answers,
  type FakeDaemon,
  openFakeDaemon,
  type Request,
  RpcError,
  said,
} from '../../test/fake-daemon.js'
import { outcomeOf, runIdsctl, startIdsctl } from '../../test/run-idsctl.js'
import { flow } from '../../test/samples.js'
import { progressText } from '../export/progress.js'

type Call = ServerWritableStream<Request, object>

let daemon: FakeDaemon
let folder: string

const names = ['Flow Duration', 'Flow IAT Mean']
const second = {
  ...flow,
  id: 'f2',
  score: undefined,
  communityId: '',
  reasons: ['login', 'model'],
  endReason: 'syn',
}

/** Two pages, three flows; features where they are asked for. */
function exportFlows(call: Call): void {
  const features = call.request.features === true
  if (features) call.write({ featureNames: names })
  call.write({ flows: [flow, second], ...(features ? { features: [1.5, 2.5, Number.NaN, Number.NaN] } : {}) })
  call.write({ flows: [{ ...flow, id: 'f3', interface: 'a,"b' }], ...(features ? { features: [3, 4] } : {}) })
  call.end()
}

async function run(answers: Answers, ...args: string[]) {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(['flows', 'export', ...args], { socket: daemon.socket })
}

/** Cells of simple lines. */
const cells = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))

describe('idsctl flows export', { timeout: 60_000 }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-export-'))
  })
  afterEach(async () => {
    await daemon.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('asks for what was typed, before or behind the word export', async () => {
    daemon = await openFakeDaemon({ exportFlows })
    const line = `flows --port 22 export --anomalous --min-score 0.5 --ip 203.0.113.0/24 --features -o -`
    await runIdsctl(line.split(' '), { socket: daemon.socket })
    const { filter, features } = daemon.requests[0]!.request
    assert.deepEqual(said(filter), { port: 22, anomalous: true, minScore: 0.5, ip: '203.0.113.0/24' })
    assert.equal(features, true)
  })

  it('writes CSV with a header, times in UTC, empty cells for what is unknown, and quotes what must be', async () => {
    const path = join(folder, 'x.csv')
    const { code, stdout, stderr } = await run({ exportFlows }, '-o', path, '--since', '1h')
    assert.deepEqual([code, stdout, stderr], [0, '', `idsctl: 3 flows written to ${path}\n`])
    const text = readFileSync(path, 'utf8')
    const [header, first, next] = cells(text)
    const at = (row: readonly string[] | undefined, name: string) => row?.[header?.indexOf(name) ?? -1]
    assert.equal(at(first, 'start'), '2031-05-04T12:30:00.123456Z')
    assert.equal(at(first, 'score'), '0.9375')
    assert.equal(at(first, 'community_id'), flow.communityId)
    assert.equal(at(first, 'path_proven'), 'true')
    assert.deepEqual(
      ['score', 'community_id', 'detectors', 'end_reason'].map((name) => at(next, name)),
      ['', '', 'login model', 'syn'],
    )
    assert.match(text, /\nf3,7,,"a,""b",6,/)
    assert.deepEqual(readdirSync(folder), ['x.csv'])
  })

  it('writes CSV to standard output for -, with features under their names', async () => {
    const { stdout, stderr } = await run({ exportFlows }, '-o', '-', '--features')
    const [header, first, next, last] = cells(stdout)
    assert.deepEqual(header?.slice(-2), names)
    assert.deepEqual(
      [first?.slice(-2), next?.slice(-2), last?.slice(-2)],
      [
        ['1.5', '2.5'],
        ['', ''],
        ['3', '4'],
      ],
    )
    assert.equal(stderr, 'idsctl: 3 flows written\n')
  })

  it('writes Parquet with 64-bit counts, times as times, and nulls for what is unknown', async () => {
    const path = join(folder, 'x.parquet')
    const { code } = await run({ exportFlows }, '-o', path, '--features')
    assert.equal(code, 0)
    const file = await asyncBufferFromFile(path)
    const rows = await parquetReadObjects({ file })
    const { schema } = await parquetMetadataAsync(file)
    assert.equal(rows.length, 3)
    assert.deepEqual(
      ['id', 'dst_port', 'bytes_bwd', 'score', 'path_proven', 'Flow Duration'].map((name) => rows[0]?.[name]),
      [flow.id, 22n, 2_960n, 0.9375, true, 1.5],
    )
    assert.equal((rows[0]?.start as Date).toISOString(), '2031-05-04T12:30:00.123Z')
    assert.equal(schema.find(({ name }) => name === 'start')?.converted_type, 'TIMESTAMP_MICROS')
    assert.deepEqual(
      ['score', 'community_id', 'Flow IAT Mean'].map((name) => rows[1]?.[name] ?? null),
      [null, null, null],
    )
  })

  for (const name of ['x.csv', 'x.parquet']) {
    it(`of nothing is a whole file with its columns: ${name}`, async () => {
      const path = join(folder, name)
      const { code } = await run({ exportFlows: (call) => call.end() }, '-o', path)
      assert.equal(code, 0)
      if (name === 'x.csv') assert.match(readFileSync(path, 'utf8'), /^id,seq,kind,.*\n$/)
      else assert.deepEqual(await parquetReadObjects({ file: await asyncBufferFromFile(path) }), [])
    })

    it(`leaves nothing behind when the daemon ends it half-way: ${name}`, async () => {
      const half = (call: Call) => {
        call.write({ flows: [flow] })
        call.emit('error', new RpcError(status.INTERNAL, 'the disk is gone'))
      }
      const { code, stderr } = await run({ exportFlows: half }, '-o', join(folder, name))
      assert.notEqual(code, 0)
      assert.match(stderr, /^idsctl: idsd /)
      assert.deepEqual(readdirSync(folder), [])
    })
  }

  it('leaves nothing behind on Ctrl-C, and says so', async () => {
    daemon = await openFakeDaemon({ exportFlows: (call) => call.write({ flows: [flow] }) })
    const path = join(folder, 'x.csv')
    const child = startIdsctl(['flows', 'export', '-o', path], { socket: daemon.socket })
    const ended = outcomeOf(child)
    while (!existsSync(`${path}.part`)) await new Promise((resolve) => setImmediate(resolve))
    child.kill('SIGINT')
    const { code, stderr } = await ended
    assert.deepEqual([code, stderr], [1, 'idsctl: interrupted: no file was written\n'])
    assert.deepEqual(readdirSync(folder), [])
  })

  it('names a file that cannot be written', async () => {
    for (const name of ['x.csv', 'x.parquet']) {
      const path = join(folder, 'missing', name)
      const { code, stderr } = await run({ exportFlows }, '-o', path)
      assert.equal(code, 1)
      assert.match(stderr, /^idsctl: cannot write .*missing.*ENOENT/)
      await daemon.close()
    }
  })

  it('shows how far it is as a bar and a number', () => {
    assert.equal(progressText(1_234, 0.5), `[${'#'.repeat(15)}${'.'.repeat(15)}] 50 %  1,234 flows`)
    assert.equal(progressText(0, undefined), '0 flows')
    assert.equal(progressText(1, 3), `[${'#'.repeat(30)}] 100 %  1 flows`)
  })
})
