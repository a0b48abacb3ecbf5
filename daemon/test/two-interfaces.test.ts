/** Two interfaces share everything but their flow tables. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { decodeBatch } from '../src/decode/batch.js'
import { loadBinding } from '../src/kernel/binding.js'
import { type DataPath, openDataPath } from '../src/kernel/data-path.js'
import { openRing } from '../src/kernel/ring.js'
import { sweepFlows, sweepTombstones } from '../src/kernel/sweep.js'
import { fromClient, fromServer, second, start, timeout } from './conversation.js'
import { loadUnavailable, root, smallSizes } from './loaded-programs.js'

const skip = skipOrFail(loadUnavailable())

function openTwo() {
  const binding = loadBinding(root)
  const options = { binding, root, sizes: smallSizes, newFlowsPerSecond: 0, hashSeed: 1, replay: true }
  const first = openDataPath({ ...options, ifindex: 1 })
  const other = openDataPath({ ...options, ifindex: 2, shareWith: first })
  const ring = openRing({ binding, path: first })
  const run = (path: DataPath, frame: Uint8Array, timeUs: number) => {
    const place = path.variable('replay_us')
    new BigUint64Array(binding.mapMemory(place.fd), place.offset, 1)[0] = BigInt(timeUs)
    binding.testRun(path.programFd('idsd_ingress'), frame, undefined, 1)
  }
  const flows = () => decodeBatch(ring.drain().bytes, { wallOffsetUs: 0 }).flows
  const close = () => {
    ring.close()
    other.close()
    first.close()
  }
  return { binding, first, other, run, flows, close }
}

test("the sweep of an interface without tombstones leaves the other's in use", { skip }, () => {
  const { binding, first, other, run, flows, close } = openTwo()
  try {
    run(first, fromClient({ flags: 'S' }), start)
    const later = start + timeout + second
    sweepFlows(binding, first, { nowUs: later })
    assert.equal(sweepTombstones(binding, first, false, later), 1)
    assert.equal(sweepTombstones(binding, other, false, later), 0)
    flows()
    // The server speaks first after the split: only the tombstone knows who the client is.
    run(first, fromServer({ flags: 'PA', payload: 'x' }), later)
    const [opened] = flows()
    assert.equal(opened?.isContinuation, true)
    assert.equal(opened?.firstBackward, true)
  } finally {
    close()
  }
})

test('no two flows have one id, whatever interface they are on', { skip }, () => {
  const { first, other, run, flows, close } = openTwo()
  try {
    for (let i = 0; i < 200; i++) {
      run(i % 2 === 0 ? first : other, fromClient({ srcPort: 1000 + i }), start)
    }
    const ids = flows().map(({ id }) => id)
    assert.equal(ids.length, 200)
    assert.equal(new Set(ids).size, 200)
  } finally {
    close()
  }
})
