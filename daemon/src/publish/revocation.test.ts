import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTestLog } from './fake-daemon.js'
import { guardMethods } from './guard-methods.js'
import type { PeerCall } from './peer.js'
import { createRevocation, readRevoked } from './revocation.js'

const callOf = (serialNumber?: string): PeerCall => ({
  getPeer: () => '192.0.2.1:5',
  getAuthContext: () => (serialNumber === undefined ? {} : { sslPeerCertificate: { serialNumber } }),
})

describe('certificates that are called back', () => {
  for (const [name, text, serial, expected] of [
    ['the same digits', '1F2E', '1F2E', true],
    ['other letters', '1f2e', '1F2E', true],
    ['colons', '1f:2e', '1F2E', true],
    ['zeros before it', '001F2E', '1F2E', true],
    ['zeros before the certificate’s', '1F2E', '001F2E', true],
    ['a note', '1F2E  # alice, laptop lost', '1F2E', true],
    ['another line', '# nobody\r\n\r\nAB\r\n1F2E\r\n', '1F2E', true],
    ['a part of it', '1F', '1F2E', false],
    ['a note alone', '# 1F2E', '1F2E', false],
    ['nothing', '', '1F2E', false],
  ] as const) {
    it(`${name}: ${expected ? 'is' : 'is not'} called back`, () => {
      assert.equal(createRevocation(readRevoked(text)).isRevoked(callOf(serial)), expected)
    })
  }

  for (const text of ['1F2E alice', 'alice', '1F,2E', '0x1F', 'F'.repeat(65)]) {
    it(`${JSON.stringify(text.slice(0, 20))} is no serial number, and the list is refused with its line`, () => {
      assert.throws(() => readRevoked(`AB\n${text}\n`), { code: 'ERR_REVOKED', message: /^line 2: / })
    })
  }

  it('a caller without a certificate is not, whatever the list', () => {
    assert.equal(createRevocation(readRevoked('0')).isRevoked(callOf()), false)
  })

  it('ends the streams of those that are called back, once, and no others', () => {
    const revocation = createRevocation()
    const ended: string[] = []
    revocation.watch(callOf('1A'), () => ended.push('1A'))
    revocation.watch(callOf('2B'), () => ended.push('2B'))
    const forget = revocation.watch(callOf('1A'), () => ended.push('over before'))
    forget()
    assert.equal(revocation.replace(readRevoked('1A')), 1)
    assert.equal(revocation.replace(readRevoked('1A')), 0)
    assert.deepEqual(ended, ['1A'])
  })

  it('ends an upload of theirs before anything is done with it', () => {
    const revocation = createRevocation()
    const ended: string[] = []
    const subject = { CN: 'alice', OU: 'operator' }
    const upload = {
      ...{ getPeer: () => '192.0.2.1:5', on: () => {} },
      getAuthContext: () => ({ sslPeerCertificate: { serialNumber: '1A', subject } }),
      destroy: ({ message }: Error) => ended.push(message),
    }
    const taken: unknown[] = []
    const service = { ImportList: (call: unknown) => taken.push(call) } as never
    const { ImportList } = guardMethods(service, { log: createTestLog(), revocation })
    ;(ImportList as unknown as (...args: unknown[]) => void)(upload, () => {})
    assert.deepEqual([taken.length, ended.length], [1, 0])
    assert.equal(revocation.replace(readRevoked('1A')), 1)
    assert.match(ended.join(), /^the certificate of cert:alice was called back/)
  })
})
