/** Short dialogues over UDP as of name, time, game and voice services: each asks a few small questions, then ends. */

import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOutcomes, type Outcome } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram('udp-questions', 'asks a few small questions, from a fresh port each time', {
  target: [undefined, 'address of a udp-echo, or several in turn: A,B or A.B.C.D-E'],
  port: ['9000', 'port of the service'],
  bind: ['', 'own address'],
  bytes: ['20-80', 'payload of a question, bytes, N or MIN-MAX'],
  questions: ['1', 'questions in a dialogue, N or MIN-MAX, each asked when the one before is answered'],
  pause: ['0', 'ms between an answer and the next question, N or MIN-MAX'],
  rate: ['20', 'dialogues begun per second; 0 means as soon as one ends'],
  count: ['0', 'end after this many dialogues; 0 means by duration'],
  concurrency: ['50', 'dialogues under way at once, at most'],
  timeout: ['2000', 'ms until a question counts as timed out'],
})
const targets = program.targets()
const port = program.number('port', 1)
const bind = program.text('bind')
const bytes = program.size('bytes')
const questions = program.size('questions')
const pauseMs = program.size('pause')
const timeoutMs = program.number('timeout', 1)
const outcomes = createOutcomes(program)

await runPaced(paceOf(program), async (n) =>
  outcomes.take(await dialogue(targets[n % targets.length]!), { attempt: n }),
)
outcomes.finish()

async function dialogue(target: string): Promise<Outcome> {
  const socket = createSocket(target.includes(':') ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve) =>
      socket.bind({ port: 0, ...(bind === '' ? {} : { address: bind }) }, resolve),
    )
    for (let left = questions(); left > 0; left--) {
      const outcome = await ask(socket, target)
      if (outcome !== 'answered') return outcome
      if (left > 1) await sleep(pauseMs())
    }
    return 'answered'
  } finally {
    socket.close()
  }
}

function ask(socket: ReturnType<typeof createSocket>, target: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const finish = (outcome: Outcome) => {
      clearTimeout(timer)
      socket.removeAllListeners('message').removeAllListeners('error')
      resolve(outcome)
    }
    const timer = setTimeout(() => finish('timeout'), timeoutMs)
    socket.on('message', () => finish('answered'))
    socket.on('error', () => finish('refused'))
    socket.send(Buffer.alloc(bytes()), port, target)
  })
}
