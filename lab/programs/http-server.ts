/** A web server to attack: pages of several sizes and a login that always fails. */

import { createServer, type RequestListener } from 'node:http'
import { drawn } from './drawn.js'
import { print, startProgram } from './program.js'

const program = startProgram(
  'http-server',
  'serves /, /about, /api/items, /bytes/N, /bytes/MIN-MAX, and POST /login (always 401)',
  {
    port: ['8080', 'port to listen on'],
    bind: ['::', 'address to listen on; :: takes IPv4 too'],
    delay: ['0', 'ms before an answer, at most: drawn anew for each'],
    'denial-bytes': ['0', 'body that denies a login, bytes, N or MIN-MAX; at least one line of text'],
    'connection-requests': ['0', 'requests after which a connection is closed; 0 means any number'],
  },
)
const delayMs = program.number('delay')
const denialBytes = program.size('denial-bytes')
const maxBytes = 16 * 1024 * 1024
const statuses: Record<number, number> = {}

const listener: RequestListener = (request, response) => {
  const path = (request.url ?? '/').split('?')[0]!
  const answer = (status: number, body: string | Buffer, type = 'text/html') => {
    statuses[status] = (statuses[status] ?? 0) + 1
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
    if (delayMs === 0) response.writeHead(status, headers).end(body)
    else setTimeout(() => response.writeHead(status, headers).end(body), Math.random() * delayMs)
  }
  // A body must be read to its end, or the connection is reset under the client.
  request.resume().on('end', () => {
    const bytes = path.startsWith('/bytes/') ? drawn(path.slice('/bytes/'.length))?.() : undefined
    if (path === '/login' && request.method === 'POST') {
      answer(401, 'wrong user or password\n'.padEnd(denialBytes(), '<p>try again</p>\n'), 'text/plain')
    } else if (path === '/login')
      answer(200, '<form method=post><input name=user><input name=password></form>\n')
    else if (bytes !== undefined && bytes <= maxBytes) answer(200, Buffer.alloc(bytes, 'x'))
    else if (path === '/') answer(200, '<h1>lab</h1>\n')
    else if (path === '/about') answer(200, `<p>${'about the lab '.repeat(200)}</p>\n`)
    else if (path === '/api/items') answer(200, JSON.stringify({ items: [1, 2, 3] }), 'application/json')
    else answer(404, 'no such page\n', 'text/plain')
  })
}

const server = createServer({ keepAliveTimeout: 60_000 }, listener)
server.maxRequestsPerSocket = program.number('connection-requests')
server.on('error', (error) => {
  process.stderr.write(`http-server: ${error.message}\n`)
  process.exit(1)
})
server.listen({ port: program.number('port'), host: program.text('bind'), backlog: 4096 }, () => {
  print({ event: 'listening', ...(server.address() as object) })
})
program.signal.addEventListener('abort', () => {
  server.close(() => print({ event: 'end', statuses }))
  server.closeAllConnections()
})
