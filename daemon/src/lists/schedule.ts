/** Lists that are imported again and again, from a file or from what a command prints, as the configuration says. */

import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { ListCommands } from '../control/list-commands.js'
import { IdsdError } from '../errors.js'
import type { Logger } from '../log.js'
import type { ListFormat } from './list-reader.js'
import type { ListState } from './lists.js'

/** One list of the configuration. */
export interface ScheduledList {
  readonly name: string
  /** Absolute path; null when `command` is given. */
  readonly file: string | null
  /** Program and arguments, run without a shell; empty when `file` is given. */
  readonly command: readonly string[]
  readonly format: ListFormat
  /** Of CSV; null = by its name. */
  readonly column: string | null
  readonly everyS: number
  /** 0 = until it is removed. */
  readonly ttlS: number
  readonly action: 'drop' | 'observe'
}

export interface SchedulesConfig {
  readonly scheduled: readonly ScheduledList[]
  /** How long the entries of an import over gRPC may take to arrive. */
  readonly uploadS: number
  /** How long a command may run. */
  readonly commandTimeoutS: number
  /** Most that a file or a command may give, also unpacked. */
  readonly maxBytes: number
}

export interface Schedule {
  /** Takes over what is to be imported; a list whose words changed is due at once. */
  configure(config: SchedulesConfig): void
  /** Begins what is due. */
  tick(): void
  /** Imports that failed. */
  readonly failures: number
  /** Ends commands that run. */
  close(): Promise<void>
}

export interface ScheduleOptions {
  readonly commands: Pick<ListCommands, 'importList'>
  readonly states: () => readonly ListState[]
  /** Lists are on trial: what is due waits until that has ended. Default: never. */
  readonly isOnTrial?: () => boolean
  /** Wall time, ms. */
  readonly nowMs: () => number
  readonly log: Logger
}

interface Planned {
  readonly list: ScheduledList
  /** Wall time, ms. */
  dueMs: number
  isRunning: boolean
}

const maxStderr = 1_000
/** What a turn and an import may take besides, ms. */
const spareMs = 30_000

export function createSchedule(options: ScheduleOptions): Schedule {
  const { commands, states, nowMs, log, isOnTrial = () => false } = options
  let planned = new Map<string, Planned>()
  let limits = { commandTimeoutS: 0, maxBytes: 0 }
  let failures = 0
  let running: Promise<unknown> = Promise.resolve()
  const stopping = new AbortController()

  const run = async (plan: Planned): Promise<void> => {
    const { list } = plan
    const origin = list.file ?? list.command.join(' ')
    try {
      const text = await readSource(list, limits, stopping.signal)
      const source = {
        text,
        format: list.format,
        column: list.column ?? undefined,
        maxBytes: limits.maxBytes,
      }
      const made = await commands.importList(
        {
          ...{ name: list.name, origin, reason: 'scheduled', force: false, dryRun: false, callerPeer: '' },
          confirmMs: 0,
          action: list.action === 'observe' ? 'count' : 'drop',
          // The end of a list that CrowdSec wrote is in it. One decision that is nearly over must not take the others
          // along: without it the next turn brings them again.
          ...(list.ttlS === 0
            ? { leastMs: (list.everyS + limits.commandTimeoutS) * 1000 + spareMs }
            : { ttlMs: list.ttlS * 1000 }),
          caller: { text: 'idsd, as configured' },
        },
        source,
      )
      const { added, removed, faultCount, refusedCount, faults } = made.prepared
      const fields = { list: list.name, entries: made.list.entries, added, removed, refused: refusedCount }
      if (faultCount > 0)
        log.warn({ ...fields, badLines: faultCount, first: faults }, 'a list was imported in part')
    } catch (error) {
      if (stopping.signal.aborted) return
      if (isOnTrial()) {
        plan.dueMs = nowMs()
        return
      }
      failures++
      const stays = states().some(({ name }) => name === list.name)
      const problem = (error as Error).message
      log.error(
        { list: list.name, from: origin, problem, stays },
        'a scheduled import failed; the list before stays',
      )
    }
  }

  return {
    configure({ scheduled, commandTimeoutS, maxBytes }) {
      limits = { commandTimeoutS, maxBytes }
      planned = new Map(
        scheduled.map((list) => {
          const known = planned.get(list.name)
          const isSame = known !== undefined && JSON.stringify(known.list) === JSON.stringify(list)
          return [list.name, isSame ? known : { list, dueMs: nowMs(), isRunning: false }]
        }),
      )
    },
    tick() {
      if (isOnTrial()) return
      for (const plan of planned.values()) {
        const { everyS } = plan.list
        // A clock that was set back must not stop the schedule.
        if (plan.isRunning || (plan.dueMs > nowMs() && plan.dueMs - nowMs() <= everyS * 1000)) continue
        plan.isRunning = true
        plan.dueMs = nowMs() + everyS * 1000
        const mine = run(plan).finally(() => {
          plan.isRunning = false
        })
        running = Promise.all([running, mine]).then(() => undefined)
      }
    },
    get failures() {
      return failures
    },
    async close() {
      stopping.abort()
      await running
    },
  }
}

type Limits = Pick<SchedulesConfig, 'commandTimeoutS' | 'maxBytes'>

/** @throws IdsdError `ERR_LIST` */
async function readSource(
  { file, command }: ScheduledList,
  limits: Limits,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (file !== null) {
    try {
      return await readFile(file, limits.maxBytes, signal)
    } catch (error) {
      if (error instanceof IdsdError) throw error
      throw new IdsdError('ERR_LIST', `${file} cannot be read: ${(error as Error).message}`)
    }
  }
  const [program = '', ...words] = command
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < maxStderr) stderr += text
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
    // A child of the command may hold the pipe open.
    child.stdout.destroy()
  }, limits.commandTimeoutS * 1000)
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  ended.catch(() => undefined)
  try {
    const [text, code] = await Promise.all([readAll(child.stdout, limits.maxBytes), ended])
    if (code === 0) return text
    throw new Error(
      `it ended with ${code ?? 'a signal'}${stderr === '' ? '' : `: ${stderr.trim().slice(0, maxStderr)}`}`,
    )
  } catch (error) {
    child.kill('SIGKILL')
    const why = isLate ? `it took longer than ${limits.commandTimeoutS} s` : (error as Error).message
    throw new IdsdError('ERR_LIST', `the command ${program} failed: ${why}`)
  } finally {
    clearTimeout(timer)
  }
}

/** A pipe would keep its list, and the end of idsd, waiting for who writes into it. */
async function readFile(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await file.stat()).isFile())
      throw new Error('it is no file with content, such as a folder or a pipe')
    return await readAll(file.createReadStream({ signal, autoClose: false }), maxBytes)
  } finally {
    await file.close()
  }
}

async function readAll(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stream) {
    size += (part as Buffer).length
    if (size > maxBytes) throw new IdsdError('ERR_LIST', `more than lists.max_bytes, ${maxBytes}`)
    parts.push(part as Buffer)
  }
  const whole = new Uint8Array(new SharedArrayBuffer(size))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
