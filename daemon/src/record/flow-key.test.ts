import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressRange, parseTarget } from '../policy/address.js'
import { flowKey, flowKeyRange, flowKeyText, keyOfBytes } from './flow-key.js'

const written = [
  ...['0.0.0.0', '0.0.0.1', '10.77.0.2', '127.255.255.255', '128.0.0.0', '255.255.255.255'],
  ...['::', '::1', '1::', '2001:db8::1', '2001:db8:0:1:1:1:1:1', 'fe80::1:0:0:ffff', 'a:b:c:d:e:f:0:1234'],
]

for (const text of written) {
  test(`${text} is read and written as the same address`, () => {
    const bytes = Buffer.from(addressRange(parseTarget(text, 'address')).first)
    const key = flowKey(text)
    assert.deepEqual(key, keyOfBytes(bytes))
    assert.equal(flowKeyText(key), text)
    assert.deepEqual(flowKeyRange(parseTarget(text, 'address')), [key, key])
  })
}

test('any address has the key of its bytes and comes back from it', () => {
  for (let i = 0; i < 2_000; i++) {
    const groups = Array.from({ length: 8 }, () => (i % 3 === 0 ? 0 : Math.floor(Math.random() * 65_536)))
    for (const at of [0, 3, 7]) if (Math.random() < 0.5) groups[at] = Math.floor(Math.random() * 65_536)
    const { text } = parseTarget(groups.map((group) => group.toString(16)).join(':'), 'address')
    assert.deepEqual(flowKey(text), keyOfBytes(Buffer.from(addressRange(parseTarget(text, 'address')).first)))
    assert.equal(flowKeyText(flowKey(text)), text)
  }
})

test('the range of a network holds its addresses and no other', () => {
  const [first, last] = flowKeyRange(parseTarget('10.128.0.0/9', 'address'))
  const holds = (text: string) => flowKey(text) >= first && flowKey(text) <= last
  assert.deepEqual(['10.127.255.255', '10.128.0.0', '10.255.255.255', '11.0.0.0', '192.0.2.1'].map(holds), [
    false,
    true,
    true,
    false,
    false,
  ])
})
