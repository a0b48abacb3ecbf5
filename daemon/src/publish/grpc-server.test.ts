import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { credentials, loadPackageDefinition, status } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoPath as healthProto } from 'grpc-health-check'
import { call, type FakeDaemon, openFakeDaemon } from './fake-daemon.js'

let daemon: FakeDaemon
before(async () => {
  daemon = await openFakeDaemon()
})
after(() => daemon[Symbol.asyncDispose]())

describe('what grpcurl needs', () => {
  it('health is SERVING for the whole and for the service, unknown for others', async () => {
    const proto = loadPackageDefinition(loadSync(healthProto, { enums: String })) as never as {
      grpc: { health: { v1: { Health: new (address: string, creds: object) => { close(): void } } } }
    }
    const client = new proto.grpc.health.v1.Health(`unix:${daemon.socketPath}`, credentials.createInsecure())
    for (const service of ['', 'idsd.v1.Idsd']) {
      assert.deepEqual(await call(client, 'Check', { service }), { status: 'SERVING' })
    }
    await assert.rejects(call(client, 'Check', { service: 'x' }), { code: status.NOT_FOUND })
    client.close()
  })

  for (const version of ['v1', 'v1alpha'] as const) {
    it(`reflection ${version} lists the services and describes ours`, async () => {
      const answers = await reflect(version, [{ listServices: '' }, { fileContainingSymbol: 'idsd.v1.Idsd' }])
      const names = answers[0]?.listServicesResponse?.service.map(({ name }) => name) ?? []
      assert.ok(names.includes('idsd.v1.Idsd'), names.join())
      assert.ok(names.includes('grpc.health.v1.Health'), names.join())
      const file = answers[1]?.fileDescriptorResponse?.fileDescriptorProto[0]
      assert.ok(file?.includes('WatchDecisions'))
    })
  }
})

describe('the socket', () => {
  it('is made with the mode asked for', () => {
    const stat = statSync(daemon.socketPath)
    assert.equal(stat.isSocket(), true)
    assert.equal(stat.mode & 0o777, 0o660)
  })

  it('outlives a client that speaks no HTTP/2', async () => {
    const socket = connect(daemon.socketPath)
    socket.on('error', () => {})
    socket.resume()
    socket.end('GET / HTTP/1.0\r\n\r\n'.repeat(100))
    await new Promise((resolve) => socket.once('close', resolve))
    await call(daemon.client, 'GetStatus', {})
  })

  it('is gone after close, and closing twice is closing once', async () => {
    const other = await openFakeDaemon()
    await call(other.client, 'GetStatus', {})
    await Promise.all([other.server.close(), other.server.close()])
    assert.equal(existsSync(other.socketPath), false)
    await assert.rejects(call(other.client, 'GetStatus', {}), { code: status.UNAVAILABLE })
    await other[Symbol.asyncDispose]()
  })
})

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] }
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] }
}

/** The reflection service, described as far as this test needs it (grpc/reflection/v1/reflection.proto). */
async function reflect(version: string, requests: object[]): Promise<ReflectionAnswer[]> {
  const path = `${daemon.folder}/reflection-${version}.proto`
  writeFileSync(
    path,
    `syntax = "proto3"; package grpc.reflection.${version};
    service ServerReflection { rpc ServerReflectionInfo(stream Request) returns (stream Response); }
    message Request { oneof message_request { string file_containing_symbol = 4; string list_services = 7; } }
    message Files { repeated bytes file_descriptor_proto = 1; }
    message Service { string name = 1; }
    message Services { repeated Service service = 1; }
    message Response { oneof message_response { Files file_descriptor_response = 4;
      Services list_services_response = 6; } }`,
  )
  type Stream = {
    write(request: object): void
    end(): void
    [Symbol.asyncIterator](): AsyncIterator<ReflectionAnswer>
  }
  type Client = { ServerReflectionInfo(): Stream; close(): void }
  const grpc = loadPackageDefinition(loadSync(path, { oneofs: true })) as never as {
    grpc: { reflection: Record<string, { ServerReflection: new (address: string, creds: object) => Client }> }
  }
  const Reflection = grpc.grpc.reflection[version]!.ServerReflection
  const client = new Reflection(`unix:${daemon.socketPath}`, credentials.createInsecure())
  const stream = client.ServerReflectionInfo()
  for (const request of requests) stream.write(request)
  stream.end()
  const answers: ReflectionAnswer[] = []
  for await (const answer of stream) answers.push(answer)
  client.close()
  return answers
}
