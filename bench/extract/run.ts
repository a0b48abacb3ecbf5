/** A program run to its end, and what it cost. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Cost {
  /** Of the program and all it started and waited for. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly stdout: string
  readonly stderr: string
}

/** No program of the bench takes longer, seconds. */
const limitSeconds = 180
const ticksPerSecond = 100
const mostOutputBytes = 1 << 26

/** CPU time of all children that have ended, seconds: proc(5), cutime and cstime. */
function childSeconds(): number {
  const text = readFileSync('/proc/self/stat', 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

/**
 * @param isQuiet standard output goes to /dev/null
 * @throws Error when the program is not there, ends with another exit code than 0, or takes too long
 */
export function run(argv: readonly string[], { isQuiet = false } = {}): Cost {
  const before = childSeconds()
  const beganMs = performance.now()
  // It ends what a program started, too.
  const limited = ['-k', '5', `${limitSeconds}`, ...argv]
  const { status, error, stdout, stderr } = spawnSync('timeout', limited, {
    stdio: ['ignore', isQuiet ? 'ignore' : 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: mostOutputBytes,
  })
  const wallSeconds = (performance.now() - beganMs) / 1_000
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${argv[0]} ended with ${status}: ${lastLine(stderr || stdout || '')}`)
  return { cpuSeconds: childSeconds() - before, wallSeconds, stdout: stdout ?? '', stderr }
}

/** Where a program says why it failed. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 160) ?? ''
}
