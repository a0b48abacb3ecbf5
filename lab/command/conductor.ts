/** Runs the programs of one mode together, hears what they count, and ends them when somebody says so. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { LabError } from '../lab-error.js'
import type { Part } from './mode.js'

/** What became of the attempts of one program; `timeout` is silence. */
export interface Counts {
  readonly answered: number
  readonly refused: number
  readonly timeout: number
}

/** One program, so far or at its end. */
export interface PartReport {
  readonly name: string
  readonly counts: Counts
  /** Connections it holds now, where it tells. */
  readonly open: number | undefined
  /** Its last line, undefined while it runs. */
  readonly end: Readonly<Record<string, unknown>> | undefined
}

/** Programs that run. */
export interface Conducted {
  /** What each counted so far. */
  reports(): PartReport[]
  /** Asks them to end; the second time it ends them. */
  stop(): void
  /** Settles when all have ended. Rejects with LabError when one failed, after the others were stopped. */
  readonly ended: Promise<void>
}

/** Starts the programs. They end with this process, however it ends. */
export function conduct(parts: readonly Part[]): Conducted {
  const running = parts.map(startPart)
  let isStopping = false
  const signal = (name: NodeJS.Signals) => {
    for (const { child } of running) child.kill(name)
  }
  const ended = (async () => {
    const fates = running.map(({ done }) => done)
    try {
      await Promise.all(fates)
    } catch (error) {
      signal('SIGTERM')
      await Promise.allSettled(fates)
      throw error
    }
  })()
  // Whoever waits for it hears of it; nobody has to.
  ended.catch(() => {})
  return {
    ended,
    reports: () => running.map(({ report }) => report()),
    stop: () => {
      signal(isStopping ? 'SIGKILL' : 'SIGINT')
      isStopping = true
    },
  }
}

interface Running {
  readonly child: ChildProcess
  readonly done: Promise<void>
  report(): PartReport
}

function startPart({ name, argv }: Part): Running {
  // A group of its own: Ctrl-C reaches this process alone, which then asks each program once.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', ...argv], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let counts: Counts = { answered: 0, refused: 0, timeout: 0 }
  let open: number | undefined
  let end: Record<string, unknown> | undefined
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000)
  })
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Record<string, unknown>
    const found = countsOf(line)
    if (found !== undefined) counts = found
    if (typeof line.open === 'number') open = line.open
    if (line.event === undefined || line.event === 'end') end = line
  })
  const done = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => reject(new LabError(`${name}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (end !== undefined || signal === 'SIGKILL') resolve()
      else reject(new LabError(`${name} ended with ${code ?? signal}: ${complaint.trim()}`))
    })
  })
  return { child, done, report: () => ({ name, counts, open, end }) }
}

/** Counts of a line of progress or of an end: of the programs, of `http-client`, of the raw sender, or none. */
function countsOf(line: Readonly<Record<string, unknown>>): Counts | undefined {
  const { event, answered, refused, timeout, ok, failed, timedOut } = line as Record<
    string,
    number | undefined
  >
  if (ok !== undefined && failed !== undefined) {
    return { answered: ok, refused: failed - (timedOut ?? 0), timeout: timedOut ?? 0 }
  }
  if (event === undefined || answered === undefined) return undefined
  return { answered, refused: refused ?? 0, timeout: timeout ?? 0 }
}
