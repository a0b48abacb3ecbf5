import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { credentials, status } from '@grpc/grpc-js'
import { call, createClient, type FakeDaemon, openFakeDaemon } from './fake-daemon.js'
import type { BlockResponse__Output } from './generated/idsd/v1/BlockResponse.js'
import { readRevoked } from './revocation.js'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const skip = !hasOpenssl && process.env.CI !== 'true' && 'needs openssl'

describe('the TCP port', { skip }, () => {
  let folder: string
  let daemon: FakeDaemon
  let address: string
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-tls-'))
    makeAuthority('ca')
    makeAuthority('stranger')
    makeCertificate('server', 'ca', 'localhost')
    makeCertificate('ops', 'ca', 'ops-laptop')
    makeCertificate('foreign', 'stranger', 'ops-laptop')
    const tcp = {
      endpoint: { host: '127.0.0.1', port: 0 },
      ca: pem('ca.crt'),
      cert: pem('server.crt'),
      key: pem('server.key'),
    }
    daemon = await openFakeDaemon({ tcp })
    address = `localhost:${daemon.server.port}`
  })
  after(async () => {
    await daemon[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const pem = (name: string) => readFileSync(join(folder, name))
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const newKey = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ]

  function makeAuthority(name: string): void {
    openssl('req', '-x509', ...newKey(name), '-out', `${name}.crt`, '-days', '2', '-subj', `/CN=${name}`)
  }

  function makeCertificate(name: string, authority: string, commonName: string): void {
    writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost')
    openssl('req', '-new', ...newKey(name), '-out', `${name}.csr`, '-subj', `/OU=operator/CN=${commonName}`)
    const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial']
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-out',
      `${name}.crt`,
      '-days',
      '2',
      '-extfile',
      'names',
    )
  }

  async function blockAs(
    channel: ReturnType<typeof credentials.createInsecure>,
  ): Promise<BlockResponse__Output> {
    const client = createClient(address, channel)
    try {
      return await call(client, 'Block', { target: '203.0.113.5', dryRun: true, caller: 'bob' })
    } finally {
      client.close()
    }
  }

  it('admits a certificate of its authority and notes its name', async () => {
    const { decision } = await blockAs(credentials.createSsl(pem('ca.crt'), pem('ops.key'), pem('ops.crt')))
    assert.equal(decision?.createdBy, 'cert:ops-laptop operator (bob)')
  })

  it('turns away a client without a certificate', async () => {
    await assert.rejects(blockAs(credentials.createSsl(pem('ca.crt'))), { code: status.UNAVAILABLE })
  })

  it('turns away a certificate of another authority', async () => {
    const channel = credentials.createSsl(pem('ca.crt'), pem('foreign.key'), pem('foreign.crt'))
    await assert.rejects(blockAs(channel), { code: status.UNAVAILABLE })
  })

  it('turns away a client without TLS', async () => {
    await assert.rejects(blockAs(credentials.createInsecure()), { code: status.UNAVAILABLE })
  })

  it('refuses a certificate that is called back, ends its streams, and takes it again once it is not', async () => {
    const channel = () => credentials.createSsl(pem('ca.crt'), pem('ops.key'), pem('ops.crt'))
    const client = createClient(address, channel())
    const stream = (
      client as unknown as { watchDecisions(request: object): NodeJS.EventEmitter }
    ).watchDecisions({})
    const ended = new Promise<{ code: number }>((resolve) => stream.once('error', resolve))
    stream.on('data', () => {})
    await call(client, 'GetStatus', {})
    const serial = new X509Certificate(pem('ops.crt')).serialNumber
    assert.equal(daemon.server.revoke(readRevoked(serial)), 1)
    assert.equal((await ended).code, status.PERMISSION_DENIED)
    await assert.rejects(call(client, 'GetStatus', {}), {
      code: status.PERMISSION_DENIED,
      details: /cert:ops-laptop was called back/,
    })
    await assert.rejects(blockAs(channel()), { code: status.PERMISSION_DENIED })
    daemon.server.revoke(new Set())
    await call(client, 'GetStatus', {})
    client.close()
  })

  it('shows another certificate and admits by another authority without a new port, and keeps both for faulty ones', async () => {
    const known = () => credentials.createSsl(pem('ca.crt'), pem('ops.key'), pem('ops.crt'))
    const stranger = () => credentials.createSsl(pem('stranger.crt'), pem('foreign.key'), pem('foreign.crt'))
    const open = createClient(address, known())
    await call(open, 'GetStatus', {})
    makeCertificate('server2', 'stranger', 'localhost')
    assert.equal(daemon.server.useCertificates({ ca: pem('ca.crt') }), false)
    for (const faulty of [
      { ca: Buffer.from('no certificate') },
      { cert: pem('server2.crt') },
      { cert: Buffer.alloc(0), key: pem('server2.key') },
    ]) {
      assert.throws(() => daemon.server.useCertificates(faulty))
    }
    await blockAs(known())

    const pair = { cert: pem('server2.crt'), key: pem('server2.key') }
    assert.equal(daemon.server.useCertificates({ ca: pem('stranger.crt'), ...pair }), true)
    await blockAs(stranger())
    await assert.rejects(blockAs(known()), { code: status.UNAVAILABLE })
    // What is open goes on.
    await call(open, 'GetStatus', {})
    open.close()
    daemon.server.useCertificates({ ca: pem('ca.crt'), cert: pem('server.crt'), key: pem('server.key') })
    await blockAs(known())
  })

  it('says which address cannot be had', async () => {
    const tcp = {
      endpoint: { host: '127.0.0.1', port: daemon.server.port ?? 0 },
      ca: pem('ca.crt'),
      cert: pem('server.crt'),
      key: pem('server.key'),
    }
    await assert.rejects(openFakeDaemon({ tcp }), {
      code: 'ERR_LISTEN',
      message: /grpc\.listen 127\.0\.0\.1/,
    })
  })
})
