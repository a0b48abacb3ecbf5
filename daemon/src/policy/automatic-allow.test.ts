import assert from 'node:assert/strict'
import { test } from 'node:test'
import { automaticAllow } from './automatic-allow.js'

test('addresses are told in canonical text, each once with its first reason; what is none is left out', () => {
  const host = {
    own: () => ['10.0.0.1', 'fe80::1'],
    gateways: () => ['2001:0db8:0000:0000:0000:0000:0000:00fe', '10.0.0.254'],
    resolvers: () => ['10.0.0.254', 'resolver.example', '::ffff:192.0.2.53'],
  }
  const entries = automaticAllow(host, 7)
  assert.deepEqual(
    entries.map(({ target, reason }) => [target, reason]),
    [
      ['10.0.0.1', 'an address of this host'],
      ['fe80::1', 'an address of this host'],
      ['2001:db8::fe', 'the gateway'],
      ['10.0.0.254', 'the gateway'],
      ['192.0.2.53', 'a resolver'],
    ],
  )
  assert.ok(entries.every(({ source, createdAtMs }) => source === 'automatic' && createdAtMs === 7))
})
