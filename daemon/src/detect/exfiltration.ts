/** Sees an internal host send far more out than it used to: an alert, never a decision. ATT&CK T1048. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import { createInternal, isMulticast } from './address-kind.js'
import type { Evidence } from './evidence.js'
import type { FlowGrowth } from './flow-memory.js'
import type { DetectorOptions } from './options.js'
import { bytes as inWords, seconds } from './text.js'

interface Sender {
  /** Window of `bytes`: us since 1970 / its length. */
  window: number
  bytes: number
  hasFired: boolean
  /** Windows that are over. */
  windows: number
  /** Mean of them, bytes; of the last dozen when there are more. */
  past: number
  /** The flow that grew most in one step of this window, and by how much. */
  largest: FlowRecord | undefined
  largestBytes: number
}

export interface ExfiltrationDetector {
  observe(flow: FlowRecord, growth: FlowGrowth, nowMs: number): Evidence | undefined
}

const MAX_SENDERS = 65_536
const PAST_WINDOWS = 12

/** @param isOwn whether an address is this machine's own: then it is internal whatever it looks like */
export function createExfiltrationDetector(
  options: DetectorOptions,
  isOwn: (address: string) => boolean,
): ExfiltrationDetector {
  const { factor, minBytes, windowMs, pastWindows, points } = options.exfiltration
  const windowUs = windowMs * 1_000
  const isListed = createInternal(options.exfiltration.internal)
  const isInternal = (address: string) => isListed(address) || isOwn(address)
  const senders = createRecentMap<string, Sender>()
  let newest = ''
  let newestSender: Sender | undefined

  function senderOf(address: string, window: number): Sender {
    if (address === newest && newestSender !== undefined) return newestSender
    let sender = senders.touch(address)
    if (sender === undefined) {
      if (senders.size >= MAX_SENDERS) senders.dropOldest()
      sender = {
        window,
        bytes: 0,
        hasFired: false,
        windows: 0,
        past: 0,
        largest: undefined,
        largestBytes: 0,
      }
      senders.set(address, sender)
    }
    newest = address
    newestSender = sender
    return sender
  }

  /** The window that is over goes into the past, and so do the empty ones after it. */
  function closeWindow(sender: Sender, window: number): void {
    const empty = Math.min(window - sender.window - 1, PAST_WINDOWS)
    for (let i = -1; i < empty; i++) {
      sender.windows++
      sender.past += ((i < 0 ? sender.bytes : 0) - sender.past) / Math.min(sender.windows, PAST_WINDOWS)
    }
    sender.window = window
    sender.bytes = 0
    sender.hasFired = false
    sender.largest = undefined
    sender.largestBytes = 0
  }

  function evidence(source: string, sender: Sender, nowMs: number, flow: FlowRecord): Evidence {
    const { bytes, past, largest } = sender
    const most = largest ?? flow
    const peer = most.src === source ? `${most.dst} port ${most.dstPort}` : most.src
    const usual = past < 1 ? 'it sent nothing before' : `usually ${inWords(past)}`
    return {
      source,
      about: 'source',
      detector: 'exfiltration',
      technique: 'T1048',
      severity: 'high',
      text:
        `exfiltration: ${inWords(bytes)} out in less than ${seconds(windowMs)} (threshold ${inWords(minBytes)}), ` +
        `${usual} (threshold ${factor} times that), most in one step to ${peer}`,
      points,
      pointsLastMs: 2 * windowMs,
      isProven: false,
      atMs: nowMs,
      packetUs: flow.lastUs,
      flows: most === flow ? [flow] : [most, flow],
      scores: most === flow ? [Number.NaN] : [Number.NaN, Number.NaN],
    }
  }

  function count(address: string, out: number, flow: FlowRecord, nowMs: number): Evidence | undefined {
    const window = Math.floor(flow.lastUs / windowUs)
    const sender = senderOf(address, window)
    if (window > sender.window) closeWindow(sender, window)
    sender.bytes += out
    if (out > sender.largestBytes) {
      sender.largest = flow
      sender.largestBytes = out
    }
    if (sender.hasFired || sender.bytes < minBytes) return undefined
    if (sender.windows < pastWindows || sender.bytes < factor * sender.past) return undefined
    sender.hasFired = true
    return evidence(address, sender, nowMs, flow)
  }

  return {
    observe: (flow, growth, nowMs) => {
      if (growth.bytesFwd === 0 && growth.bytesBwd === 0) return undefined
      const { src, dst } = flow
      const isFromInternal = isInternal(src)
      if (isFromInternal === isInternal(dst) || isMulticast(dst)) return undefined
      if (isFromInternal) return growth.bytesFwd > 0 ? count(src, growth.bytesFwd, flow, nowMs) : undefined
      return growth.bytesBwd > 0 ? count(dst, growth.bytesBwd, flow, nowMs) : undefined
    },
  }
}
