/** Takes an export from the daemon and writes it, as fast as the slower of the two. */

import type { ServiceError } from '@grpc/grpc-js'
import { callError, isGone, watchEnded } from '../call-error.js'
import { openClient } from '../client.js'
import type { Filter } from '../contract.js'
import { onEndSignal } from '../end-signals.js'
import { CliError, EXIT } from '../errors.js'
import type { Globals } from '../globals.js'
import type { Io } from '../io.js'
import type { FlowFile } from './flow-file.js'
import { createProgress } from './progress.js'
import { writeFault } from './write-fault.js'

export interface ExportRequest {
  readonly filter: Filter
  readonly features: boolean
  readonly toStandardOutput: boolean
}

/**
 * @returns how many flows were written
 * @throws CliError; then nothing is left behind
 */
export async function runExport(
  io: Io,
  globals: Globals,
  request: ExportRequest,
  file: FlowFile,
): Promise<number> {
  const client = await openClient(globals)
  const stream = client.stream('exportFlows', { filter: request.filter, features: request.features })
  const progress = createProgress(io, { showsRows: request.toStandardOutput })
  let isStopped = false
  const offSignals = onEndSignal(() => {
    isStopped = true
    stream.cancel()
  })
  let flows = 0
  try {
    let hasBegun = false
    const share = shareOf(request.filter, io.nowMs())
    for await (const page of stream as AsyncIterable<
      typeof stream extends AsyncIterable<infer P> ? P : never
    >) {
      if (!hasBegun) await file.begin(page.featureNames)
      hasBegun = true
      if (page.flows.length === 0) continue
      await file.write(page.flows, page.features)
      flows += page.flows.length
      progress.show(flows, share(page.flows[0]!.lastUs, page.flows.at(-1)!.lastUs))
    }
    if (!hasBegun) await file.begin([])
    await file.finish()
    return flows
  } catch (error) {
    await file.abandon()
    throw told(error, globals, isStopped)
  } finally {
    progress.clear()
    offSignals()
    client.close()
  }
}

/** Flows come by the time of their last packet, so the time says how far it is. */
function shareOf({ sinceMs = 0, untilMs = 0 }: Filter, nowMs: number) {
  let firstUs: number | undefined = Number(sinceMs) === 0 ? undefined : Number(sinceMs) * 1_000
  const endUs = (Number(untilMs) === 0 ? nowMs : Number(untilMs)) * 1_000
  return (pageUs: number, lastUs: number): number | undefined => {
    firstUs ??= pageUs
    return endUs > firstUs ? (lastUs - firstUs) / (endUs - firstUs) : undefined
  }
}

function told(error: unknown, { socket, timeout }: Globals, isStopped: boolean): unknown {
  if (isStopped) return new CliError(EXIT.error, 'interrupted: no file was written')
  const fault = writeFault(error)
  if (fault !== undefined) return fault
  if (typeof (error as NodeJS.ErrnoException).code !== 'number') return error
  const status = error as unknown as ServiceError
  return isGone(status) ? watchEnded(socket) : callError(status, socket, timeout)
}
