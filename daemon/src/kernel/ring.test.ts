import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../../lab/available.js'
import { tcpPacket, udpPacket } from '../../../lab/packet.js'
import { loadUnavailable, root, smallSizes } from '../../test/loaded-programs.js'
import { decodeBatch } from '../decode/batch.js'
import type { FlowRecord } from '../decode/flow-record.js'
import { type Binding, loadBinding } from './binding.js'
import { type DataPath, openDataPath } from './data-path.js'
import { openRing, type RecordBatch, type RecordRing, type RingOptions } from './ring.js'

const ends = { src: '198.51.100.7', dst: '203.0.113.1', dstPort: 443 }
/** Longer than any test may take: who waits this long was not woken. */
const never = 60_000

describe('the rings', { skip: skipOrFail(loadUnavailable()) }, () => {
  let binding: Binding
  let path: DataPath
  let nextPort = 1024
  before(() => {
    binding = loadBinding(root)
    const sizes = { ...smallSizes, flows: 16_384 }
    path = openDataPath({ binding, root, sizes, ifindex: 1, newFlowsPerSecond: 0, hashSeed: 1 })
  })
  after(() => path.close())

  const run = (frame: Uint8Array) => binding.testRun(path.programFd('idsd_ingress'), frame, undefined, 1)
  /** One opened record: bulk. */
  const bulk = () => run(udpPacket({ ...ends, srcPort: nextPort++, payload: 'x' }))
  /** An opened record, which is bulk, and a snapshot of a changed state, which is urgent. */
  const urgent = () => {
    const srcPort = nextPort++
    run(tcpPacket({ ...ends, srcPort, flags: 'A' }))
    run(tcpPacket({ ...ends, srcPort, flags: 'R' }))
  }
  const flowsOf = (batch: RecordBatch | undefined): FlowRecord[] =>
    batch === undefined ? [] : decodeBatch(batch.bytes, { wallOffsetUs: 0 }).flows
  const kinds = (batch: RecordBatch | undefined) => flowsOf(batch).map((flow) => flow.kind)

  /** A ring, its batches from the first on, and everything closed behind the test. */
  const withRing = async (
    options: Omit<RingOptions, 'binding' | 'path'>,
    body: (
      take: () => Promise<RecordBatch | undefined>,
      abort: AbortController,
      ring: RecordRing,
    ) => Promise<void>,
  ) => {
    const ring = openRing({ binding, path, ...options })
    const abort = new AbortController()
    const batches = ring.batches(abort.signal)
    const take = async () => {
      const { value, done } = await batches.next()
      return done ? undefined : (value as RecordBatch)
    }
    try {
      while (ring.drain().bytes.length > 0);
      await body(take, abort, ring)
    } finally {
      abort.abort()
      await batches.return(undefined)
      ring.close()
    }
  }
  const millis = async (wait: Promise<unknown>) => {
    const before = performance.now()
    await wait
    return performance.now() - before
  }

  test('an urgent record wakes the reader within milliseconds, and brings the bulk records along', async () => {
    await withRing({ intervalMs: never }, async (take) => {
      assert.deepEqual(kinds(await take()), [])
      for (let round = 0; round < 5; round++) {
        const waiting = take()
        setImmediate(urgent)
        const waitedMs = await millis(waiting)
        assert.deepEqual(kinds(await waiting), ['snapshot', 'opened'])
        assert.ok(waitedMs < 500, `woken after ${waitedMs} ms`)
      }
    })
  })

  test('a bulk record that waits does not silence the urgent one behind it', async () => {
    await withRing({ intervalMs: never }, async (take) => {
      await take()
      const waiting = take()
      bulk()
      bulk()
      setImmediate(urgent)
      assert.deepEqual(kinds(await waiting), ['snapshot', 'opened', 'opened', 'opened'])
    })
  })

  test('a bulk record wakes nobody, and is read when the timer ticks', async () => {
    await withRing({ intervalMs: 200 }, async (take) => {
      await take()
      const waiting = take()
      bulk()
      const waitedMs = await millis(waiting)
      assert.deepEqual(kinds(await waiting), ['opened'])
      assert.ok(waitedMs >= 190, `read after ${waitedMs} ms`)
    })
  })

  test('when nothing comes the timer slows down, and hurries again after a record', async () => {
    await withRing({ intervalMs: 1, quietIntervalMs: 150 }, async (take) => {
      for (let tick = 0; tick < 12; tick++) await take()
      assert.ok((await millis(take())) >= 140)
      bulk()
      await take()
      assert.ok((await millis(take())) < 100)
    })
  })

  test('the timer ticks without traffic', async () => {
    await withRing({ intervalMs: 5 }, async (take) => {
      for (let tick = 0; tick < 5; tick++) assert.deepEqual(kinds(await take()), [])
    })
  })

  test('an urgent record that came while a batch was in work is read at once', async () => {
    await withRing({ intervalMs: never }, async (take) => {
      await take()
      urgent()
      const waitedMs = await millis(take())
      assert.ok(waitedMs < 500, `read after ${waitedMs} ms`)
    })
  })

  test('abort ends the batches at once, while waiting and before the first', async () => {
    await withRing({ intervalMs: never }, async (take, abort) => {
      await take()
      const waiting = take()
      setImmediate(() => abort.abort())
      assert.ok((await millis(waiting)) < 500)
      assert.equal(await waiting, undefined)
    })
    await withRing({ intervalMs: never }, async (take, abort) => {
      abort.abort()
      assert.equal(await take(), undefined)
    })
  })

  test('more records than the buffer holds come in batches of at most its size, none lost, none twice', async () => {
    const bufferBytes = 8192
    const count = 2000
    await withRing({ intervalMs: never, bufferBytes }, async (take, abort) => {
      for (let i = 0; i < count; i++) bulk()
      for (let i = 0; i < 100; i++) urgent()
      const seen = new Set<string>()
      let records = 0
      let largest = 0
      while (records < count + 200) {
        const batch = await take()
        assert.ok(batch, `the batches ended after ${records} records`)
        assert.ok(batch.bytes.length <= bufferBytes)
        largest = Math.max(largest, batch.bytes.length)
        const { flows, unknown } = decodeBatch(batch.bytes, { wallOffsetUs: 0 })
        assert.equal(unknown, 0)
        records += flows.length
        for (const flow of flows) seen.add(`${flow.id} ${flow.seq}`)
      }
      assert.equal(records, count + 200)
      assert.equal(seen.size, records)
      assert.ok(largest > bufferBytes - 2048, 'the buffer was never full')
      abort.abort()
      assert.equal(await take(), undefined)
    })
  })

  test('many bulk records come in parts, and an urgent one is in the next part', async () => {
    await withRing({ intervalMs: never, bulkBytes: 8192 }, async (take) => {
      for (let i = 0; i < 1000; i++) bulk()
      let records = kinds(await take()).length
      assert.ok(records > 0 && records < 200, `${records} records in the first part`)
      urgent()
      const second = kinds(await take())
      assert.equal(second[0], 'snapshot')
      records += second.length
      while (records < 1002) records += kinds(await take()).length
    })
  })

  test('a buffer that is always full does not starve the timers of others', async () => {
    await withRing({ intervalMs: never, bufferBytes: 4096 }, async (take) => {
      for (let i = 0; i < 1000; i++) bulk()
      let ticks = 0
      const timer = setInterval(() => ticks++, 0)
      let records = 0
      while (records < 1000) records += flowsOf(await take()).length
      clearInterval(timer)
      assert.ok(ticks > 0)
    })
  })

  test('a ring is closed twice without harm', () => {
    const ring = openRing({ binding, path })
    ring.close()
    ring.close()
  })
})
