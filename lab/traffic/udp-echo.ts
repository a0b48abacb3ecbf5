/** Answers every datagram: with its own bytes, or with an answer of another size after a while. */

import { createSocket } from 'node:dgram'
import { print, startProgram } from './program.js'

const program = startProgram('udp-echo', 'sends every datagram back', {
  port: ['9000', 'port to listen on'],
  bind: ['::', 'address to listen on; :: takes IPv4 too'],
  'answer-bytes': [
    '',
    'payload of an answer, bytes, N or MIN-MAX; without it the datagram goes back as it came',
  ],
  delay: ['0', 'ms before an answer, at most: drawn anew for each'],
  count: ['0', 'end after this many datagrams; 0 means by duration'],
})
const bind = program.text('bind')
const count = program.number('count')
const answerBytes = program.text('answer-bytes') === '' ? undefined : program.size('answer-bytes')
const delayMs = program.number('delay')
const socket = createSocket(bind.includes(':') ? 'udp6' : 'udp4')
let echoed = 0
let isOpen = true

const finish = () => {
  if (!isOpen) return
  isOpen = false
  socket.close(() => {
    print({ event: 'end', echoed })
    process.exit(0)
  })
}
socket.on('error', (error) => {
  process.stderr.write(`udp-echo: ${error.message}\n`)
  process.exit(1)
})
socket.on('message', (message, from) => {
  if (!isOpen) return
  echoed++
  const isLast = count > 0 && echoed >= count
  const answer = answerBytes === undefined ? message : Buffer.alloc(answerBytes())
  const send = () => {
    if (isOpen) socket.send(answer, from.port, from.address, isLast ? finish : () => {})
  }
  if (delayMs === 0) send()
  else setTimeout(send, Math.random() * delayMs)
})
socket.bind(program.number('port'), bind, () => print({ event: 'listening', ...socket.address() }))
program.signal.addEventListener('abort', finish)
