import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { openBlockBits } from './block-bits.js'

const at = (text: string) => parseTarget(text, 'target')

function world() {
  const memory = new ArrayBuffer(2 ** 21)
  const bits = openBlockBits(memory)
  const words = new BigUint64Array(memory)
  /** As the kernel asks: 64-bit words, one bit for each /24. */
  const isSet = (text: string) => {
    const [a = 0, b = 0, c = 0] = at(text).bytes
    const block = (a << 16) | (b << 8) | c
    return (((words[block >> 6] as bigint) >> BigInt(block & 63)) & 1n) === 1n
  }
  const count = () => {
    let total = 0
    for (const word of new Uint8Array(memory)) for (let rest = word; rest; rest &= rest - 1) total++
    return total
  }
  return { bits, isSet, count }
}

for (const [text, inside, outside, blocks] of [
  ['10.1.2.3', '10.1.2.9', '10.1.3.3', 1],
  ['10.1.2.128/25', '10.1.2.1', '10.1.1.255', 1],
  ['10.1.2.0/23', '10.1.3.1', '10.1.4.1', 2],
  ['10.16.0.0/12', '10.31.255.255', '10.32.0.0', 4096],
  ['128.0.0.0/1', '255.255.255.255', '127.255.255.255', 2 ** 23],
] as const) {
  test(`${text} touches ${blocks} of the /24s, and none when it has left`, () => {
    const { bits, isSet, count } = world()
    bits.add(at(text))
    assert.equal(isSet(inside), true)
    assert.equal(isSet(outside), false)
    assert.equal(count(), blocks)
    bits.remove(at(text), [])
    assert.equal(count(), 0)
  })
}

test('everything touches every /24', () => {
  const { bits, count } = world()
  bits.add(at('0.0.0.0/0'))
  assert.equal(count(), 2 ** 24)
})

test('what other prefixes touch stays when one leaves, wider ones and narrower ones', () => {
  const { bits, isSet, count } = world()
  const others = ['10.1.0.0/16', '10.2.3.0/25', '192.0.2.0/24', '2001:db8::/32'].map(at)
  for (const target of others.slice(0, 3)) bits.add(target)
  bits.add(at('10.0.0.0/8'))
  bits.remove(at('10.0.0.0/8'), others)
  assert.equal(count(), 256 + 1 + 1)
  assert.equal(isSet('10.1.255.1'), true)
  assert.equal(isSet('10.2.3.200'), true)
  assert.equal(isSet('10.3.0.0'), false)
  bits.remove(at('10.1.4.0/24'), others)
  assert.equal(isSet('10.1.4.1'), true)
})

test('an address keeps the bit of its /24 until the last of them and every prefix has left', () => {
  const { bits, isSet, count } = world()
  const prefix = at('10.1.0.0/16')
  bits.addAddress(at('10.1.2.3'))
  bits.addAddress(at('10.1.2.4'))
  bits.add(prefix)
  bits.remove(prefix, [])
  assert.equal(count(), 1)
  bits.removeAddress(at('10.1.2.3'), [])
  assert.equal(isSet('10.1.2.4'), true)
  bits.add(prefix)
  bits.removeAddress(at('10.1.2.4'), [prefix])
  assert.equal(count(), 256)
  bits.remove(prefix, [])
  assert.equal(count(), 0)
})
