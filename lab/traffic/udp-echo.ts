/** Sends every datagram back to where it came from. */

import { createSocket } from 'node:dgram'
import { print, startProgram } from './program.js'

const program = startProgram('udp-echo', 'sends every datagram back', {
  port: ['9000', 'port to listen on'],
  bind: ['::', 'address to listen on; :: takes IPv4 too'],
  count: ['0', 'end after this many datagrams; 0 means by duration'],
})
const bind = program.text('bind')
const count = program.number('count')
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
  socket.send(message, from.port, from.address, isLast ? finish : () => {})
})
socket.bind(program.number('port'), bind, () => print({ event: 'listening', ...socket.address() }))
program.signal.addEventListener('abort', finish)
