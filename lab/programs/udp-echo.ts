/** Answers every datagram: with its own bytes, or with an answer of another size after a while. */

import { createSocket } from 'node:dgram'
import { print, startProgram } from './program.js'
import { targetsOf } from './target.js'

const program = startProgram('udp-echo', 'sends every datagram back', {
  port: ['9000', 'port to listen on'],
  bind: [
    '::',
    'address to listen on, or several, A,B or A.B.C.D-E, that each answer as themselves; :: takes IPv4 too',
  ],
  'answer-bytes': [
    '',
    'payload of an answer, bytes, N or MIN-MAX; without it the datagram goes back as it came',
  ],
  delay: ['0', 'ms before an answer, at most: drawn anew for each'],
  count: ['0', 'end after this many datagrams; 0 means by duration'],
})
const count = program.number('count')
const answerBytes = program.text('answer-bytes') === '' ? undefined : program.size('answer-bytes')
const delayMs = program.number('delay')
const addresses = targetsOf(program.text('bind')) ?? ['::']
// One socket for each address: answers of a socket for all of them would come from the main one.
const sockets = addresses.map((address) => createSocket(address.includes(':') ? 'udp6' : 'udp4'))
let echoed = 0
let isOpen = true
let bound = 0

const finish = () => {
  if (!isOpen) return
  isOpen = false
  for (const socket of sockets) socket.close()
  print({ event: 'end', echoed })
}
sockets.forEach((socket, i) => {
  socket.on('error', (error) => {
    process.stderr.write(`udp-echo: ${error.message}\n`)
    process.exit(1)
  })
  socket.on('message', (message, from) => {
    if (!isOpen) return
    echoed++
    const isLast = count > 0 && echoed >= count
    const answer = answerBytes === undefined ? message : Buffer.alloc(answerBytes())
    // The start of the question comes back in any case: it names the question.
    message.copy(answer)
    const send = () => {
      if (isOpen) socket.send(answer, from.port, from.address, isLast ? finish : () => {})
    }
    if (delayMs === 0) send()
    else setTimeout(send, Math.random() * delayMs)
  })
  socket.bind(program.number('port'), addresses[i], () => {
    if (++bound === sockets.length) print({ event: 'listening', ...socket.address() })
  })
})
program.signal.addEventListener('abort', finish)
