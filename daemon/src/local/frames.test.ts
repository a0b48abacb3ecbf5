import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFrameStream } from '../../test/frame-stream.js'
import { wholeFrames } from './frames.js'

const lengths = [0, 1, 8, 13, 60, 1514, 9000, 70_000]
const stream = createFrameStream(1 << 20)
for (const [i, length] of lengths.entries()) stream.add(new Uint8Array(length).fill(i + 1), i)
const all = stream.bytes().slice()

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Copies of the batches. */
async function batchesOf(bytes: Uint8Array, size: number, enough: number): Promise<Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const batch of wholeFrames(inChunks(bytes, size), enough)) found.push(batch.slice())
  return found
}

function framesIn(batch: Uint8Array): number {
  const view = new DataView(batch.buffer)
  let frames = 0
  let at = 0
  for (; at < batch.length; frames++) at += 16 + ((view.getUint32(at + 8, true) + 7) & ~7)
  assert.equal(at, batch.length, 'a batch ends inside a frame')
  return frames
}

for (const size of [7, 16, 999, 65_536, 1 << 20]) {
  test(`chunks of ${size} bytes become batches of whole frames with the same bytes`, async () => {
    for (const enough of [32, 4096, 1 << 20]) {
      const batches = await batchesOf(all, size, enough)
      assert.ok(Buffer.from(all).equals(Buffer.concat(batches)))
      assert.equal(
        batches.reduce((sum, batch) => sum + framesIn(batch), 0),
        lengths.length,
      )
    }
  })
}

test('a batch has what is enough, so that frames are not run one by one', async () => {
  const small = createFrameStream(1 << 20)
  while (small.add(new Uint8Array(60), 0));
  const batches = await batchesOf(small.bytes().slice(), 65_536, 1 << 18)
  assert.ok(batches.length <= 4, `${batches.length} batches`)
})

test('nothing gives no batch; a last frame that is not whole is a fault, as is one of more than 16 MiB', async () => {
  assert.deepEqual(await batchesOf(new Uint8Array(0), 100, 100), [])
  const cut = all.subarray(0, all.length - 1)
  await assert.rejects(batchesOf(cut, 1000, 4096), { code: 'ERR_CAPTURE', message: /frame without its end/ })
  const absurd = new Uint8Array(64)
  new DataView(absurd.buffer).setUint32(8, 2 ** 32 - 1, true)
  await assert.rejects(batchesOf(absurd, 64, 32), { code: 'ERR_CAPTURE', message: /4294967295 bytes/ })
})
