/** A login service: banner, a few lines, then a denial and the end, or a session that answers each line. */

import { createServer, type Socket } from 'node:net'
import { dialogues, services } from './dialogue.js'
import { print, startProgram } from './program.js'

const program = startProgram('login-server', 'an FTP or SSH-like service that denies every login, or none', {
  service: ['ftp', `one of ${services.join(', ')}`],
  port: ['0', 'port to listen on; 0 means 2121 for ftp and 2222 for ssh'],
  bind: ['::', 'address to listen on; :: takes IPv4 too'],
  delay: ['0', 'ms before each answer, as a real service needs to check'],
  'session-bytes': ['0', 'let everyone in, and answer each line with up to this many bytes; 0 means deny'],
})
const dialogue = dialogues[program.choice('service', services)]
const delayMs = program.number('delay')
const sessionBytes = program.number('session-bytes')
const open = new Set<Socket>()
let denied = 0

const server = createServer((socket) => {
  let line = 0
  let text = ''
  open.add(socket)
  socket.on('close', () => open.delete(socket))
  socket.on('error', () => socket.destroy())
  socket.setTimeout(10_000, () => socket.destroy())
  socket.setNoDelay(true)
  socket.write(`${dialogue.banner}\r\n`)
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    if (text.length > 65_536) socket.destroy()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const _ of lines) setTimeout(answer, delayMs)
  })
  const answer = () => {
    const words = dialogue.answers[line++]
    if (socket.destroyed) return
    if (sessionBytes > 0 && line >= dialogue.answers.length) {
      socket.write(`${'x'.repeat(Math.ceil(Math.random() * sessionBytes))}\r\n`)
      return
    }
    if (words === undefined) return
    if (line < dialogue.answers.length) {
      socket.write(`${words}\r\n`)
      return
    }
    denied++
    socket.end(`${words}\r\n`)
  }
})
server.on('error', (error) => {
  process.stderr.write(`login-server: ${error.message}\n`)
  process.exit(1)
})
server.listen(
  { port: program.number('port') || dialogue.port, host: program.text('bind'), backlog: 4096 },
  () => {
    print({ event: 'listening', ...(server.address() as object) })
  },
)
program.signal.addEventListener('abort', () => {
  server.close(() => print({ event: 'end', denied }))
  for (const socket of open) socket.destroy()
})
