import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { flowRecord } from '../kernel/wire.js'
import { openExtract, retransmissionBytes, wholeRecords } from './extract.js'

function record(id: number, more = 0): Uint8Array {
  const bytes = new Uint8Array(flowRecord.size + more)
  const view = new DataView(bytes.buffer)
  flowRecord.set.headerLength(view, 0, bytes.length)
  flowRecord.set.flowId(view, 0, id)
  return bytes
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function ids(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const found: number[] = []
  for await (const { bytes, view } of wholeRecords(chunks)) {
    assert.equal(view.byteLength, bytes.length)
    for (let at = 0; at < bytes.length; at += flowRecord.get.headerLength(view, at))
      found.push(flowRecord.get.flowId(view, at))
  }
  return found
}

const longer = Buffer.concat([1, 2, 3, 4, 5].map((id) => record(id, retransmissionBytes)))

for (const size of [1, 7, 439, 440, 448, 449, 1000, 65_536]) {
  test(`chunks of ${size} bytes give the same records`, async () => {
    assert.deepEqual(await ids(inChunks(longer, size)), [1, 2, 3, 4, 5])
  })
}

test('a record that ends early, or says that it is no flow record, is a fault', async () => {
  const cut = longer.subarray(0, longer.length - 1)
  await assert.rejects(ids(inChunks(cut, 1000)), { code: 'ERR_CAPTURE', message: /447 bytes of a record/ })
  await assert.rejects(ids(inChunks(new Uint8Array(500), 500)), { code: 'ERR_CAPTURE' })
})

/** A program in place of `extract`. */
function script(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-extract-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'extract')
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

async function drain(source: ReturnType<typeof openExtract>): Promise<void> {
  for await (const _ of source.chunks()) assert.fail('no record was made')
}

test('options reach the program, and a name that begins like an option is a file', async (t) => {
  const program = script(t, `echo "fault 0 0 $*" >&2`)
  const captures = ['a b', '--frames']
  const plain = openExtract({ program, captures })
  await drain(plain)
  assert.equal(plain.facts().faults[0]?.why, 'a b ./--frames')
  const all = openExtract({
    ...{ program, captures, maxFlows: 7, retransmissions: true, otherProtocols: true },
    onProgress: () => undefined,
  })
  await drain(all)
  assert.equal(
    all.facts().faults[0]?.why,
    '--max-flows 7 --retransmissions --other-protocols --progress a b ./--frames',
  )
})

test('how far it is comes as a share, and is no fact', async (t) => {
  const program = script(
    t,
    `printf 'progress 1 4\\npackets 2\\nprogress 9 0\\nprog' >&2; echo 'ress 4 4' >&2`,
  )
  const shares: (number | undefined)[] = []
  const source = openExtract({ program, captures: ['x'], onProgress: (share) => shares.push(share) })
  await drain(source)
  assert.deepEqual(shares, [0.25, undefined, 1])
  assert.equal(source.facts().packets, 2)
})

test('what the program complains of is the error', async (t) => {
  const program = script(t, `echo 'extract: x: no capture' >&2; exit 1`)
  const reading = drain(openExtract({ program, captures: ['x'] }))
  await assert.rejects(reading, { code: 'ERR_CAPTURE', message: 'x: no capture' })
})

test('a program that is not there is named', async () => {
  const reading = drain(openExtract({ program: '/nowhere/extract', captures: ['x'] }))
  await assert.rejects(reading, { code: 'ERR_CAPTURE', message: /^\/nowhere\/extract does not start/ })
})

test('an interrupted reading ends the program', { timeout: 10_000 }, async (t) => {
  const program = script(t, `echo 'progress 1 2' >&2; exec tail -f /dev/null`)
  const stop = new AbortController()
  const source = openExtract({
    ...{ program, captures: ['x'], signal: stop.signal },
    onProgress: () => stop.abort(),
  })
  await assert.rejects(drain(source), { code: 'ERR_CAPTURE', message: /ended by SIGTERM/ })
})
