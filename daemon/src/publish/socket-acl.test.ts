import assert from 'node:assert/strict'
import { test } from 'node:test'
import { socketAcl } from './socket-acl.js'

test('the access list lets owner, group and the named group read and write, and nobody else', () => {
  const bytes = new DataView(socketAcl(994).buffer)
  assert.equal(bytes.getUint32(0, true), 2)
  const entries = Array.from({ length: (bytes.byteLength - 4) / 8 }, (_, i) => [
    bytes.getUint16(4 + i * 8, true),
    bytes.getUint16(6 + i * 8, true),
    bytes.getUint32(8 + i * 8, true),
  ])
  const none = 0xffffffff
  // The kernel takes them in this order only.
  assert.deepEqual(entries, [
    [0x01, 6, none],
    [0x04, 6, none],
    [0x08, 6, 994],
    [0x10, 6, none],
    [0x20, 0, none],
  ])
})
