import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArgumentError } from '../errors.js'
import { addressRange, covers, overlaps, parseTarget } from './address.js'

const read = (text: string) => parseTarget(text, 'target')

const good: readonly (readonly [string, string, 4 | 6, number])[] = [
  ['10.0.0.1', '10.0.0.1', 4, 32],
  ['10.0.0.1/32', '10.0.0.1', 4, 32],
  ['10.0.0.0/8', '10.0.0.0/8', 4, 8],
  ['0.0.0.0/0', '0.0.0.0/0', 4, 0],
  ['0.0.0.0', '0.0.0.0', 4, 32],
  ['10.128.0.0/9', '10.128.0.0/9', 4, 9],
  ['::ffff:1.2.3.4', '1.2.3.4', 4, 32],
  ['::FFFF:102:304', '1.2.3.4', 4, 32],
  ['2001:DB8:0:0::1', '2001:db8::1', 6, 128],
  ['2001:db8::1/128', '2001:db8::1', 6, 128],
  ['2001:db8::/33', '2001:db8::/33', 6, 33],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', 6, 128],
  ['::', '::', 6, 128],
  ['::/0', '::/0', 6, 0],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304', 6, 128],
]

for (const [text, canonical, family, prefix] of good) {
  test(`${text} is ${canonical}`, () => {
    const target = read(text)
    assert.equal(target.text, canonical)
    assert.equal(target.family, family)
    assert.equal(target.prefix, prefix)
    assert.equal(target.bytes.length, family === 4 ? 4 : 16)
    assert.equal(target.isPrefix, canonical.includes('/'))
    assert.deepEqual(read(target.text), target)
  })
}

const bad: readonly (readonly [string, RegExp])[] = [
  ['', /got nothing/],
  [' 10.0.0.1', /without white space/],
  ['10.0.0.1 ', /without white space/],
  ['10.0.0.1\n', /without white space/],
  ['010.0.0.1', /without leading zeros/],
  ['10.00.0.1', /without leading zeros/],
  ['10.1', /an IPv4 or IPv6 address/],
  ['167772161', /an IPv4 or IPv6 address/],
  ['0x0a.0.0.1', /an IPv4 or IPv6 address/],
  ['10.0.0.256', /an IPv4 or IPv6 address/],
  ['10.0.0.1.2', /an IPv4 or IPv6 address/],
  ['example.org', /an IPv4 or IPv6 address/],
  ['/8', /an IPv4 or IPv6 address/],
  ['fe80::1%eth0', /without a zone id/],
  ['10.0.0.0/33', /prefix length of 0 to 32 after an IPv4 address/],
  ['10.0.0.0/08', /prefix length/],
  ['10.0.0.0/', /prefix length/],
  ['10.0.0.0/-1', /prefix length/],
  ['10.0.0.0/8/8', /prefix length/],
  ['::/129', /prefix length of 0 to 128 after an IPv6 address/],
  ['::ffff:1.2.3.0/120', /prefix length of 0 to 32/],
  ['10.1.2.3/8', /no bits set after \/8: 10\.0\.0\.0\/8/],
  ['10.0.0.1/0', /no bits set after \/0: 0\.0\.0\.0\/0/],
  ['2001:db8::1/32', /no bits set after \/32: 2001:db8::\/32/],
  ['1::2::3', /an IPv4 or IPv6 address/],
  ['12345::', /an IPv4 or IPv6 address/],
  ['::ffff:01.2.3.4', /an IPv4 or IPv6 address/],
  [':', /an IPv4 or IPv6 address/],
  [':::', /an IPv4 or IPv6 address/],
  ['[::1]', /an IPv4 or IPv6 address/],
]

for (const [text, message] of bad) {
  test(`${JSON.stringify(text)} is refused: ${message.source}`, () => {
    assert.throws(
      () => read(text),
      (error: unknown) => {
        assert.ok(error instanceof ArgumentError)
        assert.equal(error.field, 'target')
        assert.match(error.message, message)
        return true
      },
    )
  })
}

const relations: readonly (readonly [string, string, boolean, boolean])[] = [
  ['10.0.0.0/8', '10.1.2.3', true, true],
  ['10.0.0.0/8', '10.0.0.0/8', true, true],
  ['10.0.0.0/9', '10.128.0.0', false, false],
  ['10.1.0.0/16', '10.0.0.0/8', false, true],
  ['0.0.0.0/0', '::1', false, false],
  ['::/0', '2001:db8::/32', true, true],
  ['2001:db8::/33', '2001:db8:8000::', false, false],
]

for (const [a, b, isCovering, isOverlapping] of relations) {
  test(`${a} ${isCovering ? 'covers' : 'does not cover'} ${b}`, () => {
    assert.equal(covers(read(a), read(b)), isCovering)
    assert.equal(overlaps(read(a), read(b)), isOverlapping)
    assert.equal(overlaps(read(b), read(a)), isOverlapping)
  })
}

test('a range is 16 bytes from the first to the last address', () => {
  const hex = (text: string) =>
    Object.values(addressRange(read(text))).map((bytes) => Buffer.from(bytes).toString('hex'))
  assert.deepEqual(hex('10.0.0.0/9'), [
    '00000000000000000000ffff0a000000',
    '00000000000000000000ffff0a7fffff',
  ])
  assert.deepEqual(hex('2001:db8::/33'), [
    '20010db8000000000000000000000000',
    '20010db87fffffffffffffffffffffff',
  ])
  assert.deepEqual(hex('::1'), ['00000000000000000000000000000001', '00000000000000000000000000000001'])
})
