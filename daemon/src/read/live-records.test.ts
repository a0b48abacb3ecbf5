import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowOpened, wireVersion } from '../kernel/wire.js'
import { openLiveRecords, stepsOf } from './live-records.js'

/** A mark is a header of type 0 and its time; a record `opened` is longer. */
function told(type: number, timeUs: number): Uint8Array {
  const bytes = new Uint8Array(type === 0 ? 16 : flowOpened.size)
  const view = new DataView(bytes.buffer)
  flowOpened.set.headerType(view, 0, type)
  flowOpened.set.headerVersion(view, 0, wireVersion)
  flowOpened.set.headerLength(view, 0, bytes.length)
  flowOpened.set.timeUs(view, 0, timeUs)
  return bytes
}

const stream = Buffer.concat([
  told(1, 100),
  told(1, 150),
  told(0, 200),
  told(0, 300),
  told(1, 350),
  told(0, 400),
])

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(chunks: AsyncIterable<Uint8Array>, bufferBytes = 4096) {
  const steps: { nowUs: number; times: number[] }[] = []
  for await (const { bytes, view, nowUs } of stepsOf(chunks, bufferBytes)) {
    const count = bytes.length / flowOpened.size
    const times = Array.from({ length: count }, (_, i) => flowOpened.get.timeUs(view, i * flowOpened.size))
    steps.push({ nowUs, times })
  }
  return steps
}

for (const size of [1, 7, 16, 63, 64, 65, 4096]) {
  test(`chunks of ${size} bytes give the same steps`, async () => {
    assert.deepEqual(await collect(inChunks(stream, size)), [
      { nowUs: 200, times: [100, 150] },
      { nowUs: 300, times: [] },
      { nowUs: 400, times: [350] },
    ])
  })
}

test('a step that does not fit comes in parts, none of them later than its mark', async () => {
  assert.deepEqual(await collect(inChunks(stream, 50), flowOpened.size), [
    { nowUs: 150, times: [100] },
    { nowUs: 200, times: [150] },
    { nowUs: 300, times: [] },
    { nowUs: 400, times: [350] },
  ])
})

test('a stream that ends inside a record is a fault', async () => {
  await assert.rejects(collect(inChunks(stream.subarray(0, stream.length - 1), 50)), /15 bytes of a record/)
})

test('a record that is shorter than its header is a fault', async () => {
  await assert.rejects(collect(inChunks(new Uint8Array(64), 64)), { code: 'ERR_CAPTURE' })
})

test('a program that is not there is named', async () => {
  const program = '/nowhere/live'
  const { steps } = openLiveRecords({ program, capture: 'x', stepMs: 20, sweepMs: 1_000, afterMs: 0 })
  await assert.rejects(steps().next(), { code: 'ERR_CAPTURE', message: /^\/nowhere\/live does not start/ })
})
