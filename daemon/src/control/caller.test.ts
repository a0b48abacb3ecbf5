import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Caller, callerName } from './caller.js'

describe('callerName', () => {
  const cases: [string, Caller, string][] = [
    ['puts the proven user before the claim', { uid: 1000, text: 'alice' }, 'uid:1000 (alice)'],
    ['is the user alone without a claim', { uid: 0, text: '' }, 'uid:0'],
    ['names the certificate over TLS', { certificate: 'ops', text: 'bob' }, 'cert:ops (bob)'],
    ['is the bare claim where nothing is proven', { text: 'bob' }, 'bob'],
    ['is unknown without anything', { text: ' ' }, 'unknown'],
    [
      'takes line breaks and escapes out of a claim',
      { uid: 1, text: 'a\n\u001b[31mb\u202e' },
      'uid:1 (a[31mb)',
    ],
    ['cuts a claim at 100 characters', { text: 'x'.repeat(101) }, 'x'.repeat(100)],
  ]
  for (const [name, caller, expected] of cases) it(name, () => assert.equal(callerName(caller), expected))
})
