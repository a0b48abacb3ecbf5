/** The real idsd beside the attacked services, and the real idsctl to ask it: nothing here is a stand-in. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { guardExit } from './exit-guard.js'
import { LabError } from './lab-error.js'
import { type LabNamespace, until } from './namespaces.js'

/** A decision as `idsctl decisions get ID -o json` gives it; only what the lab reads. */
export interface DecisionDocument {
  readonly id: string
  readonly target: string
  /** `block`: enforced. `spoofable`: limited at most, its flows spared, since the sender may be somebody else. */
  readonly kind: string
  readonly action: 'drop' | 'count' | 'limit' | 'syn_drop' | 'reject'
  readonly state: string
  readonly reason: string
  readonly created_at: string
  readonly expires_at: string | null
  readonly packets: number
  readonly in_kernel: boolean
  readonly evidence: readonly {
    readonly detector: string
    readonly text: string
    readonly points: number
    readonly flows: readonly { readonly last: string }[]
  }[]
}

/** An alert as `idsctl alerts -o json` gives it; only what the lab reads. */
export interface AlertDocument {
  readonly id: string
  readonly at: string
  /** The suspect, or the victim where nobody can name the suspects. */
  readonly source: string
  readonly detector: string
  readonly text: string
  readonly points: number
}

/** A decision at the moment in which the daemon reported it. */
export interface DecisionAdded {
  readonly id: string
  readonly target: string
  /** The daemon's own clock after it wrote the map entry, ms since 1970. */
  readonly writtenMs: number
}

export interface CommandResult {
  readonly code: number
  readonly output: string
}

export interface GuardedServer extends AsyncDisposable {
  /** Runs idsctl; `output` is what it printed, standard error after standard output. */
  idsctl(...words: string[]): Promise<CommandResult>
  /** Runs idsctl with `-o json` and reads its answer. Throws LabError when it fails. */
  ask<T>(...words: string[]): Promise<T>
  /** Runs idsctl with `-o jsonl`: for lists of any length. Throws LabError when it fails. */
  askEach<T>(...words: string[]): Promise<T[]>
  /** Waits for the next decision against an address. Throws LabError after `timeoutMs`. */
  untilDecided(target: string, timeoutMs: number): Promise<DecisionAdded>
  /** Process id of the daemon. */
  readonly pid: number
  /** Every decision reported so far. */
  readonly decisions: readonly DecisionAdded[]
  /** Writes a new configuration and sends SIGHUP; settles when the daemon says it has taken it over. */
  reload(config: string): Promise<void>
  /** Stops the daemon and removes its files and, where `on_exit` left any, its programs. @returns its exit code */
  close(): Promise<number>
}

export interface GuardedServerOptions {
  readonly server: LabNamespace
  /** Interfaces to guard. Default eth0. */
  readonly interfaces?: readonly string[]
  /** Part of the names of its files, a-z. Default 'demo'. */
  readonly tag?: string
  /** Text of the configuration file. */
  readonly config: string
  /** More flags of idsd. Default: a flow table of 16,384 entries. */
  readonly args?: readonly string[]
  readonly onWarning: (message: string) => void
}

const bin = (name: string) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
/** Fields of pino's log lines. */
interface LogLine {
  readonly level: number
  readonly time: string
  readonly msg: string
  readonly decision?: string
  readonly target?: string
  readonly problem?: string
}
const warning = 40

/** Starts the daemon. Throws LabError, with the daemon's last words, when it does not come up. */
export async function openGuardedServer(options: GuardedServerOptions): Promise<GuardedServer> {
  const { server, onWarning, interfaces = ['eth0'], tag = 'demo', args = ['--flows', '16384'] } = options
  const folder = mkdtempSync(join(tmpdir(), `idsd-${tag}-`))
  const bpffs = `/sys/fs/bpf/idsd-${tag}-${process.pid}`
  const paths = { config: join(folder, 'idsd.toml'), socket: join(folder, 'idsd.sock') }
  const removeFiles = () => {
    for (const path of [folder, bpffs]) rmSync(path, { recursive: true, force: true })
  }
  const guard = guardExit(removeFiles)
  const decisions: DecisionAdded[] = []
  let reloads = 0

  const take = (text: string) => {
    const line = parseLine(text)
    if (line === undefined) return
    if (line.level >= warning) onWarning(line.problem ?? line.msg)
    if (line.msg === 'reloaded') reloads++
    if (line.msg === 'decision added' && line.decision !== undefined && line.target !== undefined) {
      decisions.push({ id: line.decision, target: line.target, writtenMs: Date.parse(line.time) })
    }
  }
  writeFileSync(paths.config, options.config)
  const daemon = server.spawn(
    [
      bin('idsd'),
      ...interfaces.flatMap((name) => ['--iface', name]),
      ...['--config', paths.config, '--socket', paths.socket, '--bpffs', bpffs],
      ...['--db', join(folder, 'idsd.db'), '--run-dir', folder, '--log-format', 'json', ...args],
    ],
    { onLine: take },
  )
  const idsctl = async (...words: string[]): Promise<CommandResult> => {
    const { code, stdout, stderr } = await server.exec([bin('idsctl'), '--socket', paths.socket, ...words])
    return { code, output: stdout + stderr }
  }
  let isClosed = false
  const close = async () => {
    const { code } = await daemon.stop({ graceMs: 10_000 })
    if (!isClosed) {
      isClosed = true
      removeFiles()
      guard.release()
    }
    return code
  }

  const isUp = async () => daemon.exit !== undefined || (await idsctl('status')).code === 0
  try {
    await until(isUp, { what: 'idsd answers', timeoutMs: 15_000, intervalMs: 100 })
    if (daemon.exit !== undefined)
      throw new LabError(`idsd ended at its start: ${daemon.stderr || daemon.stdout}`)
  } catch (error) {
    await close()
    throw error
  }
  return {
    idsctl,
    async ask<T>(...words: string[]) {
      const { code, output } = await idsctl(...words, '-o', 'json')
      if (code !== 0) throw new LabError(`idsctl ${words.join(' ')}: code ${code}: ${output.trim()}`)
      return JSON.parse(output.slice(0, output.lastIndexOf('}') + 1)) as T
    },
    async askEach<T>(...words: string[]) {
      const found: T[] = []
      const argv = [bin('idsctl'), '--socket', paths.socket, ...words, '-o', 'jsonl']
      const { code, stderr } = await server.exec(argv, {
        timeoutMs: 60_000,
        onLine: (line, stream) => {
          if (stream === 'stdout') found.push(JSON.parse(line) as T)
        },
      })
      if (code !== 0) throw new LabError(`idsctl ${words.join(' ')}: code ${code}: ${stderr.trim()}`)
      return found
    },
    untilDecided: (target, timeoutMs) =>
      until(() => decisions.find((one) => one.target === target), {
        what: `idsd decides against ${target}`,
        timeoutMs,
      }),
    pid: daemon.pid,
    decisions,
    async reload(config) {
      const before = reloads
      writeFileSync(paths.config, config)
      daemon.kill('SIGHUP')
      await until(() => reloads > before, { what: 'idsd takes the new configuration over' })
    },
    close,
    async [Symbol.asyncDispose]() {
      await close()
    },
  }
}

function parseLine(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return undefined
  }
}
