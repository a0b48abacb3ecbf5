/** For tests: a real server on a socket in a temporary folder, and a real client of it. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { AuditRow } from '../control/audit-row.js'
import type { Commands } from '../control/commands.js'
import { createCommands } from '../control/create-commands.js'
import { createFakeEnforcement, type FakeEnforcement } from '../control/fake-enforcement.js'
import { createFakePanic } from '../control/fake-panic.js'
import { parseTarget } from '../policy/address.js'
import type { Refusal } from '../policy/guards.js'
import { createFakeView, type FakeView } from './fake-view.js'
import { createFeed } from './feed.js'
import type { IdsdClient } from './generated/idsd/v1/Idsd.js'
import type { ProtoGrpcType } from './generated/idsd.js'
import { type GrpcServer, type GrpcServerOptions, openGrpcServer } from './grpc-server.js'
import type { DecisionChange } from './handlers.js'
import type { Logger } from './logger.js'
import type { AlertRow, FlowRow } from './view.js'

export interface TestLog extends Logger {
  debug(fields: object, message: string): void
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[]
}

export function createTestLog(): TestLog {
  const lines: TestLog['lines'] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The folder `proto` of the repository that the tests run in. */
export function protoRoot(): string {
  for (let folder = process.cwd(); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'proto', 'idsd', 'v1', 'idsd.proto'))) return join(folder, 'proto')
  }
  throw new Error('run the tests inside the repository')
}

export function createClient(address: string, channel = credentials.createInsecure()): IdsdClient {
  const options = { longs: Number, enums: String, defaults: true, oneofs: true, includeDirs: [protoRoot()] }
  const proto = loadPackageDefinition(loadSync('idsd/v1/idsd.proto', options)) as unknown as ProtoGrpcType
  return new proto.idsd.v1.Idsd(address, channel)
}

export interface FakeDaemon extends AsyncDisposable {
  readonly folder: string
  readonly socketPath: string
  readonly server: GrpcServer
  readonly client: IdsdClient
  readonly view: FakeView
  readonly enforcement: FakeEnforcement
  readonly audit: AuditRow[]
  /** What guards object to; a test fills it. */
  readonly objections: Refusal[]
  readonly feeds: {
    readonly flows: ReturnType<typeof createFeed<FlowRow>>
    readonly decisions: ReturnType<typeof createFeed<DecisionChange>>
    readonly alerts: ReturnType<typeof createFeed<AlertRow>>
  }
  readonly log: TestLog
  /** Forgets what an earlier test left. */
  reset(): void
}

export async function openFakeDaemon(
  change: Partial<GrpcServerOptions> & { capacity?: number; commands?: Commands } = {},
): Promise<FakeDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-grpc-'))
  const socketPath = join(folder, 'idsd.sock')
  const view = createFakeView()
  const enforcement = createFakeEnforcement(Date.now)
  const audit: AuditRow[] = []
  const objections: Refusal[] = []
  const limits = { capacity: change.capacity ?? 64, maxReaders: 4 }
  const feeds = {
    flows: createFeed<FlowRow>(limits),
    decisions: createFeed<DecisionChange>(limits),
    alerts: createFeed<AlertRow>(limits),
  }
  const log = createTestLog()
  const commands = createCommands({
    enforcement,
    panic: createFakePanic(Date.now),
    parseTarget,
    nowMs: Date.now,
    audit: (row) => audit.push(row),
    refusals: () => objections,
  })
  const server = await openGrpcServer({
    ...{ protoRoot: protoRoot(), socketPath, view, commands, feeds, parseTarget, log, closeWithinMs: 300 },
    ...change,
  })
  const client = createClient(`unix:${socketPath}`)
  return {
    ...{ folder, socketPath, server, client, view, enforcement, audit, objections, feeds, log },
    reset() {
      for (const rows of [
        view.asked,
        enforcement.decisions,
        enforcement.allows,
        audit,
        objections,
        log.lines,
      ]) {
        rows.length = 0
      }
      Object.assign(view, { flowRows: [], decisionRows: [], alertRows: [], allows: [] })
    },
    [Symbol.asyncDispose]: async () => {
      client.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Calls a unary method: `await call(client, 'Block', {...})`. */
export function call<A>(client: object, method: string, request: object): Promise<A> {
  const unary = (client as Record<string, unknown>)[method] as (
    request: object,
    callback: (error: ServiceError | null, answer: A) => void,
  ) => void
  return new Promise((resolve, reject) => {
    unary.call(client, request, (error, answer) => (error === null ? resolve(answer) : reject(error)))
  })
}

/** The error that a unary method answers with. */
export async function failureOf(client: object, method: string, request: object): Promise<ServiceError> {
  try {
    await call(client, method, request)
  } catch (error) {
    return error as ServiceError
  }
  throw new Error(`${method} did not fail`)
}

/** Values of one key, as text. */
export function trailer(metadata: Metadata, key: string): string[] {
  return metadata.get(key).map(String)
}

/** Collects a stream until `count` messages have come, or it ends. */
export function take<M>(stream: ClientReadableStream<M>, count: number): Promise<M[]> {
  const messages: M[] = []
  return new Promise((resolve, reject) => {
    stream.on('data', (message: M) => {
      messages.push(message)
      if (messages.length < count) return
      resolve(messages)
      stream.cancel()
    })
    stream.on('error', reject)
    stream.on('end', () => resolve(messages))
    stream.resume()
  })
}

/** Waits, a turn of the event loop at a time, until something is so. */
export async function until(isSo: () => boolean, withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`did not happen within ${withinMs} ms: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
