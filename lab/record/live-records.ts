/**
 * Runs inside the server's namespace: loads the data path on eth0, with rings of its own, and prints a line for each
 * record that the daemon would score: source address, then its features, with commas. SIGTERM ends every flow first.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeBatch } from '../../daemon/src/decode/batch.js'
import { loadBinding } from '../../daemon/src/kernel/binding.js'
import { openInterfaceSet } from '../../daemon/src/kernel/interface-set.js'
import { openRing, type RecordBatch } from '../../daemon/src/kernel/ring.js'
import { sweepFlows } from '../../daemon/src/kernel/sweep.js'
import { createRowFilter, featureCells } from './flow-row.js'
import { recordingSizes } from './recording-sizes.js'

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const binding = loadBinding(root)
const runDir = mkdtempSync(join(tmpdir(), 'idsd-record-'))
const bpffs = `/sys/fs/bpf/idsd-record-${process.pid}`
const interfaces = openInterfaceSet({
  binding,
  root,
  names: ['eth0'],
  sizes: recordingSizes,
  xdpMode: 'native',
  newFlowsPerSecond: 0,
  hashSeed: 1,
  bpffs,
  runDir,
  onEvent: () => {},
})
const ring = openRing({ binding, path: interfaces.core, intervalMs: 20 })
const isDue = createRowFilter()
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())

try {
  interfaces.attachAll()
  process.stdout.write('recording\n')
  for await (const batch of ring.batches(stop.signal)) write(batch)
  for (;;) {
    const { isRingFull } = sweepFlows(binding, interfaces.core, { flush: true })
    for (let batch = ring.drain(); batch.bytes.length > 0; batch = ring.drain()) write(batch)
    if (!isRingFull) break
  }
} finally {
  ring.close()
  interfaces.close(true)
  for (const path of [runDir, bpffs]) rmSync(path, { recursive: true, force: true })
}

function write({ bytes, view }: RecordBatch): void {
  const { flows, offsets } = decodeBatch(bytes, { wallOffsetUs: 0 })
  const lines = flows.flatMap((flow, i) =>
    isDue(flow, offsets[i]!) ? [[flow.src, ...featureCells(view, offsets[i]!)].join(',')] : [],
  )
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}
