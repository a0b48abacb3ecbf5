/** Guesses passwords, one connection for each guess. */

import { dialogues, services } from './dialogue.js'
import { exchange, peerOf } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram('login-bruteforce', 'one failed login for each connection', {
  target: [undefined, 'address of the server'],
  service: ['ftp', `one of ${services.join(', ')}`],
  port: ['0', 'port of the server; 0 means 2121 for ftp and 2222 for ssh'],
  bind: ['', 'own address'],
  rate: ['0', 'attempts a second; 0 means flat out'],
  count: ['0', 'end after this many attempts; 0 means by duration'],
  concurrency: ['4', 'attempts under way at once, at most'],
  timeout: ['1000', 'ms until an attempt counts as timed out'],
})
const dialogue = dialogues[program.choice('service', services)]
const peer = peerOf(program, dialogue.port)
const outcomes = createOutcomes(program)
await runPaced(paceOf(program), async (n) => {
  const lines = dialogue.attempt('root', `password${n}`)
  let next = 0
  // Each answer of the server, the banner first, asks for the next line.
  const { outcome, error } = await exchange(peer, (socket, received) => {
    for (const _ of received.matchAll(/\n/g)) if (next < lines.length) socket.write(`${lines[next++]}\r\n`)
  })
  outcomes.take(outcome, { attempt: n, ...(error === '' ? {} : { error }) })
})
outcomes.finish()
