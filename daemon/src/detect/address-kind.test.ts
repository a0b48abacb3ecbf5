import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInternal, isMulticast } from './address-kind.js'

const kinds: readonly (readonly [address: string, isMulticast: boolean, isPrivate: boolean])[] = [
  ['10.0.0.1', false, true],
  ['100.64.0.1', false, false],
  ['172.15.0.1', false, false],
  ['172.16.0.1', false, true],
  ['172.31.255.255', false, true],
  ['172.32.0.1', false, false],
  ['192.168.0.1', false, true],
  ['192.169.0.1', false, false],
  ['1.10.0.1', false, false],
  ['223.255.255.255', false, false],
  ['224.0.0.251', true, false],
  ['239.255.255.250', true, false],
  ['240.0.0.1', false, false],
  ['255.255.255.255', true, false],
  ['24.0.0.1', false, false],
  ['ff02::fb', true, false],
  ['ff::1', false, false],
  ['fc00::1', false, true],
  ['fd12:3456::1', false, true],
  ['fe80::1', false, false],
  ['2001:db8::1', false, false],
]

for (const [address, multicast, isPrivate] of kinds) {
  test(`${address} is ${multicast ? '' : 'not '}multicast and ${isPrivate ? '' : 'not '}private`, () => {
    assert.equal(isMulticast(address), multicast)
    assert.equal(createInternal([])(address), isPrivate)
  })
}

test('a list stands for the private addresses', () => {
  const isInternal = createInternal(['198.51.100.0/24', '203.0.113.7', '2001:db8::/32'])
  for (const address of ['198.51.100.9', '203.0.113.7', '2001:db8::9'])
    assert.ok(isInternal(address), address)
  for (const address of ['10.0.0.1', '203.0.113.8', '2001:db9::9']) assert.ok(!isInternal(address), address)
})

test('a target that is none is named', () => {
  for (const target of ['office', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/x']) {
    assert.throws(() => createInternal([target]), /detect\.exfiltration\.internal/)
  }
})
