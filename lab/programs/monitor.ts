/** A monitor: connects to one port of many hosts again and again, and expects what the first look found. */

import { setTimeout as sleep } from 'node:timers/promises'
import { exchange } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { startProgram } from './program.js'

const program = startProgram(
  'monitor',
  'checks hosts; a check that differs from the first of its host failed',
  {
    target: [undefined, 'addresses to check: A,B or A.B.C.D-E'],
    port: ['443', 'port to check'],
    bind: ['', 'own address'],
    every: ['5', 'seconds between two checks of one host'],
    timeout: ['2000', 'ms until a host counts as silent'],
  },
)
const hosts = program.targets()
const peer = {
  port: program.number('port', 1),
  bind: program.text('bind'),
  timeoutMs: program.number('timeout', 1),
}
const gapMs = (program.number('every', 0.1) * 1000) / hosts.length
const outcomes = createOutcomes(program)
const first = new Map<string, boolean>()
const checks = new Set<Promise<void>>()

for (let n = 0; !program.signal.aborted; n++) {
  const one = check(hosts[n % hosts.length]!)
  checks.add(one)
  void one.then(() => checks.delete(one))
  await sleep(gapMs, undefined, { signal: program.signal }).catch(() => {})
}
await Promise.all(checks)
outcomes.finish({ hosts: hosts.length, up: [...first.values()].filter((isOpen) => isOpen).length })

async function check(target: string): Promise<void> {
  let isOpen = false
  const { outcome, error } = await exchange({ ...peer, target }, (socket) => {
    isOpen = true
    // Monitors and load balancers leave no half-closed connection behind.
    socket.resetAndDestroy()
  })
  const isSilent = !isOpen && outcome === 'timeout'
  if (!first.has(target) && !isSilent) first.set(target, isOpen)
  const isAsBefore = first.get(target) === isOpen
  outcomes.take(isSilent ? 'timeout' : isAsBefore ? 'answered' : 'refused', {
    target,
    ...(error === '' ? {} : { error }),
  })
}
