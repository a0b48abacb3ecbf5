/** The database of idsd: decisions, allowlist, audit, flows and alerts in one SQLite file. */

import { chmodSync, closeSync, openSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import { type AppliedTable, createAppliedTable } from './applied-table.js'
import { type BreakerTable, createBreakerTable } from './breaker-table.js'
import { type CalibrationTable, createCalibrationTable } from './calibration-table.js'
import { createDecisionTable, type DecisionTable } from './decision-table.js'
import { createJournal, type Journal } from './journal.js'
import { createListTable, type ListTable } from './list-table.js'
import { createOperatorTables, type OperatorTables } from './operator-tables.js'
import { createPanicTable, type PanicTable } from './panic-table.js'
import { createPruner, type Pruned, type Retention } from './retention.js'
import { migrate } from './schema.js'
import { asStoreError, StoreError } from './store-error.js'
import { createTrialTable, type TrialTable } from './trial-table.js'

export interface StoreOptions {
  /** File of the database; made with mode 0600 when it is not there. Its folder must exist. */
  readonly path: string
  /** The file never grows past this, bytes; beyond it writing fails with `ERR_STORE_FULL`. Default 4 GiB. */
  readonly maxFileBytes?: number
  /** How long to wait for another process that holds the database, ms. Default 2,000. */
  readonly busyTimeoutMs?: number
  /** Longest search for flows, ms: it runs on the daemon's own thread. Default 200. */
  readonly searchLimitMs?: number
  /** Names of the columns that features have, in their order. Default none: features are not stored. */
  readonly featureNames?: readonly string[]
  /** Flows that wait in memory at most; beyond that the oldest are dropped and counted. Default 131,072. */
  readonly maxWaitingFlows?: number
  /** How long a flow waits for its next record before it is written, ms. Default 1,000. */
  readonly flowWaitMs?: number
  /** Time since some moment, ms; never goes back. Default: the process's own. */
  readonly uptimeMs?: () => number
}

/** Every method throws StoreError; see StoreErrorCode for what the codes ask for. */
export interface Store
  extends DecisionTable,
    OperatorTables,
    PanicTable,
    BreakerTable,
    CalibrationTable,
    TrialTable,
    AppliedTable,
    ListTable,
    Journal {
  /** Takes out what is too old or too much, at most `maxRows` in one call. @param nowMs wall time, ms */
  prune(nowMs: number, retention?: Retention): Pruned
  /** Runs several changes as one transaction: all or nothing. */
  transaction<T>(change: () => T): T
  /**
   * Moves what was written into the main file: some ms, and two waits for the disk. Without it, it happens in the middle
   * of a write, at 64 MiB.
   */
  checkpoint(): void
  /** Writes everything, also what waits, into the main file and closes it; a second call does nothing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const OWNER_ONLY = 0o600
const CACHE_KIB = 16 * 1024
const JOURNAL_BYTES = 64 * 1024 * 1024
const PAGE_BYTES = 4_096

/** @throws StoreError when the file cannot be opened, is damaged, or was written by a newer idsd */
export function openStore(options: StoreOptions): Store {
  const { path, maxFileBytes = 2 ** 32, busyTimeoutMs = 2_000 } = options
  const database = openDatabase(path, maxFileBytes, busyTimeoutMs)
  const { prune, flushAll, ...tables } = prepared(database, options)
  const run = <T>(action: string, work: () => T): T => {
    if (!database.open) throw new StoreError('ERR_STORE_CLOSED', `${path}: ${action}: the store is closed`)
    try {
      return work()
    } catch (error) {
      throw error instanceof Sqlite.SqliteError ? asStoreError(error, path, action) : error
    }
  }

  async function close(): Promise<void> {
    if (!database.open) return
    try {
      run('close', () => {
        flushAll()
        database.pragma('wal_checkpoint(TRUNCATE)')
      })
    } finally {
      database.close()
    }
  }

  return {
    ...guarded(tables, run),
    prune: (nowMs, retention) => run('prune', () => prune(nowMs, retention)),
    checkpoint: () => run('checkpoint', () => void database.pragma('wal_checkpoint(PASSIVE)')),
    transaction: (change) => run('transaction', () => database.transaction(change)()),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function openDatabase(path: string, maxFileBytes: number, busyTimeoutMs: number): Database {
  let database: Database | undefined
  try {
    closeSync(openSync(path, 'a', OWNER_ONLY))
    chmodSync(path, OWNER_ONLY)
    database = new Sqlite(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = NORMAL')
    database.pragma(`cache_size = -${CACHE_KIB}`)
    database.pragma(`journal_size_limit = ${JOURNAL_BYTES}`)
    database.pragma(`wal_autocheckpoint = ${JOURNAL_BYTES / PAGE_BYTES}`)
    const pageBytes = Number(database.pragma('page_size', { simple: true }))
    database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxFileBytes / pageBytes))}`)
    migrate(database)
    return database
  } catch (error) {
    database?.close()
    throw asStoreError(error, path, 'open')
  }
}

type Tables = DecisionTable &
  OperatorTables &
  PanicTable &
  BreakerTable &
  CalibrationTable &
  TrialTable &
  AppliedTable &
  ListTable &
  Journal

function prepared(
  database: Database,
  { path, ...options }: StoreOptions,
): Tables & { prune: ReturnType<typeof createPruner>; flushAll: () => void } {
  try {
    return {
      ...createDecisionTable(database),
      ...createOperatorTables(database),
      ...createPanicTable(database),
      ...createBreakerTable(database),
      ...createListTable(database),
      ...createTrialTable(database),
      ...createAppliedTable(database),
      ...createCalibrationTable(database),
      ...createJournal(database, {
        searchLimitMs: options.searchLimitMs ?? 200,
        featureNames: options.featureNames ?? [],
        maxWaitingFlows: options.maxWaitingFlows ?? 131_072,
        flowWaitMs: options.flowWaitMs ?? 1_000,
        uptimeMs: options.uptimeMs ?? (() => performance.now()),
      }),
      prune: createPruner(database),
    }
  } catch (error) {
    database.close()
    throw asStoreError(error, path, 'open')
  }
}

/** The same methods; what SQLite throws becomes a StoreError that names the method. */
function guarded(tables: Tables, run: <T>(action: string, work: () => T) => T): Tables {
  const methods = Object.entries(tables) as [keyof Tables, (...given: unknown[]) => unknown][]
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...given: unknown[]) => run(name, () => method(...given))]),
  ) as unknown as Tables
}
