/** One person who stays logged in: types a line, reads the answer, and again, over one connection. */

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { dialogues, services } from './dialogue.js'
import { createOutcomes, type Outcome } from './outcomes.js'
import { startProgram } from './program.js'

const program = startProgram('login-stay', 'logs in once and stays, for login-server with --session-bytes', {
  target: [undefined, 'address of the server'],
  service: ['ssh', `one of ${services.join(', ')}`],
  port: ['0', 'port of the server; 0 means 2121 for ftp and 2222 for ssh'],
  bind: ['', 'own address'],
  pause: ['1000', 'ms between an answer and the next line'],
  timeout: ['2000', 'ms until a line counts as unanswered'],
})
const dialogue = dialogues[program.choice('service', services)]
const bind = program.text('bind')
const pauseMs = program.number('pause')
const timeoutMs = program.number('timeout', 1)
const outcomes = createOutcomes(program)
const login = dialogue.attempt('root', 'the right one')

const socket = connect({
  host: program.text('target'),
  port: program.number('port') || dialogue.port,
  ...(bind === '' ? {} : { localAddress: bind }),
})
let isClosed = false
let linesDue = 0
let settle: (outcome: Outcome) => void = () => {}
socket.setNoDelay(true)
socket.on('error', () => {})
socket.on('close', () => {
  isClosed = true
  settle('refused')
})
socket.on('data', (chunk) => {
  linesDue -= chunk.toString('latin1').split('\n').length - 1
  if (linesDue <= 0) settle('answered')
})

// The banner comes without being asked for.
outcomes.take(await answerTo(undefined), { line: 'banner' })
for (let n = 0; !program.signal.aborted && !isClosed; n++) {
  outcomes.take(await answerTo(`${login[n] ?? 'k'.repeat(1 + (n % 60))}\r\n`), { line: n })
  if (n >= login.length) await sleep(pauseMs, undefined, { signal: program.signal }).catch(() => {})
}
// A connection that the other end closed before the time was lost, whatever was answered until then.
if (isClosed && !program.signal.aborted) outcomes.take('refused', { line: 'closed' })
socket.destroy()
outcomes.finish()

function answerTo(line: string | undefined): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('timeout'), timeoutMs)
    settle = (outcome) => {
      clearTimeout(timer)
      settle = () => {}
      resolve(outcome)
    }
    linesDue = 1
    if (isClosed) settle('refused')
    else if (line !== undefined) socket.write(line)
  })
}
