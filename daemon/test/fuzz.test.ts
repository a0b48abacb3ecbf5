/** Hostile input: the fuzz targets of bpf/fuzz, from the kept corpus. `make fuzz` runs the same for an hour. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { until } from '../../lab/until.js'
import { root } from './loaded-programs.js'

const seconds = 20
const targets = readdirSync(join(root, 'bpf/fuzz'))
  .filter((file) => file.endsWith('.c'))
  .map((file) => file.slice(0, -2))

function fuzzUnavailable(): string | undefined {
  const missing = targets.filter((target) => !existsSync(join(root, 'build/fuzz', target)))
  return missing.length === 0
    ? undefined
    : `build/fuzz/${missing.join(' and build/fuzz/')} not built: make needs clang's fuzzer and sanitizers for it ` +
        '(Debian: libclang-rt-14-dev, for clang 14)'
}

/** What bpf/fuzz/run.sh says of a target. */
interface Run {
  readonly executions: number
  /** Edges of its code that were met. */
  readonly covered: number
  readonly end: string
}

function parseRun(line: string): [target: string, run: Run] {
  const match = /^(\w+): (\d+) executions, (\d+) edges covered: (.*)$/.exec(line)
  assert.ok(match, `not a line of run.sh: ${line}`)
  const [, target, executions, covered, end] = match
  return [target!, { executions: Number(executions), covered: Number(covered), end: end! }]
}

describe(`${seconds} s of fuzzing from the kept corpus`, { skip: skipOrFail(fuzzUnavailable()) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-fuzz-'))
  let runs = new Map<string, Run>()
  let said = ''

  before(async () => {
    const child = spawn(join(root, 'bpf/fuzz/run.sh'), [String(seconds), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    said = await text(child.stdout)
    // What was found stays.
    if ((await closed) === 0) rmSync(folder, { recursive: true })
    runs = new Map(said.trim().split('\n').map(parseRun))
  })

  test('ended from outside, it leaves no target running', async () => {
    const own = mkdtempSync(join(tmpdir(), 'idsd-fuzz-'))
    const child = spawn(join(root, 'bpf/fuzz/run.sh'), ['60', own], { stdio: 'ignore', detached: true })
    const group = -(child.pid as number)
    const closed = new Promise((resolve) => child.once('close', resolve))
    await until(() => targets.every((target) => existsSync(join(own, `${target}.log`))), { what: 'it runs' })
    child.kill('SIGTERM')
    await closed
    const isGone = () => {
      try {
        return !process.kill(group, 0)
      } catch {
        return true
      }
    }
    try {
      await until(isGone, { what: 'the targets end' })
    } finally {
      if (!isGone()) process.kill(group, 'SIGKILL')
      rmSync(own, { recursive: true })
    }
  })

  test('the kept corpus is small', () => {
    const files = targets.flatMap((target) => readdirSync(join(root, 'bpf/fuzz/corpus', target)))
    assert.ok(files.length < 300, `${files.length} files`)
  })

  for (const target of targets) {
    test(`${target}: no input breaks anything`, (t) => {
      const run = runs.get(target)
      assert.ok(run, said)
      t.diagnostic(`${target}: ${run.executions} executions, ${run.covered} edges covered`)
      assert.equal(run.end, 'nothing found')
      // The corpus alone would say little: most of the time goes into what is made of it.
      const kept = readdirSync(join(root, 'bpf/fuzz/corpus', target)).length
      assert.ok(run.executions > 5 * kept, `${run.executions} executions, ${kept} files in the corpus`)
      assert.ok(run.covered > 100, `${run.covered} edges covered`)
    })
  }
})
