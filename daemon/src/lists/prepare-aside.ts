/** Makes a list ready on a thread that lives as long as that takes: a million entries would hold the main loop up. */

import { Worker } from 'node:worker_threads'
import { IdsdError } from '../errors.js'
import type { Prepared, PrepareJob } from './prepare.js'

interface Answer {
  readonly prepared?: Prepared
  readonly fault?: { readonly code: string; readonly message: string }
}

/** Most memory of the thread's heap, MiB; typed arrays lie beside it. */
const maxHeapMiB = 1_024

/**
 * @param signal ends it early
 * @throws IdsdError `ERR_LIST` when the list cannot be read; ERR_STOPPING
 */
export function prepareAside(job: PrepareJob, signal: AbortSignal): Promise<Prepared> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./prepare-worker.js', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
    })
    const stop = () => {
      reject(new IdsdError('ERR_STOPPING', 'idsd is stopping'))
      void worker.terminate()
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    worker.once('message', ({ prepared, fault }: Answer) => {
      if (prepared !== undefined) resolve(prepared)
      else
        reject(new IdsdError(fault?.code ?? 'ERR_LIST', fault?.message ?? 'a list could not be made ready'))
    })
    worker.once('error', (error) =>
      reject(new IdsdError('ERR_LIST', `a list could not be made ready: ${error.message}`, { cause: error })),
    )
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop)
      reject(new IdsdError('ERR_LIST', 'the thread that makes a list ready ended early'))
    })
  })
}
