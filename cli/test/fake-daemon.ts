/** A gRPC server on a unix socket that answers as a test tells it, and keeps what it was asked. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type status,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { ProtoGrpcType, StreamCalls, UnaryCalls, UploadCalls } from '../src/contract.js'
import { protoRoot } from './run-idsctl.js'

export type Request = Readonly<Record<string, unknown>>

/** The fields of a message that say something: not '', 0 or false. */
export function said(message: unknown): Request {
  return Object.fromEntries(Object.entries(message as Request).filter(([, value]) => value))
}

type UnaryAnswers = { readonly [K in keyof UnaryCalls]?: (request: Request) => object }
type StreamAnswers = {
  readonly [K in keyof StreamCalls]?: (call: ServerWritableStream<Request, object>) => void
}
/** Asked with the fields of all messages of the call together; of a field that comes again the last. */
type UploadAnswers = { readonly [K in keyof UploadCalls]?: (request: Request) => object }
export type Answers = UnaryAnswers & StreamAnswers & UploadAnswers

export interface FakeDaemon {
  readonly socket: string
  /** Every request, in order. */
  readonly requests: readonly { readonly name: string; readonly request: Request }[]
  /** Stops at once: calls in flight are cut. */
  close(): Promise<void>
}

/** Throw from an answer to end the call with a status. */
export class RpcError extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(details)
  }
}

export async function openFakeDaemon(answers: Answers): Promise<FakeDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'idsctl-'))
  const socket = join(folder, 'idsd.sock')
  const options = { includeDirs: [protoRoot()], longs: Number, enums: String, defaults: true, oneofs: true }
  const definition = loadSync('idsd/v1/idsd.proto', options)
  const { idsd } = loadPackageDefinition(definition) as unknown as ProtoGrpcType
  const requests: { name: string; request: Request }[] = []
  const server = new Server()
  const handlers = Object.entries(answers).map(([name, answer]) => {
    const keep = (request: Request) => requests.push({ name, request })
    if (name === 'importList' || name === 'planImport')
      return [name, uploading(answer as (request: Request) => object, keep)]
    const handler =
      name.startsWith('watch') || name.startsWith('export')
        ? streaming(answer as (call: ServerWritableStream<Request, object>) => void, keep)
        : unary(answer as (request: Request) => object, keep)
    return [name, handler]
  })
  server.addService(idsd.v1.Idsd.service, Object.fromEntries(handlers))
  await new Promise<void>((done, failed) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? done() : failed(error),
    )
  })
  return {
    socket,
    requests,
    close: async () => {
      server.forceShutdown()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function unary(
  answer: (request: Request) => object,
  keep: (request: Request) => void,
): handleUnaryCall<Request, object> {
  return ({ request }, callback) => {
    keep(request)
    try {
      callback(null, answer(request))
    } catch (error) {
      callback(error as RpcError)
    }
  }
}

function uploading(
  answer: (request: Request) => object,
  keep: (request: Request) => void,
): handleClientStreamingCall<Request, object> {
  return (call, callback) => {
    const fields: Record<string, unknown> = {}
    call.on('data', (message: Request) => {
      for (const [name, value] of Object.entries(message)) {
        if (Buffer.isBuffer(value))
          fields[name] = Buffer.concat([(fields[name] ?? Buffer.alloc(0)) as Buffer, value])
        else if (value !== null) fields[name] = value
      }
    })
    call.on('end', () => {
      keep(fields)
      try {
        callback(null, answer(fields))
      } catch (error) {
        callback(error as RpcError)
      }
    })
  }
}

function streaming(
  answer: (call: ServerWritableStream<Request, object>) => void,
  keep: (request: Request) => void,
): handleServerStreamingCall<Request, object> {
  return (call) => {
    keep(call.request)
    answer(call)
  }
}
