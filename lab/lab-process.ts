/** Runs commands inside a network namespace, each in a process group of its own that ends with it. */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from './lab-error.js'
import { until } from './until.js'

/** How a command is run. */
export interface SpawnOptions {
  readonly cwd?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Text for standard input, which is then closed. */
  readonly input?: string
  /** Called with each whole line, without its end. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void
}

/** How a command ended: its exit code, or 128 plus the number of the signal that ended it. */
export interface Exit {
  readonly code: number
}

/** A running command. Its pid is the pid of the command itself, and the id of its process group. */
export interface LabProcess {
  readonly pid: number
  /** What it wrote so far; the last 4 Mi characters. */
  readonly stdout: string
  /** What it wrote to standard error so far; the last 4 Mi characters. */
  readonly stderr: string
  /** How it ended; undefined while it runs. */
  readonly exit: Exit | undefined
  /** Settles when it has ended and its output has been read. Never rejects. */
  readonly exited: Promise<Exit>
  /** Signals the process alone. Does nothing after it ended. */
  kill(signal: NodeJS.Signals): void
  /** Signals the group, then kills it after `graceMs`, ms (default 2 000). Idempotent. */
  stop(options?: { readonly signal?: NodeJS.Signals; readonly graceMs?: number }): Promise<Exit>
  /** Waits until standard output matches. Throws LabError when it ends before, or after `timeoutMs` (default 5 000). */
  untilOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>
}

const keptCharacters = 4 * 1024 * 1024
/** How long output is still read after the command itself has ended, ms. */
const leftPipesMs = 500

/**
 * Starts a command in the network namespace at `path`.
 * Throws LabError when nothing can be started; a command that does not exist ends with code 127.
 */
export function spawnInNamespace(
  path: string,
  argv: readonly string[],
  options: SpawnOptions = {},
): LabProcess {
  // nsenter keeps the mount namespace, so /sys/fs/bpf stays visible; `ip netns exec` hides it. setpriv makes the
  // command end with this process even when this process is killed; the shell sees a death that came before that.
  const script = 'test "$PPID" = "$0" || exit 1; exec nsenter "$@"'
  const words = [
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    script,
    String(process.pid),
    `--net=${path}`,
    '--',
    ...argv,
  ]
  const child = spawn('setpriv', words, {
    detached: true,
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  child.on('error', () => {})
  const pid = child.pid
  if (pid === undefined) throw new LabError(`could not start ${argv.join(' ')}`)
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')

  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    let line = ''
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] = (text[stream] + chunk).slice(-keptCharacters)
      if (options.onLine === undefined) return
      const lines = (line + chunk).split('\n')
      line = lines.pop() ?? ''
      for (const whole of lines) options.onLine(whole, stream)
    })
  }

  let hasEnded = false
  let exit: Exit | undefined
  const exited = new Promise<Exit>((resolve) => {
    let timer: NodeJS.Timeout
    child.on('exit', () => {
      hasEnded = true
      // A child that left the group may hold the pipes open for ever.
      timer = setTimeout(() => {
        child.stdout.destroy()
        child.stderr.destroy()
      }, leftPipesMs)
      // Children it left behind are still in its group, so the number cannot belong to anyone else.
      signalGroup(pid, 'SIGKILL')
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      exit = { code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) }
      resolve(exit)
    })
  })

  return {
    pid,
    exited,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    get exit() {
      return exit
    },
    kill(signal) {
      if (!hasEnded) child.kill(signal)
    },
    async stop({ signal = 'SIGTERM', graceMs = 2_000 } = {}) {
      if (!hasEnded) signalGroup(pid, signal)
      const timer = new AbortController()
      const late = sleep(graceMs, 'late', { signal: timer.signal }).catch(() => 'cancelled')
      if ((await Promise.race([exited, late])) === 'late' && !hasEnded) signalGroup(pid, 'SIGKILL')
      timer.abort()
      return exited
    },
    async untilOutput(pattern, timeoutMs = 5_000) {
      const what = `${argv.join(' ')} prints ${pattern}`
      await until(() => exit !== undefined || pattern.test(text.stdout), { what, timeoutMs })
      const match = text.stdout.match(pattern)
      if (match === null) throw new LabError(`ended with ${exit?.code} before ${what}: ${text.stderr.trim()}`)
      return match
    },
  }
}

/** Kills a process and its group at once, without waiting: for the moment in which this process itself ends. */
export function killNow(running: LabProcess): void {
  if (running.exit === undefined) signalGroup(running.pid, 'SIGKILL')
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
