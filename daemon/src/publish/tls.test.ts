import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { credentials, status } from '@grpc/grpc-js'
import { call, createClient, type FakeDaemon, openFakeDaemon } from './fake-daemon.js'
import type { BlockResponse__Output } from './generated/idsd/v1/BlockResponse.js'

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
