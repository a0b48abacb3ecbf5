/** A port scan by ordinary connections. */

import { exchange } from './exchange.js'
import { createOutcomes } from './outcomes.js'
import { paceOf, runPaced } from './paced.js'
import { startProgram } from './program.js'

const program = startProgram(
  'connect-scan',
  'connects to each port once; open and closed ports are both answers',
  {
    target: [undefined, 'address to scan'],
    ports: ['1-1024', 'ports and ranges, with commas'],
    repeat: ['1', 'times through the list; 0 means until the duration'],
    count: ['0', 'end after this many connections; 0 means by --repeat'],
    bind: ['', 'own address'],
    rate: ['0', 'connections a second; 0 means flat out'],
    concurrency: ['50', 'connections under way at once, at most'],
    timeout: ['500', 'ms until a port counts as silent'],
  },
)
const ports = program.ports('ports')
const peer = {
  target: program.text('target'),
  bind: program.text('bind'),
  timeoutMs: program.number('timeout', 1),
}
// A closed port answers with a reset: only silence says that the scan was cut off.
const outcomes = createOutcomes(program, (outcome) => outcome !== 'timeout')
const open = new Set<number>()
await runPaced(
  paceOf(program, { count: program.number('count') || program.number('repeat') * ports.length }),
  async (n) => {
    const port = ports[n % ports.length]!
    let isOpen = false
    const { outcome } = await exchange({ ...peer, port }, (socket) => {
      isOpen = true
      socket.end()
      socket.destroy()
    })
    if (isOpen) open.add(port)
    outcomes.take(isOpen ? 'answered' : outcome, { attempt: n, port })
  },
)
outcomes.finish({ open: [...open].sort((a, b) => a - b) })
