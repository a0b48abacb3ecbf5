/** An export as a stream: one page after the other, each read when the one before is on its way. */

import type { EventEmitter } from 'node:events'
import { once } from 'node:events'
import type { ExportFlowsPage } from './generated/idsd/v1/ExportFlowsPage.js'
import type { Messages } from './messages.js'
import type { ExportRow, FlowExport } from './view.js'

/** The part of a gRPC server stream that is used here. */
export interface PageSink extends EventEmitter {
  write(page: ExportFlowsPage): boolean
  end(): void
  readonly cancelled: boolean
}

/**
 * Resolves when everything was written, or the reader went. Reading a page is all that holds the daemon up: between two
 * pages it does its other work.
 * @throws what reading throws
 */
export async function sendExport(
  sink: PageSink,
  { featureNames, next }: FlowExport,
  messages: Pick<Messages, 'flow'>,
): Promise<void> {
  const gone = new AbortController()
  for (const event of ['cancelled', 'error', 'close']) sink.once(event, () => gone.abort())
  const rowLength = featureNames.length
  if (rowLength > 0) sink.write({ featureNames: [...featureNames] })
  for (let rows = next(); rows !== undefined; rows = next()) {
    const page: ExportFlowsPage = {
      flows: rows.map(messages.flow),
      features: rowLength === 0 ? [] : rows.flatMap((row) => featuresOf(row, rowLength)),
    }
    const isFull = rows.length > 0 && !sink.write(page)
    if (isFull) await once(sink, 'drain', { signal: gone.signal }).catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    if (gone.signal.aborted || sink.cancelled) return
  }
  sink.end()
}

function featuresOf({ features }: ExportRow, length: number): number[] {
  return features === undefined ? new Array<number>(length).fill(Number.NaN) : Array.from(features)
}
