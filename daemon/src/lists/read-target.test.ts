import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../test/random.js'
import { countEntries, entryText } from './entries.js'
import { createEntryBuilder, sortEntries } from './entry-builder.js'
import { readTarget, readText } from './read-target.js'

/** Entries that a text becomes, or the fault. */
function read(text: string): string[] | string {
  const builder = createEntryBuilder()
  const bytes = Buffer.from(`x${text}y`)
  const fault = readTarget(bytes, 1, bytes.length - 1, 1, builder)
  if (fault !== undefined) return fault
  const { packed4, packed6 } = builder.packed()
  const entries = sortEntries(packed4, packed6)
  return Array.from({ length: countEntries(entries) }, (_, i) => entryText(entries, i))
}

const good: readonly (readonly [string, string[]])[] = [
  ['192.0.2.7', ['192.0.2.7']],
  ['192.0.2.7/32', ['192.0.2.7']],
  ['192.0.2.0/24', ['192.0.2.0/24']],
  ['0.0.0.0/0', ['0.0.0.0/0']],
  ['255.255.255.255', ['255.255.255.255']],
  ['128.0.0.0/1', ['128.0.0.0/1']],
  ['2001:DB8::1', ['2001:db8::1']],
  ['2001:db8::/32', ['2001:db8::/32']],
  ['::/0', ['::/0']],
  ['2001:db8::1/128', ['2001:db8::1']],
  ['::ffff:192.0.2.7', ['192.0.2.7']],
  ['::ffff:c000:207', ['192.0.2.7']],
  ['::ffff:192.0.2.0/120', ['192.0.2.0/24']],
  ['::ffff:0.0.0.0/96', ['0.0.0.0/0']],
  ['192.0.2.7-192.0.2.7', ['192.0.2.7']],
  ['192.0.2.0-192.0.2.255', ['192.0.2.0/24']],
  ['192.0.2.1 - 192.0.2.6', ['192.0.2.1', '192.0.2.2/31', '192.0.2.4/31', '192.0.2.6']],
  ['0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
  ['2001:db8::-2001:db8::3', ['2001:db8::/126']],
  ['::', ['::']],
  ['::1', ['::1']],
  ['2001::', ['2001::']],
  ['1:2:3:4:5:6:7::', ['1:2:3:4:5:6:7:0']],
  ['2001:0DB8:0000:0000:0000:00fF:0000:0001', ['2001:db8::ff:0:1']],
  ['64:ff9b::192.0.2.7', ['64:ff9b::c000:207']],
]

for (const [text, entries] of good) {
  test(`${text} is ${entries.join(', ')}`, () => assert.deepEqual(read(text), entries))
}

const bad: readonly (readonly [string, RegExp])[] = [
  ['192.0.2.7/24', /no bits set after \/24: 192\.0\.2\.0\/24/],
  ['2001:db8::1/64', /no bits set after \/64/],
  ['::ffff:192.0.2.7/120', /no bits set after \/24/],
  ['192.0.2', /an IPv4 or IPv6 address/],
  ['192.0.2.256', /an IPv4 or IPv6 address/],
  ['192.0.2.07', /without leading zeros/],
  ['192.0.2.0/33', /prefix length of 0 to 32/],
  ['192.0.2.0/08', /prefix length of 0 to 32/],
  ['192.0.2.0/', /prefix length of 0 to 32/],
  ['fe80::1%eth0', /zone id/],
  [':', /an IPv4 or IPv6 address/],
  [':1:2:3:4:5:6:7', /an IPv4 or IPv6 address/],
  ['1:2:3:4:5:6:7:', /an IPv4 or IPv6 address/],
  ['1:2:3:4:5:6:7', /an IPv4 or IPv6 address/],
  ['1:2:3:4:5:6:7:8:9', /an IPv4 or IPv6 address/],
  ['1::2::3', /an IPv4 or IPv6 address/],
  [':::1', /an IPv4 or IPv6 address/],
  ['12345::', /an IPv4 or IPv6 address/],
  ['::g', /an IPv4 or IPv6 address/],
  ['2001:db8::/032', /prefix length of 0 to 128/],
  ['2001:db8::/129', /prefix length of 0 to 128/],
  ['2001:db8::/', /prefix length of 0 to 128/],
  ['example.org', /an IPv4 or IPv6 address/],
  ['192.0.2.9-192.0.2.1', /the lower address of the range first/],
  ['192.0.2.0/24-192.0.3.0', /a range of two addresses/],
  ['192.0.2.1-2001:db8::1', /a range of one family/],
  ['x'.repeat(200), /a longer text/],
]

for (const [text, fault] of bad) {
  test(`${text.slice(0, 40)} is a fault`, () => assert.match(read(text) as string, fault))
}

test('what is read byte by byte is what the slow reader makes of it', () => {
  const draw = createRandom(7)
  const signs = '0123456789abcdefABCDEF::::.//1'
  let good = 0
  for (let round = 0; round < 20_000; round++) {
    let text = Array.from({ length: 8 }, () => draw.below(0x10000).toString(16)).join(':')
    if (draw.below(2) === 0) text = text.replace(/(?:^|:)[0-9a-f:]{2,20}(?=:|$)/, ':')
    if (draw.below(2) === 0) text = `${text.replace(/[^:]*:[^:]*$/, '')}:/${draw.below(140)}`
    const at = draw.below(text.length)
    if (draw.below(2) === 0)
      text = `${text.slice(0, at)}${signs[draw.below(signs.length)]}${text.slice(at + 1)}`
    const slow = createEntryBuilder()
    const fault = readText(text, 1, slow)
    const { packed4, packed6 } = slow.packed()
    const entries = sortEntries(packed4, packed6)
    const expected = fault ?? Array.from({ length: countEntries(entries) }, (_, i) => entryText(entries, i))
    if (fault === undefined) good++
    assert.deepEqual(read(text), expected, text)
  }
  assert.ok(good > 2_000, `only ${good} were addresses`)
})
