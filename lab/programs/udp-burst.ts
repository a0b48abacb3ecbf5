/** Sends datagrams to an echo service and counts what comes back. */

import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOutcomes } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram('udp-burst', 'sends datagrams and counts the echoes', {
  target: [undefined, 'address of the echo service'],
  port: ['9000', 'port of the echo service, or several in turn: ports and ranges, with commas'],
  bind: ['', 'own address'],
  bytes: ['64', 'payload of each datagram, at least 4'],
  rate: ['1000', 'datagrams a second; 0 means flat out'],
  count: ['0', 'end after this many datagrams; 0 means by duration'],
  timeout: ['500', 'ms until a datagram without echo counts as timed out'],
})
const target = program.text('target')
const ports = program.ports('port')
const bytes = program.number('bytes', 4)
const timeoutMs = program.number('timeout', 1)
const socket = createSocket(target.includes(':') ? 'udp6' : 'udp4')
const outcomes = createOutcomes(program)
const waiting = new Map<number, NodeJS.Timeout>()

const settle = (n: number, outcome: 'answered' | 'refused' | 'timeout') => {
  const timer = waiting.get(n)
  if (timer === undefined) return
  clearTimeout(timer)
  waiting.delete(n)
  outcomes.take(outcome, { attempt: n })
}
socket.on('message', (message) => {
  if (message.length >= 4) settle(message.readUInt32BE(0), 'answered')
})
socket.on('error', () => {})
const bind = program.text('bind')
await new Promise<void>((resolve) =>
  socket.bind({ port: 0, ...(bind === '' ? {} : { address: bind }) }, resolve),
)

await runPaced(paceOf(program, { concurrency: 1 }), async (n) => {
  const payload = Buffer.alloc(bytes)
  payload.writeUInt32BE(n % 2 ** 32)
  waiting.set(
    n,
    setTimeout(() => settle(n, 'timeout'), timeoutMs),
  )
  await new Promise<void>((resolve) => {
    socket.send(payload, ports[n % ports.length]!, target, (error) => {
      if (error !== null) settle(n, 'refused')
      resolve()
    })
  })
})
while (waiting.size > 0) await sleep(10)
socket.close()
outcomes.finish()
