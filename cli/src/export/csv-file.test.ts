import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { flow } from '../../test/samples.js'
import type { FlowRecord } from '../contract.js'
import { createCsvFile } from './csv-file.js'
import { unfinished } from './flow-file.js'

const row = { ...flow, reasons: [] as string[] } as unknown as FlowRecord

function pathOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsctl-csv-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'x.csv')
}

test('a full disk that shows only after the last row is an error, not a wait', {
  timeout: 10_000,
}, async (t) => {
  const path = pathOf(t)
  symlinkSync('/dev/full', unfinished(path))
  const file = createCsvFile(path)
  await file.begin([])
  // The stream meets the fault and closes before anybody asks.
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')))
    await new Promise((resolve) => setImmediate(resolve))
  await assert.rejects(file.finish(), { code: 'ENOSPC' })
  await file.abandon()
  assert.equal(existsSync(path), false)
})

test('a full disk met at the end is an error too', { timeout: 10_000 }, async (t) => {
  const path = pathOf(t)
  symlinkSync('/dev/full', unfinished(path))
  const file = createCsvFile(path)
  await file.begin([])
  await assert.rejects(file.finish(), { code: 'ENOSPC' })
})

test('a slow reader is waited for without a listener left behind', { timeout: 10_000 }, async () => {
  const out = new PassThrough({ highWaterMark: 10 })
  const file = createCsvFile(out)
  const counts = () => ['drain', 'close', 'error'].map((event) => out.listenerCount(event))
  const before = counts()
  const begun = file.begin([])
  for (let page = 0; page <= 20; page++) {
    const wrote = page === 0 ? begun : file.write([row], [])
    while (out.read() === null) await once(out, 'readable')
    await wrote
  }
  assert.deepEqual(counts(), before)
})

test('a whole file is there under its name', async (t) => {
  const path = pathOf(t)
  const file = createCsvFile(path)
  await file.begin([])
  await file.write([row], [])
  await file.finish()
  assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 2)
})
