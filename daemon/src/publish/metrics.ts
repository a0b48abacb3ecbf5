/** Prometheus metrics and health over HTTP. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Endpoint } from '../config/config.js'
import { IdsdError } from '../errors.js'
import type { Logger } from './logger.js'
import { createMetricsRegistry, type MetricsRegistry } from './metrics-registry.js'
import type { MetricsSnapshot } from './metrics-snapshot.js'

export interface MetricsOptions {
  /** Port 0 takes a free one; null serves nothing. */
  readonly listen: Endpoint | null
  /** Called once a scrape. */
  readonly collect: () => MetricsSnapshot
  /** True when packets are judged; else the reason why not, in words. */
  readonly ready: () => true | string
  readonly log: Logger
}

export interface MetricsServer extends AsyncDisposable {
  /** Undefined when it is off. */
  readonly port: number | undefined
  /** Idempotent; open connections are cut. */
  close(): Promise<void>
}

/** A scrape sends a short request at once; whoever does not is shown out. */
const REQUEST_WITHIN_MS = 5_000
const MAX_CONNECTIONS = 64

/** @throws IdsdError `ERR_LISTEN` naming `--metrics-listen` */
export async function openMetrics(options: MetricsOptions): Promise<MetricsServer> {
  const { listen: endpoint } = options
  if (endpoint === null) {
    const close = (): Promise<void> => Promise.resolve()
    return { port: undefined, close, [Symbol.asyncDispose]: close }
  }
  const registry = createMetricsRegistry()
  const timeouts = { requestTimeout: REQUEST_WITHIN_MS, headersTimeout: REQUEST_WITHIN_MS }
  const server = createServer(
    timeouts,
    (request, response) => void answer(options, registry, request, response),
  )
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, endpoint)
  // From here on an error is one of accept(2), e.g. no descriptor left: that connection is lost, not the daemon.
  server.on('error', (error) => options.log.warn({ err: error }, 'a metrics connection could not be taken'))
  const { port } = server.address() as AddressInfo
  options.log.info({ host: endpoint.host, port }, 'metrics are served')

  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closed
  }
  return { port, close, [Symbol.asyncDispose]: close }
}

function listen(server: Server, { host, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there; choose another address or off'
          : error.message
      reject(new IdsdError('ERR_LISTEN', `--metrics-listen ${host}:${port}: ${why}`, { cause: error }))
    })
    server.listen({ host, port }, resolve)
  })
}

async function answer(
  { collect, ready, log }: MetricsOptions,
  registry: MetricsRegistry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? '' : body)
  }
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'only GET and HEAD\n')
    switch (request.url?.replace(/\?.*$/s, '')) {
      case '/metrics':
        return send(200, await registry.render(collect()), registry.contentType)
      case '/healthz':
        return send(200, 'ok\n')
      case '/readyz': {
        const state = ready()
        return state === true ? send(200, 'ready\n') : send(503, `${state}\n`)
      }
      default:
        return send(404, 'not found: /metrics, /healthz, /readyz\n')
    }
  } catch (error) {
    log.error({ err: error, url: request.url }, 'a scrape failed')
    send(500, 'failed; the log of idsd says more\n')
  }
}
