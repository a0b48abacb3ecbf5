/** The method that sends all flows that match, a page at a time. */

import type { ServerWritableStream } from '@grpc/grpc-js'
import type { ParseTarget } from '../control/enforcement.js'
import { IdsdError } from '../errors.js'
import type { Calls } from './calls.js'
import { readExportFilter } from './filters.js'
import type { ExportFlowsPage } from './generated/idsd/v1/ExportFlowsPage.js'
import type { ExportFlowsRequest__Output } from './generated/idsd/v1/ExportFlowsRequest.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import type { Messages } from './messages.js'
import { sendExport } from './send-export.js'
import type { View } from './view.js'

/** Each takes its share of the main thread until it is over. */
const MAX_EXPORTS = 4

export interface ExportHandlerOptions {
  readonly view: Pick<View, 'exportFlows'>
  readonly messages: Messages
  readonly parseTarget: ParseTarget
  readonly calls: Pick<Calls, 'open' | 'status'>
}

export function createExportHandler(options: ExportHandlerOptions): IdsdHandlers['ExportFlows'] {
  const { view, messages, parseTarget, calls } = options
  let exportsOpen = 0

  /** Not a feed's stream: it has an end, and nobody is lost to a slow reader. */
  function exportFlows(call: ServerWritableStream<ExportFlowsRequest__Output, ExportFlowsPage>): void {
    const fail = (error: unknown): void => {
      calls.open.delete(entry)
      call.emit('error', calls.status(error, 'ExportFlows'))
    }
    const entry = { fail }
    try {
      if (exportsOpen >= MAX_EXPORTS) {
        throw new IdsdError(
          'ERR_BUSY',
          `${MAX_EXPORTS} exports are open already, which is the most there may be`,
        )
      }
      const { filter, features } = call.request
      const flows = view.exportFlows(readExportFilter(filter, parseTarget), features)
      calls.open.add(entry)
      exportsOpen++
      sendExport(call, flows, messages)
        .catch(fail)
        .finally(() => {
          exportsOpen--
          calls.open.delete(entry)
        })
    } catch (error) {
      fail(error)
    }
  }
  return exportFlows
}
