/** Lists that are imported again and again, from a file or from what a command prints, as the configuration says. */

import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import type { ListCommands } from '../control/list-commands.js'
import type { Limit } from '../enforce/decision.js'
import { IdsdError } from '../errors.js'
import type { Logger } from '../log.js'
import type { Rung } from '../policy/ladder.js'
import type { ListFormat } from './list-reader.js'
import type { ListAction, ListDoing } from './list-row.js'
import type { ListState } from './lists.js'
import { complaintInWords, sourceInWords } from './source-words.js'

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
  readonly action: Rung
  /** Of action `limit` only, and there always. */
  readonly limit?: Limit
}

/** What a scheduled list does, in the words of an import. */
export function doingOf({ action, limit }: Pick<ScheduledList, 'action' | 'limit'>): ListDoing {
  return { action: ACTIONS[action], ...(limit === undefined ? {} : { limit }) }
}

const ACTIONS: Readonly<Record<Rung, ListAction>> = {
  observe: 'count',
  limit: 'limit',
  syn_drop: 'synDrop',
  drop: 'drop',
  reject: 'reject',
}

export interface SchedulesConfig {
  readonly scheduled: readonly ScheduledList[]
  /** How long the entries of an import over gRPC may take to arrive. */
  readonly uploadS: number
  /** How long a command may run. */
  readonly commandTimeoutS: number
  /** Most that a file or a command may give, also unpacked. */
  readonly maxBytes: number
  /**
   * First wait after an import that failed, and after imported lists did not get into the kernel; each further one is twice
   * as long, up to `everyS` and to an hour.
   */
  readonly retryS: number
  /** How long a list that is over is kept, should the wall clock have been wrong. */
  readonly keepEndedS: number
}

/** How it stands with one list of the configuration. */
export interface ScheduledState {
  readonly name: string
  /** File, or program of the command. */
  readonly source: string
  readonly everyS: number
  /** It is imported now. */
  readonly isRunning: boolean
  /** Wall time, ms: when it is next tried. */
  readonly dueMs: number
  /** Imports that failed since one was done; 0 = the last one was, or there was none yet. */
  readonly failedTimes: number
  /** Wall time of the first of them, ms; 0 = none. */
  readonly failedSinceMs: number
  /** Why the last one failed; '' = it did not. */
  readonly problem: string
}

export interface Schedule {
  /** Takes over what is to be imported; a list whose words changed is due at once. */
  configure(config: SchedulesConfig): void
  /** Begins what is due. */
  tick(): void
  /** Imports that failed. */
  readonly failures: number
  /** By name. */
  states(): ScheduledState[]
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
  failedTimes: number
  failedSinceMs: number
  problem: string
}

const maxStderr = 1_000
/** What a turn and an import may take besides, ms. */
const spareMs = 30_000

export function createSchedule(options: ScheduleOptions): Schedule {
  const { commands, states, nowMs, log, isOnTrial = () => false } = options
  let planned = new Map<string, Planned>()
  let limits = { commandTimeoutS: 0, maxBytes: 0, retryS: 60 }
  let failures = 0
  let running: Promise<unknown> = Promise.resolve()
  const stopping = new AbortController()

  const run = async (plan: Planned): Promise<void> => {
    const { list } = plan
    const origin = sourceInWords(list)
    try {
      const text = await readSource(list, limits, stopping.signal)
      // Taken out of the configuration meanwhile, or said in other words: those are due by themselves.
      if (planned.get(list.name) !== plan) return
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
          ...doingOf(list),
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
      Object.assign(plan, { failedTimes: 0, failedSinceMs: 0, problem: '' })
    } catch (error) {
      if (stopping.signal.aborted) return
      if (isOnTrial()) {
        plan.dueMs = nowMs()
        return
      }
      failures++
      const stays = states().some(({ name }) => name === list.name)
      const problem = (error as Error).message
      const complaint = error instanceof SourceError ? error.complaint : ''
      const waitS = retryAfterS(plan.failedTimes++, limits.retryS, list.everyS)
      plan.dueMs = nowMs() + waitS * 1000
      plan.failedSinceMs ||= nowMs()
      plan.problem = problem
      log.error(
        { list: list.name, from: origin, problem, ...(complaint === '' ? {} : { complaint }), stays, waitS },
        'a scheduled import failed; the list before stays, and it is tried again',
      )
    }
  }

  return {
    configure({ scheduled, commandTimeoutS, maxBytes, retryS }) {
      limits = { commandTimeoutS, maxBytes, retryS }
      planned = new Map(
        scheduled.map((list) => {
          const known = planned.get(list.name)
          const isSame = known !== undefined && JSON.stringify(known.list) === JSON.stringify(list)
          const unheard = { isRunning: false, failedTimes: 0, failedSinceMs: 0, problem: '' }
          return [list.name, isSame ? known : { list, dueMs: nowMs(), ...unheard }]
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
    states: () =>
      [...planned.values()]
        .map(({ list, ...state }) => ({
          ...{ name: list.name, source: sourceInWords(list), everyS: list.everyS },
          ...state,
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    async close() {
      stopping.abort()
      await running
    },
  }
}

/** Longest wait for another try of what failed, s. */
const LONGEST_RETRY_S = 3_600

/** @param times that it failed before @param mostS no wait is longer, s @returns s */
export function retryAfterS(times: number, retryS: number, mostS = LONGEST_RETRY_S): number {
  return Math.min(retryS * 2 ** Math.min(times, 30), mostS, LONGEST_RETRY_S)
}

/** A file or a command gave no list. */
class SourceError extends IdsdError {
  /** @param complaint what the command said of it, for the log alone */
  constructor(
    message: string,
    readonly complaint = '',
  ) {
    super('ERR_LIST', message)
  }
}

type Limits = Pick<SchedulesConfig, 'commandTimeoutS' | 'maxBytes'>

/** What a scheduled list holds, as bytes that threads share. @throws IdsdError `ERR_LIST` */
export async function readSource(
  { file, command }: Pick<ScheduledList, 'file' | 'command'>,
  limits: Limits,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (file !== null) {
    try {
      return await readFile(file, limits.maxBytes, signal)
    } catch (error) {
      if (error instanceof IdsdError) throw error
      throw new SourceError(`${file} cannot be read: ${(error as Error).message}`)
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
    throw new Error(`it ended with ${code ?? 'a signal'}`)
  } catch (error) {
    child.kill('SIGKILL')
    const why = isLate ? `it took longer than ${limits.commandTimeoutS} s` : (error as Error).message
    throw new SourceError(
      `the command ${basename(program)} failed: ${why}`,
      complaintInWords(stderr, command),
    )
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
