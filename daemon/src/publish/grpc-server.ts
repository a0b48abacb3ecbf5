/** The gRPC server: a unix socket for this machine and, when asked for, a TCP port behind mutual TLS. */

import { join } from 'node:path'
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation, protoPath as healthProtoPath } from 'grpc-health-check'
import type { Endpoint } from '../config/config.js'
import type { Commands } from '../control/commands.js'
import type { ParseTarget } from '../control/enforcement.js'
import { IdsdError } from '../errors.js'
import type { ProtoGrpcType } from './generated/idsd.js'
import { type GuardOptions, guardMethods } from './guard-methods.js'
import { createHandlers, type Feeds } from './handlers.js'
import type { ListService } from './list-handlers.js'
import type { Logger } from './logger.js'
import { markPeer, type ReadPeer } from './peer.js'
import { createRevocation } from './revocation.js'
import type { Admission } from './roles.js'
import { createTcpCredentials, type Pems, type TcpCredentials } from './tcp-credentials.js'
import { openUnixSocket } from './unix-socket.js'
import type { View } from './view.js'

export interface TcpOptions extends Pems {
  /** Port 0 takes a free one. */
  readonly endpoint: Endpoint
  /** Certificates that were called back, as `readRevoked` gives them. */
  readonly revoked?: ReadonlySet<string> | undefined
}

export interface GrpcServerOptions {
  /** Folder that holds `idsd/v1/idsd.proto`. */
  readonly protoRoot: string
  readonly socketPath: string
  /** Permission bits. Default 0o660. */
  readonly socketMode?: number | undefined
  /** Who may use the socket. The operators' group is the group of its file. */
  readonly admission?: Admission | undefined
  /** Lets the readers' group use the socket's file too. */
  readonly admitReaders?: ((path: string, gid: number) => void) | undefined
  /** Reads who made a unix connection; without it all are operators, and the audit knows only what a request claims. */
  readonly readPeer?: ReadPeer | undefined
  readonly userName?: GuardOptions['userName'] | undefined
  readonly groups?: GuardOptions['groups'] | undefined
  readonly onRefused?: GuardOptions['onRefused'] | undefined
  readonly tcp?: TcpOptions | undefined
  readonly view: View
  readonly commands: Commands
  /** Imported lists; default: there are none. */
  readonly lists?: ListService | undefined
  readonly feeds: Feeds
  readonly parseTarget: ParseTarget
  readonly log: Logger
  /** How long `close` waits for calls that run before it cuts them off, ms. Default 2,000. */
  readonly closeWithinMs?: number | undefined
}

export interface GrpcServer extends AsyncDisposable {
  /** TCP port, when there is one. */
  readonly port: number | undefined
  /** As of `TcpCredentials`; false without a port. */
  shows(cert: Buffer): boolean
  /** As `TcpCredentials.replace`; false without a port. */
  useCertificates(pems: Partial<Pems>): boolean
  /** What is called back from here on. @param serials as `readRevoked` gives them @returns how many streams ended */
  revoke(serials: ReadonlySet<string>): number
  /** Streams end with UNAVAILABLE, calls may finish; idempotent. */
  close(): Promise<void>
}

const SERVICE = 'idsd.v1.Idsd'
/** A request is a few fields; what is longer is a mistake or worse. */
const MAX_REQUEST_BYTES = 64 * 1024
/** Ten thousand alerts with their flows. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

const SERVER_OPTIONS = {
  'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
  'grpc.max_send_message_length': MAX_ANSWER_BYTES,
  'grpc.max_concurrent_streams': 100,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
}

/** How messages are read. The generated types are made with the same choices; counters stay below 2^53. */
const LOADER_OPTIONS = { longs: Number, enums: String, defaults: true, oneofs: true } as const

/** @throws IdsdError `ERR_LISTEN` naming the option whose address cannot be had */
export async function openGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { protoRoot, log, closeWithinMs = 2_000, admission = {} } = options
  const definition = loadSync(join('idsd', 'v1', 'idsd.proto'), {
    ...LOADER_OPTIONS,
    includeDirs: [protoRoot],
  })
  const proto = loadPackageDefinition(definition) as unknown as ProtoGrpcType
  const handlers = createHandlers(options)
  const revocation = createRevocation(options.tcp?.revoked)
  const server = new Server(SERVER_OPTIONS)
  server.addService(proto.idsd.v1.Idsd.service, guardMethods(handlers.service, { ...options, revocation }))
  const health = new HealthImplementation({ '': 'SERVING', [SERVICE]: 'SERVING' })
  health.addToServer(server)
  new ReflectionService({ ...definition, ...healthDefinition() }).addToServer(server)

  // The socket file is ours to make (permissions before the first connection, user of each), so grpc-js gets
  // connections, not a path. Permissions of the file are the credentials.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const unix = await openUnixSocket({
    path: options.socketPath,
    mode: options.socketMode ?? 0o660,
    gid: admission.operatorGid,
    admitUid: admission.admitUid,
    admitMore: (path) => {
      const { readerGid } = admission
      if (readerGid === undefined) return
      try {
        options.admitReaders?.(path, readerGid)
      } catch (error) {
        log.warn({ err: error }, 'the readers of grpc.reader_group cannot use the socket')
      }
    },
    onConnection: (socket) => {
      markPeer(socket, options.readPeer, admission)
      injector.injectConnection(socket)
    },
    onError: (error) => log.warn({ err: error }, 'a gRPC connection could not be taken'),
  })
  let port: number | undefined
  let tcp: TcpCredentials | undefined
  try {
    if (options.tcp !== undefined) [port, tcp] = await listenTcp(server, options.tcp)
  } catch (error) {
    unix.close()
    server.forceShutdown()
    throw error
  }
  log.info({ socket: options.socketPath, port }, 'gRPC is served')

  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const name of ['', SERVICE]) health.setStatus(name, 'NOT_SERVING')
      unix.close()
      handlers.endStreams()
      await shutDown(server, closeWithinMs)
    })()
    return closed
  }
  return {
    ...{ port, close, revoke: revocation.replace },
    shows: (cert) => tcp?.shows(cert) === true,
    useCertificates: (pems) => tcp?.replace(pems) === true,
    [Symbol.asyncDispose]: close,
  }
}

/** TCP is never without mutual TLS: whoever gets in may block anybody. */
function listenTcp(
  server: Server,
  { endpoint, revoked: _, ...pems }: TcpOptions,
): Promise<[number, TcpCredentials]> {
  const { host, port } = endpoint
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error)
      reject(new IdsdError('ERR_LISTEN', `grpc.listen ${address}: ${text}`, { cause: error }))
    }
    try {
      const tcp = createTcpCredentials(pems)
      server.bindAsync(address, tcp.credentials, (error, bound) =>
        error === null ? resolve([bound, tcp]) : fail(error),
      )
    } catch (error) {
      fail(error)
    }
  })
}

/** Waits for calls that run, then cuts off what is left. */
function shutDown(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown()
      resolve()
    }, withinMs)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The health service belongs into reflection too, so that grpcurl can call it without a file. */
function healthDefinition(): PackageDefinition {
  return loadSync(healthProtoPath, LOADER_OPTIONS)
}
