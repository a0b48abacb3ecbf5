/** A person with a browser: opens pages of many hosts, a few connections and several objects for each, and reads. */

import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOutcomes, type Outcome } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram('browser', 'opens pages of many hosts and keeps their connections for a while', {
  target: [undefined, 'addresses of the hosts: A,B or A.B.C.D-E'],
  port: ['443', 'port of every host; what is spoken there is plain HTTP'],
  bind: ['', 'own address'],
  rate: ['2', 'pages a second'],
  objects: ['3-12', 'objects of a page, N or MIN-MAX, over up to 6 connections'],
  'object-bytes': ['200-60000', 'size of an object, bytes, N or MIN-MAX'],
  linger: ['2000-8000', 'ms for which the connections of a page stay open when it is there, N or MIN-MAX'],
  timeout: ['5000', 'ms until an object has failed'],
})
const hosts = program.targets()
const port = program.number('port', 1)
const bind = program.text('bind')
const objects = program.size('objects')
const objectBytes = program.size('object-bytes')
const lingerMs = program.size('linger')
const timeoutMs = program.number('timeout', 1)
/** Connections to one host: what browsers allow themselves with HTTP/1.1. */
const connections = 6
const outcomes = createOutcomes(program)

await runPaced(paceOf(program, { count: 0, concurrency: 100 }), async (n) => {
  const host = hosts[n % hosts.length]!
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  await fetch(agent, host)
  await Promise.all(Array.from({ length: Math.max(0, objects() - 1) }, () => fetch(agent, host)))
  await sleep(lingerMs(), undefined, { signal: program.signal }).catch(() => {})
  agent.destroy()
})
outcomes.finish({ hosts: hosts.length })

async function fetch(agent: Agent, host: string): Promise<void> {
  const { outcome, error } = await load(agent, host, objectBytes())
  outcomes.take(outcome, { host, ...(error === '' ? {} : { error }) })
}

/** `refused` also when fewer bytes came than were asked for. */
function load(agent: Agent, host: string, bytes: number): Promise<{ outcome: Outcome; error: string }> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const fail = ({ code, message }: NodeJS.ErrnoException) =>
      resolve({ outcome: signal.aborted ? 'timeout' : 'refused', error: code ?? message })
    const options = {
      agent,
      host,
      port,
      path: `/bytes/${bytes}`,
      signal,
      ...(bind && { localAddress: bind }),
    }
    get(options, (response) => {
      let received = 0
      response.on('data', (chunk: Buffer) => (received += chunk.length))
      response.on('error', fail)
      response.on('end', () =>
        resolve({
          outcome: received === bytes ? 'answered' : 'refused',
          error: received === bytes ? '' : 'short',
        }),
      )
    }).on('error', fail)
  })
}
