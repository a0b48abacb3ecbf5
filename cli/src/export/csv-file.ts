/** Flows as comma-separated values. Source: RFC 4180, with line feeds; times in RFC 3339, UTC; what is unknown is empty. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { FlowRecord } from '../contract.js'
import { utcUs } from '../output/time.js'
import { type ExportColumn, flowColumns } from './columns.js'
import { type FlowFile, unfinished } from './flow-file.js'

/** @param path where it goes; a stream is written to and left open */
export function createCsvFile(path: string | Writable): FlowFile {
  const isFile = typeof path === 'string'
  let out: Writable | undefined = isFile ? undefined : path
  let fault: Error | undefined
  let rowLength = 0

  async function put(text: string): Promise<void> {
    if (fault !== undefined) throw fault
    const target = out as Writable
    if (!target.write(text)) await drained(target)
    if (fault !== undefined) throw fault
  }

  return {
    begin: async (featureNames) => {
      if (isFile) {
        out = createWriteStream(unfinished(path))
        out.on('error', (error) => {
          fault = error
        })
        await once(out, 'open')
      }
      rowLength = featureNames.length
      await put(line([...flowColumns.map(({ name }) => name), ...featureNames]))
    },
    write: (flows, features) =>
      put(
        flows
          .map((flow, row) => {
            const own = features.slice(row * rowLength, (row + 1) * rowLength)
            return line([
              ...flowColumns.map((column) => cell(column, flow)),
              ...own.map((value) => (Number.isFinite(value) ? String(value) : '')),
            ])
          })
          .join(''),
      ),
    finish: async () => {
      if (!isFile) return
      const target = out as Writable
      // One that met a fault is closed already, and says so no more.
      if (!target.closed) {
        const closed = once(target, 'close')
        target.end()
        // What it rejects with is the fault.
        await closed.catch(() => undefined)
      }
      if (fault !== undefined) throw fault
      await rename(unfinished(path), path)
    },
    abandon: async () => {
      if (!isFile) return
      out?.destroy()
      await rm(unfinished(path), { force: true })
    },
  }
}

/** Resolves also when the stream closes; leaves no listener behind. @throws what the stream fails with */
async function drained(target: Writable): Promise<void> {
  const isOver = new AbortController()
  const { signal } = isOver
  const events = ['drain', 'close'].map((event) => once(target, event, { signal }))
  try {
    await Promise.race(events)
  } finally {
    isOver.abort()
    await Promise.allSettled(events)
  }
}

function cell({ kind, value }: ExportColumn, flow: FlowRecord): string {
  const found = value(flow)
  if (found === undefined) return ''
  return kind === 'moment' ? (utcUs(found as number) ?? '') : String(found)
}

function line(cells: readonly string[]): string {
  const quoted = cells.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
  return `${quoted.join(',')}\n`
}
