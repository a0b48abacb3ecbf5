/** Rows of capture files, through the loaded programs on the capture's clock. */

import { fileURLToPath } from 'node:url'
import { decodeBatch } from '../../daemon/src/decode/batch.js'
import { loadBinding } from '../../daemon/src/kernel/binding.js'
import { openReplay } from '../../daemon/src/kernel/replay.js'
import { type Pcap, readPcap } from '../pcap.js'
import { createRowFilter, featureCells } from './flow-row.js'
import { recordingSizes } from './recording-sizes.js'

const ethernet = 1
const minFrameBytes = 14
const sweepEveryUs = 1e6
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/**
 * Replays one capture. Every frame goes through ingress, so that its first packet names the source.
 * @returns cells of the features of each record that the daemon would score, or why the file cannot be replayed
 */
export function replayedRows(path: string): string[][] | string {
  const capture = read(path)
  if (typeof capture === 'string') return capture
  if (capture.linkType !== ethernet) return `${path}: link type ${capture.linkType}, not Ethernet`
  const { packets } = capture
  const replay = openReplay({ binding: loadBinding(root), root, sizes: recordingSizes })
  try {
    let sweptUs = 0
    let nowUs = 0
    for (const { data, timeUs } of packets) {
      nowUs = Math.max(nowUs, timeUs)
      if (data.length >= minFrameBytes) replay.ingress(data, nowUs)
      if (nowUs < sweptUs + sweepEveryUs) continue
      replay.sweep(nowUs)
      sweptUs = nowUs
    }
    replay.sweep(nowUs, { flush: true })
    const bytes = replay.records()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const { flows, offsets } = decodeBatch(bytes, { wallOffsetUs: 0 })
    const isDue = createRowFilter()
    return flows.flatMap((flow, i) => (isDue(flow, offsets[i]!) ? [featureCells(view, offsets[i]!)] : []))
  } finally {
    replay.close()
  }
}

function read(path: string): Pcap | string {
  try {
    return readPcap(path)
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}
