/** A well-behaved visitor: paced requests for ordinary pages. Exits 1 if any failed. */

import { Agent, request } from 'node:http'
import { paceOf, runPaced } from './paced.js'
import { print, stamps, startProgram } from './program.js'

const program = startProgram('http-client', 'asks for pages at an even pace; exits 1 if any request failed', {
  target: [undefined, 'address of the server'],
  port: ['8080', 'port of the server'],
  bind: ['', 'own address'],
  paths: ['/,/about,/api/items,/bytes/20000', 'paths to ask for in turn, with commas'],
  rate: ['5', 'requests a second; 0 means as fast as they are answered'],
  count: ['0', 'end after this many requests; 0 means by duration'],
  concurrency: ['4', 'requests under way at once, at most'],
  connection: [
    'reuse',
    'reuse connections; fresh: one for each request, which the client ends; close: the same, the server ends it',
  ],
  timeout: ['2000', 'ms until a request has failed'],
  'cookie-bytes': ['0', 'cookie of this many bytes, N or MIN-MAX, as from a browser; 0 means none'],
  'body-bytes': ['0', 'POST with a body of this many bytes, N or MIN-MAX; 0 means GET'],
})
const paths = program.text('paths').split(',')
const timeoutMs = program.number('timeout', 1)
const bind = program.text('bind')
const bodyBytes = program.size('body-bytes')
const cookieBytes = program.size('cookie-bytes')
const concurrency = program.number('concurrency', 1)
const connection = program.choice('connection', ['reuse', 'fresh', 'close'])
const agent = new Agent({ keepAlive: connection === 'reuse', maxSockets: concurrency })
const latenciesMs: number[] = []
let failed = 0
let timedOut = 0
let firstFailure: object | null = null
program.tellProgress(() => ({
  answered: latenciesMs.length,
  refused: failed - timedOut,
  timeout: timedOut,
}))

await runPaced(paceOf(program, { concurrency }), async (n) => {
  const begin = performance.now()
  const fault = await get(paths[n % paths.length]!)
  if (fault === undefined) {
    latenciesMs.push(performance.now() - begin)
    return
  }
  failed++
  if (fault === 'timeout') timedOut++
  firstFailure ??= { reason: fault, ...stamps() }
})
agent.destroy()
latenciesMs.sort((a, b) => a - b)
const quantile = (q: number) => latenciesMs[Math.ceil(q * latenciesMs.length) - 1] ?? null
print({ ok: latenciesMs.length, failed, timedOut, p50Ms: quantile(0.5), p99Ms: quantile(0.99), firstFailure })
process.exitCode = failed === 0 && latenciesMs.length > 0 ? 0 : 1

/** Why the request failed, or undefined when it was answered in full with a status below 400. */
function get(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const body = 'x'.repeat(bodyBytes())
    const cookie = 'x'.repeat(cookieBytes())
    const options = {
      ...{ agent, path, host: program.text('target'), port: program.number('port'), signal },
      method: body === '' ? 'GET' : 'POST',
      headers: {
        ...(connection === 'close' ? { connection } : {}),
        ...(cookie === '' ? {} : { cookie }),
        ...(body === '' ? {} : { 'content-length': body.length }),
      },
    }
    const one = request(bind === '' ? options : { ...options, localAddress: bind }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve(response.statusCode! < 400 ? undefined : `status ${response.statusCode}`),
      )
      response.on('error', (error) => resolve(error.message))
    })
    one.on('error', (error: NodeJS.ErrnoException) =>
      resolve(signal.aborted ? 'timeout' : (error.code ?? error.message)),
    )
    one.end(body)
  })
}
