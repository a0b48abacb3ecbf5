import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressText } from './address-text.js'

const rows: readonly (readonly [groups: string, text: string])[] = [
  ['0 0 0 0 0 ffff c000 0201', '192.0.2.1'],
  ['0 0 0 0 0 ffff 0 0', '0.0.0.0'],
  ['0 0 0 0 0 ffff ffff ffff', '255.255.255.255'],
  ['0 0 0 0 0 0 0 0', '::'],
  ['0 0 0 0 0 0 0 1', '::1'],
  ['0 0 0 0 0 0 c000 0201', '::c000:201'],
  ['0 0 0 0 1 ffff c000 0201', '::1:ffff:c000:201'],
  ['0 0 0 1 0 ffff c000 0201', '::1:0:ffff:c000:201'],
  ['0 0 0 0 0 fffe c000 0201', '::fffe:c000:201'],
  ['2001 db8 0 0 0 0 0 1', '2001:db8::1'],
  ['2001 db8 0 0 0 0 0 0', '2001:db8::'],
  ['2001 db8 1 2 3 4 5 6', '2001:db8:1:2:3:4:5:6'],
  // One group of zeros is written out; of two equal runs the first is cut; of unequal ones the longer (RFC 5952, 4.2).
  ['2001 db8 0 1 1 1 1 1', '2001:db8:0:1:1:1:1:1'],
  ['2001 db8 0 0 1 0 0 1', '2001:db8::1:0:0:1'],
  ['2001 0 0 1 0 0 0 1', '2001:0:0:1::1'],
  ['2001 0 0 0 1 0 0 1', '2001::1:0:0:1'],
  ['0 1 0 0 0 0 0 0', '0:1::'],
  ['0 0 1 1 1 1 0 0', '::1:1:1:1:0:0'],
  ['1 0 0 0 0 0 0 0', '1::'],
  ['fe80 0 0 0 abcd ef01 2345 6789', 'fe80::abcd:ef01:2345:6789'],
  ['ffff ffff ffff ffff ffff ffff ffff ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

describe('the text of an address', () => {
  for (const [groups, expected] of rows) {
    test(`${groups} is ${expected}, wherever it begins`, () => {
      const view = new DataView(new ArrayBuffer(24))
      for (const [i, group] of groups.split(' ').entries())
        view.setUint16(5 + i * 2, Number.parseInt(group, 16))
      assert.equal(addressText(view, 5), expected)
    })
  }
})
