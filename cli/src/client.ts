/** The gRPC channel to the daemon: loaded when first needed, with deadlines, errors told as CliError. */

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client, ClientReadableStream, ClientWritableStream, ServiceError } from '@grpc/grpc-js'
import { callError } from './call-error.js'
import type { ProtoGrpcType, StreamCalls, UnaryCalls, UploadCalls } from './contract.js'
import { CliError, EXIT } from './errors.js'
import type { Globals } from './globals.js'
import { checkReach } from './reach.js'

const PROTO = 'idsd/v1/idsd.proto'
const MAX_ANSWER_BYTES = 512 * 1024 * 1024

export interface DaemonClient {
  /** @param leastMs waits so long, or as the user said if that is longer. Default: as the user said @throws CliError */
  call<K extends keyof UnaryCalls>(
    name: K,
    request: UnaryCalls[K][0],
    leastMs?: number,
  ): Promise<UnaryCalls[K][1]>
  /** As `call`, of many messages. */
  send<K extends keyof UploadCalls>(
    name: K,
    messages: Iterable<UploadCalls[K][0]>,
    leastMs?: number,
  ): Promise<UploadCalls[K][1]>
  /** A stream without deadline; its errors are the caller's. */
  stream<K extends keyof StreamCalls>(
    name: K,
    request: StreamCalls[K][0],
  ): ClientReadableStream<StreamCalls[K][1]>
  close(): void
}

/**
 * Opens a channel over the unix socket, or over mutual TLS.
 * @throws CliError when nobody answers there
 */
export async function openClient(globals: Globals): Promise<DaemonClient> {
  const { socket, address, timeout, protoRoot } = globals
  const path = address ?? resolve(socket)
  const pems = address === undefined ? undefined : readPems(globals)
  await checkReach(path, timeout)
  const [{ credentials, loadPackageDefinition }, { loadSync }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('@grpc/proto-loader'),
  ])
  const definition = loadSync(PROTO, {
    includeDirs: [protoFolder(protoRoot)],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })
  const { idsd } = loadPackageDefinition(definition) as unknown as ProtoGrpcType
  const channel =
    pems === undefined ? credentials.createInsecure() : credentials.createSsl(pems.ca, pems.key, pems.cert)
  const stub = new idsd.v1.Idsd(pems === undefined ? `unix:${path}` : path, channel, {
    'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
  })
  return {
    call: (name, request, leastMs = 0) =>
      new Promise((done, failed) => {
        const waitMs = Math.max(timeout, leastMs)
        unary(stub, name)(request, { deadline: Date.now() + waitMs }, (error, response) => {
          if (error !== null) failed(callError(error, path, waitMs))
          else done(response as UnaryCalls[typeof name][1])
        })
      }),
    send: (name, messages, leastMs = 0) =>
      new Promise((done, failed) => {
        const waitMs = Math.max(timeout, leastMs)
        const sink = uploading(stub, name)({ deadline: Date.now() + waitMs }, (error, response) => {
          if (error !== null) failed(callError(error, path, waitMs))
          else done(response as UploadCalls[typeof name][1])
        })
        void sendAll(sink, messages)
      }),
    stream: (name, request) =>
      streaming(stub, name)(request) as ClientReadableStream<StreamCalls[typeof name][1]>,
    close: () => stub.close(),
  }
}

/** @throws CliError naming the file that cannot be read */
function readPems({ tlsCa, tlsCert, tlsKey }: Globals): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (flag: string, path = '') => {
    try {
      return readFileSync(path)
    } catch (error) {
      throw new CliError(
        EXIT.error,
        `${flag} ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
      )
    }
  }
  return { ca: read('--tls-ca', tlsCa), cert: read('--tls-cert', tlsCert), key: read('--tls-key', tlsKey) }
}

/** Runs `use` with a client and closes it afterwards. */
export async function withClient<T>(globals: Globals, use: (client: DaemonClient) => Promise<T>): Promise<T> {
  const client = await openClient(globals)
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

/** Beside the bundle (`build/cli/` or `lib/idsd/build/cli/`), or beside the compiled files (`build/cli/src/`). */
function protoFolder(wanted: string | undefined): string {
  const candidates =
    wanted !== undefined
      ? [resolve(wanted)]
      : ['../../proto', '../../../proto'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  const found = candidates.find((folder) => existsSync(resolve(folder, PROTO)))
  if (found !== undefined) return found
  throw new CliError(EXIT.error, `the contract ${PROTO} is not in ${candidates.join(' nor ')}`, [
    'run make again, or give its folder: IDSD_PROTO_ROOT=PATH',
  ])
}

type Unary = (
  request: unknown,
  options: { deadline: number },
  callback: (error: ServiceError | null, response?: unknown) => void,
) => void

function unary(stub: Client, name: keyof UnaryCalls): Unary {
  return (stub as unknown as Record<keyof UnaryCalls, Unary>)[name].bind(stub)
}

function streaming(stub: Client, name: keyof StreamCalls): (request: unknown) => unknown {
  return (stub as unknown as Record<keyof StreamCalls, (request: unknown) => unknown>)[name].bind(stub)
}

type Uploading = (
  options: { deadline: number },
  callback: (error: ServiceError | null, response?: unknown) => void,
) => ClientWritableStream<unknown>

function uploading(stub: Client, name: keyof UploadCalls): Uploading {
  return (stub as unknown as Record<keyof UploadCalls, Uploading>)[name].bind(stub)
}

/** The next message is made when the one before is on its way. What goes wrong is told by the call. */
async function sendAll(sink: ClientWritableStream<unknown>, messages: Iterable<unknown>): Promise<void> {
  let isOver = false
  let wake = () => {}
  sink.on('drain', () => wake())
  for (const event of ['error', 'close', 'status']) {
    sink.on(event, () => {
      isOver = true
      wake()
    })
  }
  for (const message of messages) {
    if (isOver || sink.destroyed) return
    if (sink.write(message)) continue
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  if (!isOver) sink.end()
}
