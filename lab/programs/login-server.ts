/** A login service: banner, a few lines, then a denial and the end, or a session that answers each line. */

import { createServer, type Socket } from 'node:net'
import { dialogues, farewell, services } from './dialogue.js'
import { print, startProgram } from './program.js'

const program = startProgram('login-server', 'an FTP or SSH-like service that denies every login, or none', {
  service: ['ftp', `one of ${services.join(', ')}`],
  port: ['0', 'port to listen on; 0 means 2121 for ftp and 2222 for ssh'],
  bind: ['::', 'address to listen on; :: takes IPv4 too'],
  delay: ['0', 'ms before each answer, as a real service needs to check'],
  'session-bytes': ['0', 'let people in, and answer each line with up to this many bytes; 0 means deny'],
  password: ['', 'let in who knows it; without it everyone, where anyone is let in'],
  'handshake-bytes': ['0', 'ssh only: fill what is sent before the verdict up to this many bytes'],
})
const dialogue = dialogues[program.choice('service', services)]
const delayMs = program.number('delay')
const sessionBytes = program.number('session-bytes')
const password = program.text('password')
const spoken =
  `${dialogue.banner}${dialogue.answers.slice(0, -1).join('')}`.length + 2 * dialogue.answers.length
const fill = 'k'.repeat(Math.max(0, program.number('handshake-bytes') - spoken))
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
    for (const said of lines) setTimeout(() => answer(said.trimEnd()), delayMs)
  })
  let isIn = false
  const answer = (said: string) => {
    const words = dialogue.answers[line++]
    if (socket.destroyed) return
    if (line === dialogue.answers.length) isIn = sessionBytes > 0 && said.endsWith(password)
    if (isIn) {
      const [, runBytes] = /^run (\d{1,6})$/.exec(said) ?? []
      if (runBytes === undefined) socket.write(`${'x'.repeat(Math.ceil(Math.random() * sessionBytes))}\r\n`)
      else socket.end(`${'x'.repeat(Number(runBytes))}\r\n${farewell}\r\n`)
      return
    }
    if (words === undefined) return
    if (line < dialogue.answers.length) {
      socket.write(`${words}${line === dialogue.answers.length - 1 ? fill : ''}\r\n`)
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
