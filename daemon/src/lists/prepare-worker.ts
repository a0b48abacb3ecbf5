/** `prepare` on a thread of its own, so that the main loop goes on. Started by prepare-aside.ts. */

import { parentPort, workerData } from 'node:worker_threads'
import { IdsdError } from '../errors.js'
import { type PrepareJob, prepare } from './prepare.js'

try {
  const prepared = prepare(workerData as PrepareJob)
  // Copied into memory of its own: what is handed over must not be a part of a pool.
  const packed = new Uint8Array(prepared.packed)
  parentPort?.postMessage({ prepared: { ...prepared, packed } }, [packed.buffer])
} catch (error) {
  const code = error instanceof IdsdError ? error.code : 'ERR_LIST'
  parentPort?.postMessage({ fault: { code, message: (error as Error).message } })
}
