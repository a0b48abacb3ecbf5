/** Guesses passwords, one connection for each guess. */

import { dialogues, services } from './dialogue.js'
import { exchange } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { runPaced } from './paced.js'
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
const peer = {
  target: program.text('target'),
  port: program.number('port') || dialogue.port,
  bind: program.text('bind'),
  timeoutMs: program.number('timeout', 1),
}
const outcomes = createOutcomes(program)
const pace = {
  perSecond: program.number('rate'),
  count: program.number('count'),
  concurrency: program.number('concurrency', 1),
  signal: program.signal,
}
await runPaced(pace, async (n) => {
  const lines = dialogue.attempt('root', `password${n}`)
  let next = 0
  // Each answer of the server, the banner first, asks for the next line.
  const { outcome, error } = await exchange(peer, (socket, received) => {
    for (const _ of received.matchAll(/\n/g)) if (next < lines.length) socket.write(`${lines[next++]}\r\n`)
  })
  outcomes.take(outcome, { attempt: n, ...(error === '' ? {} : { error }) })
})
outcomes.finish()
