import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { meanModel, tinyBundle } from '../../../daemon/src/score/tiny-model.js'
import { outcomeOf, runIdsctl, startIdsctl } from '../../test/run-idsctl.js'

/** What the model of `tinyBundle` gives: 1 / (1 + e^-m) of the mean of its two features. */
const scoreOf = (durationUs: number, packets: number) => 1 / (1 + Math.exp(-(durationUs + packets) / 2))
const severity = { low: 0.75, high: 0.9 }

let folder: string
const inFolder = (name: string) => join(folder, name)
function tableOf(text: string | Buffer, name = 'flows.csv'): string {
  writeFileSync(inFolder(name), text)
  return inFolder(name)
}

/** The last two cells of each row under the header, the score as a number. */
function addedCells(csv: string): (readonly [score: number, verdict: string | undefined])[] {
  const lines = csv.trimEnd().split('\n').slice(1)
  return lines.map((line) => {
    const [score, verdict] = line.split(',').slice(-2)
    return [score === '' ? Number.NaN : Number(score), verdict] as const
  })
}

describe('idsctl score', { timeout: 60_000 }, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-score-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('writes the rows as they came, in their order, with score and verdict behind them', async (t) => {
    const dir = tinyBundle(t, { manifest: { severity } })
    const rows = ['"a, ""b""", 1 ,1,x', 'c,2,2,', 'é,5,3,BENIGN']
    const path = tableOf(`\uFEFFname, Flow Duration ,Total Fwd Packet,Label\r\n${rows.join('\r\n')}\r\n`)
    const { code, stdout, stderr } = await runIdsctl(['score', path, '--model', dir])
    assert.equal(code, 0)
    const lines = stdout.split('\n')
    assert.equal(lines[0], 'name, Flow Duration ,Total Fwd Packet,Label,score,verdict')
    rows.forEach((row, i) => {
      assert.ok(lines[i + 1]?.startsWith(`${row},`), lines[i + 1])
    })
    const added = addedCells(stdout)
    assert.deepEqual(
      added.map(([, verdict]) => verdict),
      ['pass', 'low', 'high'],
    )
    for (const [i, score] of [scoreOf(1, 1), scoreOf(2, 2), scoreOf(5, 3)].entries())
      assert.ok(Math.abs((added[i]?.[0] ?? 0) - score) < 1e-6)
    assert.match(stderr, /2 of 4 columns not taken by the model/)
    assert.match(stderr, /3 flows scored by tiny 1, 2 hits from 0\.75, [\d,]+ rows\/s\n$/)
  })

  it('reads gzip, and writes a file that is there only when it is whole', async (t) => {
    const dir = tinyBundle(t)
    const path = tableOf(gzipSync('Flow Duration,Total Fwd Packets\n1,1\n'), 'flows.csv.gz')
    const out = inFolder('scored.csv')
    const { code, stdout } = await runIdsctl(['score', path, '--model', dir, '-o', out])
    assert.deepEqual([code, stdout], [0, ''])
    assert.match(
      readFileSync(out, 'utf8'),
      /^Flow Duration,Total Fwd Packets,score,verdict\n1,1,0\.731\d+,pass\n$/,
    )
    assert.deepEqual(readdirSync(folder).sort(), ['flows.csv.gz', 'scored.csv'])
  })

  it('reads standard input', async (t) => {
    const child = startIdsctl(['score', '-', '--model', tinyBundle(t)])
    child.stdin.end('Flow Duration,Total Fwd Packets\n1,1\n')
    const { code, stdout } = await outcomeOf(child)
    assert.equal(code, 0)
    assert.match(stdout, /\n1,1,0\.731\d+,pass\n$/)
  })

  it('names the features that are no column, and counts the cells that are no finite number', async (t) => {
    const features = ['Flow Duration', 'Idle Max', 'Idle Min', 'Flow IAT Min']
    const dir = tinyBundle(t, { manifest: { features }, model: meanModel(4) })
    const path = tableOf('Flow Duration,Flow IAT Min\n4,NaN\nhigh,4\n,-5\n4,-4\n')
    const { code, stdout, stderr } = await runIdsctl(['score', path, '--model', dir])
    assert.equal(code, 0)
    assert.match(stderr, /2 features of the model are no column, 0 in every row: Idle Max, Idle Min\n/)
    assert.match(stderr, /no finite number, taken as 0: Flow Duration 2, Flow IAT Min 1\n/)
    assert.match(stderr, /below 0 where idsd never is, taken as 0: Flow IAT Min 2\n/)
    const expected = [scoreOf(2, 0), scoreOf(2, 0), 0.5, scoreOf(2, 0)]
    addedCells(stdout).forEach(([score], i) => {
      assert.ok(Math.abs(score - (expected[i] as number)) < 1e-6, `${score} of row ${i}`)
    })
  })

  it('tells a row with another number of cells by its line, leaves it out and exits 1', async (t) => {
    const path = tableOf('Flow Duration,Total Fwd Packets\n1,1\n2\n3,3,3\n1,1\n')
    const out = inFolder('scored.csv')
    const { code, stderr } = await runIdsctl(['score', path, '--model', tinyBundle(t), '-o', out])
    assert.equal(code, 1)
    assert.match(stderr, /flows\.csv: line 3: 1 cell where the header has 2: left out\n/)
    assert.match(stderr, /flows\.csv: line 4: 3 cells where the header has 2: left out\n/)
    assert.match(stderr, /2 rows of .*flows\.csv left out\n$/)
    assert.equal(addedCells(readFileSync(out, 'utf8')).length, 2)
  })

  it('gives a row without any feature neither score nor verdict', async (t) => {
    const path = tableOf('id,Flow Duration,Total Fwd Packets\na,,\nb,1,1\n')
    const { code, stdout, stderr } = await runIdsctl(['score', path, '--model', tinyBundle(t)])
    assert.equal(code, 0)
    assert.match(stdout, /\na,,,,\nb,1,1,0\.731/)
    assert.match(stderr, /1 row without any feature, not scored/)
  })

  it('puts its columns into the place of those that are called so, and takes another threshold', async (t) => {
    const path = tableOf('score,Flow Duration,verdict,Total Fwd Packets\n0.9,1,"x,y",1\n')
    const line = ['score', path, '--model', tinyBundle(t), '--threshold', '0.7']
    const { stdout, stderr } = await runIdsctl(line)
    assert.match(stdout, /^Flow Duration,Total Fwd Packets,score,verdict\n1,1,0\.731\d+,low\n$/)
    assert.match(stderr, /its own score and verdict made way for those of this model/)
  })

  const refusals: readonly (readonly [
    name: string,
    text: string | Buffer,
    args: string[],
    code: number,
    says: RegExp,
  ])[] = [
    [
      'no feature of the model',
      'x,y\n1,2\n',
      [],
      1,
      /none of the model's 2 features is a column of it\n.*x, y/,
    ],
    ['an empty file', '', [], 1, /flows\.csv is empty: a header line is needed/],
    ['an open quote', 'Flow Duration\n"1\n', [], 1, /flows\.csv: line 2: a quote is not closed/],
    [
      'gzip that was cut off',
      gzipSync(`Flow Duration\n${'1\n'.repeat(99)}`).subarray(0, 30),
      [],
      1,
      /the gzip stream ends before its end/,
    ],
    [
      'a name that is no CSV',
      'Flow Duration\n1\n',
      ['-o', 'json'],
      2,
      /expected a name that ends in \.csv, or -/,
    ],
    ['no threshold', 'Flow Duration\n1\n', ['--threshold', '2'], 2, /a score from 0 to 1/],
  ]
  for (const [name, text, args, exit, says] of refusals) {
    it(`refuses, and leaves no file behind: ${name}`, async (t) => {
      const path = tableOf(text)
      const out = args.includes('-o') ? [] : ['-o', inFolder('out.csv')]
      const { code, stderr } = await runIdsctl(['score', path, '--model', tinyBundle(t), ...out, ...args])
      assert.equal(code, exit)
      assert.match(stderr, says)
      assert.deepEqual(readdirSync(folder), ['flows.csv'])
    })
  }

  it('says which file it cannot write', async (t) => {
    const path = tableOf('Flow Duration,Total Fwd Packets\n1,1\n')
    const out = join(folder, 'absent', 'out.csv')
    const { code, stderr } = await runIdsctl(['score', path, '--model', tinyBundle(t), '-o', out])
    assert.equal(code, 1)
    assert.match(stderr, /cannot write .*absent\/out\.csv/)
  })

  it('ends on SIGINT while it waits for more, and leaves no file behind', async (t) => {
    const out = inFolder('out.csv')
    const child = startIdsctl(['score', '-', '--model', tinyBundle(t), '-o', out])
    const ended = outcomeOf(child)
    // More than one block, so that the first is written while the next is awaited.
    child.stdin.write(`Flow Duration,Total Fwd Packets\n${'1,1\n'.repeat(600_000)}`)
    child.stdin.on('error', () => {})
    while (!readdirSync(folder).includes('out.csv.part')) await new Promise(setImmediate)
    child.kill('SIGINT')
    const { code, stderr } = await ended
    assert.equal(code, 1)
    assert.match(stderr, /interrupted/)
    assert.deepEqual(readdirSync(folder), [])
  })

  it('gives rows of the shipped model the scores of its check', async () => {
    const bundle = fileURLToPath(new URL('../../../../models/flow-gbt', import.meta.url))
    const { features } = JSON.parse(readFileSync(join(bundle, 'manifest.json'), 'utf8')) as {
      features: string[]
    }
    const { rows } = JSON.parse(readFileSync(join(bundle, 'check.json'), 'utf8')) as {
      rows: { features: number[]; score: number }[]
    }
    const path = tableOf(`${[features, ...rows.map((row) => row.features)].join('\n')}\n`)
    const { code, stdout } = await runIdsctl(['score', path])
    assert.equal(code, 0)
    const added = addedCells(stdout)
    assert.equal(added.length, rows.length)
    rows.forEach(({ score }, i) => {
      assert.ok(Math.abs((added[i]?.[0] ?? Number.NaN) - score) < 1e-5, `row ${i}`)
    })
  })

  it('has help with examples', async () => {
    const { code, stdout } = await runIdsctl(['score', '--help'])
    assert.equal(code, 0)
    assert.match(stdout, /Examples:\n {2}idsctl extract/)
    assert.doesNotMatch(stdout, /how to print/)
  })
})
