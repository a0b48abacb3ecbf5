/** People at work over a login service that lets them in: they log in, type or run a command, read, and leave. */

import { setTimeout as sleep } from 'node:timers/promises'
import { dialogues, farewell, services } from './dialogue.js'
import { exchange, peerOf } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram('login-session', 'logs in and works, for login-server with --session-bytes', {
  target: [undefined, 'address of the server'],
  service: ['ssh', `one of ${services.join(', ')}`],
  port: ['0', 'port of the server; 0 means 2121 for ftp and 2222 for ssh'],
  bind: ['', 'own address'],
  lines: ['20', 'lines typed in a session, at most'],
  pause: ['300', 'ms between two lines, at most'],
  run: ['', 'run one command with an output of this many bytes, N or MIN-MAX, instead of typing'],
  rate: ['1', 'sessions begun per second; 0 means as soon as one ends'],
  count: ['0', 'end after this many sessions; 0 means by duration'],
  concurrency: ['10', 'sessions under way at once, at most'],
  timeout: ['120000', 'ms until a session is given up'],
})
const dialogue = dialogues[program.choice('service', services)]
const peer = peerOf(program, dialogue.port)
const runBytes = program.text('run') === '' ? undefined : program.size('run')
const outcomes = createOutcomes(program)
await runPaced(paceOf(program), async (n) => {
  const login = dialogue.attempt('root', 'the right one')
  let said = 0
  let left = Math.ceil(Math.random() * program.number('lines', 1))
  const { outcome, error, text } = await exchange(peer, async (socket, received) => {
    for (const _ of received.matchAll(/\n/g)) {
      if (said < login.length) {
        socket.write(`${login[said++]}\r\n`)
        continue
      }
      await sleep(Math.random() * program.number('pause'))
      if (socket.destroyed) return
      if (runBytes !== undefined) {
        if (said++ === login.length) socket.write(`run ${runBytes()}\r\n`)
      } else if (left-- > 0 && !program.signal.aborted)
        socket.write(`${'k'.repeat(Math.ceil(Math.random() * 60))}\r\n`)
      else socket.end('bye\r\n')
    }
  })
  const isCut = outcome === 'answered' && runBytes !== undefined && !text.endsWith(`${farewell}\r\n`)
  outcomes.take(isCut ? 'refused' : outcome, { attempt: n, ...(error === '' ? {} : { error }) })
})
outcomes.finish()
